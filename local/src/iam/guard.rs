//! The guard: an HTTP server before each service that functions call. It passes on what the caller may do.
//!
//! Behind it, calls are the operator's: no engine needs to know the functions. A connection that breaks behind it breaks
//! before it too, so faults on the wire reach the functions as they are.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value as Json, json};

use super::dynamodb::Tables;
use super::identity::Identities;
use super::kms::Keys;
use super::policies::Policies;
use super::record::Record;
use crate::Error;
use crate::console::Console;
use crate::http::{self, Reply, Task, reply};
use crate::policy::Access;
use crate::signature::{Rejection, Scope, signed};
use crate::template::{Deployment, Template};

/// The largest request: a batch of 16 MiB, as JSON.
const REQUEST: usize = 32 * 1024 * 1024;

/// The guards of a stack, while this lives.
#[derive(Debug)]
pub(crate) struct Guards {
    /// Where functions reach DynamoDB.
    pub(crate) dynamodb: SocketAddr,
    /// Where functions reach KMS.
    pub(crate) kms: SocketAddr,
    watch: Arc<Watch>,
    _servers: [Task; 2],
}

/// What the guards have in common.
#[derive(Debug)]
struct Watch {
    identities: Arc<Identities>,
    policies: Policies,
    region: String,
    record: Record,
    console: Console,
}

/// One guard.
#[derive(Debug)]
struct Guard {
    watch: Arc<Watch>,
    dialect: Dialect,
    /// The service's address without a slash at its end.
    behind: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Which service's calls a guard understands.
#[derive(Debug)]
enum Dialect {
    DynamoDb(Tables),
    Kms(Keys),
}

/// A refusal in AWS's words: the exception, and what it says.
type Exception = (&'static str, String);

impl Guards {
    /// Starts the guards at an address of this machine, before services that answer at `dynamodb` and `kms`.
    pub(crate) async fn start(
        (template, deployment): (&Template, &Deployment),
        identities: Arc<Identities>,
        (dynamodb, kms): (&str, &str),
        at: IpAddr,
        console: Console,
    ) -> Result<Self, Error> {
        let policies = Policies::new(template, deployment);
        let region = deployment.region.clone();
        let watch = Arc::new(Watch { identities, policies, region, record: Record::default(), console });
        let tables = Dialect::DynamoDb(Tables::new(&template.tables, deployment));
        let keys = Dialect::Kms(Keys::new(&template.keys, deployment));
        let (dynamodb, before_dynamodb) = serve(Guard::new(&watch, tables, dynamodb), at).await?;
        let (kms, before_kms) = serve(Guard::new(&watch, keys, kms), at).await?;
        Ok(Self { dynamodb, kms, watch, _servers: [before_dynamodb, before_kms] })
    }

    /// What functions find in their environment, with the addresses as they know them.
    pub(crate) fn variables(&self, url: impl Fn(SocketAddr) -> String) -> [(String, String); 2] {
        [("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb), ("AWS_ENDPOINT_URL_KMS", self.kms)]
            .map(|(name, address)| (name.to_owned(), url(address)))
    }

    /// Functions, by logical id, and what they were let do: one example of every use of a grant.
    pub(crate) fn uses(&self) -> Vec<(String, Access)> {
        self.watch.record.uses()
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

async fn serve(guard: Guard, at: IpAddr) -> Result<(SocketAddr, Task), Error> {
    let failed = || format!("listening at {at} for calls of functions");
    let (listener, address) = http::listen_at(at, 0).await.map_err(Error::doing(failed()))?;
    let guard = Arc::new(guard);
    let server = http::serve_or_break(listener, move |request, _| Arc::clone(&guard).answer(request));
    Ok((address, server))
}

impl Guard {
    fn new(watch: &Arc<Watch>, dialect: Dialect, behind: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { watch: Arc::clone(watch), dialect, behind: behind.trim_end_matches('/').to_owned(), client }
    }

    /// The service's answer, or a refusal; an error breaks the connection.
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Reply, Error> {
        let (parts, body) = request.into_parts();
        let body = http::body(body, REQUEST).await.map_err(|_| Error::new("the request is broken off"))?;
        match self.check(&parts, &body) {
            Ok(()) => self.pass_on(parts, body).await,
            Err((kind, message)) => Ok(self.dialect.refusal(kind, &message)),
        }
    }

    /// Whether the caller may do everything that the request is.
    fn check(&self, parts: &Parts, body: &[u8]) -> Result<(), Exception> {
        let Watch { identities, region, .. } = &*self.watch;
        let scope = Scope { region, service: self.dialect.name() };
        let caller = identities.caller(parts, body, scope).map_err(|rejection| self.watch.reject(scope, rejection))?;
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body: Json = serde_json::from_slice(body).map_err(|error| ("SerializationException", error.to_string()))?;
        let Some(accesses) = self.dialect.accesses(operation, &body) else {
            let name = self.dialect.name();
            return Err(self.watch.refuse(caller, &format!("{name}:{operation}"), "the guard does not understand it"));
        };
        accesses.into_iter().try_for_each(|access| self.watch.decide(caller, access))
    }

    /// Hands a request to the service, as the operator's.
    async fn pass_on(&self, mut parts: Parts, body: Bytes) -> Result<Reply, Error> {
        let attempt = || format!("passing a call on to {}", self.behind);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.behind).parse::<Uri>().map_err(Error::doing(attempt()))?;
        for own in [HOST, AUTHORIZATION, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            parts.headers.remove(own);
        }
        for own in ["x-amz-date", "x-amz-security-token"] {
            parts.headers.remove(own);
        }
        let scope = Scope { region: &self.watch.region, service: self.dialect.name() };
        let request = signed(parts, body, scope).map_err(Error::doing(attempt()))?;
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
    fn reject(&self, scope: Scope<'_>, rejection: Rejection) -> Exception {
        let (kind, message) = rejection.exception();
        self.note(format!("somebody is refused a call of {}: {message}", scope.service));
        (kind, message.to_owned())
    }

    /// Tells the terminal and the caller.
    fn refuse(&self, caller: &str, what: &str, why: &str) -> Exception {
        self.note(format!("{caller} is refused {what}: {why}"));
        ("AccessDeniedException", format!("User: {caller} is not authorized to perform: {what} because {why}"))
    }

    fn note(&self, refusal: String) {
        self.console.print(&refusal);
        self.record.refused(refusal);
    }
}

impl Dialect {
    /// What signatures and actions call it.
    fn name(&self) -> &'static str {
        match self {
            Self::DynamoDb(_) => "dynamodb",
            Self::Kms(_) => "kms",
        }
    }

    fn accesses(&self, operation: &str, body: &Json) -> Option<Vec<Access>> {
        match self {
            Self::DynamoDb(tables) => tables.accesses(operation, body),
            Self::Kms(keys) => keys.accesses(operation, body),
        }
    }

    fn refusal(&self, kind: &str, message: &str) -> Reply {
        let (content_type, kind) = match self {
            Self::DynamoDb(_) => ("application/x-amz-json-1.0", format!("com.amazon.coral.service#{kind}")),
            Self::Kms(_) => ("application/x-amz-json-1.1", kind.to_owned()),
        };
        reply(StatusCode::BAD_REQUEST, content_type, json!({"__type": kind, "Message": message}).to_string())
    }
}
