//! The decision, which is the same for every shape of event: token → keys → claims → revocations → rules.

use jwt::{AccessClaims, Refused, Verifier};
use oauth::Time;

use crate::answer::{Answer, Failure};
use crate::event::{Event, Shape};
use crate::keys::Keys;
use crate::need::Valid;
use crate::request::Request;
use crate::revoked::Revocations;
use crate::rules::Rules;
use crate::settings::{Format, Settings};
use crate::stage::Stage;
use crate::verdict::Verdict;
use crate::{http_api, http_api_v1, rest_request, rest_token, websocket};

/// Answers events. One instance per process.
#[derive(Debug)]
pub struct Authorizer {
    /// Accepts tokens for any audience: the issuer makes them for declared resources only. The audience of the calling API is
    /// checked afterwards.
    verifier: Verifier,
    /// The accepted audiences, for APIs that do not declare their own.
    audiences: Vec<String>,
    keys: Keys,
    revocations: Revocations,
    rules: Rules,
    format: Format,
}

impl Authorizer {
    /// An authorizer without keys and revocations. It fetches both when they are first needed.
    pub fn new(settings: Settings) -> Self {
        Self {
            verifier: Verifier::for_any_audience(settings.issuer).leeway(settings.leeway),
            audiences: settings.audiences,
            keys: Keys::new(settings.source.clone()),
            revocations: Revocations::new(settings.source, settings.revocation_seconds),
            rules: settings.rules,
            format: settings.format,
        }
    }

    /// Answers one event. `now` decides whether a token has expired and whether cached keys are fresh.
    ///
    /// Lambda counts every failure as an error, including `Unauthorized`, which anybody can cause. Real faults write a
    /// log line of their own, which template.yaml counts for the alarm `AuthorizerErrors`.
    pub async fn answer(&self, event: Event, now: Time) -> Result<Answer, Failure> {
        let answer = self.decide(event, now).await;
        if let Err(failure @ (Failure::Keys(_) | Failure::Revocations(_))) = &answer {
            tracing::error!(%failure, "tokens cannot be verified");
        }
        answer
    }

    async fn decide(&self, event: Event, now: Time) -> Result<Answer, Failure> {
        let shape = event.shape()?;
        let request = match shape {
            Shape::HttpApi => http_api::request(&event),
            Shape::HttpApiV1 | Shape::RestRequest => Request::of_method(&event),
            Shape::RestToken => rest_token::request(&event),
            Shape::WebSocket => websocket::request(&event),
        }?;
        let mut stage = Stage::of(&event)?;
        let rules = &*self.rules.with(std::mem::take(&mut stage.rules));
        let verdict = self.judge((&request, &stage, rules), now).await?;
        match shape {
            Shape::HttpApi => http_api::answer(verdict, &request, rules, self.format),
            Shape::HttpApiV1 => http_api_v1::answer(verdict, &request, rules),
            Shape::RestToken => rest_token::answer(verdict, &request, rules),
            Shape::RestRequest => rest_request::answer(verdict, &request, rules),
            Shape::WebSocket => websocket::answer(verdict, &request, rules),
        }
    }

    async fn judge(
        &self,
        (request, stage, rules): (&Request<'_>, &Stage, &Rules),
        now: Time,
    ) -> Result<Verdict, Failure> {
        let Some(token) = request.token else {
            tracing::info!("denied: no bearer token");
            return Ok(Verdict::Unproven);
        };
        Ok(match self.verify(token, now).await? {
            Err(reason) => {
                tracing::info!(%reason, "refused");
                Verdict::Unproven
            }
            Ok(claims) if !stage.is_audience_of(&claims, &self.audiences) => {
                tracing::info!(client_id = claims.client_id, "denied: the token is for another audience");
                Verdict::Unproven
            }
            Ok(claims) if self.is_revoked(&claims, now).await? => {
                tracing::info!(client_id = claims.client_id, "refused: revoked");
                Verdict::Unproven
            }
            Ok(claims) => suffices(Valid { claims, now }, request, rules),
        })
    }

    /// Verifies with the cached keys. If the key is unknown, it may be newer, so the keys are fetched again.
    async fn verify(&self, token: &str, now: Time) -> Result<Result<AccessClaims, Refused>, Failure> {
        let keys = self.keys.current(now).await.map_err(Failure::Keys)?;
        match self.verifier.verify(token, &keys, now) {
            Err(Refused::UnknownKey) => {
                let newest = self.keys.newest(now).await.map_err(Failure::Keys)?;
                Ok(self.verifier.verify(token, &newest, now))
            }
            answer => Ok(answer),
        }
    }

    /// Called only for valid tokens, so that callers without one cannot trigger a fetch.
    async fn is_revoked(&self, claims: &AccessClaims, now: Time) -> Result<bool, Failure> {
        Ok(self.revocations.current(now).await.map_err(Failure::Revocations)?.covers(claims))
    }
}

/// Whether a valid token is sufficient for the request.
fn suffices(token: Valid, request: &Request<'_>, rules: &Rules) -> Verdict {
    if rules.allow(request, &token) {
        return Verdict::Allowed(token);
    }
    let error = rules.lack(&token, Some(request)).word();
    tracing::info!(client_id = token.claims.client_id, error, "denied: the token is not sufficient");
    Verdict::Insufficient(token)
}
