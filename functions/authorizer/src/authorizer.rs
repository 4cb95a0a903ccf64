//! The decision, the same for every shape of event: token → keys → claims → scopes.

use jwt::{AccessClaims, Refused, Verifier};
use oauth::Time;

use crate::answer::{Answer, Failure};
use crate::event::{Event, Shape};
use crate::keys::Keys;
use crate::request::Request;
use crate::rules::Rules;
use crate::settings::{Format, Settings};
use crate::{http_api, http_api_v1, rest_request, rest_token, websocket};

/// Answers events. One for the life of the process.
#[derive(Debug)]
pub struct Authorizer {
    verifier: Verifier,
    keys: Keys,
    rules: Rules,
    format: Format,
}

/// What a request's token is worth.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Good for this request.
    Allowed(AccessClaims),
    /// Good, but without a scope that this request needs.
    LacksScope(AccessClaims),
    /// No token, or none that is good.
    Unproven,
}

impl Authorizer {
    /// An authorizer that has no keys yet: it fetches them when it first needs them.
    pub fn new(settings: Settings) -> Self {
        Self {
            verifier: Verifier::new(settings.issuer, settings.audiences).leeway(settings.leeway),
            keys: Keys::new(settings.source),
            rules: settings.rules,
            format: settings.format,
        }
    }

    /// Answers one event. `now` decides whether a token is still good and the keys still fresh.
    pub async fn answer(&self, event: Event, now: Time) -> Result<Answer, Failure> {
        let shape = event.shape()?;
        let request = match shape {
            Shape::HttpApi => http_api::request(&event),
            Shape::HttpApiV1 => http_api_v1::request(&event),
            Shape::RestToken => rest_token::request(&event),
            Shape::RestRequest => rest_request::request(&event),
            Shape::WebSocket => websocket::request(&event),
        }?;
        let verdict = self.judge(&request, now).await?;
        match shape {
            Shape::HttpApi => http_api::answer(verdict, &request, &self.rules, self.format),
            Shape::HttpApiV1 => http_api_v1::answer(verdict, &request, &self.rules),
            Shape::RestToken => rest_token::answer(verdict, &request, &self.rules),
            Shape::RestRequest => rest_request::answer(verdict, &request, &self.rules),
            Shape::WebSocket => websocket::answer(verdict, &request, &self.rules),
        }
    }

    async fn judge(&self, request: &Request<'_>, now: Time) -> Result<Verdict, Failure> {
        let Some(token) = request.token else {
            tracing::info!("refused: no bearer token");
            return Ok(Verdict::Unproven);
        };
        Ok(match self.verify(token, now).await? {
            Err(reason) => {
                tracing::info!(%reason, "refused");
                Verdict::Unproven
            }
            // What is revoked is asked here, once there is a list of it: after the proof, before the scopes.
            Ok(claims) if self.rules.allow(request, &claims.scope) => Verdict::Allowed(claims),
            Ok(claims) => {
                tracing::info!(client_id = claims.client_id, "refused: a scope is missing");
                Verdict::LacksScope(claims)
            }
        })
    }

    /// Verifies with the keys at hand; a key that they do not have may be newer than they are.
    async fn verify(&self, token: &str, now: Time) -> Result<Result<AccessClaims, Refused>, Failure> {
        let keys = self.keys.current(now).await?;
        match self.verifier.verify(token, &keys, now) {
            Err(Refused::UnknownKey) => Ok(self.verifier.verify(token, &*self.keys.newest(now).await?, now)),
            answer => Ok(answer),
        }
    }
}
