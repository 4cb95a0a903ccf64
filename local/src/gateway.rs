//! API Gateway: an HTTP API with payload format 2.0 or a REST API with payload format 1.0, the unpleasant parts included.
//!
//! What it answers by itself, what it limits and how it describes a request are API Gateway's; a function that works
//! here works there. CORS and throttling are not emulated: the template may not configure them.
//!
//! Nothing public settles these, so they are choices: the routes of an HTTP API are matched on the decoded path; a head
//! that is too large is a 431; a body of a text type that is not UTF-8 travels in base64; a method outside the seven that
//! routes know is one that no route has; an authorizer that gives no context makes `lambda` null; an authorizer of a REST
//! API that fails is `AUTHORIZER_CONFIGURATION_ERROR`, and one that takes too long is `AUTHORIZER_FAILURE`.

mod authorizer;
mod exchange;
mod http_api;
mod integration;
mod payload_v1;
mod payload_v2;
mod record;
mod response;
mod rest_api;
mod router;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use tokio::net::TcpListener;

use crate::Error;
use crate::runtime::Functions;
use crate::ses::{self, Inbox};
use crate::template::{Api, Deployment, Protocol, Stage};
use crate::terminal::{Terminal, Tone};
use crate::wire::{self, BodyError, Door, Reply, Task, ids};
use exchange::{Arrival, Exchange, Facts};
use http_api::{HttpApi, Refusal};
use record::Record;
use rest_api::RestApi;

/// Request line and headers together.
const HEAD: usize = 10_240;
/// The body of a request.
const BODY: usize = 10 * 1024 * 1024;

/// The gateway of one stack.
#[derive(Debug)]
pub(crate) struct Gateway {
    facts: Facts,
    stages: Vec<Stage>,
    api: Kind,
    terminal: Terminal,
    /// The mails that were sent. In the cloud, there is no such route.
    inbox: Option<Arc<Inbox>>,
}

#[derive(Debug)]
enum Kind {
    Http(HttpApi),
    Rest(RestApi),
}

impl Gateway {
    /// A gateway that answers on `address`.
    pub(crate) fn new(
        api: &Api,
        deployment: Deployment,
        address: SocketAddr,
        functions: Arc<Functions>,
        terminal: Terminal,
    ) -> Result<Self, Error> {
        let facts = Facts {
            account: deployment.account.clone(),
            api: api.id.clone(),
            domain: address.to_string(),
            port: address.port(),
        };
        let kind = match api.protocol {
            Protocol::Http => Kind::Http(HttpApi::new(api, deployment, functions)?),
            Protocol::Rest => Kind::Rest(RestApi::new(api, deployment, functions)?),
        };
        Ok(Self { facts, stages: api.stages.clone(), api: kind, terminal, inbox: None })
    }

    /// The same, and an inbox at `/_local/mail`.
    pub(crate) fn with_inbox(self, inbox: Arc<Inbox>) -> Self {
        Self { inbox: Some(inbox), ..self }
    }

    /// Answers requests on each of the listeners while its task lives.
    pub(crate) fn serve(self, listeners: Vec<TcpListener>) -> Vec<Task> {
        let gateway = Arc::new(self);
        let serve = |listener| {
            let gateway = Arc::clone(&gateway);
            wire::serve(listener, Door::Everybody, move |request, peer| Arc::clone(&gateway).answer(request, peer))
        };
        listeners.into_iter().map(serve).collect()
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let (began, request_id) = (Instant::now(), ids::gateway_request());
        let (parts, body) = request.into_parts();
        if let Some(page) = self.inbox.as_ref().and_then(|inbox| ses::page(inbox, &parts)) {
            return page;
        }
        let mut record = Record::new(parts.method.as_str(), parts.uri.path());
        let mut reply = match (read(&parts, body).await, self.stage(parts.uri.path())) {
            (Err(refusal), _) => refusal.reply(),
            (Ok(_), None) => self.no_stage(),
            (Ok(body), Some((stage, raw_path))) => {
                let (facts, request_id) = (&self.facts, request_id.as_str());
                let arrival = Arrival { facts, stage, request_id, raw_path, peer, now: SystemTime::now() };
                self.respond(&Exchange::new(arrival, &parts, body), &mut record).await
            }
        };
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            let name = if matches!(self.api, Kind::Http(_)) { "apigw-requestid" } else { "x-amz-apigw-id" };
            reply.headers_mut().insert(name, id);
        }
        let tone = match reply.status().as_u16() {
            500.. => Tone::Bad,
            400.. => Tone::Warning,
            _ => Tone::Plain,
        };
        self.terminal.print(tone, record.line(reply.status(), began.elapsed()));
        reply
    }

    async fn respond(&self, exchange: &Exchange<'_>, record: &mut Record) -> Reply {
        match &self.api {
            Kind::Http(api) => api.answer(exchange, record).await,
            Kind::Rest(api) => api.answer(exchange, record).await,
        }
    }

    fn no_stage(&self) -> Reply {
        match self.api {
            Kind::Http(_) => Refusal::NotFound.reply(),
            Kind::Rest(_) => rest_api::no_stage(),
        }
    }

    /// The stage that the first segment of a path names, and the rest of the path; else the default stage and all of it.
    fn stage<'p>(&self, path: &'p str) -> Option<(&Stage, &'p str)> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let end = rest.find('/').unwrap_or(rest.len());
        let named = self.stages.iter().find(|stage| stage.name == rest[..end] && stage.name != "$default");
        let default = || self.stages.iter().find(|stage| stage.name == "$default");
        match named {
            Some(stage) => Some((stage, if end == rest.len() { "/" } else { &rest[end..] })),
            None => default().map(|stage| (stage, path)),
        }
    }
}

/// The body, if the request keeps to the gateway's limits.
async fn read(parts: &Parts, body: Incoming) -> Result<Bytes, Refusal> {
    if head_size(parts) > HEAD {
        return Err(Refusal::HeadersTooLarge);
    }
    if body.size_hint().lower() > BODY as u64 {
        return Err(Refusal::TooLarge);
    }
    wire::body(body, BODY).await.map_err(|error| match error {
        BodyError::TooLarge => Refusal::TooLarge,
        BodyError::Broken => Refusal::BadRequest,
    })
}

/// The size of the request line and the headers as they came over the wire.
fn head_size(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = parts.method.as_str().len() + target + " ".len() + " HTTP/1.1\r\n".len();
    let header = |(name, value): (&hyper::header::HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    line + parts.headers.iter().map(header).sum::<usize>()
}
