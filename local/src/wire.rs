//! HTTP/1.1 on loopback: the accept loop of every server here with the door before it, one small client call, and the ids
//! that AWS hands out.

mod door;
pub(crate) mod ids;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri, client, server};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::Error;
pub(crate) use door::Door;

/// A complete answer.
pub(crate) type Reply = Response<Full<Bytes>>;

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Task(#[expect(dead_code, reason = "held for its drop")] JoinSet<()>);

impl Task {
    /// Runs a future until it ends or this is dropped.
    pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(future);
        Self(tasks)
    }
}

/// A listener on a port of 127.0.0.1, 0 for a free one, and its address.
pub(crate) async fn listen(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    listen_at(Ipv4Addr::LOCALHOST.into(), port).await
}

/// The same at another address of this machine.
pub(crate) async fn listen_at(address: IpAddr, port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((address, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A port that is taken and does not listen yet: connections to it are refused, not kept waiting.
#[derive(Debug)]
pub(crate) struct Reserved {
    socket: TcpSocket,
    /// Where it will listen.
    pub(crate) address: SocketAddr,
}

impl Reserved {
    /// Takes a port of an address of this machine, 0 for a free one.
    pub(crate) fn take(address: IpAddr, port: u16) -> std::io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?; // or a port that was just given up could not be taken for a minute
        socket.bind((address, port).into())?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// Accepts connections from now on.
    pub(crate) fn listen(self) -> std::io::Result<TcpListener> {
        self.socket.listen(1024)
    }
}

/// Answers every request on a listener until the task is dropped, which also closes its connections.
pub(crate) fn serve<H, F>(listener: TcpListener, door: Door, handle: H) -> Task
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    serve_or_break(listener, door, move |request, peer| {
        let reply = handle(request, peer);
        async move { Ok(reply.await) }
    })
}

/// The same, with an error that breaks the connection before anything is answered.
pub(crate) fn serve_or_break<H, F>(listener: TcpListener, door: Door, handle: H) -> Task
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    Task::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let (door, handle) = (door.clone(), handle.clone());
                        let answer = move |request: Request<Incoming>| {
                            let refusal = door.refusal(request.headers());
                            let answer = refusal.is_none().then(|| handle(request, peer));
                            async move {
                                match (refusal, answer) {
                                    (None, Some(answer)) => answer.await,
                                    (refusal, _) => Ok(refusal.unwrap_or_default()),
                                }
                            }
                        };
                        connections.spawn(connection(stream, answer));
                    }
                    // Out of file descriptors, most likely: others will be closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
            }
        }
    })
}

async fn connection<H, F>(stream: TcpStream, answer: H)
where
    H: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    // An error here is the peer's, which sent no HTTP or went away, or a connection that is meant to break.
    let _ = server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .max_headers(1_000)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await;
}

/// An answer with a body of a given type.
pub(crate) fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// The whole body, unless it is longer than `limit` bytes.
pub(crate) async fn body(incoming: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    match http_body_util::Limited::new(incoming, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::Broken),
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than allowed.
    TooLarge,
    /// The peer broke off or sent nonsense.
    Broken,
}

/// Refuses what is no plain `http://HOST:PORT`, naming it.
pub(crate) fn check_address(address: &str) -> Result<(), Error> {
    match address.parse::<Uri>() {
        Ok(uri) if uri.scheme_str() == Some("http") && uri.authority().is_some() => Ok(()),
        _ => Err(Error::new(format!("{address:?} is not an address of the form http://HOST:PORT"))),
    }
}

/// Sends one request to a plain `http://` server and reads the answer.
pub(crate) async fn send(request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Error> {
    let uri = request.uri().clone();
    let failed = || format!("calling {uri}");
    let authority = uri.authority().cloned().ok_or_else(|| Error::new(format!("{uri} names no host")))?;
    let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(Error::doing(failed()))?;
    let (mut sender, connection) =
        client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(Error::doing(failed()))?;
    let _connection = Task::spawn(async move { drop(connection.await) });
    let mut request = request;
    if let Some(path) = uri.path_and_query() {
        *request.uri_mut() = Uri::from(path.clone()); // the origin form: only proxies are sent whole addresses
    }
    if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
        request.headers_mut().insert(HOST, host);
    }
    let answer = sender.send_request(request).await.map_err(Error::doing(failed()))?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(Error::doing(failed()))?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}
