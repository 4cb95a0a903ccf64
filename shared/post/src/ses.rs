//! Amazon SES: one operation of its v2 API, `SendEmail` with a raw message.
//!
//! The call is signed here and sent over `fetch`: the SDK's client for SES would be the largest crate of the workspace.
//! It is not repeated, because SES may have taken the message whose answer was lost; the caller decides.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fetch::{Connections, Roots};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use lettre::Message;
use oauth::{Config, Error, Time};
use serde_json::{Value, json};

use crate::Sent;

/// The time limit of a call, connection included.
const CALL: Duration = Duration::from_secs(10);
/// The time limit for opening a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const ANSWER: usize = 64 << 10;
/// Refusals of this message and of no other. Everything else is a matter of the account and can pass.
const FINAL: [&str; 2] = ["MessageRejected", "BadRequestException"];

/// Amazon SES in one region.
pub struct Ses {
    credentials: Credentials,
    region: String,
    endpoint: String,
    /// Tells SES where to report bounces.
    configuration_set: Option<String>,
    connections: Connections,
}

impl Ses {
    /// Reads the variables that Lambda sets, `MAIL_CONFIGURATION_SET`, and for another endpoint `AWS_ENDPOINT_URL_SESV2`.
    /// Opens no connection.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let credentials = Credentials::new(
            config.required("AWS_ACCESS_KEY_ID")?,
            config.required("AWS_SECRET_ACCESS_KEY")?,
            config.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let region = config.required("AWS_REGION")?.to_owned();
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = config.optional("AWS_ENDPOINT_URL_SESV2").map(|url| url.trim_end_matches('/').to_owned());
        let connections = Connections::new(Roots::web(), CONNECT);
        Ok(Self {
            endpoint: endpoint.unwrap_or_else(|| format!("https://email.{region}.{domain}")),
            credentials,
            region,
            configuration_set: config.optional("MAIL_CONFIGURATION_SET").map(str::to_owned),
            connections: connections.map_err(|error| Error::fault("TLS").because(error))?,
        })
    }

    pub(crate) async fn send(&self, message: &Message, now: Time) -> Result<Sent, Error> {
        let request = self.request(message, now)?;
        let called = async {
            let response = self.connections.send(request, |_| {}).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER).collect().await.map_err(fetch::Error::Body)?;
            Ok::<_, fetch::Error>(Response::from_parts(head, body.to_bytes()))
        };
        let answer = tokio::time::timeout(CALL, called).await;
        let answer = answer.map_err(|error| Error::unavailable("SES SendEmail", error))?;
        judged(&answer.map_err(|error| Error::unavailable("SES SendEmail", error))?)
    }

    fn request(&self, message: &Message, now: Time) -> Result<Request<Full<Bytes>>, Error> {
        let to: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        let mut body = json!({
            "Content": {"Raw": {"Data": STANDARD.encode(message.formatted())}},
            "Destination": {"ToAddresses": to},
        });
        body["FromEmailAddress"] = message.envelope().from().map(ToString::to_string).into();
        if let Some(set) = &self.configuration_set {
            body["ConfigurationSetName"] = set.as_str().into();
        }
        let body = Bytes::from(body.to_string());
        let request = Request::post(format!("{}/v2/email/outbound-emails", self.endpoint));
        let request = request.header("content-type", "application/json").body(Full::new(body.clone()));
        self.signed(request.map_err(|error| Error::fault("calling SES").because(error))?, &body, now)
    }

    /// The request with a signature (Signature Version 4).
    fn signed(&self, mut request: Request<Full<Bytes>>, body: &[u8], now: Time) -> Result<Request<Full<Bytes>>, Error> {
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("ses")
            .time(SystemTime::UNIX_EPOCH + now.since_epoch())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| Error::fault("signing a call of SES").because(error))?;
        let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(request.method().as_str(), uri, headers, SignableBody::Bytes(body));
        let signature = signable.and_then(|signable| sign(signable, &parameters.into()));
        let signature = signature.map_err(|error| Error::fault("signing a call of SES").because(error))?;
        signature.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// What an answer means for the message.
fn judged(answer: &Response<Bytes>) -> Result<Sent, Error> {
    if answer.status().is_success() {
        return Ok(Sent::Taken);
    }
    let kind = answer.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(':').next().unwrap_or_default();
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let message = body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default();
    let said = format!("{} {kind}: {message}", answer.status().as_u16());
    if FINAL.contains(&kind) {
        Ok(Sent::Refused(said))
    } else {
        Err(Error::unavailable("SES SendEmail", Refusal(said)))
    }
}

/// SES takes no message at present.
#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_of_the_message_itself_are_final() {
        let answer = |status: u16, kind: &str| {
            let answer = Response::builder().status(status).header("x-amzn-errortype", kind);
            judged(&answer.body(Bytes::from_static(br#"{"message":"no"}"#)).unwrap())
        };
        assert_eq!(answer(200, "").unwrap(), Sent::Taken);
        for kind in ["MessageRejected", "BadRequestException:http://internal.amazon.com/coral/"] {
            assert!(matches!(answer(400, kind).unwrap(), Sent::Refused(said) if said.contains(": no")), "{kind}");
        }
        for (status, kind) in [
            (429, "TooManyRequestsException"),
            (400, "SendingPausedException"),
            (400, "AccountSuspendedException"),
            (400, "MailFromDomainNotVerifiedException"),
            (404, "NotFoundException"),
            (403, "AccessDeniedException"),
            (500, ""),
        ] {
            assert!(answer(status, kind).is_err(), "{kind}");
        }
    }
}
