//! `POST /introspect` (RFC 7662): whether a token is valid at this moment. Allowed for the client that holds the token
//! and for the back ends of its resource (`introspection_clients` of the resource).
//!
//! All other callers and all invalid tokens get the same `{"active":false}`.

use jwt::AccessClaims;
use oauth::{Client, Code, Error, Scopes, Time};
use serde::Serialize;
use serde_json::json;
use store::{RefreshToken, Session, User};
use web::{Request, Response};

use crate::app::App;
use crate::client;

#[derive(Serialize)]
struct Introspection<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    iss: &'a str,
    sub: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    scope: &'a Scopes,
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a jwt::Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
}

pub(crate) async fn introspect(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let registered = client::authenticate_confidential(app, request, &form).await?;
    let (token, client, now) = (form.required("token")?, &registered.client, request.now());
    match RefreshToken::parse(token) {
        Some(token) => {
            let user = token.user();
            let (session, user) = tokio::join!(app.sessions.with_live_token(&token, now), app.users.by_id(&user, now));
            let session = session?.filter(|session| session.client_id == client.client_id);
            refresh_token(app, kept(session, user?))
        }
        None => access_token(app, client, token, now).await,
    }
}

fn refresh_token(app: &App, session: Option<Session>) -> Result<Response, Error> {
    let Some(session) = session else { return inactive() };
    Response::json(
        200,
        &Introspection {
            active: true,
            token_type: None,
            iss: &app.iss,
            sub: &session.user,
            client_id: &session.client_id,
            scope: &session.scope,
            exp: session.idle_end.min(session.max_end),
            iat: session.used_at.seconds(),
            aud: None,
            jti: None,
            username: session.username.as_deref(),
            sid: Some(&session.sid),
            auth_time: Some(session.authentication.at.seconds()),
            acr: Some(session.authentication.level.word()),
        },
    )
}

async fn access_token(app: &App, client: &Client, token: &str, now: Time) -> Result<Response, Error> {
    let claims = match app.verification.verify(token, now).await {
        Ok(claims) if may_see(app, client, &claims, now).await? && lives(app, &claims, now).await? => claims,
        Err(error) if !matches!(error.code(), Code::InvalidToken | Code::ExpiredToken) => return Err(error),
        _ => return inactive(),
    };
    Response::json(
        200,
        &Introspection {
            active: true,
            token_type: Some("Bearer"),
            iss: &claims.iss,
            sub: &claims.sub,
            client_id: &claims.client_id,
            scope: &claims.scope,
            exp: claims.exp,
            iat: claims.iat,
            aud: Some(&claims.aud),
            jti: Some(&claims.jti),
            username: claims.username.as_deref(),
            sid: claims.sid.as_deref(),
            auth_time: claims.auth_time,
            acr: claims.acr.as_deref(),
        },
    )
}

async fn may_see(app: &App, client: &Client, claims: &AccessClaims, now: Time) -> Result<bool, Error> {
    if claims.client_id == client.client_id {
        return Ok(true);
    }
    let resources = app.resources.known(now).await?;
    let of_its_resource = |resource: &str| {
        let declared = resources.declared(resource);
        declared.is_some_and(|resource| resource.introspection_clients.contains(&client.client_id))
    };
    Ok(claims.aud.iter().any(of_its_resource))
}

/// Whether neither the token nor its session was revoked. Both are looked up in the table, because the answer must be
/// current (section 2.2), and the verification's list of revocations may be `RevocationSeconds` old.
async fn lives(app: &App, claims: &AccessClaims, now: Time) -> Result<bool, Error> {
    let Some(sid) = &claims.sid else { return Ok(!is_revoked(app, claims, now).await?) };
    let (revoked, session, user) = tokio::join!(
        Box::pin(is_revoked(app, claims, now)),
        Box::pin(app.sessions.find(&claims.sub, sid, now)),
        Box::pin(app.users.by_id(&claims.sub, now)),
    );
    Ok(!revoked? && kept(session?, user?).is_some())
}

async fn is_revoked(app: &App, claims: &AccessClaims, now: Time) -> Result<bool, Error> {
    app.revocations.has_token(&claims.jti, Time::from_seconds(claims.iat), now).await
}

/// The session, unless it ended when its person signed out everywhere.
fn kept(session: Option<Session>, user: Option<User>) -> Option<Session> {
    session.filter(|session| user.is_some_and(|user| session.is_kept_by(&user)))
}

fn inactive() -> Result<Response, Error> {
    Response::json(200, &json!({ "active": false }))
}
