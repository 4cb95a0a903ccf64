//! An HTTP API: payload format 2.0, and answers of its own that nobody can change.

mod jwt;
mod refusal;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::authorizer::{Authorizer, Denial};
use super::exchange::{Exchange, Question};
use super::integration::{self, NoAnswer};
use super::payload_v2;
use super::record::Record;
use super::response;
use super::router::{Found, Router};
use crate::Error;
use crate::runtime::Functions;
use crate::template::{self, Api, Deployment};
use crate::wire::Reply;
use jwt::JwtAuthorizer;
pub(super) use refusal::Refusal;

/// The API of a stack.
#[derive(Debug)]
pub(super) struct HttpApi {
    deployment: Deployment,
    router: Router,
    authorizers: BTreeMap<String, Gate>,
    functions: Arc<Functions>,
}

/// What stands before a route.
#[derive(Debug)]
enum Gate {
    Lambda(Authorizer),
    Jwt(JwtAuthorizer),
}

impl HttpApi {
    /// Nothing has been asked or remembered yet.
    pub(super) fn new(api: &Api, deployment: Deployment, functions: Arc<Functions>) -> Result<Self, Error> {
        let gate = |declared: &template::Authorizer| match declared {
            template::Authorizer::Lambda(settings) => Gate::Lambda(Authorizer::new(settings.clone())),
            template::Authorizer::Jwt(settings) => Gate::Jwt(JwtAuthorizer::new(settings.clone())),
        };
        let authorizers = api.authorizers.iter().map(|(name, declared)| (name.clone(), gate(declared))).collect();
        Ok(Self { deployment, router: Router::new(&api.routes, api.protocol)?, authorizers, functions })
    }

    /// The answer to a request.
    pub(super) async fn answer(&self, exchange: &Exchange<'_>, record: &mut Record) -> Reply {
        self.respond(exchange, record).await.unwrap_or_else(Refusal::reply)
    }

    async fn respond(&self, exchange: &Exchange<'_>, record: &mut Record) -> Result<Reply, Refusal> {
        let found = self.router.find(&exchange.method, exchange.raw_path).ok_or(Refusal::NotFound)?;
        let authorizer = self.authorize(exchange, &found, record).await?;
        let event = payload_v2::event(exchange, &found, authorizer.as_ref());
        let payload = integration::call(&self.functions, &found, &event, record).await?;
        response::of_http_api(&payload).ok_or(Refusal::Internal)
    }

    /// What the authorizer of a route has to say to the function behind it, under the name of its kind.
    async fn authorize(
        &self,
        exchange: &Exchange<'_>,
        found: &Found<'_>,
        record: &mut Record,
    ) -> Result<Option<Json>, Refusal> {
        let Some(id) = &found.route.authorizer else { return Ok(None) };
        match self.authorizers.get(id).ok_or(Refusal::Internal)? {
            Gate::Jwt(authorizer) => authorizer.decide(exchange, found).await.map(|jwt| Some(json!({"jwt": jwt}))),
            Gate::Lambda(authorizer) => {
                let arn = &self.deployment.arn("execute-api", &exchange.resource(&exchange.path()));
                let question = Question { exchange, found, arn };
                let context = authorizer.decide(&question, &self.functions, &mut record.asked).await;
                record.function = record.asked.map(|_| authorizer.function().to_owned());
                context.map(|context| Some(json!({"lambda": context}))).map_err(|denial| refusal(&denial))
            }
        }
    }
}

impl From<NoAnswer> for Refusal {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::TooLarge => Self::TooLarge,
            NoAnswer::Late => Self::Unavailable,
            NoAnswer::Failed => Self::Internal,
        }
    }
}

fn refusal(denial: &Denial) -> Refusal {
    match denial {
        Denial::Unidentified => Refusal::Unauthorized,
        Denial::Denied { .. } => Refusal::Forbidden,
        Denial::Unauthorized | Denial::Broken | Denial::Late => Refusal::Internal,
    }
}
