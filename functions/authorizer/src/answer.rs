//! The answers of the Lambda to API Gateway.

use std::fmt;

use aws_lambda_events::apigw::{
    ApiGatewayV2CustomAuthorizerIamPolicyResponse, ApiGatewayV2CustomAuthorizerSimpleResponse,
};
use lambda_runtime::Diagnostic;
use serde::Serialize;

use crate::Context;
use crate::published::Unreachable;

/// A decision, in one of the two forms that API Gateway reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Allowed or not, for this request only.
    Simple(ApiGatewayV2CustomAuthorizerSimpleResponse<Context>),
    /// An IAM policy for the whole API and stage. REST and WebSocket APIs use the same form.
    Policy(ApiGatewayV2CustomAuthorizerIamPolicyResponse<Context>),
}

/// The invocation ends with an error.
#[derive(Debug)]
pub enum Failure {
    /// Not a fault: REST and WebSocket APIs turn an error with exactly the message `Unauthorized` into a 401.
    Unauthorized,
    /// The issuer's keys are unavailable, so no token can be verified.
    Keys(Unreachable),
    /// The token is valid, but the issuer's list of revocations is unavailable or the last copy is too old.
    Revocations(Unreachable),
    /// A stage variable of the calling API is malformed.
    Stage(&'static str),
    /// The event is not a known authorizer event.
    Event(&'static str),
}

impl Answer {
    /// A simple response.
    pub(crate) fn simple(is_authorized: bool, context: Context) -> Self {
        let mut response = ApiGatewayV2CustomAuthorizerSimpleResponse::default();
        response.is_authorized = is_authorized;
        response.context = context;
        Self::Simple(response)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("Unauthorized"),
            Self::Keys(unreachable) => write!(f, "the issuer's keys {unreachable}"),
            Self::Revocations(unreachable) => write!(f, "the issuer's revocations {unreachable}"),
            Self::Stage(name) => write!(f, "the stage variable {name} of the calling API is malformed"),
            Self::Event(what) => write!(f, "not a known authorizer event: {what}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let error_type = match failure {
            Failure::Unauthorized => "Unauthorized",
            Failure::Keys(_) => "KeysUnreachable",
            Failure::Revocations(_) => "RevocationsUnreachable",
            Failure::Stage(_) => "StageVariable",
            Failure::Event(_) => "UnknownEvent",
        };
        Self { error_type: error_type.to_owned(), error_message: failure.to_string() }
    }
}
