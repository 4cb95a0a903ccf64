//! API Gateway: an HTTP API with payload format 2.0 on `$default`, the unpleasant parts included.
//!
//! What it answers by itself, what it limits and how it describes a request are API Gateway's; a function that works
//! here works there. CORS and throttling are not emulated: the template may not configure the first.
//!
//! Nothing public settles these, so they are choices: routes are matched on the decoded path; a head that is too large
//! is a 431; a body of a text type that is not UTF-8 travels in base64; a method outside the seven that routes know is
//! a 404; an authorizer that gives no context makes `lambda` null.

mod answer;
mod authorizer;
mod exchange;
mod policy;
mod record;
mod refusal;
mod router;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::Error;
use crate::console::Console;
use crate::http::{self, BodyError, Reply, Task};
use crate::ids;
use crate::runtime::{Functions, PAYLOAD};
use crate::template::{Deployment, Template};
use authorizer::{Authorizer, Question};
use exchange::{Exchange, Facts};
use record::Record;
use refusal::Refusal;
use router::{Found, Router};

/// Request line and headers together.
const HEAD: usize = 10_240;
/// The body of a request.
const BODY: usize = 10 * 1024 * 1024;

/// The gateway of one stack.
#[derive(Debug)]
pub(crate) struct Gateway {
    facts: Facts,
    deployment: Deployment,
    router: Router,
    authorizers: BTreeMap<String, Authorizer>,
    functions: Arc<Functions>,
    console: Console,
}

impl Gateway {
    /// A gateway that answers on `address`.
    pub(crate) fn new(
        template: &Template,
        deployment: Deployment,
        address: SocketAddr,
        functions: Arc<Functions>,
        console: Console,
    ) -> Result<Self, Error> {
        let facts = Facts {
            account: deployment.account.clone(),
            api: template.api.clone(),
            domain: address.to_string(),
            port: address.port(),
        };
        let router = Router::new(&template.routes)?;
        let authorizers = Authorizer::all(&template.authorizers);
        Ok(Self { facts, deployment, router, authorizers, functions, console })
    }

    /// Answers requests on a listener while the task lives.
    pub(crate) fn serve(self, listener: TcpListener) -> Task {
        let gateway = Arc::new(self);
        http::serve(listener, move |request, peer| Arc::clone(&gateway).answer(request, peer))
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let (began, request_id) = (Instant::now(), ids::gateway_request());
        let (parts, body) = request.into_parts();
        let mut record = Record::new(parts.method.as_str(), parts.uri.path());
        let mut reply = match read(&parts, body).await {
            Ok(body) => {
                let exchange = Exchange::new(&self.facts, &request_id, (&parts, body), peer, SystemTime::now());
                self.respond(&exchange, &mut record).await.unwrap_or_else(Refusal::reply)
            }
            Err(refusal) => refusal.reply(),
        };
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            reply.headers_mut().insert("apigw-requestid", id);
        }
        self.console.print(record.line(reply.status(), began.elapsed()));
        reply
    }

    async fn respond(&self, exchange: &Exchange<'_>, record: &mut Record) -> Result<Reply, Refusal> {
        let found = self.router.find(exchange.method(), exchange.path()).ok_or(Refusal::NotFound)?;
        let context = self.authorize(exchange, &found, record).await?;
        let event = exchange.event(&found, context.as_ref()).to_string();
        if event.len() > PAYLOAD {
            return Err(Refusal::TooLarge);
        }
        record.function = Some(found.route.function.clone());
        let invocation = self.functions.invoke(&found.route.function, Bytes::from(event));
        let invocation = timeout(found.route.timeout, invocation).await.map_err(|_| Refusal::Unavailable)?;
        record.start = Some(invocation.start);
        answer::map(&invocation.result.map_err(|_| Refusal::Internal)?)
    }

    async fn authorize(
        &self,
        exchange: &Exchange<'_>,
        found: &Found<'_>,
        record: &mut Record,
    ) -> Result<Option<Json>, Refusal> {
        let Some(id) = &found.route.authorizer else { return Ok(None) };
        let authorizer = self.authorizers.get(id).ok_or(Refusal::Internal)?;
        let resource = format!("{}/$default/{}{}", self.facts.api, exchange.method(), exchange.path());
        let route_arn = &self.deployment.arn("execute-api", &resource);
        let question = Question { exchange, found, route_arn };
        let context = authorizer.decide(&question, &self.functions, &mut record.asked).await;
        record.function = record.asked.map(|_| authorizer.function().to_owned());
        context.map(Some)
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
    http::body(body, BODY).await.map_err(|error| match error {
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
