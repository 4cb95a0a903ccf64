//! People: the profile, the identifiers that point to it, and the password.
//!
//! The profile contains no secret, and the password is in another partition, so that a function that only needs
//! profiles cannot read passwords.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Factor, RestsOn, Time};
use serde::{Deserialize, Serialize};

use crate::names::{self, Name};
use crate::random;
use crate::table::{self, Key, Table, Update, Updated, Write, Written, number};

/// The people of the service.
#[derive(Clone, Debug)]
pub struct Users(Table);

/// The data of a new person.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// The username as the person typed it.
    pub username: &'a str,
    /// The forms by which it is found.
    pub found_by: Name<'a>,
    /// The display name.
    pub name: Option<&'a str>,
    /// An unverified e-mail address. It is not unique and cannot be used to sign in.
    pub email: Option<&'a str>,
    /// The password as a PHC string.
    pub password_hash: &'a str,
}

/// The result of a registration.
#[derive(Debug)]
pub enum Created {
    /// The person was created.
    User(User),
    /// Another person has the username, or one that looks like it.
    UsernameTaken,
}

/// A person, at `USER#id / PROFILE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The `sub` of every token: a UUIDv7.
    pub id: String,
    /// The username as its owner typed it.
    pub username: String,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unverified_email: Option<String>,
    /// Whether the person may sign in.
    pub status: Status,
    /// Words that resources may ask for, such as `admin`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// When the account was created.
    pub created_at: Time,
    /// Counts the changes that invalidate earlier authentications, such as a new password.
    #[serde(default)]
    pub epoch: u64,
    /// The epoch of the last sign-out everywhere: the sessions of earlier epochs have ended.
    #[serde(default)]
    pub sessions_since: u64,
    /// The session that stayed then, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<String>,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Yes.
    Active,
    /// No, by an operator's decision.
    Disabled,
}

/// `EMAIL#canonical / CLAIM`: the owner of an address.
#[derive(Serialize, Deserialize)]
struct Claim {
    user: String,
}

/// A person's password, at `FACTOR#user / PASSWORD`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Password {
    /// The PHC string.
    pub hash: String,
    /// When it was set. Two passwords of a person are never set in the same millisecond.
    pub changed_at: Time,
}

/// The part of a profile that is copied for tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The username.
    pub username: String,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's roles.
    pub roles: Vec<String>,
}

impl Person {
    /// The copied part of `user`.
    pub fn of(user: User) -> Self {
        Self { id: user.id, username: user.username, name: user.name, roles: user.roles }
    }
}

impl Users {
    /// The people in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Creates a person: profile, claim and password in one transaction. Of any number of concurrent registrations of
    /// one username exactly one succeeds, and the others write nothing.
    pub async fn create(&self, new: &NewUser<'_>, now: Time) -> Result<Created, Error> {
        self.create_as(&random::id(now)?, &[], new, now).await
    }

    /// The same, with an id and roles chosen by the caller. An existing id is reported like an existing username.
    pub async fn create_as(&self, id: &str, roles: &[String], new: &NewUser<'_>, now: Time) -> Result<Created, Error> {
        let user = User {
            id: id.to_owned(),
            username: new.username.to_owned(),
            name: new.name.map(str::to_owned),
            unverified_email: new.email.map(str::to_owned),
            status: Status::Active,
            roles: roles.to_vec(),
            created_at: now,
            epoch: 0,
            sessions_since: 0,
            stays: None,
        };
        let password = Password { hash: new.password_hash.to_owned(), changed_at: now };
        let mut writes = names::claim(&new.found_by, &user.id)?;
        writes.push(Write::PutNew(table::item(profile_key(&user.id), &user)?));
        writes.push(Write::PutNew(table::item(password_key(&user.id), &password)?));
        Ok(match self.0.transact(writes).await? {
            Written::Done => Created::User(user),
            Written::Refused(_) => Created::UsernameTaken,
        })
    }

    /// The id of the person with a username. Takes the same reads whether there is one or not.
    pub async fn id_of(&self, name: Name<'_>, now: Time) -> Result<Option<String>, Error> {
        names::owner(&self.0, name, now).await
    }

    /// Whether a username can no longer be registered, because it or one that looks like it has an owner.
    pub async fn is_taken(&self, name: Name<'_>, now: Time) -> Result<bool, Error> {
        names::is_taken(&self.0, name, now).await
    }

    /// The id of the person with a verified address, given in canonical form.
    pub async fn id_of_email(&self, canonical_email: &str, now: Time) -> Result<Option<String>, Error> {
        let claim: Option<Claim> = self.0.get(email_key(canonical_email), now).await?;
        Ok(claim.map(|claim| claim.user))
    }

    /// The person with this id.
    pub async fn by_id(&self, id: &str, now: Time) -> Result<Option<User>, Error> {
        self.0.get(profile_key(id), now).await
    }

    /// A person's password, if there is one.
    pub async fn password(&self, id: &str, now: Time) -> Result<Option<Password>, Error> {
        self.0.get(password_key(id), now).await
    }

    /// Sets the display name and the unverified address.
    pub async fn set_profile(&self, id: &str, name: Option<&str>, email: Option<&str>) -> Result<(), Error> {
        let text =
            |text: Option<&str>| text.map_or(AttributeValue::Null(true), |text| AttributeValue::S(text.to_owned()));
        let change = Update {
            expression: "SET #name = :name, #unverified_email = :email",
            condition: "attribute_exists(pk)",
            values: vec![(":name", text(name)), (":email", text(email))],
            ..Update::nothing(profile_key(id))
        };
        self.0.transact(vec![Write::Update(change)]).await.map(drop)
    }

    /// Sets or removes the display name. `false`: the person no longer exists.
    pub async fn set_name(&self, id: &str, name: Option<&str>) -> Result<bool, Error> {
        let set = Update { condition: "attribute_exists(pk)", ..Update::nothing(profile_key(id)) };
        let set = match name {
            Some(name) => Update {
                expression: "SET #name = :name",
                values: vec![(":name", AttributeValue::S(name.to_owned()))],
                ..set
            },
            None => Update { expression: "REMOVE #name", ..set },
        };
        Ok(matches!(self.0.update(set).await?, Updated::Done(_)))
    }

    /// Stores a new hash of the same password, with the current parameters. `false`: the password has changed in the
    /// meantime. Authentications with this password remain valid.
    pub async fn rehash_password(&self, id: &str, proven: &Password, hash: &str) -> Result<bool, Error> {
        let change = Update {
            expression: "SET #hash = :hash",
            condition: "#changed_at = :proven",
            values: vec![
                (":hash", AttributeValue::S(hash.to_owned())),
                (":proven", number(proven.changed_at.millis())),
            ],
            ..Update::nothing(password_key(id))
        };
        Ok(matches!(self.0.update(change).await?, Updated::Done(_)))
    }

    /// Invalidates unused codes that were issued before now.
    pub async fn end_codes(&self, id: &str, now: Time) -> Result<(), Error> {
        let end = Update {
            expression: "SET #codes_ended_at = :now",
            condition: "attribute_exists(pk)",
            values: vec![(":now", number(now.millis()))],
            ..Update::nothing(profile_key(id))
        };
        self.0.update(end).await.map(drop)
    }

    /// Lets a disabled person sign in again. [`crate::Sessions::sign_out`] disables them.
    pub async fn enable(&self, id: &str) -> Result<(), Error> {
        let mut change = next_epoch(id);
        change.expression = "SET #epoch = if_not_exists(#epoch, :zero) + :one, #status = :status";
        change.values.push((":status", AttributeValue::S(Status::Active.word().to_owned())));
        self.0.transact(vec![Write::Update(change)]).await.map(drop)
    }

    /// Sets a person's roles and invalidates codes and browser sign-ins, but not sessions, so that nobody signs in with
    /// roles that they have lost.
    pub async fn set_roles(&self, id: &str, roles: &[String]) -> Result<(), Error> {
        let mut change = next_epoch(id);
        change.expression = "SET #epoch = if_not_exists(#epoch, :zero) + :one, #roles = :roles";
        change.values.push((":roles", table::list(roles)));
        self.0.transact(vec![Write::Update(change)]).await.map(drop)
    }
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl User {
    /// Whether an authentication at `epoch` is still valid and the person may sign in.
    pub fn welcomes(&self, epoch: u64) -> bool {
        self.status == Status::Active && self.epoch == epoch
    }
}

/// Ends, as part of a larger write, everything that began before: sessions except `stays`, codes and browser sign-ins.
/// Refused if the epoch has changed since `user` was read.
pub(crate) fn signed_out(user: &User, stays: Option<&str>, status: Option<Status>) -> Write {
    Write::Update(Update {
        expression: "SET #epoch = :next, #sessions_since = :next, #stays = :stays, #status = :status",
        condition: at_this_epoch(user.epoch),
        values: vec![
            (":epoch", number(user.epoch)),
            (":next", number(user.epoch + 1)),
            (":stays", stays.map_or(AttributeValue::Null(true), |sid| AttributeValue::S(sid.to_owned()))),
            (":status", AttributeValue::S(status.unwrap_or(user.status).word().to_owned())),
        ],
        ..Update::nothing(profile_key(&user.id))
    })
}

/// Replaces, as part of a larger write, the verified password. Refused if another change came first.
pub(crate) fn new_password(id: &str, proven: &Password, hash: &str, now: Time) -> Write {
    let changed_at = now.max(Time::from_millis(proven.changed_at.millis() + 1));
    Write::Update(Update {
        expression: "SET #hash = :hash, #changed_at = :changed_at",
        condition: "#changed_at = :proven",
        values: vec![
            (":hash", AttributeValue::S(hash.to_owned())),
            (":changed_at", number(changed_at.millis())),
            (":proven", number(proven.changed_at.millis())),
        ],
        ..Update::nothing(password_key(id))
    })
}

/// Removes, as part of a larger write, the profile and the password. Refused if the epoch has changed since `user` was
/// read, or if `proven` is not the password.
pub(crate) fn removed(user: &User, proven: Option<&Password>) -> Vec<Write> {
    let password = match proven {
        Some(proven) => Update {
            condition: "#changed_at = :proven",
            values: vec![(":proven", number(proven.changed_at.millis()))],
            ..Update::nothing(password_key(&user.id))
        },
        None => Update::nothing(password_key(&user.id)),
    };
    let profile = Update {
        condition: at_this_epoch(user.epoch),
        values: vec![(":epoch", number(user.epoch))],
        ..Update::nothing(profile_key(&user.id))
    };
    vec![Write::Delete(profile), Write::Delete(password)]
}

/// Checks, as part of a larger write, that the person exists.
pub(crate) fn still_exists(id: &str) -> Write {
    Write::Check(Update { condition: "attribute_exists(pk)", ..Update::nothing(profile_key(id)) })
}

/// The condition that a profile has the epoch `:epoch`. A profile without one is at 0.
const fn at_this_epoch(epoch: u64) -> &'static str {
    match epoch {
        0 => "attribute_exists(pk) AND (attribute_not_exists(#epoch) OR #epoch = :epoch)",
        _ => "#epoch = :epoch",
    }
}

/// Raises the epoch, which invalidates earlier authentications.
fn next_epoch(id: &str) -> Update {
    Update {
        expression: "SET #epoch = if_not_exists(#epoch, :zero) + :one",
        condition: "attribute_exists(pk)",
        values: vec![(":zero", number(0)), (":one", number(1))],
        ..Update::nothing(profile_key(id))
    }
}

/// Checks, as parts of a larger write, that the person may still sign in, that what their authentication depends on is
/// unchanged, and that codes issued at `since` are valid. Profile and factors were read separately; only this check
/// sees them together.
pub(crate) fn still_stands(id: &str, rests_on: &RestsOn, since: Time) -> Vec<Write> {
    let factors = rests_on.factors.iter().map(|factor| match factor {
        Factor::Password { changed_at } => Write::Check(Update {
            condition: "#changed_at = :changed_at",
            values: vec![(":changed_at", number(changed_at.millis()))],
            ..Update::nothing(password_key(id))
        }),
    });
    factors.chain([still_welcome(id, rests_on.epoch, since)]).collect()
}

/// [`User::welcomes`] as part of a larger write. A profile without an epoch is at 0.
fn still_welcome(id: &str, epoch: u64, since: Time) -> Write {
    let condition = match epoch {
        0 => {
            "#status = :active AND (attribute_not_exists(#epoch) OR #epoch = :epoch) \
             AND (attribute_not_exists(#codes_ended_at) OR #codes_ended_at < :since)"
        }
        _ => {
            "#status = :active AND #epoch = :epoch \
             AND (attribute_not_exists(#codes_ended_at) OR #codes_ended_at < :since)"
        }
    };
    Write::Check(Update {
        condition,
        values: vec![
            (":active", AttributeValue::S("active".to_owned())),
            (":epoch", number(epoch)),
            (":since", number(since.millis())),
        ],
        ..Update::nothing(profile_key(id))
    })
}

fn email_key(canonical_email: &str) -> Key {
    Key::new(format!("EMAIL#{canonical_email}"), "CLAIM")
}

fn profile_key(id: &str) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}

fn password_key(id: &str) -> Key {
    Key::new(format!("FACTOR#{id}"), "PASSWORD")
}
