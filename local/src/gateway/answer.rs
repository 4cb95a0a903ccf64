//! What a function returned, as an HTTP response: payload format 2.0.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE, TRANSFER_ENCODING};
use serde_json::{Map, Value as Json};

use super::refusal::Refusal;
use crate::http::{Reply, reply};

/// Maps the payload of a function. Without a `statusCode`, the whole payload is the body of a 200.
pub(super) fn map(payload: &[u8]) -> Result<Reply, Refusal> {
    let payload: Json = serde_json::from_slice(payload).map_err(|_| Refusal::Internal)?;
    match payload {
        Json::Object(members) if members.contains_key("statusCode") => response(&members),
        Json::String(text) => Ok(reply(StatusCode::OK, "application/json", text)),
        other => Ok(reply(StatusCode::OK, "application/json", other.to_string())),
    }
}

fn response(members: &Map<String, Json>) -> Result<Reply, Refusal> {
    let mut response = reply(status(&members["statusCode"])?, "text/plain;charset=UTF-8", body(members)?);
    if let Some(headers) = members.get("headers").filter(|headers| !headers.is_null()) {
        for (name, value) in headers.as_object().ok_or(Refusal::Internal)? {
            let name: HeaderName = name.parse().map_err(|_| Refusal::Internal)?;
            let value = header_value(value)?;
            if ![CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    if let Some(cookies) = members.get("cookies").filter(|cookies| !cookies.is_null()) {
        for cookie in cookies.as_array().ok_or(Refusal::Internal)? {
            response.headers_mut().append(SET_COOKIE, header_value(cookie)?);
        }
    }
    if response.headers()[CONTENT_TYPE].is_empty() {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    Ok(response)
}

fn status(value: &Json) -> Result<StatusCode, Refusal> {
    let code = value.as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| (200..600).contains(code));
    code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Refusal::Internal)
}

fn body(members: &Map<String, Json>) -> Result<Bytes, Refusal> {
    let body = match members.get("body") {
        None | Some(Json::Null) => return Ok(Bytes::new()),
        Some(Json::String(body)) => body,
        Some(_) => return Err(Refusal::Internal),
    };
    match members.get("isBase64Encoded") {
        Some(Json::Bool(true)) => BASE64_STANDARD.decode(body).map(Bytes::from).map_err(|_| Refusal::Internal),
        None | Some(Json::Bool(false) | Json::Null) => Ok(Bytes::from(body.clone())),
        Some(_) => Err(Refusal::Internal),
    }
}

fn header_value(value: &Json) -> Result<HeaderValue, Refusal> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        _ => return Err(Refusal::Internal),
    };
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Refusal::Internal)
}
