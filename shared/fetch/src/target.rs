//! A URL that somebody outside chose: parsed if it is one that may be fetched, or refused.

use hyper::Uri;
use hyper::http::uri::PathAndQuery;

use crate::error::Error;
use crate::origin::Origin;
use crate::private::PrivateOrigins;

/// Most bytes of a URL.
const LONGEST: usize = 2048;

/// Where to connect to, and what to ask for there.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) origin: Origin,
    pub(crate) path: PathAndQuery,
    /// Whether the host may have any address.
    pub(crate) private: bool,
}

impl Target {
    /// An https URL with one of `ports`, without user and fragment; or any URL of a private origin.
    pub(crate) fn parse(url: &str, ports: &[u16], private: &PrivateOrigins) -> Result<Self, Error> {
        if url.len() > LONGEST {
            return Err(Error::Url("a URL that is too long"));
        }
        if url.contains('#') {
            return Err(Error::Url("a URL with a fragment"));
        }
        let uri: Uri = url.parse().map_err(|_| Error::Url("not a URL"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(Error::Url("a URL with a user"));
        }
        let origin = Origin::of(&uri)?.lowercase();
        origin.server_name()?;
        let private = private.contains(&origin);
        if !private && !origin.is_secure() {
            return Err(Error::Url("not an https URL"));
        }
        if !private && !ports.contains(&origin.port()) {
            return Err(Error::Url("a URL with a port that is not allowed"));
        }
        let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        Ok(Self { origin, path, private })
    }

    /// The URL, of which every target has one spelling.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, Error> {
        Target::parse(url, &[443], &PrivateOrigins::parse("http://localhost:3000,dev.internal:8443").unwrap())
    }

    #[test]
    fn https_with_the_default_port_may_be_fetched() {
        for (url, spelling) in [
            ("https://app.example/logo.png?v=1", "https://app.example:443/logo.png?v=1"),
            ("https://App.Example:443", "https://app.example:443/"),
            ("HTTPS://app.example/", "https://app.example:443/"),
            ("https://[2606:4700::1]/", "https://[2606:4700::1]:443/"),
            ("http://localhost:3000/x", "http://localhost:3000/x"),
            ("https://dev.internal:8443/x", "https://dev.internal:8443/x"),
        ] {
            assert_eq!(parse(url).unwrap().url(), spelling, "{url}");
        }
    }

    #[test]
    fn no_other_url_may_be_fetched() {
        for url in [
            "",
            "/",
            "app.example",
            "http://app.example/",
            "http://app.example:443/",
            "ftp://app.example/",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://app.example:8443/",
            "https://app.example:22/",
            "https://app.example:0/",
            "https://app.example:99999/",
            "https://user@app.example/",
            "https://user:password@app.example/",
            "https://app.example/#x",
            "https://app.example/a b",
            "https://app.example\\@evil.example/",
            "https://app .example/",
            "https://äpp.example/",
            "https://app%2eexample/",
            "https://[fe80::1%25eth0]/",
            "https://-/",
            "https://localhost:3000/",
            "http://localhost/",
            "http://dev.internal:8443/",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
        assert!(parse(&format!("https://app.example/{}", "x".repeat(LONGEST))).is_err());
    }
}
