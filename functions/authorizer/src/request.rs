//! What all shapes come down to: a token, and the method and path that somebody wants to reach.

use crate::answer::Failure;

/// What a decision is about.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// The bearer token, if there is exactly one.
    pub(crate) token: Option<&'a str>,
    /// What is asked for, as IAM names it in an ARN: `GET/things/7`, or `$connect`. Several spellings, where the event
    /// has the path as it was called and the route that it fell to.
    pub(crate) targets: Vec<String>,
    /// The same as an ARN. Only some HTTP API events lack it.
    pub(crate) arn: Option<Arn<'a>>,
}

/// `arn:aws:execute-api:region:account:api/stage/METHOD/path`, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arn<'a> {
    /// All of it.
    pub(crate) whole: &'a str,
    /// Up to and with the slash after the stage.
    pub(crate) stage: &'a str,
    /// What comes after it.
    target: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart that the gateway has put into an event.
    pub(crate) fn parse(whole: Option<&'a str>) -> Result<Self, Failure> {
        let parts = whole.and_then(|whole| {
            let resource = whole.match_indices(':').nth(4)?.0 + 1;
            let target = whole[resource..].match_indices('/').nth(1)?.0 + resource + 1;
            let (stage, target) = whole.split_at(target);
            Some(Self { whole, stage, target })
        });
        parts.filter(|arn| arn.whole.starts_with("arn:")).ok_or(Failure::Event("its ARN"))
    }

    /// What is asked for: a method and a path, or the key of a WebSocket route.
    pub(crate) fn target(self) -> String {
        self.method_and_path().map_or_else(|| self.target.to_owned(), |(method, path)| target(method, path))
    }

    /// The method, if there is one, and `route` instead of the path that was called.
    pub(crate) fn target_of(self, route: Option<&str>) -> Option<String> {
        Some(target(self.method_and_path()?.0, route?))
    }

    /// The same with its percent signs decoded, if it has any: whoever serves a path decodes it first.
    pub(crate) fn decoded_target(self) -> Option<String> {
        let (method, path) = self.method_and_path()?;
        path.contains('%').then(|| target(method, &decoded(path)))
    }

    fn method_and_path(self) -> Option<(&'a str, &'a str)> {
        self.target.split_once('/')
    }
}

/// The token in the value of an `Authorization` header (RFC 6750 section 2.1). The scheme's case does not matter
/// (RFC 9110 section 11.1). Two headers that a gateway has joined with a comma make no token.
pub(crate) fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A method and a path as IAM names them. A slash at the end makes no difference to most who serve a path, so it makes
/// none here.
pub(crate) fn target(method: &str, path: &str) -> String {
    format!("{method}/{}", path.trim_matches('/'))
}

/// `%41` → `A`. What is no pair of hexadecimal digits stays.
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
    fn an_arn_is_taken_apart() {
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
    fn a_target_is_also_known_by_what_its_percent_signs_mean() {
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
