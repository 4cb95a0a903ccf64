//! What a request needs: scopes (`REQUIRED_SCOPES`), and for the owner of an API also levels and ages of authentications.
//!
//! The setting is a JSON object that maps targets to the scopes that they need, separated by spaces:
//!
//! ```json
//! {"*": "api", "GET /things": "things:read", "ANY /things/{id}": "things:read", "$connect": "live"}
//! ```
//!
//! A target is `METHOD /path`, `ANY /path`, the route key of a WebSocket API, or `*` for everything. In a path, `*` and
//! parameters such as `{id}` or `{proxy+}` match any characters including slashes, as in IAM.
//!
//! The owner of an API adds rules in its stage variables (`stage.rs`), which allow neither braces nor spaces. There the
//! same rules are written `api,GET/things=things:read,ANY/things/:id=things:read`: `,` separates rules, `&` separates
//! scopes, `:id` is a parameter, and scopes without a target apply to everything. Rules about levels and ages have the same
//! form, with one value: `1,POST/payments=2`.
//!
//! **Every rule that matches must be met.** A rule only adds to what a request needs, and the order of rules has no
//! meaning. IAM evaluates a policy in the same way if it allows everything and denies the targets of unmet rules, so a
//! cached policy and a fresh decision never differ.

use std::borrow::Cow;
use std::collections::BTreeMap;

use oauth::{Error, Scopes};

use crate::need::{Lack, Need, Valid};
use crate::request::Request;

/// The methods that `ANY` stands for in API Gateway. Policies list them, because `*` would also match parts of paths.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// All rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

/// What the requests to some targets need.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Targets in ARN form, in which `*` matches any characters.
    patterns: Vec<String>,
    need: Need,
}

impl Rules {
    /// Parses the setting.
    pub(crate) fn parse(json: &str) -> Result<Self, Error> {
        let rules: BTreeMap<String, String> = serde_json::from_str(json)
            .map_err(|error| Error::fault("REQUIRED_SCOPES is not a JSON object of strings").because(error))?;
        rules.iter().map(|(target, scopes)| Rule::parse(target, scopes)).collect::<Result<_, _>>().map(Self)
    }

    /// Parses the rules of a stage variable, in which `need` reads what a target needs.
    pub(crate) fn parse_variable(text: &str, need: fn(&str) -> Option<Need>) -> Option<Self> {
        text.split(',').map(|rule| Rule::parse_variable(rule, need)).collect::<Option<_>>().map(Self)
    }

    /// These rules together with `more`.
    pub(crate) fn with(&self, more: Self) -> Cow<'_, Self> {
        if more.0.is_empty() {
            Cow::Borrowed(self)
        } else if self.0.is_empty() {
            Cow::Owned(more)
        } else {
            Cow::Owned(Self(self.0.iter().cloned().chain(more.0).collect()))
        }
    }

    /// Adds `more` to these rules.
    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Whether the token is sufficient for `request`.
    pub(crate) fn allow(&self, request: &Request<'_>, token: &Valid) -> bool {
        self.unmet(token).all(|rule| !rule.binds(request))
    }

    /// The rules that the token does not meet.
    pub(crate) fn unmet<'a>(&'a self, token: &'a Valid) -> impl Iterator<Item = &'a Rule> {
        self.0.iter().filter(|rule| !rule.need.is_met_by(token))
    }

    /// What the token lacks for `request`, or for the requests of the whole API.
    pub(crate) fn lack(&self, token: &Valid, request: Option<&Request<'_>>) -> Lack {
        let unmet = self.unmet(token).filter(|rule| request.is_none_or(|request| rule.binds(request)));
        unmet.map(|rule| &rule.need).collect()
    }
}

impl Rule {
    /// The targets, in the form of an ARN's last part.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(String::as_str)
    }

    /// Whether the rule is about this request.
    fn binds(&self, request: &Request<'_>) -> bool {
        self.patterns().any(|pattern| request.targets.iter().any(|target| fits(pattern, target)))
    }

    fn parse(target: &str, scopes: &str) -> Result<Self, Error> {
        let patterns = patterns(target)
            .ok_or_else(|| Error::fault(format!("REQUIRED_SCOPES: not `METHOD /path`, `$route` or `*`: {target:?}")))?;
        let scopes = Scopes::parse(scopes).map_err(|error| {
            Error::fault(format!("REQUIRED_SCOPES: the scopes of {target:?} are malformed")).because(error)
        })?;
        Ok(Self { patterns, need: Need::Scopes(scopes) })
    }

    /// `GET/things/:id=things:read&other`, or `api` for everything.
    fn parse_variable(rule: &str, need: fn(&str) -> Option<Need>) -> Option<Self> {
        let (patterns, value) = match rule.split_once('=') {
            Some((target, value)) => {
                let (method, path) = target.split_once('/')?;
                (of_method(method, &without_colons(path.trim_end_matches('/')))?, value)
            }
            // A target without scopes is a mistake, not a scope.
            None if rule.split_once('/').is_some_and(|(method, _)| of_method(method, "").is_some()) => return None,
            None => (vec!["*".to_owned()], rule),
        };
        need(value).map(|need| Self { patterns, need })
    }
}

fn patterns(target: &str) -> Option<Vec<String>> {
    let Some((method, path)) = target.split_once(' ') else {
        let route = target == "*" || (!target.is_empty() && !target.contains(['/', '*', '?']));
        return route.then(|| vec![target.to_owned()]);
    };
    let path = path.strip_prefix('/').filter(|path| !path.contains(['?', ' ']))?;
    of_method(method, &without_parameters(path.trim_end_matches('/'))?)
}

/// The targets of a method, or of `ANY`, with a path in which `*` matches any characters.
fn of_method(method: &str, path: &str) -> Option<Vec<String>> {
    if method == "ANY" {
        return Some(METHODS.iter().map(|method| format!("{method}/{path}")).collect());
    }
    METHODS.contains(&method).then(|| vec![format!("{method}/{path}")])
}

/// `things/{id}/parts` → `things/*/parts`
fn without_parameters(path: &str) -> Option<String> {
    let mut pattern = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}')?;
        pattern.push_str(before);
        pattern.push('*');
        rest = after;
    }
    pattern.push_str(rest);
    (!rest.contains('}')).then_some(pattern)
}

/// `things/:id/parts` → `things/*/parts`
fn without_colons(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with(':') { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// Whether `text` matches `pattern`, in which `*` matches any characters or none.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use jwt::{AccessClaims, Audience};
    use oauth::Time;

    use super::*;

    fn allow(rules: &str, targets: &[&str], scopes: &str) -> bool {
        let targets = targets.iter().map(|target| (*target).to_owned()).collect();
        let request = Request { token: None, targets, arn: None };
        Rules::parse(rules).unwrap().allow(&request, &token(scopes))
    }

    /// A valid token with these scopes whose person has authenticated with one factor 60 seconds ago.
    fn token(scopes: &str) -> Valid {
        let claims = AccessClaims {
            iss: "https://id.example".to_owned(),
            sub: "u1".to_owned(),
            aud: Audience::one("https://api.example"),
            client_id: "c1".to_owned(),
            iat: 1000,
            exp: 2000,
            nbf: None,
            jti: "j1".to_owned(),
            scope: Scopes::parse(scopes).unwrap(),
            sid: None,
            auth_time: Some(940),
            acr: Some("1".to_owned()),
            epoch: None,
            username: None,
            roles: Vec::new(),
        };
        Valid { claims, now: Time::from_seconds(1000) }
    }

    #[test]
    fn without_rules_every_valid_token_is_enough() {
        assert!(allow("{}", &["GET/things"], ""));
        assert!(Rules::default().unmet(&token("")).next().is_none());
    }

    #[test]
    fn a_rule_binds_its_method_and_path_only() {
        let rules = r#"{"GET /things": "read", "POST /things": "write extra"}"#;
        assert!(allow(rules, &["GET/things"], "read"));
        assert!(!allow(rules, &["GET/things"], "write"));
        assert!(!allow(rules, &["POST/things"], "write"));
        assert!(allow(rules, &["POST/things"], "extra write more"));
        assert!(
            allow(rules, &["PUT/things"], "") && allow(rules, &["GET/things/1"], "") && allow(rules, &["GET/"], "")
        );
    }

    #[test]
    fn every_rule_that_matches_must_be_met() {
        let rules = r#"{"*": "api", "ANY /things/{id}": "things", "GET /things/{id}/secrets": "secrets"}"#;
        assert!(allow(rules, &["GET/other"], "api"));
        assert!(!allow(rules, &["GET/other"], "things secrets"));
        assert!(!allow(rules, &["DELETE/things/1"], "api"));
        assert!(allow(rules, &["DELETE/things/1"], "api things"));
        assert!(!allow(rules, &["GET/things/1/secrets"], "api things"));
        assert!(allow(rules, &["GET/things/1/secrets"], "api things secrets"));
    }

    #[test]
    fn any_spelling_of_the_target_counts() {
        let rules = r#"{"GET /things/{id}": "read"}"#;
        assert!(!allow(rules, &["GET/v1/things/7", "GET/things/{id}"], ""));
        assert!(allow(rules, &["GET/v1/things/7", "GET/things/{id}"], "read"));
    }

    #[test]
    fn any_is_a_method_and_not_a_piece_of_a_path() {
        let rules = r#"{"ANY /things": "read"}"#;
        assert!(!allow(rules, &["PATCH/things"], ""));
        assert!(allow(rules, &["GET/other/things"], ""));
    }

    #[test]
    fn a_websocket_route_is_named_by_its_key() {
        assert!(!allow(r#"{"$connect": "live"}"#, &["$connect"], ""));
        assert!(allow(r#"{"$connect": "live"}"#, &["$connect"], "live"));
        assert!(!allow(r#"{"*": "live"}"#, &["$connect"], ""));
    }

    #[test]
    fn a_star_matches_any_characters() {
        for (pattern, text, answer) in [
            ("*", "", true),
            ("GET/*", "GET/", true),
            ("GET/*", "GET", false),
            ("GET/a*c", "GET/ac", true),
            ("GET/a*c", "GET/abcbc", true),
            ("GET/a*c", "GET/abcb", false),
            ("GET/*/b/*", "GET/a/b/c", true),
            ("GET/*/b/*", "GET/a/c/b", false),
            ("GET/*a*a", "GET/a", false),
            ("GET/*a*a", "GET/aa", true),
            ("**", "x", true),
        ] {
            assert_eq!(fits(pattern, text), answer, "{pattern} {text}");
        }
    }

    #[test]
    fn a_stage_variable_expresses_the_same_without_braces_and_spaces() {
        let rules = |text: &str| Rules::parse_variable(text, Need::scopes).unwrap();
        let setting = r#"{"*": "api", "GET /things": "things:read", "ANY /things/{id}/parts": "things:read parts", "GET /": "root"}"#;
        let variable = "api,GET/things=things:read,ANY/things/:id/parts=things:read&parts,GET/=root";
        let sorted = |rules: &Rules| {
            let mut rules: Vec<_> =
                rules.0.iter().map(|rule| (rule.patterns.clone(), format!("{:?}", rule.need))).collect();
            rules.sort();
            rules
        };
        assert_eq!(sorted(&rules(variable)), sorted(&Rules::parse(setting).unwrap()));
        assert_eq!(
            sorted(&rules("https://api.example/read")),
            sorted(&Rules::parse(r#"{"*": "https://api.example/read"}"#).unwrap())
        );
        assert_eq!(
            sorted(&rules("GET/v1/things:all/=x")),
            sorted(&Rules::parse(r#"{"GET /v1/things:all": "x"}"#).unwrap())
        );
    }

    #[test]
    fn a_partly_malformed_stage_variable_is_refused() {
        for text in [
            "",
            ",",
            "api,",
            "api,,api",
            "GET/things",
            "ANY/",
            "GET/things=",
            "GET/things=a&",
            "GET/things=&a",
            "GET/things=a=b",
            "get/things=a",
            "/things=a",
            "GET=a",
            "things=a",
            "*/things=a",
            "a b",
        ] {
            assert!(Rules::parse_variable(text, Need::scopes).is_none(), "{text:?}");
        }
    }

    #[test]
    fn added_rules_only_add_requirements() {
        let own = Rules::parse(r#"{"GET /things": "read"}"#).unwrap();
        let both = own.with(Rules::parse_variable("GET/things=other,POST/things=write", Need::scopes).unwrap());
        let request = |target: &str| Request { token: None, targets: vec![target.to_owned()], arn: None };
        let allow = |target: &str, scopes: &str| both.allow(&request(target), &token(scopes));
        assert!(!allow("GET/things", "read") && !allow("GET/things", "other") && allow("GET/things", "read other"));
        assert!(!allow("POST/things", "read other") && allow("PUT/things", ""));
        assert!(matches!(own.with(Rules::default()), Cow::Borrowed(_)));
    }

    #[test]
    fn a_level_and_an_age_are_required_by_route_or_everywhere() {
        let request = |target: &str| Request { token: None, targets: vec![target.to_owned()], arn: None };
        for (text, need, target, allowed) in [
            ("1", Need::level as fn(&str) -> Option<Need>, "GET/things", true),
            ("2", Need::level, "GET/things", false),
            ("1,POST/things=2", Need::level, "GET/things", true),
            ("1,POST/things=2", Need::level, "POST/things", false),
            ("ANY/things/:id=phr", Need::level, "PUT/things/7", false),
            ("60", Need::max_age, "GET/things", true),
            ("59", Need::max_age, "GET/things", false),
            ("3600,POST/things=0", Need::max_age, "GET/things", true),
            ("3600,POST/things=0", Need::max_age, "POST/things", false),
        ] {
            let rules = Rules::parse_variable(text, need).unwrap();
            assert_eq!(rules.allow(&request(target), &token("")), allowed, "{text} {target}");
        }
    }

    #[test]
    fn the_token_of_a_client_meets_no_level_and_no_age() {
        let mut token = token("");
        (token.claims.acr, token.claims.auth_time) = (None, None);
        assert!(!Need::Level(oauth::Level::OneFactor).is_met_by(&token) && !Need::MaxAge(u64::MAX).is_met_by(&token));
    }

    #[test]
    fn a_malformed_target_is_refused() {
        for rules in [
            "",
            "[]",
            "null",
            r#"{"*": 1}"#,
            r#"{"": "a"}"#,
            r#"{"/things": "a"}"#,
            r#"{"GET things": "a"}"#,
            r#"{"get /things": "a"}"#,
            r#"{"* /things": "a"}"#,
            r#"{"GET /{id": "a"}"#,
            r#"{"GET /id}": "a"}"#,
            r#"{"GET /a?b": "a"}"#,
            r#"{"GET  /a": "a"}"#,
            r#"{"*": "a\"b"}"#,
            r#"{"GET*": "a"}"#,
        ] {
            assert!(Rules::parse(rules).is_err(), "{rules}");
        }
    }
}
