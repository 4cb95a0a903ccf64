//! E-mail addresses of people: registered, proven, changed. A proven address belongs to one person, at
//! `EMAIL#canonical / CLAIM`. An address that nobody has proven claims nothing and signs nobody in.
//!
//! A person who registers with an address is stored with an end: profile, password and name claims expire together unless
//! the proof removes the end, which is one transaction with the claim of the address. Of several people who registered with
//! one address, the first to prove it has it.
//!
//! A change of a proven address takes effect after a day, without another write: the claim of the new address says from
//! when it counts, that of the old one when it ends, and the profile has both.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{DAY, Error, Time};
use serde::{Deserialize, Serialize};

use super::{NewUser, Status, User, Users, creation, password_key, profile_key};
use crate::email::Email;
use crate::names;
use crate::once::{self, LINK_SECONDS, OnceKind, OneTime, Opened, Purpose};
use crate::outbox::SealedMail;
use crate::random;
use crate::table::{self, Key, Table, Update, Write, Written, number};

/// How long a change of address can be stopped, in seconds.
pub const CHANGE_SECONDS: u64 = DAY;

/// A proven address that replaces the present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextEmail {
    /// The address.
    #[serde(flatten)]
    pub email: Email,
    /// When it replaces the present one, in epoch seconds.
    pub from: u64,
}

/// The result of a registration with an address.
#[derive(Debug)]
pub enum Registering {
    /// The person was created, and a mail is on its way.
    Begun(Box<User>),
    /// Another person has the username, or one that looks like it.
    UsernameTaken,
    /// Too many mails to this address. Nothing was written.
    TooManyMails,
}

/// The result of proving a new address.
#[derive(Debug, PartialEq, Eq)]
pub enum Changed {
    /// The person had no address before: the new one counts at once.
    Now,
    /// The new address counts from this instant, in epoch seconds.
    From(u64),
    /// The secret is used up, the address has another owner, or the profile has just changed.
    Refused,
}

/// A secret on its way to an address.
pub struct Letter<'a> {
    /// The address.
    pub email: &'a Email,
    /// The secret.
    pub secret: &'a OneTime,
    /// The mail that contains it.
    pub mail: SealedMail,
}

/// What happens in the write that proves a new address, beside the change.
pub struct Notice<'a> {
    /// The secret that stops the change.
    pub keep: &'a OneTime,
    /// The mail with that secret to the present address.
    pub mail: Option<SealedMail>,
}

/// `EMAIL#canonical / CLAIM`: the owner of an address.
#[derive(Serialize, Deserialize)]
struct Claim {
    user: String,
    /// From when it signs its owner in, in epoch seconds. Absent: it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
}

impl User {
    /// The proven address at this instant.
    pub fn email(&self, now: Time) -> Option<&Email> {
        let next = self.next_email.as_ref().filter(|next| next.from <= now.seconds());
        next.map(|next| &next.email).or(self.proven_email.as_ref())
    }

    /// Whether the profile has this address, present or next.
    fn has(&self, email: &Email, now: Time) -> bool {
        let next = self.next_email(now).map(|next| &next.email);
        self.email(now).into_iter().chain(next).any(|known| known.canonical == email.canonical)
    }

    /// The proven address that replaces the present one later.
    pub fn next_email(&self, now: Time) -> Option<&NextEmail> {
        self.next_email.as_ref().filter(|next| next.from > now.seconds())
    }
}

impl Users {
    /// The id of the person with a proven address, given in canonical form.
    pub async fn id_of_email(&self, canonical_email: &str, now: Time) -> Result<Option<String>, Error> {
        let claim: Option<Claim> = self.0.get(email_key(canonical_email), now).await?;
        Ok(claim.filter(|claim| claim.from.is_none_or(|from| from <= now.seconds())).map(|claim| claim.user))
    }

    /// Creates a person who cannot sign in before proving an address, for at most a day. The secret proves it, and the
    /// mail contains that, or tells the owner of a known address.
    pub async fn register(&self, new: &NewUser<'_>, letter: Letter<'_>, now: Time) -> Result<Registering, Error> {
        let Letter { email, secret, mail } = letter;
        let end = now.plus(LINK_SECONDS).seconds();
        let user = User { status: Status::Unproven, expires_at: Some(end), ..User::new(&random::id(now)?, new, now) };
        let purpose = Purpose::Registration {
            user: user.id.clone(),
            email: email.clone(),
            names: new.found_by.iter().flat_map(names::Name::claimed).map(str::to_owned).collect(),
        };
        let mut writes = creation(&user, new, now)?;
        let counted = writes.len();
        writes.extend([
            once::count_mail(OnceKind::Address, &email.canonical, now),
            secret.put(purpose, &email.canonical, now)?,
            mail.write(),
        ]);
        Ok(match self.0.transact(writes).await? {
            Written::Done => Registering::Begun(Box::new(user)),
            Written::Refused(places) if places == [counted] => Registering::TooManyMails,
            Written::Refused(_) => Registering::UsernameTaken,
        })
    }

    /// Completes a registration whose address was proven. `password` replaces the one of the registration, as a PHC string.
    /// `false`: the secret is used up, its time is over, or another person has the address.
    pub async fn complete(&self, opened: &Opened, password: Option<&str>, now: Time) -> Result<bool, Error> {
        let Purpose::Registration { user, email, names } = &opened.purpose else { return Ok(false) };
        let mut writes = vec![opened.spend(now), proven(user, email, now)?, kept_password(user, password, now)];
        writes.extend(names.iter().map(|name| names::kept(names::key(name), user)));
        writes.push(claim(user, email, None, now)?);
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Sends a secret that proves another address of `user`, which takes effect `at_once` or after a day. `false`: too many
    /// mails to this address, or for this person.
    pub async fn ask(&self, user: &User, letter: Letter<'_>, at_once: bool, now: Time) -> Result<bool, Error> {
        let Letter { email, secret, mail } = letter;
        let purpose = Purpose::Change { user: user.id.clone(), email: email.clone(), epoch: user.epoch, at_once };
        let writes = vec![
            once::count_mail(OnceKind::Address, &email.canonical, now),
            once::count_mail(OnceKind::Address, &format!("person {}", user.id), now),
            secret.put(purpose, &user.id, now)?,
            mail.write(),
        ];
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Gives `user` the address that was proven: at once if there was none or the secret says so, else after a day.
    pub async fn change_email(
        &self,
        opened: &Opened,
        user: &User,
        notice: Notice<'_>,
        now: Time,
    ) -> Result<Changed, Error> {
        let Purpose::Change { user: id, email, epoch, at_once } = &opened.purpose else {
            return Ok(Changed::Refused);
        };
        if *id != user.id || *epoch != user.epoch || user.has(email, now) {
            return Ok(Changed::Refused);
        }
        let mut writes = vec![opened.spend(now)];
        writes.extend(user.next_email(now).map(|next| released(&user.id, &next.email)));
        let outcome = match user.email(now) {
            None => {
                writes.extend([addresses(user, Some(email), None)?, claim(id, email, None, now)?]);
                Changed::Now
            }
            Some(present) if *at_once => {
                writes.extend([addresses(user, Some(email), None)?, claim(id, email, None, now)?]);
                writes.push(released(id, present));
                writes.extend(notice.mail.map(SealedMail::write));
                Changed::Now
            }
            Some(present) => {
                let from = now.plus(CHANGE_SECONDS).seconds();
                let next = NextEmail { email: email.clone(), from };
                writes.extend([
                    addresses(user, Some(present), Some(&next))?,
                    claim(id, email, Some(from), now)?,
                    ends(id, present, Some(from)),
                    notice.keep.put(Purpose::Keep { user: id.clone() }, id, now)?,
                ]);
                writes.extend(notice.mail.map(SealedMail::write));
                Changed::From(from)
            }
        };
        let done = self.0.transact(writes).await? == Written::Done;
        Ok(if done { outcome } else { Changed::Refused })
    }

    /// Gives `user` an address that an operator vouches for, at once. The present address is free again, and a change that
    /// is under way ends. The mail tells its owner. `false`: another person has the address, or the profile changed in the
    /// meantime.
    pub async fn give_email(
        &self,
        user: &User,
        email: &Email,
        mail: Option<SealedMail>,
        now: Time,
    ) -> Result<bool, Error> {
        let next = user.next_email(now).map(|next| &next.email);
        let mut owned = user.email(now).into_iter().chain(next);
        let mut writes = vec![addresses(user, Some(email), None)?];
        writes.extend(owned.clone().filter(|it| it.canonical != email.canonical).map(|it| released(&user.id, it)));
        writes.push(match owned.find(|it| it.canonical == email.canonical) {
            Some(own) => counts(&user.id, own),
            None => claim(&user.id, email, None, now)?,
        });
        writes.extend(mail.map(SealedMail::write));
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Stops a change of address that has not taken effect, by the person or with the secret that was sent to the present
    /// address. `false`: there is none, or the secret is used up.
    pub async fn keep_email(&self, user: &User, opened: Option<&Opened>, now: Time) -> Result<bool, Error> {
        let (Some(present), Some(next)) = (user.email(now), user.next_email(now)) else { return Ok(false) };
        let mut writes =
            vec![addresses(user, Some(present), None)?, released(&user.id, &next.email), ends(&user.id, present, None)];
        writes.extend(opened.map(|opened| opened.spend(now)));
        Ok(self.0.transact(writes).await? == Written::Done)
    }
}

/// Lets the person with a proven address sign in.
fn proven(user: &str, email: &Email, now: Time) -> Result<Write, Error> {
    Ok(Write::Update(Update {
        expression: "SET #status = :active, #email = :email REMOVE #expires_at, #unverified_email",
        condition: "#status = :unproven AND #expires_at > :now",
        values: vec![
            (":active", word(Status::Active)),
            (":unproven", word(Status::Unproven)),
            (":email", attribute(email)?),
            (":now", number(now.seconds())),
        ],
        ..Update::nothing(profile_key(user))
    }))
}

/// Keeps the password of a registration, or replaces it.
fn kept_password(user: &str, hash: Option<&str>, now: Time) -> Write {
    let keep = Update {
        expression: "REMOVE #expires_at",
        condition: "attribute_exists(pk)",
        ..Update::nothing(password_key(user))
    };
    Write::Update(match hash {
        Some(hash) => Update {
            expression: "SET #hash = :hash, #changed_at = :now REMOVE #expires_at",
            values: vec![(":hash", AttributeValue::S(hash.to_owned())), (":now", number(now.millis()))],
            ..keep
        },
        None => keep,
    })
}

/// Claims a free address, from an instant if one is given.
fn claim(user: &str, email: &Email, from: Option<u64>, now: Time) -> Result<Write, Error> {
    let claim = Claim { user: user.to_owned(), from };
    Ok(Write::PutFree(table::item(email_key(&email.canonical), &claim)?, now))
}

/// Says when the claim of an address ends, or that it does not.
pub(super) fn ends(user: &str, email: &Email, end: Option<u64>) -> Write {
    let owned = (":user", AttributeValue::S(user.to_owned()));
    let update = Update { condition: "#user = :user", ..Update::nothing(email_key(&email.canonical)) };
    Write::Update(match end {
        Some(end) => {
            Update { expression: "SET #expires_at = :end", values: vec![owned, (":end", number(end))], ..update }
        }
        None => Update { expression: "REMOVE #expires_at", values: vec![owned], ..update },
    })
}

/// Lets an address that belongs to `user` count from now on, without an end.
fn counts(user: &str, email: &Email) -> Write {
    Write::Update(Update {
        expression: "REMOVE #from, #expires_at",
        condition: "#user = :user",
        values: vec![(":user", AttributeValue::S(user.to_owned()))],
        ..Update::nothing(email_key(&email.canonical))
    })
}

/// Gives up the claim of an address.
pub(super) fn released(user: &str, email: &Email) -> Write {
    Write::Delete(Update {
        condition: "#user = :user",
        values: vec![(":user", AttributeValue::S(user.to_owned()))],
        ..Update::nothing(email_key(&email.canonical))
    })
}

/// Checks, as part of a larger write, that an address still belongs to `user`.
pub(crate) fn still_owns(user: &str, canonical: &str, now: Time) -> Write {
    Write::Check(Update {
        condition: "#user = :user AND (attribute_not_exists(#expires_at) OR #expires_at > :now)",
        values: vec![(":user", AttributeValue::S(user.to_owned())), (":now", number(now.seconds()))],
        ..Update::nothing(email_key(canonical))
    })
}

/// Sets the addresses in the profile. Refused if another change came first, or if what began before was ended.
fn addresses(user: &User, email: Option<&Email>, next: Option<&NextEmail>) -> Result<Write, Error> {
    let condition = match (user.epoch, &user.next_email) {
        (0, None) => {
            "#status = :active AND (attribute_not_exists(#epoch) OR #epoch = :epoch) \
             AND (attribute_not_exists(#next_email) OR #next_email = :none)"
        }
        (0, Some(_)) => {
            "#status = :active AND (attribute_not_exists(#epoch) OR #epoch = :epoch) AND #next_email.#from = :seen"
        }
        (_, None) => {
            "#status = :active AND #epoch = :epoch AND (attribute_not_exists(#next_email) OR #next_email = :none)"
        }
        (_, Some(_)) => "#status = :active AND #epoch = :epoch AND #next_email.#from = :seen",
    };
    let seen = match &user.next_email {
        Some(next) => (":seen", number(next.from)),
        None => (":none", AttributeValue::Null(true)),
    };
    Ok(Write::Update(Update {
        expression: "SET #email = :email, #next_email = :next REMOVE #unverified_email",
        condition,
        values: vec![
            (":email", attribute(&email)?),
            (":next", attribute(&next)?),
            (":active", word(Status::Active)),
            (":epoch", number(user.epoch)),
            seen,
        ],
        ..Update::nothing(profile_key(&user.id))
    }))
}

/// The keys of the addresses that belong to `user`.
pub(crate) async fn claims_of(table: &Table, user: &User, now: Time) -> Result<Vec<Key>, Error> {
    let next = user.next_email.as_ref().map(|next| &next.email);
    let mut keys = Vec::new();
    for email in user.proven_email.iter().chain(next) {
        let claim: Option<Claim> = table.get(email_key(&email.canonical), now).await?;
        keys.extend(claim.filter(|claim| claim.user == user.id).map(|_| email_key(&email.canonical)));
    }
    Ok(keys)
}

fn word(status: Status) -> AttributeValue {
    AttributeValue::S(status.word().to_owned())
}

fn attribute(value: &impl Serialize) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value)
        .map_err(|error| Error::fault("serialising an address failed").because(error))
}

fn email_key(canonical_email: &str) -> Key {
    Key::new(format!("EMAIL#{canonical_email}"), "CLAIM")
}
