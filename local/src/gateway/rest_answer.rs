//! What a function returned, as a response of a REST API: payload format 1.0.
//!
//! The API has no binary media types, so a body is passed on as it is, in base64 if the function left it so.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING, WWW_AUTHENTICATE};
use serde_json::{Map, Value as Json};

use crate::http::{Reply, reply};

/// What a `WWW-Authenticate` of a function becomes: only the gateway itself asks for credentials.
const REMAPPED: HeaderName = HeaderName::from_static("x-amzn-remapped-www-authenticate");

/// Maps the payload of a function; `None` for one that is no response.
pub(super) fn map(payload: &[u8]) -> Option<Reply> {
    let members: Map<String, Json> = serde_json::from_slice(payload).ok()?;
    let mut response = reply(status(members.get("statusCode")?)?, "application/json", body(members.get("body"))?);
    for (name, value) in entries(members.get("headers"))? {
        let (name, value) = header(name, value)?;
        if let Some(name) = passed_on(name) {
            response.headers_mut().insert(name, value);
        }
    }
    for (name, values) in entries(members.get("multiValueHeaders"))? {
        for (index, value) in values.as_array()?.iter().enumerate() {
            let (name, value) = header(name, value)?;
            match passed_on(name) {
                Some(name) if index == 0 => drop(response.headers_mut().insert(name, value)),
                Some(name) => drop(response.headers_mut().append(name, value)),
                None => {}
            }
        }
    }
    Some(response)
}

/// The status, as a number or as text.
fn status(value: &Json) -> Option<StatusCode> {
    let code = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

fn body(value: Option<&Json>) -> Option<Bytes> {
    match value {
        None | Some(Json::Null) => Some(Bytes::new()),
        Some(Json::String(body)) => Some(Bytes::from(body.clone())),
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

fn header(name: &str, value: &Json) -> Option<(HeaderName, HeaderValue)> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => value.to_string(),
        _ => return None,
    };
    Some((name.parse().ok()?, HeaderValue::from_bytes(text.as_bytes()).ok()?))
}

/// Under which name a header reaches the client, if it does.
fn passed_on(name: HeaderName) -> Option<HeaderName> {
    match name {
        CONNECTION | CONTENT_LENGTH | TRANSFER_ENCODING => None,
        WWW_AUTHENTICATE => Some(REMAPPED),
        name => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapped(payload: &Json) -> Option<Reply> {
        map(payload.to_string().as_bytes())
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
