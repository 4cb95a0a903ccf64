//! An HTTP API's own authorizer for JWTs: RSA alone, keys from the issuer's discovery document, a scope of several. It is
//! here because docs/verify.md offers it as the way without our authorizer, and its template is run as it stands there.
//!
//! It looks at less than our verifiers do: no `typ`, `client_id` in place of a missing `aud`, and nothing that was revoked.
//! Here the issuer must be on this machine, over plain HTTP.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, UNIX_EPOCH};

use aws_lc_rs::signature::{self, RsaPublicKeyComponents};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use serde_json::{Map, Value as Json, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::exchange::Exchange;
use super::super::router::Found;
use super::refusal::Refusal;
use crate::template::JwtAuthorizer as Settings;
use crate::wire;

/// How long keys are kept.
const KEPT: Duration = Duration::from_hours(1);
/// How long the issuer may take for one document.
const PATIENCE: Duration = Duration::from_millis(1500);

/// An authorizer and the keys of its issuer.
#[derive(Debug)]
pub(super) struct JwtAuthorizer {
    settings: Settings,
    keys: Mutex<Option<(Instant, HashMap<String, Key>)>>,
}

/// Modulus and exponent.
type Key = RsaPublicKeyComponents<Vec<u8>>;

impl JwtAuthorizer {
    /// An authorizer that has no keys yet.
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, keys: Mutex::default() }
    }

    /// The context for the function behind the route: `{claims, scopes}`.
    pub(super) async fn decide(&self, exchange: &Exchange<'_>, found: &Found<'_>) -> Result<Json, Refusal> {
        let header = exchange.identity(&self.settings.identity, found).ok_or(Refusal::Unauthorized)?;
        let token = header.strip_prefix("Bearer ").unwrap_or(&header);
        let now = exchange.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = self.verified(token).await.map_err(Refusal::InvalidToken)?;
        self.check(&claims, now).map_err(Refusal::InvalidToken)?;
        let scope = claims.get("scope").or_else(|| claims.get("scp")).and_then(Json::as_str).unwrap_or_default();
        let wanted = &found.route.scopes;
        let held: Vec<&str> = scope.split(' ').filter(|held| wanted.iter().any(|wanted| wanted == held)).collect();
        if held.is_empty() && !wanted.is_empty() {
            return Err(Refusal::InsufficientScope);
        }
        let claims: BTreeMap<&String, String> = claims.iter().map(|(name, value)| (name, told(value))).collect();
        let scopes = if wanted.is_empty() { Json::Null } else { json!(held) };
        Ok(json!({"claims": claims, "scopes": scopes}))
    }

    async fn verified(&self, token: &str) -> Result<Map<String, Json>, &'static str> {
        const MALFORMED: &str = "the token is malformed";
        let (message, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
        let (header, claims) = message.split_once('.').ok_or(MALFORMED)?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| MALFORMED);
        let object = |part: &str| serde_json::from_slice::<Map<String, Json>>(&decode(part)?).map_err(|_| MALFORMED);
        let (header, claims) = (object(header)?, object(claims)?);
        let algorithm: &signature::RsaParameters = match header.get("alg").and_then(Json::as_str) {
            Some("RS256") => &signature::RSA_PKCS1_2048_8192_SHA256,
            Some("RS384") => &signature::RSA_PKCS1_2048_8192_SHA384,
            Some("RS512") => &signature::RSA_PKCS1_2048_8192_SHA512,
            _ => return Err("the algorithm is not based on RSA"),
        };
        let kid = header.get("kid").and_then(Json::as_str).ok_or("the token names no key")?;
        let key = self.key(kid).await.ok_or("the issuer publishes no such key")?;
        key.verify(algorithm, message.as_bytes(), &decode(signature)?).map_err(|_| "the signature does not fit")?;
        Ok(claims)
    }

    fn check(&self, claims: &Map<String, Json>, now: u64) -> Result<(), &'static str> {
        let seconds = |name: &str| claims.get(name).and_then(Json::as_u64);
        let text = |name: &str| claims.get(name).and_then(Json::as_str);
        let audience = claims.get("aud").or_else(|| claims.get("client_id"));
        let names: Vec<&str> = match audience {
            Some(Json::String(name)) => vec![name],
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        if text("iss") != Some(&self.settings.issuer) {
            return Err("the token has a different issuer");
        }
        if !names.iter().any(|name| self.settings.audience.iter().any(|wanted| wanted == name)) {
            return Err("the token does not have a valid audience");
        }
        if seconds("exp").is_none_or(|exp| exp <= now) {
            return Err("the token has expired");
        }
        let early = [seconds("nbf"), seconds("iat")].into_iter().flatten().any(|from| from > now);
        if early { Err("the token is not valid yet") } else { Ok(()) }
    }

    /// A key of the issuer's; one that is not known may be newer than the others.
    async fn key(&self, kid: &str) -> Option<Key> {
        let mut keys = self.keys.lock().await;
        let known = keys.as_ref().is_some_and(|(since, keys)| since.elapsed() < KEPT && keys.contains_key(kid));
        if !known && let Some(fetched) = self.fetch().await {
            *keys = Some((Instant::now(), fetched));
        }
        let (_, keys) = keys.as_ref()?;
        keys.get(kid).map(|key| Key { n: key.n.clone(), e: key.e.clone() })
    }

    async fn fetch(&self) -> Option<HashMap<String, Key>> {
        let discovery = get(&format!("{}/.well-known/openid-configuration", self.settings.issuer)).await?;
        let published = get(discovery["jwks_uri"].as_str()?).await?;
        let decode = |value: &Json| BASE64_URL_SAFE_NO_PAD.decode(value.as_str()?).ok();
        let read = |key: &Json| {
            let (n, e) = (decode(&key["n"])?, decode(&key["e"])?);
            Some((key["kid"].as_str()?.to_owned(), Key { n, e }))
        };
        Some(published["keys"].as_array()?.iter().filter_map(read).collect())
    }
}

async fn get(url: &str) -> Option<Json> {
    let request = Request::get(url).body(Full::<Bytes>::default()).ok()?;
    let answer = timeout(PATIENCE, wire::send(request)).await.ok()?.ok()?;
    (answer.status() == StatusCode::OK).then(|| serde_json::from_slice(answer.body()).ok())?
}

/// A claim as the event has it: text, whatever it was.
fn told(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(told).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}
