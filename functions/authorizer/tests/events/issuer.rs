//! An issuer for tests: signing keys, and a small HTTP server that publishes them and counts requests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use authorizer::{Authorizer, Event, Failure, Settings};
use fetch::Roots;
use jwt::{AccessClaims, Algorithm, Audience, Jwks, RevocationList, SigningKey};
use oauth::{Scopes, Time};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// The current time in these tests, in epoch seconds.
pub(crate) const NOW: u64 = 1_800_000_000;

/// One RSA key for most tests and another one to rotate to. More keys would only cost time.
pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::RS256).unwrap().0);
pub(crate) static NEXT_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::ES256).unwrap().0);

/// A running issuer.
pub(crate) struct Issuer {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
    asked_for_revocations: Arc<AtomicUsize>,
    answers: Arc<Mutex<Replies>>,
}

/// Its replies to requests for keys and for revocations.
#[derive(Clone)]
pub(crate) struct Replies {
    keys: Reply,
    revocations: Reply,
}

/// A reply.
#[derive(Clone)]
pub(crate) struct Reply {
    status: &'static str,
    headers: String,
    body: String,
    after: Duration,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        Self::with(Reply::keys(&[&KEY])).await
    }

    pub(crate) async fn with(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let replies = Replies { keys: reply, revocations: Reply::revocations(&RevocationList::default()) };
        let answers = Arc::new(Mutex::new(replies));
        let issuer = Self { url, asked: Arc::default(), asked_for_revocations: Arc::default(), answers };
        let (asked, revocations) = (Arc::clone(&issuer.asked), Arc::clone(&issuer.asked_for_revocations));
        let answers = Arc::clone(&issuer.answers);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (asked, revocations) = (Arc::clone(&asked), Arc::clone(&revocations));
                let replies = answers.lock().unwrap().clone();
                tokio::spawn(serve(stream, move |path| {
                    let (count, reply) = match path {
                        "/revocations" => (&revocations, replies.revocations.clone()),
                        _ => (&asked, replies.keys.clone()),
                    };
                    count.fetch_add(1, Ordering::SeqCst);
                    reply
                }));
            }
        });
        issuer
    }

    /// Sets the reply to requests for keys.
    pub(crate) fn reply(&self, reply: Reply) {
        self.answers.lock().unwrap().keys = reply;
    }

    /// Sets the reply to requests for revocations.
    pub(crate) fn reply_revocations(&self, reply: Reply) {
        self.answers.lock().unwrap().revocations = reply;
    }

    /// How many requests for keys it has received.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many requests for revocations it has received.
    pub(crate) fn asked_for_revocations(&self) -> usize {
        self.asked_for_revocations.load(Ordering::SeqCst)
    }

    /// An authorizer for this issuer with further settings.
    pub(crate) fn authorizer(&self, settings: &[(&str, &str)]) -> Authorizer {
        authorizer(&self.url, settings, Roots::none())
    }

    pub(crate) fn claims(&self) -> AccessClaims {
        claims(&self.url)
    }

    /// A valid token.
    pub(crate) fn token(&self) -> String {
        KEY.sign(&self.claims()).unwrap()
    }

    /// A valid token with these scopes.
    pub(crate) fn token_for(&self, scopes: &str) -> String {
        KEY.sign(&AccessClaims { scope: Scopes::parse(scopes).unwrap(), ..self.claims() }).unwrap()
    }
}

impl Reply {
    pub(crate) fn keys(keys: &[&SigningKey]) -> Self {
        let keys = keys.iter().map(|key| key.public_jwk().clone()).collect();
        Self::text("200 OK", &serde_json::to_string(&Jwks { keys }).unwrap())
    }

    pub(crate) fn revocations(list: &RevocationList) -> Self {
        Self::text("200 OK", &serde_json::to_string(list).unwrap())
    }

    pub(crate) fn text(status: &'static str, body: &str) -> Self {
        let headers = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        Self { status, headers, body: body.to_owned(), after: Duration::ZERO }
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub(crate) fn status(self, status: &'static str) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

/// Answers one request with the reply for its path.
pub(crate) async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: impl FnOnce(&str) -> Reply) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        request.push(byte);
    }
    let request = String::from_utf8(request).unwrap();
    let path = request.strip_prefix("GET ").and_then(|rest| rest.split_once(" HTTP/1.1\r\n")).unwrap().0;
    assert!(matches!(path, "/.well-known/jwks.json" | "/revocations"), "{request}");
    let reply = reply(path);
    tokio::time::sleep(reply.after).await;
    let head = format!("HTTP/1.1 {}\r\n{}\r\n", reply.status, reply.headers);
    let _ = stream.write_all(format!("{head}{}", reply.body).as_bytes()).await;
    let _ = stream.shutdown().await;
}

pub(crate) fn authorizer(url: &str, settings: &[(&str, &str)], roots: Roots) -> Authorizer {
    let variable = |name: &str| match name {
        "ISSUER" => Some(url.to_owned()),
        _ => settings.iter().find(|setting| setting.0 == name).map(|setting| setting.1.to_owned()),
    };
    Authorizer::new(Settings::read(variable, roots).unwrap())
}

pub(crate) fn claims(url: &str) -> AccessClaims {
    AccessClaims {
        iss: url.to_owned(),
        sub: "0198c0de".to_owned(),
        aud: Audience::one(url),
        client_id: "first-party".to_owned(),
        iat: NOW - 60,
        exp: NOW + 840,
        nbf: None,
        jti: "j1".to_owned(),
        scope: Scopes::parse("account").unwrap(),
        sid: Some("s1".to_owned()),
        auth_time: Some(NOW - 60),
        acr: Some("1".to_owned()),
        epoch: Some(0),
        username: Some("alice".to_owned()),
        roles: vec!["admin".to_owned(), "auditor".to_owned()],
    }
}

/// Passes event bytes in and returns the answer bytes, as the runtime does.
pub(crate) async fn ask(authorizer: &Authorizer, event: &Value) -> Result<Value, Failure> {
    ask_at(authorizer, event, NOW).await
}

pub(crate) async fn ask_at(authorizer: &Authorizer, event: &Value, now: u64) -> Result<Value, Failure> {
    let event: Event = serde_json::from_slice(&serde_json::to_vec(event).unwrap()).unwrap();
    let answer = authorizer.answer(event, Time::from_seconds(now)).await?;
    Ok(serde_json::from_slice(&serde_json::to_vec(&answer).unwrap()).unwrap())
}
