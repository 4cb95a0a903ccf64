//! The only way to an address that somebody outside chose: a client's `jwks_uri`, its metadata document, its logo.
//!
//! - https with the default port, or the ports that the use allows. No user, no fragment, no redirect, no compression.
//! - The host is resolved once. If one of its addresses is not public, none is used. The connection goes to an address
//!   that was checked, so a name that resolves differently a moment later has no effect.
//! - One second to connect, two in all, and as many bytes as the use needs, at most [`MOST_BYTES`].
//! - A document is kept as its headers say, within the bounds of the use, and revalidated with its `ETag`. A failure is
//!   remembered for [`PAUSE`].
//! - The requests of a minute are limited for a host, for an asking network, and in all.
//!
//! Hosts in [`PrivateOrigins`] may have any address. They are for development; by default there are none.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};
use hyper::{Response, StatusCode};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address::is_public;
use crate::body::{self, Incoming};
use crate::budget::Budgets;
use crate::cache::{Bounds, Cache, Reading};
use crate::cache_control::CacheControl;
use crate::connector::{Connector, Stream};
use crate::error::Error;
use crate::exchange::{exchange, request};
use crate::private::PrivateOrigins;
use crate::roots::Roots;
use crate::target::Target;

/// For name lookup, connection and handshake.
const CONNECT: Duration = Duration::from_secs(1);
/// For everything.
const TOTAL: Duration = Duration::from_secs(2);
/// Most bytes of a document, whatever the use.
const MOST_BYTES: usize = 64 << 10;
/// Most addresses of a host that are tried. All are checked.
const ATTEMPTS: usize = 4;
/// Most documents that are kept: no more than 4 MB.
const DOCUMENTS: usize = 64;
/// How long a failure is remembered.
const PAUSE: Duration = Duration::from_mins(1);
/// A document that cannot be had again serves until it is this old.
const STALE: Duration = Duration::from_hours(1);

/// Fetches documents for strangers.
pub struct Guarded {
    connector: Connector,
    private: PrivateOrigins,
    resolve: Box<Resolve>,
    budgets: Budgets,
    documents: Cache<Key, Document, Arc<Error>>,
}

/// How the addresses of a host are found.
type Resolve = dyn Fn(String) -> Resolving + Send + Sync;
type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// What a use of documents allows.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The value of the `Accept` header.
    pub accept: &'static str,
    /// Most bytes of the body, and at most 64 KB.
    pub most_bytes: usize,
    /// The ports of hosts that may be asked.
    pub ports: &'static [u16],
    /// A document is fresh for no less, unless it must not be kept. Where the server says nothing, for this long.
    pub min_fresh: Duration,
    /// A document is fresh for no longer.
    pub max_fresh: Duration,
}

/// A document that somebody published.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its bytes.
    pub body: Bytes,
    /// The value of its `Content-Type`, if it has one.
    pub content_type: Option<String>,
    etag: Option<HeaderValue>,
}

/// Under which a document is kept: uses with other terms do not see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    accept: &'static str,
    most_bytes: usize,
}

impl Guarded {
    /// Trusts servers with certificates from `roots`, and resolves names as the machine does.
    pub fn new(roots: Roots, private: PrivateOrigins) -> Result<Self, Error> {
        Self::resolving(roots, private, lookup)
    }

    /// The same with another resolver.
    pub fn resolving<F>(
        roots: Roots,
        private: PrivateOrigins,
        resolve: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Ok(Self {
            connector: Connector::new(roots)?,
            private,
            resolve: Box::new(move |host| Box::pin(resolve(host))),
            budgets: Budgets::default(),
            documents: Cache::new(Bounds { values: DOCUMENTS, stale: STALE, pause: PAUSE, negative: PAUSE }),
        })
    }

    /// The document at `url`, on the terms of its use, for somebody at the address `asking`. `now` is the time since the
    /// Unix epoch.
    pub async fn document(
        &self,
        url: &str,
        terms: &Terms,
        asking: IpAddr,
        now: Duration,
    ) -> Result<Document, Arc<Error>> {
        let target = Target::parse(url, terms.ports, &self.private)?;
        let key = Key { url: target.url(), accept: terms.accept, most_bytes: terms.most_bytes };
        if let Some(known) = self.documents.at_hand(&key, now) {
            return known;
        }
        // Before the cache: if one caller asks too often, that is not a failure for the others.
        if let Err(refused) = self.budgets.take(target.origin.host(), asking, now) {
            return self.documents.stale(&key, now).ok_or_else(|| refused.into());
        }
        let known = self.documents.held(&key);
        self.documents.value(&key, now, async || self.read(&target, terms, known).await).await
    }

    async fn read(
        &self,
        target: &Target,
        terms: &Terms,
        known: Option<Document>,
    ) -> Result<Reading<Document>, Arc<Error>> {
        let read = timeout(TOTAL, self.get(target, terms, known)).await.unwrap_or(Err(Error::Timeout(TOTAL)));
        read.map_err(|error| {
            tracing::info!(host = target.origin.host(), %error, "a document cannot be fetched");
            error.into()
        })
    }

    async fn get(&self, target: &Target, terms: &Terms, known: Option<Document>) -> Result<Reading<Document>, Error> {
        let mut request = request(&target.origin, target.path.clone(), terms.accept)?;
        if let Some(etag) = known.as_ref().and_then(|known| known.etag.clone()) {
            request.headers_mut().insert(IF_NONE_MATCH, etag);
        }
        let stream = timeout(CONNECT, self.connect(target)).await.unwrap_or(Err(Error::Timeout(CONNECT)))?;
        exchange(stream, request, async |response| read(response, terms, known).await).await
    }

    /// A connection to one of the host's addresses, all of which were checked before.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, Error> {
        let addresses = self.addresses(target).await?;
        let attempts = addresses.len().clamp(1, ATTEMPTS);
        let patience = CONNECT / u32::try_from(attempts).unwrap_or(1);
        let mut failure = Error::Connect(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
        for address in addresses.into_iter().take(attempts) {
            let address = SocketAddr::new(address, target.origin.port());
            match timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return self.connector.over(&target.origin, tcp).await.map_err(Error::Connect),
                Ok(Err(error)) => failure = Error::Connect(error),
                Err(_) => failure = Error::Timeout(patience),
            }
        }
        Err(failure)
    }

    /// The addresses of the host. One that is not public makes all of them unusable: an honest host has none.
    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, Error> {
        let host = target.origin.host();
        let addresses = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => (self.resolve)(host.to_owned()).await.map_err(Error::Connect)?,
        };
        match addresses.iter().find(|address| !target.private && !is_public(**address)) {
            Some(address) => Err(Error::NotPublic(*address)),
            None => Ok(addresses),
        }
    }
}

async fn lookup(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
}

/// Reads what the server sent: a document, or that the known one has not changed.
async fn read(
    response: Response<Incoming>,
    terms: &Terms,
    known: Option<Document>,
) -> Result<Reading<Document>, Error> {
    let headers = response.headers().clone();
    let document = match (response.status(), known) {
        (StatusCode::OK, _) => fresh(response, &headers, terms).await?,
        (StatusCode::NOT_MODIFIED, Some(known)) if known.etag.is_some() => known,
        (status, _) => return Err(Error::Status(status.as_u16())),
    };
    let control = CacheControl::of(&headers);
    if control.no_store {
        return Ok(Reading::not_kept(document));
    }
    let max_age = control.max_age.unwrap_or(terms.min_fresh);
    Ok(Reading::fresh_for(max_age.min(terms.max_fresh).max(terms.min_fresh), document))
}

async fn fresh(response: Response<Incoming>, headers: &HeaderMap, terms: &Terms) -> Result<Document, Error> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Error::Encoded);
    }
    let body = body::read(response, terms.most_bytes.min(MOST_BYTES)).await?;
    let header = |name: &HeaderName| headers.get(name).cloned();
    let content_type = header(&CONTENT_TYPE).and_then(|value| Some(value.to_str().ok()?.to_owned()));
    Ok(Document { body, content_type, etag: header(&ETAG) })
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("private", &self.private).finish_non_exhaustive()
    }
}
