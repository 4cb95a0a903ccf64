//! Signature Version 4, of requests as SDKs make them: made for the operator's calls, checked for everybody's.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as Signing;
use aws_sigv4::SigningOutput;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use hyper::http::request::Parts;
use hyper::http::uri::{Authority, PathAndQuery};
use time::{Date, Month, PrimitiveDateTime, Time};

use super::credentials::Credentials;

const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
/// How far the clock of a caller may be off, as in AWS.
const SKEW: Duration = Duration::from_mins(5);

/// Why a request proves no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It is not signed.
    Missing,
    /// Its signature is not of the form that it should have.
    Incomplete,
    /// These credentials are nobody's.
    Unknown,
    /// It was signed for another service or region.
    Elsewhere,
    /// It was not signed just now.
    Expired,
    /// The signature is not that of this request.
    Mismatch,
}

type Boxed = Box<dyn StdError + Send + Sync>;

/// Somebody who signs, and the service that the signature is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) region: &'a str,
    /// The service's name in signatures, for example `dynamodb`.
    pub(super) service: &'a str,
}

impl Signer<'_> {
    /// The request with a signature of this moment.
    pub(super) fn signed(&self, parts: Parts, body: Bytes) -> Result<Request<Full<Bytes>>, Boxed> {
        let names = parts.headers.keys().map(HeaderName::as_str);
        let covered: Vec<&str> = names.filter(|name| *name == CONTENT_TYPE || must_be_covered(name)).collect();
        let (instructions, _) = self.signature(SystemTime::now(), &parts, &covered, &body)?.into_parts();
        let mut request = Request::from_parts(parts, Full::new(body));
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    /// Signs a request over the `covered` headers that it has, and those that every signature covers.
    fn signature(
        &self,
        time: SystemTime,
        parts: &Parts,
        covered: &[&str],
        body: &[u8],
    ) -> Result<SigningOutput<SigningInstructions>, Boxed> {
        let Credentials { access_key_id: id, secret_access_key: secret, session_token } = self.credentials.clone();
        let identity = Signing::new(id, secret, session_token, None, "local").into();
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(time)
            .settings(settings)
            .build()?
            .into();
        let host = header(parts, HOST.as_str()).or(parts.uri.authority().map(Authority::as_str)).unwrap_or_default();
        let uri = format!("http://{host}{}", parts.uri.path_and_query().map_or("/", PathAndQuery::as_str));
        let headers = covered.iter().filter_map(|name| Some((*name, header(parts, name)?)));
        let request = SignableRequest::new(parts.method.as_str(), uri, headers, SignableBody::Bytes(body))?;
        Ok(sign(request, &parameters)?)
    }
}

/// What the `Authorization` header of a request claims.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) access_key_id: &'a str,
    region: &'a str,
    service: &'a str,
    covered: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads the header; says what is wrong with it otherwise.
    pub(crate) fn read(parts: &'a Parts) -> Result<Self, Rejection> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(Rejection::Missing)?;
        let claim = header.to_str().ok().and_then(|text| text.strip_prefix(ALGORITHM)).ok_or(Rejection::Incomplete)?;
        let field = |name: &str| claim.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
        let (Some(credential), Some(covered), Some(signature)) =
            (field("Credential"), field("SignedHeaders"), field("Signature"))
        else {
            return Err(Rejection::Incomplete);
        };
        let [access_key_id, _, region, service, "aws4_request"] = *credential.split('/').collect::<Vec<_>>() else {
            return Err(Rejection::Incomplete);
        };
        Ok(Self { access_key_id, region, service, covered: covered.split(';').collect(), signature })
    }

    /// Whether the credentials of `signer` made the claimed signature, just now and for its service, and it covers what AWS
    /// wants covered.
    pub(super) fn verify(&self, parts: &Parts, body: &[u8], signer: &Signer<'_>) -> Result<(), Rejection> {
        if (self.region, self.service) != (signer.region, signer.service) {
            return Err(Rejection::Elsewhere);
        }
        let covers = |name: &str| self.covered.contains(&name);
        if !parts.headers.keys().all(|name| covers(name.as_str()) || !must_be_covered(name.as_str())) {
            return Err(Rejection::Mismatch);
        }
        let time = header(parts, "x-amz-date").and_then(time_of).ok_or(Rejection::Incomplete)?;
        let now = SystemTime::now();
        let off = now.duration_since(time).or_else(|_| time.duration_since(now)).unwrap_or(Duration::MAX);
        if off > SKEW {
            return Err(Rejection::Expired);
        }
        let made = signer.signature(time, parts, &self.covered, body);
        let made = made.map_err(|_| Rejection::Incomplete)?;
        if made.signature() == self.signature { Ok(()) } else { Err(Rejection::Mismatch) }
    }
}

impl Rejection {
    /// The exception and what it says, in AWS's words.
    pub(crate) fn exception(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
            Self::Incomplete => {
                ("IncompleteSignatureException", "The Authorization header or X-Amz-Date is not understood.")
            }
            Self::Unknown => ("UnrecognizedClientException", "The security token included in the request is invalid."),
            Self::Elsewhere => (
                "InvalidSignatureException",
                "Credential should be scoped to this service and to the region of this stack.",
            ),
            Self::Expired => ("InvalidSignatureException", "Signature expired or not yet current."),
            Self::Mismatch => (
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided.",
            ),
        }
    }
}

/// Whether AWS wants a header covered, if a request has it.
fn must_be_covered(name: &str) -> bool {
    name == HOST || name.starts_with("x-amz-")
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// `20261124T093000Z` as a time.
fn time_of(text: &str) -> Option<SystemTime> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u8>().ok();
    let (year, month) = (text.get(0..4)?.parse().ok()?, Month::try_from(number(4..6)?).ok()?);
    let date = Date::from_calendar_date(year, month, number(6..8)?).ok()?;
    let time = Time::from_hms(number(9..11)?, number(11..13)?, number(13..15)?).ok()?;
    (text.get(8..9)? == "T" && text.get(15..)? == "Z").then(|| PrimitiveDateTime::new(date, time).assume_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(secret: &str) -> Credentials {
        Credentials { session_token: Some("t".into()), ..Credentials::new("A", secret) }
    }

    fn signer(credentials: &Credentials) -> Signer<'_> {
        Signer { credentials, region: "us-east-1", service: "dynamodb" }
    }

    /// A request that somebody with this secret signs, and what was signed.
    fn request(secret: &str) -> Parts {
        let request = Request::post("http://127.0.0.1:1/").header("host", "127.0.0.1:1").header("x-amz-target", "T.Op");
        let mut request = request.body(()).expect("a request");
        let parts = request.clone().into_parts().0;
        let credentials = credentials(secret);
        let made = signer(&credentials).signature(SystemTime::now(), &parts, &["host", "x-amz-target"], b"{}");
        made.expect("a signature").into_parts().0.apply_to_request_http1x(&mut request);
        request.into_parts().0
    }

    fn verdict(parts: &Parts, body: &[u8]) -> Result<(), Rejection> {
        Claim::read(parts)?.verify(parts, body, &signer(&credentials("right")))
    }

    #[test]
    fn a_signature_is_good_for_one_service_in_one_region() {
        let parts = request("right");
        let claim = Claim::read(&parts).expect("it is signed");
        let credentials = credentials("right");
        let usual = signer(&credentials);
        for other in [Signer { service: "kms", ..usual }, Signer { region: "eu-central-1", ..usual }] {
            assert_eq!(claim.verify(&parts, b"{}", &other), Err(Rejection::Elsewhere), "{other:?}");
        }
    }

    #[test]
    fn only_the_holder_of_the_secret_signs_and_only_what_was_sent() {
        assert_eq!(verdict(&request("right"), b"{}"), Ok(()));
        assert_eq!(verdict(&request("wrong"), b"{}"), Err(Rejection::Mismatch));
        assert_eq!(verdict(&request("right"), b"{ }"), Err(Rejection::Mismatch));
        for (name, value) in [("x-amz-target", "T.Other"), ("host", "127.0.0.1:2"), ("x-amz-security-token", "u")] {
            let mut changed = request("right");
            changed.headers.insert(name, value.parse().expect("a value"));
            // What the credentials say of the token is what is signed, so another token in the request is not seen here:
            // `Identities` compares it.
            let expected = if name == "x-amz-security-token" { Ok(()) } else { Err(Rejection::Mismatch) };
            assert_eq!(verdict(&changed, b"{}"), expected, "{name}");
        }
    }

    #[test]
    fn what_is_signed_here_covers_all_that_is_asked_for() {
        let request = Request::post("http://127.0.0.1:1/").header("x-amz-user-agent", "sdk").header("accept", "*/*");
        let credentials = credentials("right");
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let signed = signer(&credentials).signed(parts, Bytes::from_static(b"{}")).expect("it is signed");
        let mut parts = signed.into_parts().0;
        parts.headers.insert("host", "127.0.0.1:1".parse().expect("a value")); // as the client of HTTP adds it
        assert_eq!(verdict(&parts, b"{}"), Ok(()));
    }

    #[test]
    fn what_aws_wants_covered_must_be_covered() {
        let mut more = request("right");
        more.headers.insert("x-amz-more", "x".parse().expect("a value"));
        assert_eq!(verdict(&more, b"{}"), Err(Rejection::Mismatch));
    }

    #[test]
    fn an_old_signature_and_none_are_told_apart() {
        let mut old = request("right");
        old.headers.insert("x-amz-date", "20200101T000000Z".parse().expect("a value"));
        assert_eq!(verdict(&old, b"{}"), Err(Rejection::Expired));
        old.headers.insert("authorization", "Bearer x".parse().expect("a value"));
        assert_eq!(verdict(&old, b"{}"), Err(Rejection::Incomplete));
        old.headers.remove("authorization");
        assert_eq!(verdict(&old, b"{}"), Err(Rejection::Missing));
    }

    #[test]
    fn a_time_has_one_form() {
        let time = time_of("20261124T093000Z").expect("a time");
        assert_eq!(time.duration_since(SystemTime::UNIX_EPOCH).expect("after it").as_secs(), 1_795_512_600);
        for text in ["", "20261124T093000", "2026-11-24T09:30:00Z", "20261324T093000Z", "20261124T253000Z"] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }
}
