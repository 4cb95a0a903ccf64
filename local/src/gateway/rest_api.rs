//! A REST API: payload format 1.0, the stage in the path, and answers of its own that its owner may word.
//!
//! Our own API is an HTTP API; this is here because other teams put our authorizer before REST APIs, whose caches, policies
//! and refusals differ: examples/rest-api runs on it, and tests that no cached answer opens another route.

mod responses;

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde_json::Value as Json;

use super::authorizer::{Authorizer, Denial};
use super::exchange::{Exchange, Question};
use super::integration::{self, NoAnswer};
use super::payload_v1;
use super::record::Record;
use super::response;
use super::router::{Found, Router};
use crate::Error;
use crate::runtime::Functions;
use crate::template::{self, Api, Deployment};
use crate::wire::{Reply, reply};
use responses::{Kind, Occasion, Responses};

/// The API of a stack.
#[derive(Debug)]
pub(super) struct RestApi {
    deployment: Deployment,
    router: Router,
    authorizers: BTreeMap<String, Authorizer>,
    responses: Responses,
    functions: Arc<Functions>,
}

/// A refusal, and what the authorizer said.
type Refused = (Kind, Json);

impl RestApi {
    /// Nothing has been asked or remembered yet.
    pub(super) fn new(api: &Api, deployment: Deployment, functions: Arc<Functions>) -> Result<Self, Error> {
        let lambda = |(name, declared): (&String, &template::Authorizer)| match declared {
            template::Authorizer::Lambda(settings) => Some((name.clone(), Authorizer::new(settings.clone()))),
            template::Authorizer::Jwt(_) => None,
        };
        Ok(Self {
            deployment,
            router: Router::new(&api.routes, api.protocol)?,
            authorizers: api.authorizers.iter().filter_map(lambda).collect(),
            responses: Responses::new(api.responses.clone()),
            functions,
        })
    }

    /// The answer to a request.
    pub(super) async fn answer(&self, exchange: &Exchange<'_>, record: &mut Record) -> Reply {
        let found = self.router.find(&exchange.method, exchange.raw_path);
        let outcome = match &found {
            Some(found) => self.respond(exchange, found, record).await,
            None => Err((Kind::MissingAuthenticationToken, Json::Null)),
        };
        let mut reply = outcome.unwrap_or_else(|(kind, authorizer)| {
            let occasion = Occasion { exchange, found: found.as_ref(), authorizer: &authorizer };
            self.responses.reply(kind, &occasion)
        });
        if let Ok(id) = HeaderValue::from_str(exchange.request_id) {
            reply.headers_mut().insert("x-amzn-requestid", id);
        }
        reply
    }

    async fn respond(&self, exchange: &Exchange<'_>, found: &Found<'_>, record: &mut Record) -> Result<Reply, Refused> {
        let authorizer = self.authorize(exchange, found, record).await?;
        let event = payload_v1::event(exchange, found, authorizer.as_ref());
        let payload = integration::call(&self.functions, found, &event, record).await;
        let payload = payload.map_err(|no_answer| (Kind::from(no_answer), Json::Null))?;
        response::of_rest_api(&payload).ok_or((Kind::BadGateway, Json::Null))
    }

    async fn authorize(
        &self,
        exchange: &Exchange<'_>,
        found: &Found<'_>,
        record: &mut Record,
    ) -> Result<Option<Json>, Refused> {
        let Some(name) = &found.route.authorizer else { return Ok(None) };
        let unknown = (Kind::AuthorizerConfigurationError, Json::Null);
        let authorizer = self.authorizers.get(name).ok_or(unknown)?;
        let arn = &self.deployment.arn("execute-api", &exchange.resource(exchange.raw_path));
        let question = Question { exchange, found, arn };
        let context = authorizer.decide(&question, &self.functions, &mut record.asked).await;
        record.function = record.asked.map(|_| authorizer.function().to_owned());
        context.map(Some).map_err(|denial| match denial {
            Denial::Unidentified | Denial::Unauthorized => (Kind::Unauthorized, Json::Null),
            Denial::Denied { explicitly, context } => (Kind::AccessDenied { explicitly }, context),
            Denial::Broken => (Kind::AuthorizerConfigurationError, Json::Null),
            Denial::Late => (Kind::AuthorizerFailure, Json::Null),
        })
    }
}

impl From<NoAnswer> for Kind {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::TooLarge => Self::RequestTooLarge,
            NoAnswer::Late => Self::IntegrationTimeout,
            NoAnswer::Failed => Self::BadGateway,
        }
    }
}

/// The answer to a path that begins with no stage. It belongs to no API, so nobody can word it.
pub(super) fn no_stage() -> Reply {
    reply(StatusCode::FORBIDDEN, "application/json", r#"{"message":"Forbidden"}"#)
}
