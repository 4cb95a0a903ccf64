//! The common form of all events: a token, and the requested method and path.

use crate::answer::Failure;
use crate::event::Event;

/// The request to decide about.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// The bearer token, if there is exactly one.
    pub(crate) token: Option<&'a str>,
    /// The requested target in the form of an ARN's last part: `GET/things/7` or `$connect`. There are several where
    /// the event contains both the path as called and the declared route.
    pub(crate) targets: Vec<String>,
    /// The same as an ARN. Only some HTTP API events lack it.
    pub(crate) arn: Option<Arn<'a>>,
}

impl<'a> Request<'a> {
    /// The request to a method that an event describes by its ARN, its headers and its declared route.
    pub(crate) fn of_method(event: &'a Event) -> Result<Self, Failure> {
        let arn = Arn::parse(event.method_arn.as_deref())?;
        // The path as called and the route as declared.
        let route = event.request_context.as_ref().and_then(|context| context.resource_path.as_deref());
        let targets = [Some(arn.target()), arn.target_of(route)].into_iter().flatten().collect();
        Ok(Self { token: bearer(event.authorization()), targets, arn: Some(arn) })
    }
}

/// The parts of `arn:aws:execute-api:region:account:api/stage/METHOD/path`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arn<'a> {
    /// The whole ARN.
    pub(crate) whole: &'a str,
    /// Everything up to and including the slash after the stage.
    pub(crate) stage: &'a str,
    /// Everything after that slash.
    target: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN from an event.
    pub(crate) fn parse(whole: Option<&'a str>) -> Result<Self, Failure> {
        let parts = whole.and_then(|whole| {
            let resource = whole.match_indices(':').nth(4)?.0 + 1;
            let target = whole[resource..].match_indices('/').nth(1)?.0 + resource + 1;
            let (stage, target) = whole.split_at(target);
            Some(Self { whole, stage, target })
        });
        parts.filter(|arn| arn.whole.starts_with("arn:")).ok_or(Failure::Event("the ARN is malformed"))
    }

    /// The target: a method and a path, or the key of a WebSocket route.
    pub(crate) fn target(self) -> String {
        self.method_and_path().map_or_else(|| self.target.to_owned(), |(method, path)| target(method, path))
    }

    /// The target with the declared `route` in place of the path, if there is a method.
    pub(crate) fn target_of(self, route: Option<&str>) -> Option<String> {
        Some(target(self.method_and_path()?.0, route?))
    }

    /// The target with percent signs decoded, if it has any: backends decode the path before they use it.
    pub(crate) fn decoded_target(self) -> Option<String> {
        let (method, path) = self.method_and_path()?;
        path.contains('%').then(|| target(method, &decoded(path)))
    }

    fn method_and_path(self) -> Option<(&'a str, &'a str)> {
        self.target.split_once('/')
    }
}

/// The token in the value of an `Authorization` header (RFC 6750 section 2.1). The scheme is case-insensitive (RFC 9110
/// section 11.1). Two headers that a gateway joined with a comma yield no token.
pub(crate) fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A method and a path as written in an ARN. A slash at the end is dropped, because most backends ignore it.
pub(crate) fn target(method: &str, path: &str) -> String {
    format!("{method}/{}", path.trim_matches('/'))
}

/// `%41` → `A`. A percent sign without two hexadecimal digits stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let (byte, length) = pair.filter(|_| *first == b'%').map_or((*first, 1), |byte| (byte, 3));
        bytes.push(byte);
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_split_into_its_parts() {
        for (whole, stage, target) in [
            (
                "arn:aws:execute-api:eu-west-1:1:api/prod/GET/a/b",
                "arn:aws:execute-api:eu-west-1:1:api/prod/",
                "GET/a/b",
            ),
            (
                "arn:aws:execute-api:eu-west-1:1:api/$default/GET/",
                "arn:aws:execute-api:eu-west-1:1:api/$default/",
                "GET/",
            ),
            ("arn:aws:execute-api:eu-west-1:1:api/p/GET/a:b", "arn:aws:execute-api:eu-west-1:1:api/p/", "GET/a:b"),
            (
                "arn:aws-cn:execute-api:cn-north-1:1:api/p/$connect",
                "arn:aws-cn:execute-api:cn-north-1:1:api/p/",
                "$connect",
            ),
        ] {
            let arn = Arn::parse(Some(whole)).unwrap();
            assert_eq!((arn.stage, arn.target), (stage, target));
        }
        for odd in
            ["", "arn", "GET/a", "a:b:c:d:e:api/prod/GET", "arn:aws:execute-api:eu-west-1:1:api", "arn:aws:x:r:1:api/p"]
        {
            assert!(Arn::parse(Some(odd)).is_err(), "{odd}");
        }
        assert!(Arn::parse(None).is_err());
    }

    #[test]
    fn a_target_is_also_matched_with_its_percent_signs_decoded() {
        let decoded = |target: &str| {
            Arn::parse(Some(&format!("arn:aws:execute-api:eu-west-1:1:api/prod/{target}"))).unwrap().decoded_target()
        };
        assert_eq!(decoded("GET/%74hings/%37/").as_deref(), Some("GET/things/7"));
        assert_eq!(decoded("GET/a%2Fb%zz%4").as_deref(), Some("GET/a/b%zz%4"));
        assert_eq!(decoded("GET/%C3%A4").as_deref(), Some("GET/ä"));
        assert_eq!(decoded("GET/things"), None);
    }

    #[test]
    fn a_bearer_token_comes_after_its_scheme() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c"] {
            assert_eq!(bearer(Some(value)), Some("a.b.c"), "{value}");
        }
        for value in ["", "Bearer", "Bearer ", "a.b.c", "Basic a.b.c", "Bearera.b.c", " Bearer a.b.c", "DPoP a.b.c"] {
            assert_eq!(bearer(Some(value)), None, "{value:?}");
        }
    }
}
