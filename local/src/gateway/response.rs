//! What a function returned, as an HTTP response. The two kinds of API agree on what a status, a body and a header are, and
//! on little else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use serde_json::{Map, Value as Json};

use crate::wire::{Reply, reply};

/// What a `WWW-Authenticate` of a function becomes in a REST API: only the gateway itself asks for credentials.
const REMAPPED: HeaderName = HeaderName::from_static("x-amzn-remapped-www-authenticate");

/// The response of an HTTP API, payload format 2.0; `None` for a payload that is none. Without a `statusCode`, the whole
/// payload is the body of a 200.
pub(super) fn of_http_api(payload: &[u8]) -> Option<Reply> {
    match serde_json::from_slice(payload).ok()? {
        Json::Object(members) if members.contains_key("statusCode") => described(&members),
        Json::String(text) => Some(reply(StatusCode::OK, "application/json", text)),
        other => Some(reply(StatusCode::OK, "application/json", other.to_string())),
    }
}

/// The response that an object describes in payload format 2.0.
fn described(members: &Map<String, Json>) -> Option<Reply> {
    let status = status(members["statusCode"].as_u64()?)?;
    let body = text(members.get("body"))?;
    let body = match members.get("isBase64Encoded") {
        Some(Json::Bool(true)) => BASE64_STANDARD.decode(body).ok()?.into(),
        None | Some(Json::Bool(false) | Json::Null) => body,
        Some(_) => return None,
    };
    let mut response = reply(status, "text/plain;charset=UTF-8", body);
    for (name, value) in entries(members.get("headers"))? {
        let (name, value) = header(name, value)?;
        if !is_own(&name) {
            response.headers_mut().insert(name, value);
        }
    }
    for cookie in items(members.get("cookies"))? {
        response.headers_mut().append(SET_COOKIE, header_value(cookie)?);
    }
    if response.headers()[CONTENT_TYPE].is_empty() {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    Some(response)
}

/// The response of a REST API, payload format 1.0; `None` for a payload that is none. The API has no binary media types,
/// so a body is passed on as it is, in base64 if the function left it so.
pub(super) fn of_rest_api(payload: &[u8]) -> Option<Reply> {
    let members: Map<String, Json> = serde_json::from_slice(payload).ok()?;
    let code = members.get("statusCode")?;
    let status = status(code.as_u64().or_else(|| code.as_str()?.parse().ok())?)?;
    let mut response = reply(status, "application/json", text(members.get("body"))?);
    for (name, value) in entries(members.get("headers"))? {
        let (name, value) = header(name, value)?;
        if !is_own(&name) {
            response.headers_mut().insert(remapped(name), value);
        }
    }
    for (name, values) in entries(members.get("multiValueHeaders"))? {
        for (index, value) in values.as_array()?.iter().enumerate() {
            let (name, value) = header(name, value)?;
            if is_own(&name) {
                continue;
            }
            if index == 0 {
                response.headers_mut().insert(remapped(name), value);
            } else {
                response.headers_mut().append(remapped(name), value);
            }
        }
    }
    Some(response)
}

fn status(code: u64) -> Option<StatusCode> {
    let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

/// Text that may be missing; `None` for what is something else.
fn text(value: Option<&Json>) -> Option<Bytes> {
    match value {
        None | Some(Json::Null) => Some(Bytes::new()),
        Some(Json::String(text)) => Some(Bytes::from(text.clone())),
        Some(_) => None,
    }
}

/// The entries of an object that may be missing; `None` for what is something else.
fn entries(value: Option<&Json>) -> Option<Vec<(&String, &Json)>> {
    match value {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Object(entries)) => Some(entries.iter().collect()),
        Some(_) => None,
    }
}

/// The items of a list that may be missing; `None` for what is something else.
fn items(value: Option<&Json>) -> Option<&[Json]> {
    match value {
        None | Some(Json::Null) => Some(&[]),
        Some(Json::Array(items)) => Some(items),
        Some(_) => None,
    }
}

/// A header; `None` for what is none.
fn header(name: &str, value: &Json) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, header_value(value)?))
}

/// Whether a header is the gateway's own business, whatever a function says.
fn is_own(name: &HeaderName) -> bool {
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name)
}

fn header_value(value: &Json) -> Option<HeaderValue> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => value.to_string(),
        _ => return None,
    };
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

fn remapped(name: HeaderName) -> HeaderName {
    if name == WWW_AUTHENTICATE { REMAPPED } else { name }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapped(payload: &Json) -> Option<Reply> {
        of_rest_api(payload.to_string().as_bytes())
    }

    #[test]
    fn a_response_without_a_status_or_with_a_body_that_is_no_text_is_none() {
        for payload in [
            json!("ok"),
            json!({}),
            json!({"body": "ok"}),
            json!({"statusCode": "two hundred"}),
            json!({"statusCode": 200, "body": {}}),
            json!({"statusCode": 200, "headers": []}),
            json!({"statusCode": 200, "multiValueHeaders": {"a": "b"}}),
        ] {
            assert!(mapped(&payload).is_none(), "{payload}");
        }
        assert_eq!(mapped(&json!({"statusCode": "201"})).expect("a response").status(), 201);
    }

    #[test]
    fn headers_may_have_several_values_and_no_function_asks_for_credentials() {
        let payload = json!({
            "statusCode": 401,
            "headers": {"WWW-Authenticate": "Bearer", "X-One": 1, "content-length": "9"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "x-one": ["2"]},
        });
        let response = mapped(&payload).expect("a response");
        assert_eq!(response.headers()["x-amzn-remapped-www-authenticate"], "Bearer");
        assert!(!response.headers().contains_key(WWW_AUTHENTICATE) && !response.headers().contains_key(CONTENT_LENGTH));
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert_eq!(response.headers()["x-one"], "2", "of two, the list wins");
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}
