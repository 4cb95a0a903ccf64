//! SES: a stand-in for its v2 API (REST, JSON) that delivers every mail to an inbox on this machine.
//!
//! `SendEmail` takes raw messages, as programs send them that make their own. The operator can switch sending off and on
//! (`PutAccountSendingAttributes`), as an operator or AWS does with an account. No mail leaves this machine.

mod inbox;
mod page;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode};
use serde_json::{Value as Json, json};

use crate::Error;
use crate::iam::{Aws, Operator};
use crate::terminal::{Terminal, Tone};
use crate::wire::{self, Door, Reply, Task, ids};
pub(crate) use inbox::Inbox;
pub(crate) use page::answer as page;

/// The largest request: a message of 40 MB, in base64.
const REQUEST: usize = 56 * 1024 * 1024;
/// The most recipients of one message.
const RECIPIENTS: usize = 50;

/// The stand-in, while this lives.
#[derive(Debug)]
pub(crate) struct Ses {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    /// What was sent.
    pub(crate) inbox: Arc<Inbox>,
    _server: Task,
}

impl Ses {
    /// Takes mails for an empty inbox.
    pub(crate) async fn start(operator: Operator, terminal: Terminal) -> Result<Self, Error> {
        let inbox = Arc::new(Inbox::default());
        let account =
            Arc::new(Account { operator, terminal, inbox: Arc::clone(&inbox), is_paused: AtomicBool::default() });
        let (listener, address) = wire::listen(0).await.map_err(Error::doing("listening for SES"))?;
        let server = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&account).answer(request));
        Ok(Self { endpoint: format!("http://{address}"), inbox, _server: server })
    }
}

/// The operation that a request is, by the name that IAM has for it.
pub(crate) fn operation(parts: &Parts) -> &'static str {
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/v2/email/outbound-emails") => "SendEmail",
        (&Method::PUT, "/v2/email/account/sending") => "PutAccountSendingAttributes",
        _ => "",
    }
}

struct Account {
    operator: Operator,
    terminal: Terminal,
    inbox: Arc<Inbox>,
    is_paused: AtomicBool,
}

/// A refusal in AWS's words: the exception, and what it says.
type Refusal = (&'static str, String);

impl Account {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let mut reply = match self.operated(request).await {
            Ok(body) => wire::reply(StatusCode::OK, Aws::Ses.content_type(), body.to_string()),
            Err((kind, message)) => Aws::Ses.refusal(kind, &message),
        };
        if let Ok(id) = HeaderValue::from_str(&ids::uuid().to_string()) {
            reply.headers_mut().insert("x-amzn-requestid", id);
        }
        reply
    }

    async fn operated(&self, request: Request<Incoming>) -> Result<Json, Refusal> {
        let (parts, body) = request.into_parts();
        let body = wire::body(body, REQUEST).await;
        let body = body.map_err(|_| bad_request("the request is too large or broken off"))?;
        self.operator.check(&parts, &body).map_err(|rejection| {
            let (kind, message) = rejection.exception();
            (kind, message.to_owned())
        })?;
        let body: Json = serde_json::from_slice(&body).map_err(|error| bad_request(&error.to_string()))?;
        match operation(&parts) {
            "SendEmail" => self.send(&body),
            "PutAccountSendingAttributes" => {
                self.is_paused.store(body["SendingEnabled"] == false, Ordering::SeqCst);
                Ok(json!({}))
            }
            _ => Err(("NotFoundException", format!("{} {} is not run locally", parts.method, parts.uri.path()))),
        }
    }

    fn send(&self, body: &Json) -> Result<Json, Refusal> {
        if self.is_paused.load(Ordering::SeqCst) {
            return Err(("SendingPausedException", "Email sending has been disabled.".to_owned()));
        }
        let from = body["FromEmailAddress"].as_str().ok_or_else(|| bad_request("FromEmailAddress is missing"))?;
        let to = body["Destination"]["ToAddresses"].as_array().map(Vec::as_slice).unwrap_or_default();
        let to: Vec<&str> = to.iter().filter_map(Json::as_str).collect();
        if to.is_empty() || to.len() > RECIPIENTS {
            return Err(bad_request("Destination has 1 to 50 addresses"));
        }
        let raw = body["Content"]["Raw"]["Data"].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok());
        let raw = raw.ok_or_else(|| bad_request("only Content.Raw.Data in base64 is run locally"))?;
        let id = ids::uuid().to_string();
        let line = self.inbox.deliver(&id, from, &to, &raw);
        self.terminal.print(Tone::Plain, line.map_err(|error| ("MessageRejected", error))?);
        Ok(json!({"MessageId": id}))
    }
}

fn bad_request(message: &str) -> Refusal {
    ("BadRequestException", message.to_owned())
}
