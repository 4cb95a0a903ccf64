//! People: the profile, the identifiers that point to it, and the password.
//!
//! The profile contains no secret, and the password is in another partition, so that a function that only needs
//! profiles cannot read passwords.

mod addresses;
mod leaving;
mod parts;
mod recovery;
mod second_factors;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::{Deserialize, Serialize};

use crate::email::Email;
use crate::names::{self, Name};
use crate::random;
use crate::table::{self, Key, Table, Update, Updated, Write, Written, number};

pub use addresses::{CHANGE_SECONDS, Changed, Letter, NextEmail, Notice, Registering};
pub(crate) use addresses::{claims_of, still_owns};
pub(crate) use leaving::{leaving, other_factors};
pub(crate) use parts::{new_password, removed, signed_out, signed_out_by_new_password, still_active, still_stands};
pub use recovery::Forgetful;
pub(crate) use second_factors::{gained, leaves, lost, lost_all, stays};

/// The people of the service.
#[derive(Clone, Debug)]
pub struct Users(Table);

/// The data of a new person.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// The username as the person typed it. Somebody who signs in with an address needs none.
    pub username: Option<&'a str>,
    /// The forms by which it is found.
    pub found_by: Option<Name<'a>>,
    /// The display name.
    pub name: Option<&'a str>,
    /// An unverified e-mail address. It is not unique and cannot be used to sign in.
    pub email: Option<&'a str>,
    /// The password as a PHC string. Without one, the person signs in in other ways, or sets one later.
    pub password_hash: Option<&'a str>,
}

/// The result of a registration.
#[derive(Debug)]
pub enum Created {
    /// The person was created.
    User(Box<User>),
    /// Another person has the username, or one that looks like it.
    UsernameTaken,
}

/// A person, at `USER#id / PROFILE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The `sub` of every token: a UUIDv7.
    pub id: String,
    /// The username as its owner typed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address that the person has proven, as stored. [`User::email`] says which one counts.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "email")]
    pub proven_email: Option<Email>,
    /// The proven address that replaces it at an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_email: Option<NextEmail>,
    /// An e-mail address that nobody has proven.
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
    /// When the account ends, in epoch seconds, unless its owner proves an address before, or keeps the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// The names of the second factors. [`User::has_second_factor`] says whether there is one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub second_factors: BTreeSet<String>,
    /// The names of those that leave, each with its end in epoch seconds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub leaving_factors: BTreeSet<String>,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Yes.
    Active,
    /// No, by an operator's decision.
    Disabled,
    /// Not before the address is proven that the account was registered with.
    Unproven,
    /// No, because the person asked for the deletion of the account. Until it ends, they may keep it.
    PendingDeletion,
}

/// A person's password, at `FACTOR#user / PASSWORD`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Password {
    /// The PHC string.
    pub hash: String,
    /// When it was set. Two passwords of a person are never set in the same millisecond.
    pub changed_at: Time,
    /// When it ends with its account, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

/// The part of a profile that is copied for tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The proven e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The person's roles.
    pub roles: Vec<String>,
}

impl Person {
    /// The copied part of `user`.
    pub fn of(user: User, now: Time) -> Self {
        let email = user.email(now).map(|email| email.address.clone());
        Self { id: user.id, username: user.username, name: user.name, email, roles: user.roles }
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
        let user = User { roles: roles.to_vec(), ..User::new(id, new, now) };
        let writes = creation(&user, new, now)?;
        Ok(match self.0.transact(writes).await? {
            Written::Done => Created::User(Box::new(user)),
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

    /// Lets a disabled person sign in again. [`crate::Sessions::sign_out`] disables them. `false`: the account is about to
    /// end, or is gone.
    pub async fn enable(&self, id: &str) -> Result<bool, Error> {
        let mut change = next_epoch(id);
        change.expression = "SET #epoch = if_not_exists(#epoch, :zero) + :one, #status = :status";
        change.condition = "attribute_exists(pk) AND attribute_not_exists(#expires_at)";
        change.values.push((":status", AttributeValue::S(Status::Active.word().to_owned())));
        Ok(self.0.transact(vec![Write::Update(change)]).await? == Written::Done)
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
            Self::Unproven => "unproven",
            Self::PendingDeletion => "pending_deletion",
        }
    }
}

impl User {
    /// A new person, who may sign in.
    fn new(id: &str, new: &NewUser<'_>, now: Time) -> Self {
        Self {
            id: id.to_owned(),
            username: new.username.map(str::to_owned),
            name: new.name.map(str::to_owned),
            proven_email: None,
            next_email: None,
            unverified_email: new.email.map(str::to_owned),
            status: Status::Active,
            roles: Vec::new(),
            created_at: now,
            epoch: 0,
            sessions_since: 0,
            stays: None,
            expires_at: None,
            second_factors: BTreeSet::new(),
            leaving_factors: BTreeSet::new(),
        }
    }

    /// What to call the account where no display name is known: the username, or else the proven address.
    pub fn called(&self, now: Time) -> &str {
        let address = || self.email(now).map(|email| email.address.as_str());
        self.username.as_deref().or_else(address).unwrap_or(&self.id)
    }

    /// Whether the password of the account is of use: to sign in, or to keep an account that is about to be deleted.
    pub fn may_return(&self) -> bool {
        matches!(self.status, Status::Active | Status::PendingDeletion)
    }

    /// Whether an authentication at `epoch` is still valid and the person may sign in.
    pub fn welcomes(&self, epoch: u64) -> bool {
        self.status == Status::Active && self.epoch == epoch
    }
}

/// Creates, as part of a larger write, the name's claims, the profile and the password, if there is one.
fn creation(user: &User, new: &NewUser<'_>, now: Time) -> Result<Vec<Write>, Error> {
    let expires_at = user.expires_at;
    let mut writes = match &new.found_by {
        Some(name) => names::claim(name, &user.id, expires_at, now)?,
        None => Vec::new(),
    };
    writes.push(Write::PutNew(table::item(profile_key(&user.id), user)?));
    if let Some(hash) = new.password_hash {
        let password = Password { hash: hash.to_owned(), changed_at: now, expires_at };
        writes.push(Write::PutNew(table::item(password_key(&user.id), &password)?));
    }
    Ok(writes)
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

fn profile_key(id: &str) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}

fn password_key(id: &str) -> Key {
    Key::new(format!("FACTOR#{id}"), "PASSWORD")
}
