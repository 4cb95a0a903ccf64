//! What an answer says about how long it may be kept (RFC 9111 sections 4.2.1 and 5.2.2).

use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{AGE, CACHE_CONTROL};

/// The part of `Cache-Control` and `Age` that our caches heed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CacheControl {
    /// It must not be kept.
    pub(crate) no_store: bool,
    /// How much longer it is good, if the answer says so. What must be asked for each time is good for no time.
    pub(crate) max_age: Option<Duration>,
}

impl CacheControl {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let directives: Vec<_> =
            lines.flat_map(|line| line.split(',')).map(|directive| directive.trim().to_ascii_lowercase()).collect();
        let has = |name: &str| directives.iter().any(|directive| directive == name);
        let max_age = directives.iter().find_map(|directive| seconds(directive.strip_prefix("max-age=")?));
        let age = headers.get(AGE).and_then(|value| seconds(value.to_str().ok()?)).unwrap_or_default();
        let max_age = max_age.map(|max_age| max_age.saturating_sub(age));
        let no_store = has("no-store");
        Self { no_store, max_age: if no_store || has("no-cache") { Some(Duration::ZERO) } else { max_age } }
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> (bool, Option<u64>) {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let read = CacheControl::of(&pairs.collect());
        (read.no_store, read.max_age.map(|age| age.as_secs()))
    }

    #[test]
    fn max_age_is_read_as_servers_write_it() {
        for (header, seconds) in [
            ("max-age=300", Some(300)),
            ("public, Max-Age=300, must-revalidate", Some(300)),
            ("max-age=\"300\"", Some(300)),
            ("max-age=300, no-cache", Some(0)),
            ("max-age=-1", None),
            ("max-age=", None),
            ("max-age=99999999999999999999999", None),
            ("s-maxage=300", None),
            ("", None),
        ] {
            assert_eq!(read(&[("cache-control", header)]), (false, seconds), "{header}");
        }
        assert_eq!(read(&[("cache-control", "max-age=300, No-Store")]), (true, Some(0)));
        assert_eq!(read(&[]), (false, None));
    }

    #[test]
    fn time_that_an_answer_spent_in_a_cache_on_the_way_is_time_that_has_passed() {
        assert_eq!(read(&[("cache-control", "max-age=300"), ("age", "100")]), (false, Some(200)));
        assert_eq!(read(&[("cache-control", "max-age=300"), ("age", "400")]), (false, Some(0)));
        assert_eq!(read(&[("cache-control", "max-age=300"), ("age", "soon")]), (false, Some(300)));
    }
}
