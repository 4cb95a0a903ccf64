//! A Lambda function that verifies access tokens itself, without an authorizer and without the AWS SDK.

use std::time::{SystemTime, UNIX_EPOCH};

use jwt::{AccessClaims, KeySet, Refused, Verifier};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use oauth::Time;
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// How long keys are cached, in seconds, and the pause between two fetches that unknown keys cause.
const KEPT: u64 = 300;
const PAUSE: u64 = 10;

struct Guard {
    issuer: String,
    scope: String,
    verifier: Verifier,
    keys: Mutex<Option<(Time, KeySet)>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (issuer, audience) = (std::env::var("ISSUER")?, std::env::var("AUDIENCE")?);
    let verifier = Verifier::new(issuer.clone(), [audience]);
    let guard = &Guard { issuer, scope: std::env::var("SCOPE")?, verifier, keys: Mutex::default() };
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| guard.answer(event.payload))).await
}

impl Guard {
    async fn answer(&self, event: Value) -> Result<Value, Error> {
        let authorization = event["headers"]["authorization"].as_str().unwrap_or_default();
        let Some(token) = authorization.strip_prefix("Bearer ") else { return Ok(refusal(401, "Bearer")) };
        Ok(match self.claims(token, now()).await? {
            Err(_) => refusal(401, r#"Bearer error="invalid_token""#),
            Ok(claims) if !claims.scope.contains(&self.scope) => refusal(403, r#"Bearer error="insufficient_scope""#),
            Ok(claims) => json!({"statusCode": 200, "body": json!({"sub": claims.sub}).to_string()}),
        })
    }

    /// The outer error means that the issuer cannot be reached, which is not the caller's fault.
    async fn claims(&self, token: &str, now: Time) -> Result<Result<AccessClaims, Refused>, Error> {
        let mut held = self.keys.lock().await;
        if held.as_ref().is_none_or(|(since, _)| now >= since.plus(KEPT)) {
            *held = Some((now, self.fetch().await?));
        }
        let verify = |held: &Option<(Time, KeySet)>| match held {
            Some((_, keys)) => self.verifier.verify(token, keys, now),
            None => Err(Refused::UnknownKey),
        };
        let unknown = matches!(verify(&held), Err(Refused::UnknownKey));
        if unknown && held.as_ref().is_none_or(|(since, _)| now >= since.plus(PAUSE)) {
            *held = Some((now, self.fetch().await?));
        }
        Ok(verify(&held))
    }

    async fn fetch(&self) -> Result<KeySet, Error> {
        let answer = reqwest::get(format!("{}/.well-known/jwks.json", self.issuer)).await?.error_for_status()?;
        Ok(KeySet::from_json(&answer.bytes().await?)?)
    }
}

fn refusal(status: u16, challenge: &str) -> Value {
    json!({"statusCode": status, "headers": {"www-authenticate": challenge}})
}

#[expect(clippy::disallowed_methods, reason = "the only place that reads the clock, once per event")]
fn now() -> Time {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
