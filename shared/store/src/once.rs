//! Secrets that are sent by mail and can be used once: to prove an address, to reset a password, to keep an address.
//!
//! A secret is one item, `ONCE#kind#hash / ONCE`, and there are two ways to present it:
//! - The **link** contains a token of 256 bits. The item's key is the token's hash.
//! - The **code** is short enough to be typed. It counts only together with a *keeper*, a secret of 256 bits that stays
//!   where the request began: in a browser it is derived from the browser's cookie, and other clients receive it in a
//!   handle. The item contains the hash of keeper and code, so that nobody who reads the table can search for the code.
//!
//! Wrong codes are counted for each person over all of their secrets, and no number of them affects a link. A new secret
//! leaves older ones valid. The write that uses a secret up is part of the transaction that does what the secret is for.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{DAY, Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::email::Email;
use crate::limits::hash;
use crate::random;
use crate::recent;
use crate::secret::{SecretHash, SecretKind, generate};
use crate::table::{self, Key, Table, Update, Updated, Write, number};

/// How long a link can be used, in seconds.
pub const LINK_SECONDS: u64 = DAY;
/// How long a code can be used, in seconds.
pub const CODE_SECONDS: u64 = 600;

/// Crockford's alphabet: without I, L, O and U, which look like others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The kind of a secret. A secret of one kind is never found as another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceKind {
    /// Proves that somebody reads mail at an address.
    Address,
    /// Sets a new password.
    Reset,
    /// Stops a change of address.
    Keep,
}

/// What a secret is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Purpose {
    /// Completes the registration of a person.
    Registration {
        /// The person's id.
        user: String,
        /// The address.
        email: Email,
        /// The forms of the username that are in the keys of its claims.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
    },
    /// Gives a person another address.
    Change {
        /// The person's id.
        user: String,
        /// The address.
        email: Email,
        /// The person's epoch. A new password ends the change.
        epoch: u64,
        /// Whether the change takes effect as soon as the address is proven: whoever asked for it has just proven a second
        /// factor.
        #[serde(default)]
        at_once: bool,
    },
    /// Sets a new password.
    Reset {
        /// The person's id.
        user: String,
        /// When the password that it replaces was set.
        replaces: Time,
        /// The address that it was sent to, in canonical form. Absent if an operator handed it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        canonical: Option<String>,
    },
    /// Stops a change of address that has not taken effect.
    Keep {
        /// The person's id.
        user: String,
    },
    /// Nothing. It is stored where a request must look like any other, and was sent to nobody.
    Nothing {},
}

/// A new secret. Nothing of it is stored but hashes.
pub struct OneTime {
    kind: OnceKind,
    link: Zeroizing<String>,
    code: Zeroizing<String>,
    keeper: Zeroizing<String>,
}

/// A secret as somebody presents it.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// The token of the link.
    Link(&'a str),
    /// The code, with the handle that a client received.
    Handle(&'a str, &'a str),
    /// The code, with the secret's name and the cookies of the browser in which the request began.
    Browser(&'a str, &'a [&'a str], &'a str),
}

/// A secret that was presented correctly and is not used up.
#[derive(Clone, Debug)]
pub struct Opened {
    kind: OnceKind,
    name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it was presented where the request began.
    pub is_at_home: bool,
}

/// The result of presenting a secret.
#[derive(Debug)]
pub enum Found {
    /// It is correct.
    Secret(Opened),
    /// It is wrong, used up, expired, of another kind, or nobody's; or the person has had too many wrong codes in the last
    /// hour. The caller cannot tell which: otherwise strangers could find out that a name and an address belong together.
    Wrong,
}

/// `ONCE#kind#hash / ONCE`.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    purpose: Purpose,
    /// Whose wrong codes are counted.
    subject: String,
    /// The hash of keeper and code.
    #[serde(with = "serde_bytes")]
    code: Vec<u8>,
    /// The end of the code's time, in epoch seconds.
    code_until: u64,
    #[serde(default)]
    used: bool,
    expires_at: u64,
}

/// The secrets that were sent.
#[derive(Clone, Debug)]
pub struct Once(Table);

impl OnceKind {
    /// How the partition keys of its items begin.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Address => "ONCE#ADDRESS",
            Self::Reset => "ONCE#RESET",
            Self::Keep => "ONCE#KEEP",
        }
    }

    const fn token(self) -> SecretKind {
        match self {
            Self::Address => SecretKind::AddressLink,
            Self::Reset => SecretKind::ResetLink,
            Self::Keep => SecretKind::KeepLink,
        }
    }
}

impl OneTime {
    /// A secret whose code counts for the holder of its handle.
    pub fn new(kind: OnceKind) -> Result<Self, Error> {
        Ok(Self { kind, link: generate()?, code: code()?, keeper: generate()? })
    }

    /// A secret whose code counts in the browser with this cookie.
    pub fn in_browser(kind: OnceKind, cookie: &str) -> Result<Self, Error> {
        let secret = Self::new(kind)?;
        let keeper = keeper_of(cookie, &secret.name());
        Ok(Self { keeper, ..secret })
    }

    /// The token of the link.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The code in two groups, such as `4F7K-Q2M9`.
    pub fn code(&self) -> Zeroizing<String> {
        let (one, two) = self.code.split_at(4);
        Zeroizing::new(format!("{one}-{two}"))
    }

    /// The name by which a browser's page refers to it. It is not secret.
    pub fn name(&self) -> String {
        SecretHash::of(self.kind.token(), &self.link).text()
    }

    /// The handle for a client that is no browser. It is useless without the code.
    pub fn handle(&self) -> String {
        format!("{}.{}", self.name(), &*self.keeper)
    }

    /// Stores it, as part of a larger write. Wrong codes are counted for `subject`.
    pub(crate) fn put(&self, purpose: Purpose, subject: &str, now: Time) -> Result<Write, Error> {
        let stored = Stored {
            purpose,
            subject: hash(subject),
            code: proof(&self.keeper, &self.code).0.to_vec(),
            code_until: now.plus(CODE_SECONDS).seconds(),
            used: false,
            expires_at: now.plus(LINK_SECONDS).seconds(),
        };
        Ok(Write::PutNew(table::item(key(self.kind, &self.name()), &stored)?))
    }
}

impl Once {
    /// The secrets in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Looks a secret up, without using it up. An attempt with a code is counted before the code is compared, and
    /// uncounted if it was correct.
    pub async fn find(&self, kind: OnceKind, presented: Presented<'_>, now: Time) -> Result<Found, Error> {
        let (name, keepers, code) = match presented {
            Presented::Link(token) => return self.of_link(kind, token, now).await,
            Presented::Handle(handle, code) => {
                let Some((name, keeper)) = handle.split_once('.') else { return Ok(Found::Wrong) };
                (name, vec![Zeroizing::new(keeper.to_owned())], code)
            }
            Presented::Browser(name, cookies, code) => {
                (name, cookies.iter().map(|cookie| keeper_of(cookie, name)).collect(), code)
            }
        };
        let stored = self.stored(kind, name, now).await?.filter(|stored| stored.code_until > now.seconds());
        let Some(stored) = stored else { return Ok(Found::Wrong) };
        let counted = self.guessed(&stored.subject, now).await?;
        let code = normal(code);
        let right = keepers.iter().any(|keeper| stored.code == proof(keeper, &code).0);
        if !right || !counted {
            return Ok(Found::Wrong);
        }
        self.0.update(recent::take_back(guesses(&stored.subject))).await?;
        Ok(Found::Secret(opened(kind, name.to_owned(), stored, true)))
    }

    /// Counts a password that somebody tries who presented a link: ten in an hour, for each link, so that wrong codes of
    /// others do not affect it. `false`: there were too many.
    pub async fn guess(&self, opened: &Opened, now: Time) -> Result<bool, Error> {
        self.guessed(&opened.name, now).await
    }

    /// Counts a guess. `false`: there were too many in the last hour.
    async fn guessed(&self, subject: &str, now: Time) -> Result<bool, Error> {
        Ok(matches!(self.0.update(recent::ten_an_hour(guesses(subject), now)).await?, Updated::Done(_)))
    }

    /// Whether the page of a link can be shown. It changes nothing.
    async fn of_link(&self, kind: OnceKind, token: &str, now: Time) -> Result<Found, Error> {
        let name = SecretHash::of(kind.token(), token).text();
        let stored = self.stored(kind, &name, now).await?;
        Ok(stored.map_or(Found::Wrong, |stored| Found::Secret(opened(kind, name, stored, false))))
    }

    async fn stored(&self, kind: OnceKind, name: &str, now: Time) -> Result<Option<Stored>, Error> {
        let stored: Option<Stored> = self.0.get(key(kind, name), now).await?;
        Ok(stored.filter(|stored| !stored.used))
    }
}

impl Opened {
    /// Uses it up, as part of a larger write. Refused if it is used up or its time is over. The item stays until then, so
    /// that a late repetition cannot write it again.
    pub(crate) fn spend(&self, now: Time) -> Write {
        Write::Update(Update {
            expression: "SET #used = :true",
            condition: "attribute_exists(pk) AND #used = :false AND #expires_at > :now",
            values: vec![
                (":true", AttributeValue::Bool(true)),
                (":false", AttributeValue::Bool(false)),
                (":now", number(now.seconds())),
            ],
            ..Update::nothing(key(self.kind, &self.name))
        })
    }
}

/// Counts, as part of a larger write, a mail with a secret of this kind to an address or to a name that may be nobody's.
/// Refused after too many. The kinds are counted apart: otherwise registrations with somebody's address would use up their
/// way back in, and would show whether it was used.
pub(crate) fn count_mail(kind: OnceKind, subject: &str, now: Time) -> Write {
    let mailbox = hash(&format!("{} {}", kind.prefix(), mailbox(subject)));
    Write::Update(recent::three_an_hour(Key::new(format!("LIMIT#MAIL#{mailbox}"), "LIMIT"), now))
}

/// The mailbox behind an address: at many providers, what follows a `+` before the `@` makes no other one.
fn mailbox(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => address.to_owned(),
    }
}

fn opened(kind: OnceKind, name: String, stored: Stored, is_at_home: bool) -> Opened {
    Opened { kind, name, purpose: stored.purpose, is_at_home }
}

fn key(kind: OnceKind, name: &str) -> Key {
    Key::new(format!("{}#{name}", kind.prefix()), "ONCE")
}

fn guesses(subject: &str) -> Key {
    Key::new(format!("LIMIT#ONCE#{subject}"), "LIMIT")
}

/// The keeper of the secret `name` in the browser with this cookie.
fn keeper_of(cookie: &str, name: &str) -> Zeroizing<String> {
    let both = Zeroizing::new(format!("{name}.{cookie}"));
    Zeroizing::new(SecretHash::of(SecretKind::Keeper, &both).text())
}

/// What is stored of a code.
fn proof(keeper: &str, code: &str) -> SecretHash {
    SecretHash::of(SecretKind::MailedCode, &Zeroizing::new(format!("{keeper}.{code}")))
}

/// Eight random characters, 40 bits.
fn code() -> Result<Zeroizing<String>, Error> {
    let bytes = random::bytes::<8>()?;
    Ok(Zeroizing::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()))
}

/// A code as it was issued: case, spaces and hyphens do not count, and look-alikes are read as what they look like.
fn normal(code: &str) -> Zeroizing<String> {
    let read = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let typed = code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16);
    Zeroizing::new(typed.map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_typed_in_any_case_and_with_look_alikes() {
        assert_eq!(*normal(" 4f7k-q2m9 "), "4F7KQ2M9");
        assert_eq!(*normal("oOiIlL-00"), "00111100");
    }

    #[test]
    fn a_code_has_eight_characters_of_the_alphabet_in_two_groups() {
        let secret = OneTime::new(OnceKind::Address).unwrap();
        let code = secret.code();
        assert_eq!((code.len(), code.chars().nth(4)), (9, Some('-')));
        assert!(normal(&code).bytes().all(|byte| ALPHABET.contains(&byte)), "{}", *code);
        assert_eq!(normal(&code), secret.code);
    }

    #[test]
    fn the_handle_contains_neither_the_link_nor_the_code() {
        let secret = OneTime::in_browser(OnceKind::Reset, "cookie").unwrap();
        let handle = secret.handle();
        assert!(!handle.contains(secret.link()) && !handle.contains(&*secret.code));
        assert_eq!(handle.len(), 87);
    }
}
