//! Hosts with private addresses that may be fetched from: for development, named one by one, none by default.

use hyper::Uri;

use crate::error::Error;
use crate::origin::Origin;

/// The origins whose addresses are not checked. They may have any port, and http.
#[derive(Clone, Debug, Default)]
pub struct PrivateOrigins(Vec<Origin>);

impl PrivateOrigins {
    /// Reads a list separated by commas. `host` and `host:port` mean https; `http://host:port` means what it says.
    pub fn parse(list: &str) -> Result<Self, Error> {
        let texts = list.split(',').map(str::trim).filter(|text| !text.is_empty());
        Ok(Self(texts.map(origin).collect::<Result<_, _>>()?))
    }

    pub(crate) fn contains(&self, origin: &Origin) -> bool {
        self.0.contains(origin)
    }
}

fn origin(text: &str) -> Result<Origin, Error> {
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    if url.contains(['?', '#', '@']) || url.ends_with('/') {
        return Err(Error::Url("must be a list of hosts, with a port if it is not 443"));
    }
    let uri: Uri = url.parse().map_err(|_| Error::Url("must be a list of hosts, with a port if it is not 443"))?;
    if uri.path() != "/" {
        return Err(Error::Url("must be a list of hosts, without paths"));
    }
    let origin = Origin::of(&uri)?.lowercase();
    origin.server_name()?;
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of(url: &str) -> Origin {
        Origin::of(&url.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_host_is_allowed_with_the_scheme_and_port_that_were_named_and_no_others() {
        let private = PrivateOrigins::parse("Localhost:8443, idp.internal ,http://[::1]:3000,").unwrap();
        for (url, allowed) in [
            ("https://localhost:8443", true),
            ("https://localhost", false),
            ("http://localhost:8443", false),
            ("https://idp.internal", true),
            ("https://idp.internal:443", true),
            ("https://a.idp.internal", false),
            ("https://idp.internal.evil.example", false),
            ("http://[::1]:3000", true),
            ("https://[::1]:3000", false),
        ] {
            assert_eq!(private.contains(&origin_of(url)), allowed, "{url}");
        }
        assert!(!PrivateOrigins::default().contains(&origin_of("https://localhost")));
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for list in ["a b", "https://a/", "a/path", "ftp://a", "u@a", "a?b", "a#b", "https://", "*.internal", ":80"] {
            assert!(PrivateOrigins::parse(list).is_err(), "{list}");
        }
        assert!(PrivateOrigins::parse("").is_ok());
    }
}
