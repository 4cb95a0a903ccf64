//! The event: the members that a decision needs, and the API that sent it.
//!
//! All shapes are parsed into one struct of optional members, because only the members reveal the shape; all other
//! members are skipped. The typed events of `aws_lambda_events` would parse and copy all headers.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::answer::Failure;

/// An authorizer event of any shape.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    version: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    pub(crate) authorization_token: Option<String>,
    pub(crate) method_arn: Option<String>,
    pub(crate) route_arn: Option<String>,
    pub(crate) route_key: Option<String>,
    pub(crate) raw_path: Option<String>,
    headers: Option<Authorization>,
    multi_value_headers: Option<Authorization>,
    stage_variables: Option<BTreeMap<String, String>>,
    pub(crate) request_context: Option<RequestContext>,
}

/// The `requestContext`, whose members depend on the shape.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestContext {
    pub(crate) stage: Option<String>,
    pub(crate) resource_path: Option<String>,
    pub(crate) http: Option<Http>,
    event_type: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Http {
    pub(crate) method: String,
}

/// The type of the calling API, which decides the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    HttpApi,
    HttpApiV1,
    RestToken,
    RestRequest,
    WebSocket,
}

impl Event {
    /// Distinguishes the shapes by `version`, `type` and, for `WebSocket` APIs, the event type.
    pub(crate) fn shape(&self) -> Result<Shape, Failure> {
        let connects =
            self.request_context.as_ref().is_some_and(|context| context.event_type.as_deref() == Some("CONNECT"));
        match (self.version.as_deref(), self.kind.as_deref()) {
            (Some("2.0"), Some("REQUEST")) => Ok(Shape::HttpApi),
            (Some("1.0"), Some("REQUEST")) => Ok(Shape::HttpApiV1),
            (None, Some("TOKEN")) => Ok(Shape::RestToken),
            // Some recorded WebSocket events have a version.
            (_, Some("REQUEST")) if connects => Ok(Shape::WebSocket),
            (None, Some("REQUEST")) => Ok(Shape::RestRequest),
            _ => Err(Failure::Event("unknown version or type")),
        }
    }

    /// The stage variables of the calling API, as its owner set them. A `TOKEN` event never has any.
    pub(crate) fn stage_variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stage_variables.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of the `Authorization` header. `None` when there are several, because choosing one would be a guess.
    pub(crate) fn authorization(&self) -> Option<&str> {
        let every =
            self.multi_value_headers.as_ref().filter(|headers| !headers.0.is_empty()).or(self.headers.as_ref())?;
        match every.0.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }
}

/// Every value of the `Authorization` header, from `headers` (strings) or `multiValueHeaders` (arrays of strings).
/// Other headers are skipped.
#[derive(Clone, Debug)]
struct Authorization(Vec<String>);

impl<'de> Deserialize<'de> for Authorization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Authorization;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut headers: A) -> Result<Authorization, A::Error> {
        let mut values = Vec::new();
        while let Some(IsAuthorization(wanted)) = headers.next_key()? {
            if wanted {
                values.extend(headers.next_value::<Values>()?.0);
            } else {
                headers.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Authorization(values))
    }
}

/// Whether a header's name is `Authorization`, in any case.
struct IsAuthorization(bool);

impl<'de> Deserialize<'de> for IsAuthorization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = IsAuthorization;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a header")
            }

            fn visit_str<E>(self, name: &str) -> Result<IsAuthorization, E> {
                Ok(IsAuthorization(name.eq_ignore_ascii_case("authorization")))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// A string or an array of strings.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValuesVisitor;
        impl<'de> Visitor<'de> for ValuesVisitor {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, value: &str) -> Result<Values, E> {
                Ok(Values(vec![value.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_any(ValuesVisitor)
    }
}
