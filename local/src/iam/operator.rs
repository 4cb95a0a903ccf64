//! The operator of a service: signs calls of it, and knows by their signatures which calls are the operator's.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use serde_json::{Value as Json, json};

use super::credentials::Credentials;
use super::signature::{Claim, Rejection, Signer};
use crate::Error;
use crate::wire::{self, Reply};

/// A service of AWS that is called here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aws {
    DynamoDb,
    Kms,
    Lambda,
    Ses,
    EventBridge,
}

impl Aws {
    /// What signatures and actions call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Ses => "ses",
            Self::EventBridge => "events",
        }
    }

    /// What stands before the operation in `X-Amz-Target`; Lambda and SES name their operations in paths.
    fn target(self) -> &'static str {
        match self {
            Self::DynamoDb => "DynamoDB_20120810",
            Self::Kms => "TrentService",
            Self::EventBridge => "AWSEvents",
            Self::Lambda | Self::Ses => "",
        }
    }

    /// The type of what is sent and answered.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::DynamoDb => "application/x-amz-json-1.0",
            Self::Kms | Self::EventBridge => "application/x-amz-json-1.1",
            Self::Lambda | Self::Ses => "application/json",
        }
    }

    /// A refusal in the service's own form.
    pub(crate) fn refusal(self, kind: &str, message: &str) -> Reply {
        let body = match self {
            Self::DynamoDb => json!({"__type": format!("com.amazon.coral.service#{kind}"), "Message": message}),
            Self::Kms | Self::Lambda | Self::Ses | Self::EventBridge => json!({"__type": kind, "message": message}),
        };
        let mut reply = wire::reply(StatusCode::BAD_REQUEST, self.content_type(), body.to_string());
        if let (Self::Ses, Ok(kind)) = (self, HeaderValue::from_str(kind)) {
            reply.headers_mut().insert("x-amzn-errortype", kind);
        }
        reply
    }
}

/// The operator of one service, who may do everything there.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    pub(crate) service: Aws,
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
}

impl Operator {
    /// Somebody who signs calls of the same service.
    pub(super) fn signer<'a>(&'a self, credentials: &'a Credentials) -> Signer<'a> {
        Signer { credentials, region: &self.region, service: self.service.name() }
    }

    /// The request as the operator's.
    pub(crate) fn signed(&self, parts: Parts, body: Bytes) -> Result<Request<Full<Bytes>>, Error> {
        let signed = self.signer(&self.credentials).signed(parts, body);
        signed.map_err(Error::doing(format!("signing a call of {}", self.service.name())))
    }

    /// Whether a request is the operator's.
    pub(crate) fn check(&self, parts: &Parts, body: &[u8]) -> Result<(), Rejection> {
        let claim = Claim::read(parts)?;
        if claim.access_key_id != self.credentials.access_key_id {
            return Err(Rejection::Unknown);
        }
        claim.verify(parts, body, &self.signer(&self.credentials))
    }
}

/// A service where it answers, and its operator.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// `http://HOST:PORT`.
    pub(crate) endpoint: String,
    pub(crate) operator: Operator,
}

/// An error in the service's own words.
#[derive(Debug)]
pub(crate) struct Exception {
    /// Its name, without the namespace.
    pub(crate) kind: String,
    status: StatusCode,
    body: String,
}

impl Exception {
    /// Whether the service failed, and not its caller.
    pub(crate) fn is_fault(&self) -> bool {
        self.status.is_server_error()
    }

    /// The error of an attempt that this ends.
    pub(crate) fn doing(self, operation: &str, what: &str) -> Error {
        Error::new(format!("{operation} of {what}: {} {}", self.status, self.body))
    }
}

impl Upstream {
    /// Sends a call of DynamoDB or KMS as its operator's; `target` is what `X-Amz-Target` says.
    pub async fn send(&self, target: &str, body: Bytes) -> Result<Response<Bytes>, Error> {
        let request = Request::post(format!("{}/", self.endpoint.trim_end_matches('/')))
            .header("content-type", self.operator.service.content_type())
            .header("x-amz-target", target);
        let request = request.body(()).map_err(Error::doing(format!("calling {}", self.endpoint)))?;
        wire::send(self.operator.signed(request.into_parts().0, body)?).await
    }

    /// Calls an operation of DynamoDB or KMS.
    pub(crate) async fn call(&self, operation: &str, body: &Json) -> Result<Result<Json, Exception>, Error> {
        let target = format!("{}.{operation}", self.operator.service.target());
        let answer = self.send(&target, body.to_string().into()).await?;
        let (status, parsed) = (answer.status(), serde_json::from_slice::<Json>(answer.body()).unwrap_or_default());
        if status == StatusCode::OK {
            return Ok(Ok(parsed));
        }
        let kind = parsed["__type"].as_str().unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default().to_owned();
        Ok(Err(Exception { kind, status, body: String::from_utf8_lossy(answer.body()).into_owned() }))
    }
}
