//! The root certificates that are trusted: the web's, as they were when this was compiled, or others in tests.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::error::Error;

/// Root certificates.
#[derive(Clone, Debug)]
pub struct Roots(pub(crate) RootCertStore);

impl Roots {
    /// The web's. Those of Amazon Trust Services are among them.
    pub fn web() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// None: no server is trusted.
    pub fn none() -> Self {
        Self(RootCertStore::empty())
    }

    /// These, and the certificate `der` (X.509, DER).
    pub fn with(mut self, der: &[u8]) -> Result<Self, Error> {
        self.0.add(CertificateDer::from(der.to_vec())).map_err(|error| Error::Tls(error.into()))?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_aws_are_among_the_webs() {
        let roots = Roots::web().0;
        let known = |name: &str| roots.roots.iter().any(|root| String::from_utf8_lossy(&root.subject).contains(name));
        for name in ["Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"] {
            assert!(known(name), "{name}");
        }
        assert!(known("Starfield Services Root Certificate Authority - G2"));
    }
}
