//! Connections that are kept and used again: what lies under the AWS SDK.
//!
//! The SDK's own client would read every certificate file of the machine at each cold start, carries HTTP/2 and proxies
//! that neither DynamoDB nor KMS is reached through, and opens a second connection where a call follows close on
//! another. Everything is set up when a function starts, while Lambda still gives it a whole processor; only connecting
//! waits for the first call.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};

use crate::body::{Body, Incoming, boxed};
use crate::connector::Connector;
use crate::error::{BoxError, Error};
use crate::origin::Origin;
use crate::roots::Roots;

/// A connection that was idle for longer is not used again: something on the way may have dropped it without notice.
const IDLE: Duration = Duration::from_mins(1);

/// What is open, and how to open more.
pub struct Connections {
    connector: Connector,
    /// For opening one: name lookup, connection, handshake.
    patience: Duration,
    kept: Mutex<Vec<Connection>>,
}

struct Connection {
    origin: Origin,
    sender: SendRequest<Body>,
    used: Instant,
    spoilt: Arc<AtomicBool>,
}

/// Keeps the connection that a request went over from being used again.
#[derive(Clone, Debug)]
pub struct Spoiler(Arc<AtomicBool>);

impl Spoiler {
    /// No request goes over it from now on.
    pub fn spoil(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connections {
    /// Trusts servers with certificates from `roots`. Opening a connection may take as long as `patience`.
    pub fn new(roots: Roots, patience: Duration) -> Result<Self, Error> {
        Ok(Self { connector: Connector::new(roots)?, patience, kept: Mutex::default() })
    }

    /// Sends `request`, whose URL is absolute, after it passed the connection's spoiler to `show`. The body of the answer
    /// may still be on its way; the caller decides how long to wait for all of it.
    pub async fn send<B>(&self, request: Request<B>, show: impl Fn(Spoiler)) -> Result<Response<Incoming>, Error>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.call(request.map(boxed), &show).await
    }

    async fn call(&self, mut request: Request<Body>, show: &impl Fn(Spoiler)) -> Result<Response<Incoming>, Error> {
        let origin = Origin::split_off(&mut request)?;
        // One that the server ended meanwhile gives the request back unsent.
        while let Some(mut connection) = self.kept(&origin) {
            show(connection.spoiler());
            match connection.sender.try_send_request(request).await {
                Ok(response) => return Ok(self.keep(connection, response)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Error::Http(error.into_error())),
                },
            }
        }
        let mut connection = self.open(origin).await?;
        show(connection.spoiler());
        let response = connection.sender.send_request(request).await.map_err(Error::Http)?;
        Ok(self.keep(connection, response))
    }

    /// A connection to `origin` that can take a request at once. Those that never will again are let go.
    fn kept(&self, origin: &Origin) -> Option<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(Connection::is_good);
        let position = kept.iter().rposition(|kept| kept.origin == *origin && kept.sender.is_ready())?;
        Some(kept.remove(position))
    }

    /// Keeps the connection, which is ready for another request once the answer's body has arrived.
    fn keep(&self, mut connection: Connection, response: Response<Incoming>) -> Response<Incoming> {
        connection.used = now();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        response
    }

    async fn open(&self, origin: Origin) -> Result<Connection, Error> {
        let opened = timeout(self.patience, self.connector.open(&origin)).await;
        let stream = opened.map_err(|_| Error::Timeout(self.patience))?.map_err(Error::Connect)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(Error::Http)?;
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a kept connection ended");
            }
        });
        Ok(Connection { origin, sender, used: now(), spoilt: Arc::default() })
    }
}

impl Connection {
    fn is_good(&self) -> bool {
        !self.sender.is_closed() && !self.spoilt.load(Ordering::Relaxed) && now().duration_since(self.used) < IDLE
    }

    fn spoiler(&self) -> Spoiler {
        Spoiler(self.spoilt.clone())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a connection was idle is a matter of the wire, not of a request"
)]
fn now() -> Instant {
    Instant::now()
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}
