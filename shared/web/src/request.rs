//! A request as endpoints see it: decoded, limited in size, with a time and an id.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::HeaderMap;
pub use lambda_http::http::Method;
use oauth::{Code, Error, Parameters, Time};
use serde_json::Value;

use crate::edge::{Edge, Way};
use crate::fields::Fields;

/// Largest request body in bytes, after base64 decoding.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Tolerated difference between clocks in seconds, the same as in the authorizer.
const LEEWAY_SECONDS: u64 = 5;

/// One HTTP request.
pub struct Request {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: Body,
    source_ip: String,
    is_around_the_edge: bool,
    authorizer: Option<Value>,
    id: String,
    now: Time,
}

enum Body {
    Bytes(Vec<u8>),
    TooLarge,
    Malformed,
}

impl Request {
    /// Reads a payload-2.0 event. Never fails: problems of the body are reported by `refusal`.
    pub(crate) fn from_event(event: ApiGatewayV2httpRequest, lambda_request_id: &str, now: Time) -> Self {
        let context = event.request_context;
        Self {
            method: context.http.method,
            path: event.raw_path.unwrap_or_default(),
            query: event.raw_query_string.unwrap_or_default(),
            headers: event.headers,
            cookies: event.cookies.unwrap_or_default(),
            body: Body::decode(event.body.unwrap_or_default(), event.is_base64_encoded),
            source_ip: context.http.source_ip.unwrap_or_default(),
            is_around_the_edge: false,
            authorizer: context.authorizer.map(|authorizer| Value::Object(authorizer.fields.into_iter().collect())),
            id: context.request_id.unwrap_or_else(|| lambda_request_id.to_owned()),
            now,
        }
    }

    /// The same request with the address of the caller, if it came through the edge.
    pub(crate) fn arrived(mut self, edge: &Edge) -> Self {
        match edge.way(|name| self.header(name)) {
            Way::Edge(Some(address)) => self.source_ip = address,
            Way::Around => self.is_around_the_edge = true,
            // Limits for an address then count everybody behind one edge server together.
            Way::Edge(None) => tracing::warn!("the edge did not name the address of the viewer"),
            Way::Direct => {}
        }
        self
    }

    /// Why the request cannot be handled at all. `None` if it can.
    pub(crate) fn refusal(&self) -> Option<Error> {
        if self.is_around_the_edge {
            return Some(Error::new(Code::MisdirectedRequest, "the request did not come through the edge"));
        }
        match self.body {
            Body::Bytes(_) => None,
            Body::TooLarge => Some(Error::new(Code::PayloadTooLarge, "the body is too large")),
            Body::Malformed => {
                Some(Error::new(Code::InvalidRequest, "the body is not valid base64, although the event says so"))
            }
        }
    }

    /// The method. `HEAD` is shown as `GET`.
    pub fn method(&self) -> &Method {
        if self.is_head() { &Method::GET } else { &self.method }
    }

    /// Whether the request is a HEAD request.
    pub fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// A CORS preflight (Fetch standard, section 4.8), or a bare `OPTIONS`.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS
    }

    /// The path, percent-decoded by the gateway, without a stage.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query string as sent, without the question mark.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The parameters of the query string. Fails if one is repeated that may occur only once.
    pub fn query_parameters(&self) -> Result<Parameters, Error> {
        self.query_as_sent()?.each_once()
    }

    /// The parameters of the query string, including repeated ones, for callers that must first decide where to report
    /// them.
    pub fn query_as_sent(&self) -> Result<Parameters, Error> {
        Parameters::from_pairs(form_urlencoded::parse(self.query.as_bytes()))
    }

    /// A header's value. Several values are joined by commas, as in the gateway's event.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// A cookie's value, unless it is empty. Two cookies of one name count as none, because an attacker may have set
    /// one of them.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.cookies.iter().filter_map(|cookie| cookie.split_once('='));
        let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// Names and values of the cookies called `name` or `name-…`. Two cookies of one name count as none.
    pub(crate) fn cookies<'r>(&'r self, name: &str) -> impl Iterator<Item = (&'r str, &'r str)> {
        let belongs = move |known: &str| {
            let rest = known.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let names = self.cookies.iter().filter_map(|cookie| cookie.split_once('=')).map(|(known, _)| known);
        let mut names: Vec<&str> = names.filter(|known| belongs(known)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|known| Some((known, self.cookie(known)?)))
    }

    /// Whether the browser prefetches a page that the person may never open.
    pub fn is_prefetch(&self) -> bool {
        let says = |name| self.header(name).is_some_and(|purpose| purpose.contains("prefetch"));
        says("sec-purpose") || says("purpose")
    }

    /// The body's bytes, at most 64 KiB.
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Body::Bytes(bytes) => bytes,
            Body::TooLarge | Body::Malformed => &[],
        }
    }

    /// The members of a JSON object body. Fails with 415 for another media type and 400 for anything but a JSON object.
    pub fn json(&self) -> Result<Fields, Error> {
        if self.media_type().eq_ignore_ascii_case("application/json") {
            Fields::parse(self.body())
        } else {
            Err(Error::new(Code::UnsupportedMediaType, "content type"))
        }
    }

    /// The content type without its parameters.
    fn media_type(&self) -> String {
        let content_type = self.header("content-type").unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_owned()
    }

    /// The parameters of a form body (`application/x-www-form-urlencoded`), for OAuth endpoints. Fails if one is
    /// repeated that may occur only once.
    pub fn form(&self) -> Result<Parameters, Error> {
        self.form_as_sent()?.each_once()
    }

    /// The parameters of a form body, including repeated ones.
    pub fn form_as_sent(&self) -> Result<Parameters, Error> {
        if self.has_form() {
            Parameters::from_pairs(form_urlencoded::parse(self.body()))
        } else {
            Err(Error::parameter(
                "body",
                "wrong_media_type",
                "Send the parameters as application/x-www-form-urlencoded.",
            ))
        }
    }

    /// Whether the body is declared as a form.
    pub fn has_form(&self) -> bool {
        self.media_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// Whether a browser requests a page (RFC 9110 section 12.5.1). Browsers accept HTML, programs do not mention it.
    pub fn wants_page(&self) -> bool {
        let accept = self.header("accept").unwrap_or_default();
        accept.split(',').any(|range| range.split(';').next().unwrap_or_default().trim() == "text/html")
    }

    /// The access token in the `Authorization` header (RFC 6750 section 2.1). The scheme is case-insensitive.
    pub fn bearer(&self) -> Result<String, Error> {
        let header =
            self.header("authorization").ok_or_else(|| Error::new(Code::MissingToken, "no Authorization header"))?;
        match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim().to_owned()),
            _ => Err(Error::new(Code::MissingToken, "not the Bearer scheme")),
        }
    }

    /// The user agent, shortened to what is useful in a list.
    pub fn user_agent(&self) -> Option<String> {
        self.header("user-agent").map(|name| name.chars().take(200).collect())
    }

    /// The caller's address: from the gateway, or from the edge if it proved itself. Never from a header that a caller
    /// can write.
    pub fn source_ip(&self) -> &str {
        &self.source_ip
    }

    /// The context from the gateway's Lambda authorizer: an object of strings and numbers. `None` if no authorizer
    /// accepted this request: there is no context, it has no `sub`, or its token has expired since the gateway cached
    /// the answer.
    pub fn authorizer(&self) -> Option<&Value> {
        let lives = |exp: &Value| exp.as_u64().is_none_or(|exp| self.now.seconds() < exp + LEEWAY_SECONDS);
        self.authorizer.as_ref().filter(|context| context["sub"].is_string() && lives(&context["exp"]))
    }

    /// The request id in the response and in the log.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the request arrived.
    pub fn now(&self) -> Time {
        self.now
    }
}

impl Body {
    fn decode(text: String, is_base64: bool) -> Self {
        // Base64 is a third longer, so a text over this limit is not decoded.
        if text.len() > MAX_BODY_BYTES.div_ceil(3) * 4 || (!is_base64 && text.len() > MAX_BODY_BYTES) {
            return Self::TooLarge;
        }
        if !is_base64 {
            return Self::Bytes(text.into_bytes());
        }
        match STANDARD.decode(text) {
            Ok(bytes) if bytes.len() > MAX_BODY_BYTES => Self::TooLarge,
            Ok(bytes) => Self::Bytes(bytes),
            Err(_) => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(event: Value) -> Request {
        Request::from_event(serde_json::from_value(event).unwrap(), "lambda-id", Time::from_seconds(1))
    }

    fn event(body: &str, is_base64: bool, content_type: &str) -> Value {
        serde_json::json!({
            "version": "2.0", "routeKey": "ANY /register", "rawPath": "/register", "rawQueryString": "",
            "headers": {"content-type": content_type}, "body": body, "isBase64Encoded": is_base64,
            "requestContext": {"timeEpoch": 0, "requestId": "r", "http": {"method": "POST", "sourceIp": "192.0.2.1"}}
        })
    }

    #[test]
    fn a_body_is_read_as_text_and_from_base64() {
        let encoded = STANDARD.encode("{}");
        assert_eq!(request(event("{}", false, "application/json")).body(), b"{}");
        assert_eq!(request(event(&encoded, true, "application/json")).body(), b"{}");
    }

    #[test]
    fn a_body_that_is_too_large_or_malformed_base64_is_refused_before_the_handler() {
        let large = "x".repeat(MAX_BODY_BYTES + 1);
        let refused = |body: &str, base64| request(event(body, base64, "")).refusal().unwrap().code();
        assert_eq!(refused(&large, false), Code::PayloadTooLarge);
        assert_eq!(refused(&STANDARD.encode(&large), true), Code::PayloadTooLarge);
        assert_eq!(refused("%%%", true), Code::InvalidRequest);
        assert!(request(event(&STANDARD.encode(&large[1..]), true, "")).refusal().is_none());
    }

    #[test]
    fn only_json_counts_as_json() {
        for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(request(event("{}", false, content_type)).json().is_ok());
        }
        for content_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let refused = request(event("{}", false, content_type)).json().err().unwrap();
            assert_eq!(refused.code(), Code::UnsupportedMediaType);
        }
    }

    #[test]
    fn a_form_is_decoded_exactly_once() {
        let form = |body| request(event(body, false, "application/x-www-form-urlencoded")).form();
        let parameters = form("a=1+2&b=%C3%A9&c=&d").unwrap();
        assert_eq!((parameters.optional("a"), parameters.optional("b")), (Some("1 2"), Some("\u{e9}")));
        assert!(parameters.optional("c").is_none() && parameters.optional("d").is_none());
        assert!(form("scope=1&scope=1").is_err() && form("scope=1&%73cope=2").is_err() && form("a=%ff").is_err());
    }

    #[test]
    fn an_authorizer_context_without_a_subject_is_none() {
        let mut event = event("", false, "");
        assert!(request(event.clone()).authorizer().is_none());
        for context in
            [serde_json::json!({}), serde_json::json!({"lambda": {}}), serde_json::json!({"lambda": {"sub": 1}})]
        {
            event["requestContext"]["authorizer"] = context;
            assert!(request(event.clone()).authorizer().is_none());
        }
        event["requestContext"]["authorizer"] = serde_json::json!({"lambda": {"sub": "u"}});
        assert!(request(event).authorizer().is_some());
    }

    #[test]
    fn an_authorizer_context_of_an_expired_token_is_none() {
        let mut event = event("", false, "");
        event["requestContext"]["authorizer"] = serde_json::json!({"lambda": {"sub": "u", "exp": 100}});
        let at = |seconds| {
            Request::from_event(serde_json::from_value(event.clone()).unwrap(), "id", Time::from_seconds(seconds))
        };
        assert!(at(104).authorizer().is_some() && at(105).authorizer().is_none());
    }
}
