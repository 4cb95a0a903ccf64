//! Why there is no answer. The callers translate this into their own error.
//!
//! Do not show it to whoever chose the address: the difference between a refused connection and a timeout shows them what
//! is behind it. Show one text for all of these errors.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// Any error, of a body above all.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// What went wrong.
#[derive(Debug)]
pub enum Error {
    /// The URL is not one that may be asked, for this reason.
    Url(&'static str),
    /// The host has an address that is not public.
    NotPublic(IpAddr),
    /// There were too many requests in the last minute: to the host, from the asking network, or in all.
    Budget(&'static str),
    /// It took longer than this.
    Timeout(Duration),
    /// No connection, or no TLS over it.
    Connect(io::Error),
    /// What came back is not HTTP, or it broke off.
    Http(hyper::Error),
    /// The answer has this status.
    Status(u16),
    /// The answer's body is larger than this many bytes.
    TooLarge(usize),
    /// The answer's body is compressed, though nobody asked for that.
    Encoded,
    /// The answer's body broke off.
    Body(BoxError),
    /// The cryptography or a root certificate cannot be used.
    Tls(BoxError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(reason) => f.write_str(reason),
            Self::NotPublic(address) => write!(f, "the address {address} is not public"),
            Self::Budget(whose) => write!(f, "too many requests: {whose}"),
            Self::Timeout(time) => write!(f, "no answer within {} ms", time.as_millis()),
            Self::Connect(error) => write!(f, "no connection: {error}"),
            Self::Http(error) => write!(f, "no HTTP: {error}"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::TooLarge(most) => write!(f, "the body is larger than {most} bytes"),
            Self::Encoded => f.write_str("the body is encoded"),
            Self::Body(error) => write!(f, "the body broke off: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(error) => Some(error),
            Self::Http(error) => Some(error),
            Self::Body(error) | Self::Tls(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
