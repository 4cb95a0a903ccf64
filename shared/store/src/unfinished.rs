//! Sign-ins that lack their second factor: the password was right, and the rest must follow within ten minutes.
//!
//! An app that calls the JSON API gets a token of 256 bits (`mfa_token`); its hash is at `ONCE#MFA#hash / ONCE`. On the
//! pages, the stored authorization request carries the proof instead ([`crate::Requests::prove`]). In both cases the
//! transaction that begins the sign-in uses up the proof and the second factor together, and checks that what the
//! password proved is unchanged. So a proof begins one sign-in, and a new password ends it.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Error, Scopes, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret::{SecretHash, SecretKind, generate};
use crate::spent::Spent;
use crate::table::{self, Key, Table, Update, Write, number};

/// How long the second factor may take, in seconds.
pub const MFA_SECONDS: u64 = 600;

/// The sign-ins of the JSON API that lack their second factor.
#[derive(Clone, Debug)]
pub struct MfaTokens(Table);

/// A sign-in that lacks its second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unfinished {
    /// The person's id.
    pub user: String,
    /// What they have proven.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The scope that the app asked for.
    pub scope: Scopes,
    #[serde(default)]
    used: bool,
    expires_at: u64,
    /// The hash of its token.
    #[serde(skip)]
    name: String,
}

impl MfaTokens {
    /// The tokens in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Issues the token for a person who has proven their password.
    pub async fn issue(
        &self,
        user: &str,
        authentication: Authentication,
        scope: Scopes,
        now: Time,
    ) -> Result<Zeroizing<String>, Error> {
        let token = generate()?;
        let name = name(&token);
        let expires_at = now.plus(MFA_SECONDS).seconds();
        let unfinished =
            Unfinished { user: user.to_owned(), authentication, scope, used: false, expires_at, name: name.clone() };
        self.0.put(table::item(key(&name), &unfinished)?).await?;
        Ok(token)
    }

    /// The sign-in of a token, unless it is used up or its time is over. Reading it does not use it up.
    pub async fn find(&self, token: &str, now: Time) -> Result<Option<Unfinished>, Error> {
        let name = name(token);
        let found: Option<Unfinished> = self.0.get(key(&name), now).await?;
        Ok(found.filter(|unfinished| !unfinished.used).map(|unfinished| Unfinished { name, ..unfinished }))
    }
}

impl Unfinished {
    /// Uses it up.
    pub fn spend(&self, now: Time) -> Spent {
        Spent::by(Write::Update(Update {
            expression: "SET #used = :true",
            condition: "#used = :false AND #expires_at > :now",
            values: vec![
                (":true", AttributeValue::Bool(true)),
                (":false", AttributeValue::Bool(false)),
                (":now", number(now.seconds())),
            ],
            ..Update::nothing(key(&self.name))
        }))
    }
}

fn name(token: &str) -> String {
    SecretHash::of(SecretKind::MfaToken, token).text()
}

fn key(name: &str) -> Key {
    Key::new(format!("ONCE#MFA#{name}"), "ONCE")
}
