//! Which route takes a request: the most exact path, then the exact method, then `$default`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::Error;
use crate::template::Route;

/// The methods that an HTTP API knows; `ANY` means these.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The routes of an API, most exact first.
#[derive(Debug)]
pub(super) struct Router {
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

impl Router {
    /// Reads the route keys.
    pub(super) fn new(routes: &[Route]) -> Result<Self, Error> {
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
        Ok(Self { entries, default })
    }

    /// The route for a method and a decoded path.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        if !METHODS.contains(&method) {
            return None;
        }
        let found = self.entries.iter().find_map(|entry| {
            let fits = entry.method.as_deref().is_none_or(|own| own == method);
            let parameters = if fits { entry.parameters(path) } else { None };
            parameters.map(|parameters| Found { route: &entry.route, parameters })
        });
        let default = || self.default.as_ref().map(|route| Found { route, parameters: BTreeMap::new() });
        found.or_else(default)
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
    fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let mut rest = Some(path.strip_prefix('/')?);
        for segment in &self.path {
            let remaining = rest?;
            let (first, after) = match remaining.split_once('/') {
                Some((first, after)) => (first, Some(after)),
                None => (remaining, None),
            };
            rest = after;
            match segment {
                Segment::Literal(literal) if literal == first => {}
                Segment::Parameter(name) if !first.is_empty() => {
                    parameters.insert(name.clone(), first.to_owned());
                }
                Segment::Greedy(name) if !remaining.is_empty() => {
                    parameters.insert(name.clone(), remaining.to_owned());
                    rest = None;
                }
                _ => return None,
            }
        }
        rest.is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn router(keys: &[&str]) -> Router {
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            function: "F".into(),
            timeout: Duration::from_secs(30),
            authorizer: None,
        };
        Router::new(&keys.iter().map(route).collect::<Vec<_>>()).expect("route keys are well-formed")
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
        };
        for keys in [vec!["GET"], vec!["get /x"], vec!["GET x"], vec!["GET /{a+}/b"], vec!["GET /x", "GET /x"]] {
            assert!(Router::new(&keys.iter().map(|key| route(key)).collect::<Vec<_>>()).is_err(), "{keys:?}");
        }
    }
}
