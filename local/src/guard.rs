//! The guard: an HTTP server before each service that functions call. It passes on what IAM lets the caller do.
//!
//! It knows a caller by the signature of the request, works out which actions IAM would ask about, on which resource and in
//! which context, and has the function's `Policies` and the key policies evaluated. What the template writes and this cannot
//! evaluate is an error when the stack starts, so a statement never means less here than in the cloud.
//!
//! Behind it, calls are the operator's: no engine needs to know the functions. A connection that breaks behind it breaks
//! before it too, so faults on the wire reach the functions as they are.

mod dynamodb;
mod key_condition;
mod kms;
mod record;

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value as Json;

use crate::Error;
use crate::eventbridge;
use crate::iam::{Access, Identities, Policies, Rejection, Upstream};
use crate::ses;
use crate::template::{Deployment, EventSource, Template};
use crate::terminal::{Terminal, Tone};
use crate::wire::{self, Door, Reply, Task};
use dynamodb::Tables;
use kms::Keys;
use record::Record;

/// The largest request: a batch of 16 MiB, as JSON.
const REQUEST: usize = 32 * 1024 * 1024;

/// The guards of a stack, while this lives.
#[derive(Debug)]
pub(crate) struct Guards {
    /// Where functions reach DynamoDB.
    pub(crate) dynamodb: SocketAddr,
    /// Where functions reach KMS.
    pub(crate) kms: SocketAddr,
    /// Where functions reach SES.
    pub(crate) ses: SocketAddr,
    /// Where functions reach EventBridge.
    pub(crate) eventbridge: SocketAddr,
    watch: Arc<Watch>,
    _servers: [Task; 4],
}

/// Where guards listen, and for whom.
#[derive(Debug)]
pub(crate) struct Place {
    /// An address of this machine.
    pub(crate) address: IpAddr,
    pub(crate) door: Door,
}

/// The services behind the guards.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    pub(crate) dynamodb: Upstream,
    pub(crate) kms: Upstream,
    pub(crate) ses: Upstream,
    pub(crate) eventbridge: Upstream,
}

/// What the guards have in common.
#[derive(Debug)]
pub(crate) struct Watch {
    identities: Arc<Identities>,
    policies: Policies,
    record: Record,
    terminal: Terminal,
}

/// One guard.
#[derive(Debug)]
struct Guard {
    watch: Arc<Watch>,
    dialect: Dialect,
    behind: Upstream,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Which service's calls a guard understands.
#[derive(Debug)]
enum Dialect {
    DynamoDb(Tables),
    Kms(Keys),
    Ses(Deployment),
    EventBridge(Deployment),
}

/// A refusal in AWS's words: the exception, and what it says.
type Exception = (&'static str, String);

impl Guards {
    /// Starts the guards of a stack before its services.
    pub(crate) async fn start(
        template: &Template,
        deployment: &Deployment,
        behind: Behind,
        place: Place,
        watch: Watch,
    ) -> Result<Self, Error> {
        let watch = Arc::new(watch);
        let tables = Dialect::DynamoDb(Tables::new(&template.tables, deployment));
        let keys = Dialect::Kms(Keys::new(&template.keys, deployment));
        let (dynamodb, before_dynamodb) = serve(Guard::new(&watch, tables, behind.dynamodb), &place).await?;
        let (kms, before_kms) = serve(Guard::new(&watch, keys, behind.kms), &place).await?;
        let senders = Dialect::Ses(deployment.clone());
        let (ses, before_ses) = serve(Guard::new(&watch, senders, behind.ses), &place).await?;
        let buses = Dialect::EventBridge(deployment.clone());
        let (eventbridge, before_eventbridge) = serve(Guard::new(&watch, buses, behind.eventbridge), &place).await?;
        let servers = [before_dynamodb, before_kms, before_ses, before_eventbridge];
        Ok(Self { dynamodb, kms, ses, eventbridge, watch, _servers: servers })
    }

    /// What functions find in their environment, with the addresses as they know them.
    pub(crate) fn variables(&self, url: impl Fn(SocketAddr) -> String) -> [(String, String); 4] {
        let endpoints =
            [("DYNAMODB", self.dynamodb), ("KMS", self.kms), ("SESV2", self.ses), ("EVENTBRIDGE", self.eventbridge)];
        endpoints.map(|(name, address)| (format!("AWS_ENDPOINT_URL_{name}"), url(address)))
    }

    /// Functions, by logical id, and what they were let do: one example of every use of a grant.
    pub(crate) fn uses(&self) -> Vec<(String, Access)> {
        self.watch.record.uses()
    }

    /// Whether the role of a function lets Lambda read a stream for it and tell its queue of failures. In the cloud, a
    /// mapping without these permissions cannot be created.
    pub(crate) fn check_source(&self, source: &EventSource) -> Result<(), Error> {
        let reading = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
        let reading = reading.map(|operation| Access::new("dynamodb", operation, &source.stream));
        let telling = source.on_failure.iter().map(|queue| Access::new("sqs", "SendMessage", queue));
        let decided = reading.into_iter().chain(telling).try_for_each(|it| self.watch.decide(&source.function, it));
        decided.map_err(|(_, message)| Error::new(message))
    }

    /// What was refused, oldest first.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.watch.record.refusals()
    }
}

impl Drop for Guards {
    /// A test that fails says what was refused in it: a missing grant looks like any other fault of ours from outside.
    fn drop(&mut self) {
        if std::thread::panicking() {
            for refusal in self.refusals() {
                let _ = writeln!(io::stderr(), "{refusal}");
            }
        }
    }
}

async fn serve(guard: Guard, place: &Place) -> Result<(SocketAddr, Task), Error> {
    let failed = || format!("listening at {} for calls of functions", place.address);
    let (listener, address) = wire::listen_at(place.address, 0).await.map_err(Error::doing(failed()))?;
    let guard = Arc::new(guard);
    let server =
        wire::serve_or_break(listener, place.door.clone(), move |request, _| Arc::clone(&guard).answer(request));
    Ok((address, server))
}

impl Guard {
    fn new(watch: &Arc<Watch>, dialect: Dialect, behind: Upstream) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { watch: Arc::clone(watch), dialect, behind, client }
    }

    /// The service's answer, or a refusal; an error breaks the connection.
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Reply, Error> {
        let (parts, body) = request.into_parts();
        let body = wire::body(body, REQUEST).await.map_err(|_| Error::new("the request is broken off"))?;
        match self.check(&parts, &body) {
            Ok(()) => self.pass_on(parts, body).await,
            Err((kind, message)) => Ok(self.behind.operator.service.refusal(kind, &message)),
        }
    }

    /// Whether the caller may do everything that the request is.
    fn check(&self, parts: &Parts, body: &[u8]) -> Result<(), Exception> {
        let operator = &self.behind.operator;
        let service = operator.service.name();
        let caller = self.watch.identities.caller(parts, body, operator);
        let caller = caller.map_err(|rejection| self.watch.reject(service, rejection))?;
        let operation = self.dialect.operation(parts);
        let body: Json = serde_json::from_slice(body).map_err(|error| ("SerializationException", error.to_string()))?;
        let Some(accesses) = self.dialect.accesses(operation, &body) else {
            let what = format!("{service}:{operation}");
            return Err(self.watch.refuse(caller, &what, "the guard does not understand it"));
        };
        accesses.into_iter().try_for_each(|access| self.watch.decide(caller, access))
    }

    /// Hands a request to the service, as the operator's.
    async fn pass_on(&self, mut parts: Parts, body: Bytes) -> Result<Reply, Error> {
        let Upstream { endpoint, operator } = &self.behind;
        let attempt = || format!("passing a call on to {endpoint}");
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("{}{path}", endpoint.trim_end_matches('/'));
        parts.uri = uri.parse::<Uri>().map_err(Error::doing(attempt()))?;
        for own in [HOST, AUTHORIZATION, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            parts.headers.remove(own);
        }
        for own in ["x-amz-date", "x-amz-security-token"] {
            parts.headers.remove(own);
        }
        let request = operator.signed(parts, body)?;
        let answer = self.client.request(request).await.map_err(Error::doing(attempt()))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(Error::doing(attempt()))?.to_bytes();
        let mut answer = Response::from_parts(parts, Full::new(body));
        for own in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            answer.headers_mut().remove(own);
        }
        Ok(answer)
    }
}

impl Watch {
    /// Nothing has happened yet.
    pub(crate) fn new(identities: Arc<Identities>, policies: Policies, terminal: Terminal) -> Self {
        Self { identities, policies, record: Record::default(), terminal }
    }

    fn decide(&self, caller: &str, access: Access) -> Result<(), Exception> {
        match self.policies.decide(caller, &access) {
            Ok(grants) => {
                self.record.used(caller, grants, access);
                Ok(())
            }
            Err(why) => Err(self.refuse(caller, &access.to_string(), &why.to_string())),
        }
    }

    /// Tells the terminal and a caller that nobody knows.
    fn reject(&self, service: &str, rejection: Rejection) -> Exception {
        let (kind, message) = rejection.exception();
        self.note(format!("somebody is refused a call of {service}: {message}"));
        (kind, message.to_owned())
    }

    /// Tells the terminal and the caller.
    fn refuse(&self, caller: &str, what: &str, why: &str) -> Exception {
        self.note(format!("{caller} is refused {what}: {why}"));
        ("AccessDeniedException", format!("User: {caller} is not authorized to perform: {what} because {why}"))
    }

    fn note(&self, refusal: String) {
        self.terminal.print(Tone::Bad, &refusal);
        self.record.refused(refusal);
    }
}

impl Dialect {
    /// The operation that a request asks for.
    fn operation<'p>(&self, parts: &'p Parts) -> &'p str {
        let Self::Ses(_) = self else {
            let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
            return target.rsplit('.').next().unwrap_or_default();
        };
        ses::operation(parts)
    }

    fn accesses(&self, operation: &str, body: &Json) -> Option<Vec<Access>> {
        match self {
            Self::DynamoDb(tables) => tables.accesses(operation, body),
            Self::Kms(keys) => keys.accesses(operation, body),
            Self::Ses(deployment) => (operation == "SendEmail").then(|| sending(body, deployment)),
            Self::EventBridge(deployment) => (operation == "PutEvents").then(|| putting(body, deployment)),
        }
    }
}

/// What sending a mail is to IAM: a use of the sender's identity, and of the configuration set, if one is named.
fn sending(body: &Json, deployment: &Deployment) -> Vec<Access> {
    let from = body["FromEmailAddress"].as_str().unwrap_or_default();
    let named = body["ConfigurationSetName"].as_str().map(|name| format!("configuration-set/{name}"));
    let resources = [format!("identity/{from}")].into_iter().chain(named);
    let access = |resource: String| Access::new("ses", "SendEmail", deployment.arn("ses", &resource));
    resources.map(|resource| access(resource).with("ses:FromAddress", [from.to_owned()])).collect()
}

/// What sending events is to IAM: a use of the bus for each of them.
fn putting(body: &Json, deployment: &Deployment) -> Vec<Access> {
    let entries = body["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |entry: &Json, name: &str| entry[name].as_str().map(str::to_owned);
    let access = |entry: &Json| {
        let bus = deployment.arn("events", &format!("event-bus/{}", eventbridge::bus(entry)));
        let access = Access::new("events", "PutEvents", bus).with("events:source", text(entry, "Source"));
        access.with("events:detail-type", text(entry, "DetailType"))
    };
    entries.iter().map(access).collect()
}
