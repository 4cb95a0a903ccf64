//! Authorization requests in progress, at `REQUEST#hash / REQUEST`, and pushed requests (RFC 9126) that are not used
//! yet, at `REQUEST#hash / PUSHED`.
//!
//! A request that needs no page is answered at once and never stored. Every other request belongs to the browser in
//! which it began. Conditional writes move it from `Started` to `Consented` or `Denied`. One transaction answers it,
//! creates the code, and uses up the pushed request that it came from. An answered request keeps its code, sealed under
//! the browser's cookie, so that a second click gets the same answer.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, AuthorizationRequest, Client, Error, Parameters, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::codes::{self, CodeGrant};
use crate::held::Held;
use crate::secret::{SecretHash, SecretKind, generate};
use crate::spent::Spent;
use crate::table::{self, Key, Table, Update, Updated, Write, Written};

/// How long a person may take from the first page to the last, in seconds.
pub const REQUEST_SECONDS: u64 = 600;
/// How long a pushed request can be used, in seconds.
pub const PUSHED_SECONDS: u64 = 90;

/// The authorization requests in progress.
#[derive(Clone, Debug)]
pub struct Requests(Table);

/// An authorization request in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// The validated request.
    pub request: AuthorizationRequest,
    /// Where the person continues once they are signed in.
    #[serde(default)]
    pub target: Target,
    /// The client's display name.
    pub client_name: String,
    /// The client's home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// The client's privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// The client's terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Its progress.
    pub stage: Stage,
    /// Id of the person who was chosen, if the app asked for a choice (`prompt=select_account`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Who has proven their password for it, if their second factor must follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
    /// Hash of the cookie of the browser that it belongs to.
    pub browser: String,
    /// The pushed request that it came from ([`Requests::find_pushed`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<String>,
    /// When it began.
    pub started_at: Time,
    /// Epoch seconds.
    pub expires_at: u64,
}

/// A person who has proven their password, but not their second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// The person's id.
    pub user: String,
    /// How they have authenticated.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// Whether they have signed in on the device before.
    pub is_on_known_device: bool,
}

/// Where the person continues once they are signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// At the app that sent the request, with a code.
    #[default]
    App,
    /// At the account page of this service. There is no code.
    Account,
}

/// The progress of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Stage {
    /// The person has not decided yet.
    Started,
    /// The person has given consent.
    Consented {
        /// The person's id.
        user: String,
    },
    /// The person declined.
    Denied,
    /// A code was sent to the client.
    Answered {
        /// The code, sealed under the browser's cookie.
        #[serde(with = "serde_bytes")]
        code: Vec<u8>,
    },
}

/// A pushed request: its parameters as sent.
#[derive(Serialize, Deserialize)]
struct Pushed {
    client_id: String,
    parameters: Vec<(String, String)>,
    /// Whether it was used up.
    #[serde(default)]
    spent: bool,
    expires_at: u64,
}

/// The code for a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The secret that the client receives.
    pub code: &'a str,
    /// What the code grants.
    pub grant: &'a CodeGrant,
}

impl StoredRequest {
    /// A new request of `client` in the browser with this cookie.
    pub fn started(request: AuthorizationRequest, client: &Client, browser: &str, now: Time) -> Self {
        Self {
            request,
            target: Target::App,
            client_name: client.display_name().to_owned(),
            client_uri: client.client_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            stage: Stage::Started,
            chosen: None,
            proven: None,
            browser: browser_hash(browser),
            pushed: None,
            started_at: now,
            expires_at: now.plus(REQUEST_SECONDS).seconds(),
        }
    }

    /// The code that was sent to the client, opened with the browser's cookie. `None` before the request is answered.
    pub fn code(&self, id: &str, browser: &str) -> Result<Option<Zeroizing<String>>, Error> {
        let Stage::Answered { code } = &self.stage else { return Ok(None) };
        let code = held(browser, &request_key(id).pk).open(code)?;
        let code = String::from_utf8(code.to_vec())
            .map_err(|error| Error::fault("a sealed code is malformed").because(error))?;
        Ok(Some(Zeroizing::new(code)))
    }
}

impl Requests {
    /// The requests in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Stores a new request and returns the id for its pages.
    pub async fn begin(&self, started: &StoredRequest) -> Result<String, Error> {
        let id = generate()?;
        self.0.put(table::item(request_key(&id), started)?).await?;
        Ok(id.to_string())
    }

    /// The request, if it belongs to a browser with one of these cookies, and that cookie.
    pub async fn find<'b>(
        &self,
        id: &str,
        browsers: &[&'b str],
        now: Time,
    ) -> Result<Option<(StoredRequest, &'b str)>, Error> {
        let Some(stored): Option<StoredRequest> = self.0.get(request_key(id), now).await? else { return Ok(None) };
        let browser = browsers.iter().copied().find(|browser| stored.browser == browser_hash(browser));
        Ok(browser.map(|browser| (stored, browser)))
    }

    /// A request of a browser with one of these cookies whose time may be over. The table keeps it for a while, so that a
    /// page that was open for too long can name its app.
    pub async fn find_late(&self, id: &str, browsers: &[&str]) -> Result<Option<StoredRequest>, Error> {
        let found = self.find(id, browsers, Time::from_seconds(0)).await?;
        Ok(found.map(|(stored, _)| stored))
    }

    /// Records who the person chose to be. `false`: the request was decided before, or the time is over.
    pub async fn choose(&self, id: &str, user: &str, now: Time) -> Result<bool, Error> {
        let update = Update {
            expression: "SET #chosen = :chosen",
            condition: "#stage.#at = :started AND #expires_at > :now",
            values: vec![
                (":chosen", AttributeValue::S(user.to_owned())),
                (":started", AttributeValue::S("started".to_owned())),
                (":now", table::number(now.seconds())),
            ],
            ..Update::nothing(request_key(id))
        };
        Ok(matches!(self.0.update(update).await?, Updated::Done(_)))
    }

    /// Records who has proven their password. `false`: the request has ended, or the time is over.
    pub async fn prove(&self, id: &str, proven: &Proven, now: Time) -> Result<bool, Error> {
        let proven: AttributeValue = serde_dynamo::to_attribute_value(proven)
            .map_err(|error| Error::fault("serialising a proof failed").because(error))?;
        let update = Update {
            expression: "SET #proven = :proven",
            condition: "#stage.#at <> :answered AND #stage.#at <> :denied AND #expires_at > :now",
            values: vec![
                (":proven", proven),
                (":answered", AttributeValue::S("answered".to_owned())),
                (":denied", AttributeValue::S("denied".to_owned())),
                (":now", table::number(now.seconds())),
            ],
            ..Update::nothing(request_key(id))
        };
        Ok(matches!(self.0.update(update).await?, Updated::Done(_)))
    }

    /// Records the person's decision. `false`: it was decided before, or the time is over.
    pub async fn decide(&self, id: &str, stage: &Stage, now: Time) -> Result<bool, Error> {
        let stage: AttributeValue = serde_dynamo::to_attribute_value(stage)
            .map_err(|error| Error::fault("serialising a stage failed").because(error))?;
        let update = Update {
            expression: "SET #stage = :stage",
            condition: "(#stage.#at = :started OR #stage = :stage) AND #expires_at > :now",
            values: vec![
                (":stage", stage),
                (":started", AttributeValue::S("started".to_owned())),
                (":now", table::number(now.seconds())),
            ],
            ..Update::nothing(request_key(id))
        };
        Ok(matches!(self.0.update(update).await?, Updated::Done(_)))
    }

    /// Answers a request with a code. `false`: it was answered before, or its pushed request is used up.
    pub async fn answer(
        &self,
        (id, browser): (&str, &str),
        stored: &StoredRequest,
        answer: Answer<'_>,
        now: Time,
    ) -> Result<bool, Error> {
        let key = request_key(id);
        let code = held(browser, &key.pk).seal(answer.code.as_bytes())?;
        let stage = serde_dynamo::to_attribute_value(Stage::Answered { code });
        let answered = Update {
            expression: "SET #stage = :stage",
            condition: "attribute_exists(pk) AND #stage.#at <> :answered",
            values: vec![
                (":stage", stage.map_err(|error| Error::fault("serialising a stage failed").because(error))?),
                (":answered", AttributeValue::S("answered".to_owned())),
            ],
            ..Update::nothing(key)
        };
        let mut writes = vec![Write::Update(answered), codes::put(answer.code, answer.grant)?];
        writes.extend(stored.pushed.as_deref().map(|pushed| Write::Update(spend(pushed, now))));
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Answers a pushed request that needed no page. `false`: it is used up.
    pub async fn answer_pushed(&self, pushed: &str, answer: Answer<'_>, now: Time) -> Result<bool, Error> {
        let writes = vec![codes::put(answer.code, answer.grant)?, Write::Update(spend(pushed, now))];
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Uses up a pushed request that was refused. Doing it twice is no error.
    pub async fn refuse_pushed(&self, pushed: &str, now: Time) -> Result<(), Error> {
        self.0.update(spend(pushed, now)).await.map(drop)
    }

    /// Stores a pushed request and returns the last part of its `request_uri`.
    pub async fn push(&self, client_id: &str, parameters: &Parameters, now: Time) -> Result<String, Error> {
        let reference = generate()?;
        let pushed = Pushed {
            client_id: client_id.to_owned(),
            parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            spent: false,
            expires_at: now.plus(PUSHED_SECONDS).seconds(),
        };
        let name = SecretHash::of(SecretKind::RequestUri, &reference).text();
        self.0.put(table::item(pushed_key(&name), &pushed)?).await?;
        Ok(reference.to_string())
    }

    /// A pushed request of `client_id` that is not used up, and its name. Reading it does not use it up, because a page
    /// may be loaded twice.
    pub async fn find_pushed(
        &self,
        reference: &str,
        client_id: &str,
        now: Time,
    ) -> Result<Option<(Parameters, String)>, Error> {
        let name = SecretHash::of(SecretKind::RequestUri, reference).text();
        let pushed: Option<Pushed> = self.0.get(pushed_key(&name), now).await?;
        let Some(pushed) = pushed.filter(|pushed| pushed.client_id == client_id && !pushed.spent) else {
            return Ok(None);
        };
        Ok(Some((Parameters::from_pairs(pushed.parameters)?, name)))
    }
}

impl Proven {
    /// Uses up what was proven for the request with this id.
    pub fn spend(&self, id: &str, now: Time) -> Spent {
        Spent::by(Write::Update(Update {
            expression: "REMOVE #proven",
            condition: "#proven.#user = :user AND #proven.#auth_time = :at AND #expires_at > :now",
            values: vec![
                (":user", AttributeValue::S(self.user.clone())),
                (":at", table::number(self.authentication.at.millis())),
                (":now", table::number(now.seconds())),
            ],
            ..Update::nothing(request_key(id))
        }))
    }
}

/// Uses up a pushed request, once. It is kept until its reference has expired.
fn spend(pushed: &str, now: Time) -> Update {
    Update {
        expression: "SET #spent = :true, #expires_at = :end",
        condition: "attribute_not_exists(#spent) OR #spent = :false",
        values: vec![
            (":true", AttributeValue::Bool(true)),
            (":false", AttributeValue::Bool(false)),
            (":end", table::number(now.plus(PUSHED_SECONDS).seconds())),
        ],
        ..Update::nothing(pushed_key(pushed))
    }
}

fn held<'a>(browser: &'a str, place: &'a str) -> Held<'a> {
    Held { secret: browser.as_bytes(), purpose: "answer of an authorization request", place }
}

/// Represents a browser's cookie in a stored request.
fn browser_hash(browser: &str) -> String {
    SecretHash::of(SecretKind::Browser, browser).text()
}

fn request_key(id: &str) -> Key {
    Key::new(format!("REQUEST#{}", SecretHash::of(SecretKind::Request, id).text()), "REQUEST")
}

fn pushed_key(name: &str) -> Key {
    Key::new(format!("REQUEST#{name}"), "PUSHED")
}
