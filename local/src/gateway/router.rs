//! Which route takes a request: the most exact path, then the exact method, then `$default`.
//!
//! A REST API chooses the resource by its path alone, and only then looks for the method: a more general resource does not
//! take what a more exact one has no method for. Its paths are decoded segment by segment, and a slash at the end makes
//! no difference.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::Error;
use crate::template::{Protocol, Route};

/// The methods that an HTTP API knows; `ANY` means these.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The routes of an API, most exact first.
#[derive(Debug)]
pub(super) struct Router {
    protocol: Protocol,
    entries: Vec<Entry>,
    default: Option<Route>,
}

#[derive(Debug)]
struct Entry {
    path: Vec<Segment>,
    /// `None` is `ANY`.
    method: Option<String>,
    route: Route,
}

/// One part of a path between slashes; the order is that of exactness.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    /// `{name}`: one segment.
    Parameter(String),
    /// `{name+}`: the rest, at least one segment.
    Greedy(String),
}

/// A route, and what its path parameters stand for.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Found<'_> {
    /// The path as it was declared: `/x/{id}`.
    pub(super) fn resource(&self) -> &str {
        self.route.key.split_once(' ').map_or(self.route.key.as_str(), |(_, path)| path)
    }
}

impl Router {
    /// Reads the route keys.
    pub(super) fn new(routes: &[Route], protocol: Protocol) -> Result<Self, Error> {
        let (mut entries, mut default) = (Vec::new(), None);
        for route in routes {
            if let Some(twin) = routes.iter().filter(|other| other.key == route.key).nth(1) {
                return Err(Error::new(format!("two routes have the key {}", twin.key)));
            }
            match route.key.as_str() {
                "$default" => default = Some(route.clone()),
                _ => entries.push(entry(route)?),
            }
        }
        entries.sort_by_cached_key(Entry::rank);
        Ok(Self { protocol, entries, default })
    }

    /// The route for a method and a path as it was sent.
    pub(super) fn find(&self, method: &str, raw_path: &str) -> Option<Found<'_>> {
        if !METHODS.contains(&method) {
            return None;
        }
        let segments = self.segments(raw_path)?;
        let mut fitting = self.entries.iter().filter_map(|entry| Some((entry, entry.parameters(&segments)?)));
        let takes = |entry: &Entry| entry.method.as_deref().is_none_or(|own| own == method);
        let found = match self.protocol {
            Protocol::Http => fitting.find(|(entry, _)| takes(entry)),
            Protocol::Rest => {
                let mut fitting = fitting.peekable();
                let first = fitting.peek().map(|(entry, _)| entry.rank().0);
                fitting.find(|(entry, _)| Some(entry.rank().0) == first && takes(entry))
            }
        };
        let found = found.map(|(entry, parameters)| Found { route: &entry.route, parameters });
        let default = || self.default.as_ref().map(|route| Found { route, parameters: BTreeMap::new() });
        found.or_else(default)
    }

    fn segments(&self, raw_path: &str) -> Option<Vec<String>> {
        let split = |path: &str| Some(path.strip_prefix('/')?.split('/').map(str::to_owned).collect::<Vec<_>>());
        match self.protocol {
            Protocol::Http => Some(split(&decoded(raw_path)).unwrap_or_default()),
            Protocol::Rest => {
                let path = Some(raw_path.trim_end_matches('/')).filter(|path| !path.is_empty()).unwrap_or("/");
                Some(split(path)?.iter().map(|segment| decoded(segment).into_owned()).collect())
            }
        }
    }
}

fn entry(route: &Route) -> Result<Entry, Error> {
    let unknown = || Error::new(format!("{:?} is no route key of an HTTP API", route.key));
    let (method, path) = route.key.split_once(' ').ok_or_else(unknown)?;
    if method != "ANY" && !METHODS.contains(&method) {
        return Err(unknown());
    }
    let path: Vec<Segment> = path.strip_prefix('/').ok_or_else(unknown)?.split('/').map(segment).collect();
    let greedy = path.iter().position(|segment| matches!(segment, Segment::Greedy(_)));
    if greedy.is_some_and(|index| index + 1 < path.len()) {
        return Err(unknown());
    }
    let method = (method != "ANY").then(|| method.to_owned());
    Ok(Entry { path, method, route: route.clone() })
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Parameter(name.to_owned()),
        },
        None => Segment::Literal(text.to_owned()),
    }
}

impl Entry {
    /// Orders entries by exactness: literals before parameters before greedy ones, then longer paths, then methods.
    fn rank(&self) -> (Vec<u8>, Reverse<usize>, bool) {
        let kinds = self.path.iter().map(|segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        });
        (kinds.collect(), Reverse(self.path.len()), self.method.is_none())
    }

    /// What the parameters stand for, if the path fits.
    fn parameters(&self, path: &[String]) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        for (index, segment) in self.path.iter().enumerate() {
            let first = path.get(index)?;
            match segment {
                Segment::Literal(literal) if literal == first => {}
                Segment::Parameter(name) if !first.is_empty() => {
                    parameters.insert(name.clone(), first.clone());
                }
                Segment::Greedy(name) if path[index..] != [""] => {
                    parameters.insert(name.clone(), path[index..].join("/"));
                    return Some(parameters);
                }
                _ => return None,
            }
        }
        (path.len() == self.path.len()).then_some(parameters)
    }
}

/// Text without percent signs, as far as it is UTF-8.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn router(keys: &[&str]) -> Router {
        router_of(Protocol::Http, keys)
    }

    fn router_of(protocol: Protocol, keys: &[&str]) -> Router {
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            function: "F".into(),
            timeout: Duration::from_secs(30),
            authorizer: None,
            scopes: Vec::new(),
        };
        Router::new(&keys.iter().map(route).collect::<Vec<_>>(), protocol).expect("route keys are well-formed")
    }

    fn chosen<'a>(router: &'a Router, method: &str, path: &str) -> Option<&'a str> {
        router.find(method, path).map(|found| found.route.key.as_str())
    }

    #[test]
    fn the_most_exact_route_wins() {
        let keys =
            ["$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /pets/{id}", "GET /pets/dog", "ANY /pets/dog"];
        let router = router(&keys);
        for (method, path, key) in [
            ("GET", "/pets/dog", "GET /pets/dog"),
            ("POST", "/pets/dog", "ANY /pets/dog"),
            ("GET", "/pets/cat", "GET /pets/{id}"),
            ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
            ("POST", "/pets/cat", "ANY /{proxy+}"),
            ("GET", "/", "$default"),
        ] {
            assert_eq!(chosen(&router, method, path), Some(key), "{method} {path}");
        }
    }

    #[test]
    fn a_rest_api_chooses_the_resource_before_the_method() {
        let router =
            router_of(Protocol::Rest, &["ANY /{proxy+}", "GET /pets", "ANY /pets/{id}", "DELETE /pets/{id}", "GET /"]);
        for (method, path, key) in [
            ("GET", "/pets", Some("GET /pets")),
            ("POST", "/pets", None),
            ("GET", "/pets/", Some("GET /pets")),
            ("GET", "/%70ets", Some("GET /pets")),
            ("DELETE", "/pets/1", Some("DELETE /pets/{id}")),
            ("PUT", "/pets/a%2Fb", Some("ANY /pets/{id}")),
            ("GET", "/pets/1/2", Some("ANY /{proxy+}")),
            ("GET", "/", Some("GET /")),
            ("POST", "/", None),
        ] {
            assert_eq!(chosen(&router, method, path), key, "{method} {path}");
        }
        assert_eq!(router.find("PUT", "/pets/a%2Fb").expect("it fits").parameters["id"], "a/b");
    }

    #[test]
    fn parameters_hold_what_they_stand_for() {
        let router = router(&["GET /a/{x}/b/{rest+}"]);
        let found = router.find("GET", "/a/1/b/2/3").expect("it fits");
        assert_eq!(found.parameters["x"], "1");
        assert_eq!(found.parameters["rest"], "2/3");
    }

    #[test]
    fn near_misses_are_misses() {
        let router = router(&["GET /protected", "GET /a/{x}", "GET /g/{rest+}"]);
        for path in ["/protected/", "//protected", "/Protected", "/protected/..", "/a/", "/a", "/g/", "/g", "", "*"] {
            assert_eq!(chosen(&router, "GET", path), None, "{path:?}");
        }
        assert_eq!(chosen(&router, "POST", "/protected"), None);
        assert_eq!(chosen(&router, "TRACE", "/protected"), None);
    }

    #[test]
    fn malformed_and_doubled_route_keys_are_refused() {
        let route = |key: &str| Route {
            key: key.into(),
            function: "F".into(),
            timeout: Duration::from_secs(30),
            authorizer: None,
            scopes: Vec::new(),
        };
        for keys in [vec!["GET"], vec!["get /x"], vec!["GET x"], vec!["GET /{a+}/b"], vec!["GET /x", "GET /x"]] {
            assert!(
                Router::new(&keys.iter().map(|key| route(key)).collect::<Vec<_>>(), Protocol::Http).is_err(),
                "{keys:?}"
            );
        }
    }
}
