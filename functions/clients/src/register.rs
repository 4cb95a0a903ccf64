//! `POST /clients` (RFC 7591 section 3): a client registers itself.

use oauth::{Client, Code, Error, Time, Trust};
use serde_json::{Map, Value};
use store::{Attempt, Counted, Registered, SecretHash, SecretKind, new_secret, random};
use web::{Fields, Request, Response};

use crate::app::{App, Registration, end};
use crate::information::{Information, Secrets};
use crate::metadata::{Author, Given};

/// What allows a registration.
enum Leave {
    /// That registration is open.
    Open,
    /// An initial access token, known by its hash.
    Token(SecretHash),
}

pub(crate) async fn register(app: &App, request: &Request) -> Result<Response, Error> {
    let leave = leave(app, request).await?;
    let trust = match leave {
        Leave::Open => Trust::Unverified,
        Leave::Token(_) => Trust::Verified,
    };
    let client = new_client(app, metadata(request)?, (trust, Author::Client), request.now())?;
    let secret = client.token_endpoint_auth_method.has_secret().then(new_secret).transpose()?;
    let token = new_secret()?;
    let registered = Registered::new(
        client,
        secret.as_ref().map(|secret| SecretHash::of(SecretKind::ClientSecret, secret)),
        Some(SecretHash::of(SecretKind::RegistrationAccessToken, &token)),
    )
    .until(end(trust, request.now()));
    write(app, request, &registered, &leave).await?;
    let secrets =
        Secrets { client_secret: secret.as_deref().map(String::as_str), registration_access_token: Some(&token) };
    Response::json(201, &Information::new(app, &registered, &secrets)?)
}

/// The body's members. Whatever is wrong with the body, this endpoint has its own word for it.
pub(crate) fn metadata(request: &Request) -> Result<Map<String, Value>, Error> {
    request.json().and_then(Fields::into_object).map_err(|error| match error.code() {
        Code::InvalidRequest => error.with_code(Code::InvalidClientMetadata),
        _ => error,
    })
}

/// A client with an id of its own.
pub(crate) fn new_client(
    app: &App,
    members: Map<String, Value>,
    (trust, author): (Trust, Author),
    now: Time,
) -> Result<Client, Error> {
    let client_id = random::id(now)?;
    let given = Given { client_id: &client_id, issued_at: now.seconds(), trust };
    app.rules.read(members, given, author)
}

async fn leave(app: &App, request: &Request) -> Result<Leave, Error> {
    match app.registration {
        Registration::Off => return Err(Error::new(Code::ClientRegistrationClosed, "ClientRegistration is off")),
        Registration::Open if request.header("authorization").is_none() => return Ok(Leave::Open),
        Registration::Open | Registration::Token => {}
    }
    let token = SecretHash::of(SecretKind::InitialAccessToken, &request.bearer()?);
    match app.initial_tokens.is_good(&token, request.now()).await? {
        true => Ok(Leave::Token(token)),
        false => Err(bad_token()),
    }
}

async fn write(app: &App, request: &Request, registered: &Registered, leave: &Leave) -> Result<(), Error> {
    match leave {
        Leave::Token(token) => match app.clients.create_with(registered, token, request.now()).await? {
            true => Ok(()),
            false => Err(bad_token()),
        },
        Leave::Open => {
            let counted = count(app, request).await?;
            match app.clients.create(registered).await {
                Ok(true) => return Ok(()),
                Ok(false) => app.limits.give_back(counted).await,
                Err(error) => {
                    app.limits.give_back(counted).await;
                    return Err(error);
                }
            }
            Err(Error::fault("a client id came up twice"))
        }
    }
}

async fn count(app: &App, request: &Request) -> Result<Counted, Error> {
    match app.limits.client(request.source_ip(), request.now()).await? {
        Attempt::Counted(counted) => Ok(counted),
        Attempt::Refused { retry_after } => Err(Error::too_many(retry_after, "too many clients in this hour")),
    }
}

fn bad_token() -> Error {
    Error::new(Code::InvalidToken, "an initial access token that is unknown, used or expired")
}
