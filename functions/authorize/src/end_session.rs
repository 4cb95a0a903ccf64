//! `/end_session` (OpenID Connect RP-Initiated Logout 1.0): signs a person out of this browser and of the apps that
//! they opened in it.
//!
//! A client that sends an ID token of the signed-in person ends the session at once. Otherwise the person is asked
//! first.

use std::sync::Arc;

use flow::Browser;
use jwt::IdClaims;
use oauth::{Action, Code, Error, Parameters, Trust, WayBack, redirect, scope};
use store::Registered;
use web::pages::{Client, Person, SignOut, SignedOut};
use web::{Request, Response};

use crate::app::App;
use crate::person::{self, SignedIn};
use crate::preview::preview;
use crate::reply::with_query;

/// A validated logout request.
struct Logout {
    hint: Option<IdClaims>,
    /// The client that sent it.
    client: Option<Arc<Registered>>,
    /// Where to go afterwards, including `state`.
    back: Option<String>,
    /// The languages that the app wants for the pages, as tags.
    ui_locales: Option<String>,
}

impl Logout {
    /// The app to offer a link to: one that an operator vouches for, or that has proved that the person used it.
    fn way_back(&self) -> Option<WayBack> {
        let client = &self.client.as_ref()?.client;
        let app = Client {
            name: client.display_name(),
            redirect_uri: client.redirect_uris.first().map_or("", String::as_str),
            uri: client.client_uri.as_deref(),
            policy_uri: None,
            tos_uri: None,
        };
        app.way_back().filter(|_| client.trust >= Trust::Verified || self.hint.is_some())
    }
}

pub(crate) async fn asked(app: &App, request: &Request) -> Result<Response, Error> {
    if let Some(nothing) = preview(request)? {
        return Ok(nothing);
    }
    let parameters = request.query_parameters()?;
    let logout = validate(app, request, &parameters).await?;
    let signed_in = person::signed_in(app, request).await?;
    match &signed_in {
        Some(person) if logout.hint.as_ref().is_none_or(|hint| hint.sub != person.user.id) => {
            question(app, request, &parameters, person)
        }
        _ => end(app, request, &logout, signed_in.as_ref()).await,
    }
}

/// The answer to our own question, or a client's request from another site, which arrives without cookies and is
/// redirected to a GET.
pub(crate) async fn posted(app: &App, request: &Request) -> Result<Response, Error> {
    let unproven = request.form()?;
    if unproven.optional("csrf").is_none() {
        let parameters: Vec<_> = unproven.iter().collect();
        return Ok(Response::see_other(with_query("/end_session", &parameters)));
    }
    let form = app.site.form(request, "")?;
    let logout = validate(app, request, &form).await?;
    match form.required("decision")? {
        "sign_out" => {
            let signed_in = person::signed_in(app, request).await?;
            end(app, request, &logout, signed_in.as_ref()).await
        }
        _ => logout
            .back
            .map(Response::see_other)
            .ok_or_else(|| Error::new(Code::AccessDenied, "the person stays signed in")),
    }
}

/// Validates the request: the signature of the hint, the client that it was issued to, and the redirect URI.
async fn validate(app: &App, request: &Request, parameters: &Parameters) -> Result<Logout, Error> {
    let wrong = |field, detail: &'static str| Error::parameter(field, "invalid", detail);
    let hint = match parameters.optional("id_token_hint") {
        Some(token) => {
            let claims = app.hints.read(token, request.now()).await?;
            Some(claims.ok_or_else(|| wrong("id_token_hint", "This is not an ID token of this service."))?)
        }
        None => None,
    };
    let named = parameters.optional("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && !hint.aud.contains(named)
    {
        return Err(wrong("client_id", "The ID token was issued to another client."));
    }
    let client_id = named.or_else(|| hint.as_ref().and_then(|hint| hint.aud.iter().next()));
    let client = match client_id {
        Some(client_id) => app.clients.known(client_id, request.now()).await?,
        None => None,
    };
    let back = parameters.optional("post_logout_redirect_uri");
    let back = back.map(|uri| address(client.as_deref(), uri)).transpose()?;
    let state: Vec<_> = parameters.optional("state").map(|state| ("state", state)).into_iter().collect();
    let back = back.map(|uri| if state.is_empty() { uri } else { with_query(&uri, &state) });
    let ui_locales = parameters.optional("ui_locales").map(str::to_owned);
    Ok(Logout { hint, client, back, ui_locales })
}

/// The URI to go to afterwards, if the client registered it.
fn address(registered: Option<&Registered>, uri: &str) -> Result<String, Error> {
    let own = |registered: &Registered| redirect::is_registered(uri, &registered.client.post_logout_redirect_uris);
    if registered.is_some_and(own) {
        Ok(uri.to_owned())
    } else {
        let detail = "The client has not registered this URI. Identify the client by client_id or id_token_hint.";
        Err(Error::parameter("post_logout_redirect_uri", "unregistered", detail))
    }
}

fn question(app: &App, request: &Request, parameters: &Parameters, signed_in: &SignedIn) -> Result<Response, Error> {
    let browser = Browser::of(&app.site, request)?;
    let kept = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
    let kept: Vec<_> = parameters.iter().filter(|(name, _)| kept.contains(name)).collect();
    let page = SignOut {
        layout: app.site.layout(request, parameters.optional("ui_locales")),
        person: Person { username: signed_in.user.called(request.now()), name: signed_in.user.name.as_deref() },
        token: &app.site.token(&browser.name, SignOut::PATH, ""),
        parameters: &kept,
    };
    Ok(browser.shown(&app.site, page.response()?))
}

async fn end(app: &App, request: &Request, logout: &Logout, signed_in: Option<&SignedIn>) -> Result<Response, Error> {
    let now = request.now();
    if let Some(SignedIn { user, session }) = signed_in {
        app.sessions.end_of_browser(&user.id, &session.id, now).await?;
        app.audit.record(request.event_of(Action::BrowserSignedOut, &user.id).of_session(&session.id), now).await;
    }
    if let Some(hint) = &logout.hint {
        let session = app.sessions.find(&hint.sub, &hint.sid, now).await?;
        if session.is_some_and(|session| !session.scope.contains(scope::OFFLINE_ACCESS)) {
            app.sessions.end(&hint.sub, &hint.sid, now).await?;
            app.audit.record(request.event_of(Action::SessionEnded, &hint.sub).of_session(&hint.sid), now).await;
        }
    }
    if let Some(cookie) = app.site.session(request) {
        app.browsers.end(cookie, now).await?;
    }
    let response = match &logout.back {
        Some(uri) => Response::see_other(uri.clone()),
        None => SignedOut {
            layout: app.site.layout(request, logout.ui_locales.as_deref()),
            back: logout.way_back().as_ref(),
        }
        .response()?,
    };
    Ok(response.cookie(app.site.end_session()))
}
