//! One request over its own connection, which ends with the answer. A frozen Lambda keeps no connection alive, and a
//! server that somebody outside chose gets no second request over the same connection.

use std::future::poll_fn;
use std::pin::pin;

use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::body::{self, Body, Incoming};
use crate::connector::Stream;
use crate::error::Error;
use crate::origin::Origin;

/// Most bytes that are held of what a server sends, its headers as a whole above all.
const BUFFER: usize = 16 << 10;
/// Most headers.
const HEADERS: usize = 64;

/// A GET of `path` at `origin`, in the form that `accept` names. It asks for no compression and for the connection's end.
pub(crate) fn request(origin: &Origin, path: PathAndQuery, accept: &'static str) -> Result<Request<Body>, Error> {
    let mut request = Request::new(body::empty());
    *request.uri_mut() = path.into();
    let headers: &mut HeaderMap = request.headers_mut();
    headers.insert(HOST, origin.header()?);
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(USER_AGENT, HeaderValue::from_static("gatewright"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// Sends `request` over `stream` and reads the answer with `read`. When that is done, the connection ends, even if the server
/// has more to say.
pub(crate) async fn exchange<T>(
    stream: Box<dyn Stream>,
    request: Request<Body>,
    read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut http = http1::Builder::new();
    let handshake = http.max_buf_size(BUFFER).max_headers(HEADERS).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(Error::Http)?;
    let mut answer = pin!(async move { read(sender.send_request(request).await.map_err(Error::Http)?).await });
    let mut connection = pin!(connection);
    let mut open = true;
    poll_fn(|context| {
        open = open && connection.as_mut().poll(context).is_pending();
        answer.as_mut().poll(context)
    })
    .await
}
