//! Authorization requests under way, at `REQUEST#hash / REQUEST`, and pushed ones (RFC 9126) that wait to be used, at
//! `REQUEST#hash / PUSHED`.
//!
//! A request that needs no page is answered at once and never lies here. Any other belongs to the browser that began it. It
//! moves from `Started` to `Consented` or `Denied` by conditional writes, and its end is one transaction: the request goes,
//! the code comes.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{AuthorizationRequest, Client, Error, Parameters, Time};
use serde::{Deserialize, Serialize};

use crate::codes::{self, CodeGrant};
use crate::secret::{SecretHash, SecretKind, generate};
use crate::table::{self, Key, Table, Update, Updated, Write, Written};

/// Seconds that a person has from the first page to the last.
pub const REQUEST_SECONDS: u64 = 600;
/// Seconds that a pushed request waits.
pub const PUSHED_SECONDS: u64 = 90;

/// The requests under way.
#[derive(Clone, Debug)]
pub struct Requests(Table);

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// What is asked for.
    pub request: AuthorizationRequest,
    /// What the client is called.
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
    /// How far it has come.
    pub stage: Stage,
    /// Hash of the cookie of the browser that it belongs to.
    pub browser: String,
    /// When it began.
    pub started_at: Time,
    /// Epoch seconds.
    pub expires_at: u64,
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Stage {
    /// The person has not been asked, or not answered.
    Started,
    /// This person has agreed.
    Consented {
        /// The person's id.
        user: String,
    },
    /// The person said no.
    Denied,
}

/// A pushed request, as its parameters came.
#[derive(Serialize, Deserialize)]
struct Pushed {
    client_id: String,
    parameters: Vec<(String, String)>,
    expires_at: u64,
}

impl StoredRequest {
    /// A request of `client` that has just begun in the browser with this cookie.
    pub fn started(request: AuthorizationRequest, client: &Client, browser: &str, now: Time) -> Self {
        Self {
            request,
            client_name: client.display_name().to_owned(),
            client_uri: client.client_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            stage: Stage::Started,
            browser: browser_hash(browser),
            started_at: now,
            expires_at: now.plus(REQUEST_SECONDS).seconds(),
        }
    }
}

impl Requests {
    /// The requests in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Stores a request that has just begun, and gives the id that its pages carry. Should a lost try arrive when it has
    /// ended, its browser can go through it once more, as if the app had asked again.
    pub async fn begin(&self, started: &StoredRequest) -> Result<String, Error> {
        let id = generate()?;
        self.0.put(table::item(request_key(&id), started)?).await?;
        Ok(id.to_string())
    }

    /// The request, if it is under way in this browser.
    pub async fn find(&self, id: &str, browser: &str, now: Time) -> Result<Option<StoredRequest>, Error> {
        let stored: Option<StoredRequest> = self.0.get(request_key(id), now).await?;
        Ok(stored.filter(|stored| stored.browser == browser_hash(browser)))
    }

    /// Notes what the person decided. `false`: it was decided already, or the time is over.
    pub async fn decide(&self, id: &str, stage: &Stage, now: Time) -> Result<bool, Error> {
        let stage: AttributeValue =
            serde_dynamo::to_attribute_value(stage).map_err(|error| Error::fault("stage to store").because(error))?;
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

    /// Ends a request with a code. `false`: it has ended already.
    pub async fn redeem(&self, id: &str, code: &str, grant: &CodeGrant) -> Result<bool, Error> {
        let end = Update { condition: "attribute_exists(pk)", ..Update::nothing(request_key(id)) };
        let writes = vec![Write::Delete(end), codes::put(code, grant)?];
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Ends a request that was denied or cannot go on. One that has ended stays so.
    pub async fn end(&self, id: &str) -> Result<(), Error> {
        self.0.remove(request_key(id)).await
    }

    /// Stores a pushed request, and gives the last part of its `request_uri`.
    pub async fn push(&self, client_id: &str, parameters: &Parameters, now: Time) -> Result<String, Error> {
        let reference = generate()?;
        let pushed = Pushed {
            client_id: client_id.to_owned(),
            parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            expires_at: now.plus(PUSHED_SECONDS).seconds(),
        };
        self.0.put(table::item(pushed_key(&reference), &pushed)?).await?;
        Ok(reference.to_string())
    }

    /// Takes a pushed request of `client_id`: it is there once. Another client's is left alone.
    pub async fn take_pushed(&self, reference: &str, client_id: &str, now: Time) -> Result<Option<Parameters>, Error> {
        let condition = "#client_id = :client_id";
        let values = vec![(":client_id", AttributeValue::S(client_id.to_owned()))];
        let guard = Update { condition, values, ..Update::nothing(pushed_key(reference)) };
        let Some(item) = self.0.take(guard, now).await? else { return Ok(None) };
        let pushed: Pushed = table::read(item)?;
        Parameters::from_pairs(pushed.parameters).map(Some)
    }
}

/// What stands for a browser's cookie in a stored request.
fn browser_hash(browser: &str) -> String {
    SecretHash::of(SecretKind::Browser, browser).text()
}

fn request_key(id: &str) -> Key {
    Key::new(format!("REQUEST#{}", SecretHash::of(SecretKind::Request, id).text()), "REQUEST")
}

fn pushed_key(reference: &str) -> Key {
    Key::new(format!("REQUEST#{}", SecretHash::of(SecretKind::RequestUri, reference).text()), "PUSHED")
}
