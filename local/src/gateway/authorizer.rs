//! Lambda authorizers: which one is asked, and how long its answer is cached.
//!
//! The cache of a stage is keyed by the identity sources and nothing else, for all routes, exactly like the gateway's: if
//! the identity sources of two routes have the same values, both routes get the same answer. A cached policy is evaluated
//! for every request.

mod decision;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::timeout;

use super::exchange::{Identified, Question};
use super::{payload_v1, payload_v2};
use crate::runtime::{Failure, Functions, Start};
use crate::template::{AuthorizerPayload, LambdaAuthorizer};
use decision::{Decision, Ruling};

/// How long an authorizer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many answers one authorizer may have remembered before expired ones are cleared away.
const REMEMBERED: usize = 10_000;

/// An authorizer and what it has answered.
#[derive(Debug)]
pub(super) struct Authorizer {
    settings: LambdaAuthorizer,
    answers: Mutex<HashMap<Vec<String>, (Instant, Decision)>>,
}

/// How an answer came about, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It was remembered.
    Cached,
    /// The function was called.
    Called(Start),
}

/// Why a request may not pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Denial {
    /// An identity source is missing; nobody was asked.
    Unidentified,
    /// The authorizer failed with the message `Unauthorized`.
    Unauthorized,
    /// The authorizer's answer denies it.
    Denied {
        /// Whether a statement of a policy says so.
        explicitly: bool,
        /// What the authorizer has to say besides.
        context: Json,
    },
    /// The authorizer failed, or gave an answer that means nothing.
    Broken,
    /// The authorizer took too long.
    Late,
}

impl Authorizer {
    /// An authorizer that has not been asked anything.
    pub(super) fn new(settings: LambdaAuthorizer) -> Self {
        Self { settings, answers: Mutex::default() }
    }

    /// The function that decides.
    pub(super) fn function(&self) -> &str {
        &self.settings.function
    }

    /// The context for the function behind the route, or the refusal; `asked` describes how it was decided.
    pub(super) async fn decide(
        &self,
        question: &Question<'_>,
        functions: &Functions,
        asked: &mut Option<Asked>,
    ) -> Result<Json, Denial> {
        let Question { exchange, found, arn } = *question;
        let identity = self.settings.identity.iter().map(|source| exchange.identity(source, found));
        let identity: Vec<String> = identity.collect::<Option<_>>().ok_or(Denial::Unidentified)?;
        let key: Vec<String> = identity.iter().chain([&exchange.stage.name]).cloned().collect();
        let decision = if let Some(decision) = self.remembered(&key) {
            *asked = Some(Asked::Cached);
            decision
        } else {
            let decision = self.ask(&Identified { question, identity: &identity }, functions, asked).await?;
            self.remember(key, decision.clone());
            decision
        };
        match decision.ruling(arn) {
            Ruling::Allowed(context) => Ok(context),
            Ruling::Denied { explicitly, context } => Err(Denial::Denied { explicitly, context }),
        }
    }

    async fn ask(
        &self,
        identified: &Identified<'_>,
        functions: &Functions,
        asked: &mut Option<Asked>,
    ) -> Result<Decision, Denial> {
        let event = Bytes::from(self.event(identified).to_string());
        let invocation = timeout(PATIENCE, functions.invoke_published(&self.settings.function, event)).await;
        let invocation = invocation.map_err(|_| Denial::Late)?;
        *asked = Some(Asked::Called(invocation.start));
        let payload = invocation.result.map_err(|failure| match failure {
            Failure::Reported(error) if error["errorMessage"] == "Unauthorized" => Denial::Unauthorized,
            _ => Denial::Broken,
        })?;
        self.read(&payload).ok_or(Denial::Broken)
    }

    fn event(&self, identified: &Identified<'_>) -> Json {
        match self.settings.payload {
            AuthorizerPayload::HttpSimple | AuthorizerPayload::HttpPolicy => payload_v2::authorizer_event(identified),
            AuthorizerPayload::HttpV1 => payload_v1::http_event(identified),
            AuthorizerPayload::RestToken => payload_v1::token_event(identified),
            AuthorizerPayload::RestRequest => payload_v1::request_event(identified.question),
        }
    }

    fn read(&self, payload: &[u8]) -> Option<Decision> {
        match self.settings.payload {
            AuthorizerPayload::HttpSimple => Decision::simple(payload),
            AuthorizerPayload::HttpPolicy | AuthorizerPayload::HttpV1 => Decision::policy(payload),
            AuthorizerPayload::RestToken | AuthorizerPayload::RestRequest => Decision::policy(payload)?.flattened(),
        }
    }

    fn remembered(&self, key: &[String]) -> Option<Decision> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, decision) = answers.get(key)?;
        (Instant::now() < *until).then(|| decision.clone())
    }

    fn remember(&self, key: Vec<String>, decision: Decision) {
        if self.settings.ttl.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.retain(|_, (until, _)| now < *until);
        }
        answers.insert(key, (now + self.settings.ttl, decision));
    }
}
