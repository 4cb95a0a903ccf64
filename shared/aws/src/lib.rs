//! Services of AWS of which one operation is needed: a request that is signed here (Signature Version 4) and sent over
//! `fetch`. The SDK's client for such a service would be larger than all else in a function.
//!
//! A call is not repeated, because the service may have done what it was asked for although its answer was lost. The
//! caller decides.

mod refusal;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use fetch::{Connections, Roots};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use oauth::{Config, Error, Time};
use serde_json::Value;

pub use refusal::Refusal;

/// The time limit of a call, connection included.
const CALL: Duration = Duration::from_secs(10);
/// The time limit for opening a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const ANSWER: usize = 64 << 10;

/// What a service is called in different places.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// In signatures.
    pub signed: &'static str,
    /// In front of the region in its host name.
    pub host: &'static str,
    /// The variable with another endpoint.
    pub endpoint: &'static str,
}

/// A service in one region.
pub struct Api {
    name: &'static str,
    credentials: Credentials,
    region: String,
    endpoint: String,
    connections: Connections,
}

/// A call with a JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Service and operation, for the log.
    pub operation: &'static str,
    /// Where the operation is.
    pub path: &'a str,
    /// The headers that it needs.
    pub headers: &'a [(&'static str, &'a str)],
    /// What it is given.
    pub body: &'a Value,
}

impl Api {
    /// Reads the variables that Lambda sets, and the one with another endpoint. Opens no connection.
    pub fn read(names: Names, config: &Config) -> Result<Self, Error> {
        let credentials = Credentials::new(
            config.required("AWS_ACCESS_KEY_ID")?,
            config.required("AWS_SECRET_ACCESS_KEY")?,
            config.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let region = config.required("AWS_REGION")?.to_owned();
        let endpoint = config.optional(names.endpoint).map(|url| url.trim_end_matches('/').to_owned());
        let connections = Connections::new(Roots::web(), CONNECT);
        Ok(Self {
            name: names.signed,
            endpoint: endpoint.unwrap_or_else(|| usual(names.host, &region)),
            credentials,
            region,
            connections: connections.map_err(|error| Error::fault("TLS").because(error))?,
        })
    }

    /// Calls the service: its answer, or why it refused. Without an answer it is an error.
    pub async fn call(&self, call: &Call<'_>, now: Time) -> Result<Result<Value, Refusal>, Error> {
        let request = self.request(call, now)?;
        let called = async {
            let response = self.connections.send(request, |_| {}).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER).collect().await.map_err(fetch::Error::Body)?;
            Ok::<_, fetch::Error>(Response::from_parts(head, body.to_bytes()))
        };
        let answer = tokio::time::timeout(CALL, called).await;
        let answer = answer.map_err(|error| Error::unavailable(call.operation, error))?;
        let answer = answer.map_err(|error| Error::unavailable(call.operation, error))?;
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        if answer.status().is_success() { Ok(Ok(body)) } else { Ok(Err(Refusal::read(&answer, &body))) }
    }

    fn request(&self, call: &Call<'_>, now: Time) -> Result<Request<Full<Bytes>>, Error> {
        let body = Bytes::from(call.body.to_string());
        let request = Request::post(format!("{}{}", self.endpoint, call.path));
        let request = call.headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.clone()));
        self.signed(request.map_err(|error| Error::fault(call.operation).because(error))?, &body, now)
    }

    /// The request with a signature.
    fn signed(&self, mut request: Request<Full<Bytes>>, body: &[u8], now: Time) -> Result<Request<Full<Bytes>>, Error> {
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.name)
            .time(SystemTime::UNIX_EPOCH + now.since_epoch())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| Error::fault("signing a call").because(error))?;
        let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(request.method().as_str(), uri, headers, SignableBody::Bytes(body));
        let signature = signable.and_then(|signable| sign(signable, &parameters.into()));
        let signature = signature.map_err(|error| Error::fault("signing a call").because(error))?;
        signature.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// Where a service answers in a region.
fn usual(host: &str, region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{host}.{region}.{domain}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn api(pairs: &[(&str, &str)]) -> Api {
        let lambda = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "t")];
        let all = lambda.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let names = Names { signed: "events", host: "events", endpoint: "AWS_ENDPOINT_URL_EVENTBRIDGE" };
        Api::read(names, &Config::from_pairs(all)).unwrap()
    }

    #[test]
    fn a_service_is_called_in_its_region_or_where_the_environment_says() {
        assert_eq!(api(&[("AWS_REGION", "eu-central-1")]).endpoint, "https://events.eu-central-1.amazonaws.com");
        assert_eq!(api(&[("AWS_REGION", "cn-north-1")]).endpoint, "https://events.cn-north-1.amazonaws.com.cn");
        let other = [("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:1/")];
        assert_eq!(api(&other).endpoint, "http://127.0.0.1:1");
    }

    #[test]
    fn a_signature_names_the_service_and_the_region_and_covers_what_says_the_operation() {
        let api = api(&[("AWS_REGION", "eu-central-1")]);
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "AWSEvents.PutEvents")];
        let call = Call { operation: "EventBridge PutEvents", path: "/", headers: &headers, body: &json!({}) };
        let request = api.request(&call, Time::from_seconds(1_795_512_600)).unwrap();
        let signature = request.headers()["authorization"].to_str().unwrap();
        assert!(signature.contains("Credential=A/20261124/eu-central-1/events/aws4_request"), "{signature}");
        for covered in ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"] {
            assert!(signature.contains(covered), "{covered}: {signature}");
        }
        assert_eq!(request.headers()["x-amz-date"], "20261124T093000Z");
    }
}
