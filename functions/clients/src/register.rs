//! `POST /clients` (RFC 7591 section 3): a client registers itself.

use oauth::{Action, Code, Error, Trust};
use registration::{Author, Given, Information, Secrets, end};
use serde_json::{Map, Value};
use store::{Registered, SecretHash, SecretKind, audit, new_secret, random};
use web::{Fields, Request, Response};

use crate::app::{App, Registration};

/// Most bytes of metadata of a client that nobody vouches for. With what the service adds they fit into ten write units.
const MAX_UNVERIFIED: usize = 8 * 1024;

/// What permits a registration.
enum Leave {
    /// Registration is open.
    Open,
    /// An initial access token, identified by its hash.
    Token(SecretHash),
}

pub(crate) async fn register(app: &App, request: &Request) -> Result<Response, Error> {
    let leave = leave(app, request).await?;
    let trust = match leave {
        Leave::Open => Trust::Unverified,
        Leave::Token(_) => Trust::Verified,
    };
    let (client_id, now) = (random::id(request.now())?, request.now());
    let scopes = app.resources.known(now).await?.scopes();
    let given = Given { client_id: &client_id, issued_at: now.seconds(), trust, scopes: &scopes };
    let client = app.rules.read(metadata(request, trust)?, given, Author::Client)?;
    let secret = client.token_endpoint_auth_method.has_secret().then(new_secret).transpose()?;
    let token = new_secret()?;
    let registered = Registered::new(
        client,
        secret.as_ref().map(|secret| SecretHash::of(SecretKind::ClientSecret, secret)),
        Some(SecretHash::of(SecretKind::RegistrationAccessToken, &token)),
    )
    .until(end(trust, now));
    write(app, request, &registered, &leave).await?;
    // Clients register themselves as often as they like, so these events are not stored.
    audit::log(&request.event(Action::ClientRegistered).by_client(&client_id));
    let secrets =
        Secrets { client_secret: secret.as_deref().map(String::as_str), registration_access_token: Some(&token) };
    Response::json(201, &Information::new(&app.rules, &registered, &secrets)?)
}

/// The members of the body, which is short if nobody vouches for the client. These endpoints have their own error code
/// for a malformed body.
pub(crate) fn metadata(request: &Request, trust: Trust) -> Result<Map<String, Value>, Error> {
    if trust == Trust::Unverified && request.body().len() > MAX_UNVERIFIED {
        let error = Error::parameter("body", "too_long", "Send at most 8 KiB of metadata.");
        return Err(error.with_code(Code::InvalidClientMetadata));
    }
    request.json().and_then(Fields::into_object).map_err(|error| match error.code() {
        Code::InvalidRequest => error.with_code(Code::InvalidClientMetadata),
        _ => error,
    })
}

async fn leave(app: &App, request: &Request) -> Result<Leave, Error> {
    match app.registration {
        Registration::Off => return Err(Error::new(Code::ClientRegistrationClosed, "ClientRegistration is off")),
        Registration::Open if request.header("authorization").is_none() => return Ok(Leave::Open),
        Registration::Open | Registration::Token => {}
    }
    let token = SecretHash::of(SecretKind::InitialAccessToken, &request.bearer()?);
    if app.initial_tokens.is_good(&token, request.now()).await? { Ok(Leave::Token(token)) } else { Err(bad_token()) }
}

async fn write(app: &App, request: &Request, registered: &Registered, leave: &Leave) -> Result<(), Error> {
    match leave {
        Leave::Token(token) if app.clients.create_with(registered, token, request.now()).await? => Ok(()),
        Leave::Token(_) => Err(bad_token()),
        Leave::Open => write_within_limits(app, request, registered).await,
    }
}

async fn write_within_limits(app: &App, request: &Request, registered: &Registered) -> Result<(), Error> {
    app.strangers.count(request.source_ip(), request.now()).await?;
    if app.clients.create(registered).await? { Ok(()) } else { Err(Error::fault("a new client id already exists")) }
}

fn bad_token() -> Error {
    Error::new(Code::InvalidToken, "the initial access token is unknown, used or expired")
}
