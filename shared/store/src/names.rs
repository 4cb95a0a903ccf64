//! Usernames: who has one. Confusable names share a key, so only one of them can exist. A name whose capitals look like
//! other letters has two keys.
//!
//! Earlier releases stored a name at `NAME#former / CLAIM`, where names that look alike were different. Such claims still
//! lead to their owners; [`crate::Renaming`] moves them once.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::{Deserialize, Serialize};

use crate::table::{self, Item, Key, Table, Update, Write, number};

/// How the partition keys of names begin.
pub(crate) const PREFIX: &str = "NAME#";

/// The forms of a username.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// Equal for names that look alike (Unicode Technical Standard 39).
    pub skeleton: &'a str,
    /// The skeleton of the spelling that others see. Usually the same.
    pub shown: &'a str,
    /// Equal for spellings of the same name (Unicode case folding).
    pub folded: &'a str,
    /// The key in earlier releases (RFC 8265 `UsernameCaseMapped`).
    pub former: &'a str,
}

/// `NAME#skeleton / CLAIM`: the owner of a name. The folded name says which of the names that look alike is meant.
#[derive(Serialize, Deserialize)]
pub(crate) struct NameClaim {
    pub(crate) user: String,
    /// The folded name. Absent in claims of earlier releases, which are at `NAME#former / CLAIM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// When the claim ends unless its owner proves an address before, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<u64>,
}

/// Skeleton, skeleton of the spelling, folded form and former key, in this order.
impl<'a> From<[&'a str; 4]> for Name<'a> {
    fn from([skeleton, shown, folded, former]: [&'a str; 4]) -> Self {
        Self { skeleton, shown, folded, former }
    }
}

impl Name<'_> {
    /// Whether earlier releases used another key.
    fn was_elsewhere(&self) -> bool {
        self.skeleton != self.former
    }

    /// The forms in the keys that belong to the owner of this name.
    pub(crate) fn claimed(&self) -> impl Iterator<Item = &str> {
        let shown = (self.shown != self.skeleton).then_some(self.shown);
        [Some(self.skeleton), shown].into_iter().flatten()
    }
}

/// The writes that give a free name to `user`, as part of a larger write; until `expires_at`, if that is given.
pub(crate) fn claim(name: &Name<'_>, user: &str, expires_at: Option<u64>, now: Time) -> Result<Vec<Write>, Error> {
    let claim = NameClaim { user: user.to_owned(), name: Some(name.folded.to_owned()), expires_at };
    let new = |form| Ok(Write::PutFree(table::item(key(form), &claim)?, now));
    let mut writes = name.claimed().map(new).collect::<Result<Vec<_>, Error>>()?;
    if name.was_elsewhere() && name.shown != name.former {
        // What is there now is the claim of another name whose skeleton it is, or the claim of this name.
        writes.push(Write::Check(Update {
            condition: "attribute_not_exists(pk) OR attribute_exists(#name) OR #expires_at <= :now",
            values: vec![(":now", number(now.seconds()))],
            ..Update::nothing(key(name.former))
        }));
    }
    Ok(writes)
}

/// The id of the person who has exactly this name.
pub(crate) async fn owner(table: &Table, name: Name<'_>, now: Time) -> Result<Option<String>, Error> {
    let (claim, former) = read(table, name, now).await?;
    let is_this = |claim: &NameClaim| match &claim.name {
        Some(claimed) => claimed == name.folded,
        None => !name.was_elsewhere(),
    };
    Ok(former.or(claim.filter(is_this)).map(|claim| claim.user))
}

/// Whether this name or one that looks like it has an owner.
pub(crate) async fn is_taken(table: &Table, name: Name<'_>, now: Time) -> Result<bool, Error> {
    let spelling = Name { skeleton: name.shown, ..name };
    let (claim, former) = read(table, name, now).await?;
    let taken = claim.is_some() || former.is_some();
    Ok(taken || (name.shown != name.skeleton && read(table, spelling, now).await?.0.is_some()))
}

/// The claim at the key of a name, and what an earlier release stored elsewhere for exactly this name.
async fn read(table: &Table, name: Name<'_>, now: Time) -> Result<(Option<NameClaim>, Option<NameClaim>), Error> {
    let claim = table.get::<NameClaim>(key(name.skeleton), now);
    if !name.was_elsewhere() {
        return Ok((claim.await?, None));
    }
    let former = table.get::<NameClaim>(key(name.former), now);
    let (claim, former) = tokio::try_join!(Box::pin(claim), Box::pin(former))?;
    Ok((claim, former.filter(|claim| claim.name.is_none())))
}

/// The claims of one person.
#[derive(Clone, Debug, Default)]
pub struct Claims(Vec<Key>);

impl Claims {
    /// The keys of the claims.
    pub(crate) fn into_keys(self) -> Vec<Key> {
        self.0
    }

    /// These and the claims at other keys.
    pub(crate) fn and(mut self, keys: Vec<Key>) -> Self {
        self.0.extend(keys);
        self
    }
}

/// The claims of `user` at the keys that this name has, or had in earlier releases.
pub(crate) async fn claims_of(table: &Table, user: &str, name: Name<'_>, now: Time) -> Result<Claims, Error> {
    let mut forms = vec![name.skeleton, name.shown, name.former];
    forms.sort_unstable();
    forms.dedup();
    let mut claims = Claims::default();
    for form in forms {
        let claim: Option<NameClaim> = table.get(key(form), now).await?;
        claims.0.extend(claim.filter(|claim| claim.user == user).map(|_| key(form)));
    }
    Ok(claims)
}

/// The writes that give up `claims`, as part of a larger write. Refused if one has changed.
pub(crate) fn give_up(claims: &Claims, user: &str) -> Vec<Write> {
    let give_up = |key: &Key| {
        Write::Delete(Update {
            condition: "#user = :user",
            values: vec![(":user", AttributeValue::S(user.to_owned()))],
            ..Update::nothing(key.clone())
        })
    };
    claims.0.iter().map(give_up).collect()
}

/// The write that keeps the claim at `key` for good, as part of a larger write.
pub(crate) fn kept(key: Key, user: &str) -> Write {
    Write::Update(Update {
        expression: "REMOVE #expires_at",
        condition: "#user = :user",
        values: vec![(":user", AttributeValue::S(user.to_owned()))],
        ..Update::nothing(key)
    })
}

/// The writes that let `claims` end, in epoch seconds, as part of a larger write. Refused if one has changed.
pub(crate) fn ending(claims: &Claims, user: &str, end: u64) -> Vec<Write> {
    let ending = |key: &Key| {
        Write::Update(Update {
            expression: "SET #expires_at = :end",
            condition: "#user = :user",
            values: vec![(":user", AttributeValue::S(user.to_owned())), (":end", number(end))],
            ..Update::nothing(key.clone())
        })
    };
    claims.0.iter().map(ending).collect()
}

pub(crate) fn key(form: &str) -> Key {
    Key::new(format!("NAME#{form}"), "CLAIM")
}

/// The form in the key of a stored claim.
pub(crate) fn form(claim: &Item) -> &str {
    let pk = claim.get("pk").and_then(|pk| pk.as_s().ok());
    pk.and_then(|pk| pk.strip_prefix(PREFIX)).unwrap_or_default()
}
