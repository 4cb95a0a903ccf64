//! Calls that the operator of this machine makes of a service: a signed POST of JSON, as the services here take it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use serde_json::Value as Json;

use crate::Error;
use crate::http;
use crate::signature::{Scope, signed};

/// A service and where it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operator<'a> {
    /// `http://HOST:PORT`.
    pub(crate) endpoint: &'a str,
    pub(crate) region: &'a str,
    pub(crate) api: Api,
}

/// A service that is called here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Api {
    DynamoDb,
    Kms,
}

/// An error in the service's own words.
#[derive(Debug)]
pub(crate) struct Exception {
    /// Its name, without the namespace.
    pub(crate) kind: String,
    body: String,
}

impl Exception {
    /// The error of an attempt that this ends.
    pub(crate) fn doing(self, operation: &str, what: &str) -> Error {
        Error::new(format!("{operation} of {what}: {}", self.body))
    }
}

impl Operator<'_> {
    /// Calls an operation.
    pub(crate) async fn call(&self, operation: &str, body: &Json) -> Result<Result<Json, Exception>, Error> {
        let request = self.request(operation, body.to_string());
        let request = request.map_err(Error::doing(format!("signing {operation}")))?;
        let (status, answer) = http::send(request).await?;
        let parsed: Json = serde_json::from_slice(&answer).unwrap_or_default();
        if status == StatusCode::OK {
            return Ok(Ok(parsed));
        }
        let kind = parsed["__type"].as_str().unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default().to_owned();
        Ok(Err(Exception { kind, body: format!("{status} {}", String::from_utf8_lossy(&answer)) }))
    }

    fn request(
        &self,
        operation: &str,
        body: String,
    ) -> Result<Request<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
        let (service, target, content_type) = match self.api {
            Api::DynamoDb => ("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0"),
            Api::Kms => ("kms", "TrentService", "application/x-amz-json-1.1"),
        };
        let request = Request::post(format!("{}/", self.endpoint.trim_end_matches('/')))
            .header("content-type", content_type)
            .header("x-amz-target", format!("{target}.{operation}"));
        let (parts, ()) = request.body(())?.into_parts();
        signed(parts, body.into(), Scope { region: self.region, service })
    }
}
