//! Lambda authorizers: who is asked, what is remembered, and for whom.
//!
//! The memory is keyed by the identity sources and by nothing else, for all routes of the API, exactly like the
//! gateway's: an authorizer whose identity sources do not tell two routes apart gives both the same answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::timeout;

use super::exchange::Exchange;
use super::policy::Decision;
use super::refusal::Refusal;
use super::router::Found;
use crate::runtime::{Functions, Start};
use crate::template;

/// How long an authorizer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many answers one authorizer may have remembered before expired ones are cleared away.
const REMEMBERED: usize = 10_000;

/// An authorizer and what it has answered.
#[derive(Debug)]
pub(super) struct Authorizer {
    settings: template::Authorizer,
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

/// What is asked: a request, the route it takes, and that route's ARN.
pub(super) struct Question<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) found: &'a Found<'a>,
    pub(super) route_arn: &'a str,
}

impl Authorizer {
    /// The authorizers of a template, with empty memories.
    pub(super) fn all(declared: &BTreeMap<String, template::Authorizer>) -> BTreeMap<String, Self> {
        let new = |settings: &template::Authorizer| Self { settings: settings.clone(), answers: Mutex::default() };
        declared.iter().map(|(id, settings)| (id.clone(), new(settings))).collect()
    }

    /// The function that decides.
    pub(super) fn function(&self) -> &str {
        &self.settings.function
    }

    /// The context for the function behind the route, or the refusal; `asked` tells how that came about.
    pub(super) async fn decide(
        &self,
        question: &Question<'_>,
        functions: &Functions,
        asked: &mut Option<Asked>,
    ) -> Result<Json, Refusal> {
        let key = &question.found.route.key;
        let identity = self.settings.identity.iter().map(|source| question.exchange.identity(source, key));
        let identity: Vec<String> = identity.collect::<Option<_>>().ok_or(Refusal::Unauthorized)?;
        let decision = match self.remembered(&identity) {
            Some(decision) => {
                *asked = Some(Asked::Cached);
                decision
            }
            None => self.ask(question, identity, functions, asked).await?,
        };
        decision.context_for(question.route_arn).cloned().ok_or(Refusal::Forbidden)
    }

    async fn ask(
        &self,
        question: &Question<'_>,
        identity: Vec<String>,
        functions: &Functions,
        asked: &mut Option<Asked>,
    ) -> Result<Decision, Refusal> {
        let Question { exchange, found, route_arn } = question;
        let event = exchange.authorizer_event(found, &identity, route_arn).to_string();
        let invocation = timeout(PATIENCE, functions.invoke(&self.settings.function, Bytes::from(event))).await;
        let invocation = invocation.map_err(|_| Refusal::Internal)?;
        *asked = Some(Asked::Called(invocation.start));
        let payload = invocation.result.map_err(|_| Refusal::Internal)?;
        let decision = Decision::read(&payload, self.settings.simple).ok_or(Refusal::Internal)?;
        self.remember(identity, decision.clone());
        Ok(decision)
    }

    fn remembered(&self, identity: &[String]) -> Option<Decision> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, decision) = answers.get(identity)?;
        (Instant::now() < *until).then(|| decision.clone())
    }

    fn remember(&self, identity: Vec<String>, decision: Decision) {
        if self.settings.ttl.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= REMEMBERED {
            answers.retain(|_, (until, _)| now < *until);
        }
        answers.insert(identity, (now + self.settings.ttl, decision));
    }
}
