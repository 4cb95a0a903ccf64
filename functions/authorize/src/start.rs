//! The start of an authorization request (OpenID Connect Core section 3.1.2.1), from its parameters or from pushed ones
//! (RFC 9126). It leads to an immediate response, or to a stored request that belongs to this browser.

use std::sync::Arc;

use flow::Browser;
use oauth::{AuthorizationRequest, Client, Code, Error, Parameters, Reply};
use store::{Registered, StoredRequest, Target};
use web::{Request, Response, pages};

use crate::app::App;
use crate::reply::{self, Envelope};
use crate::under_way::{Place, UnderWay, advance};

/// The prefix of our `request_uri` values.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

pub(crate) async fn start(app: &App, request: &Request, parameters: Parameters) -> Result<Response, Error> {
    let (registered, resources) = tokio::join!(client(app, request, &parameters), app.resources.known(request.now()));
    let (registered, resources) = (registered?, resources?);
    let client = &registered.client;
    let (parameters, pushed) = pushed(app, request, parameters).await?;
    let reply = Reply::validate(&parameters, client)?;
    let checked = AuthorizationRequest::check(&parameters, client, (&resources, app.pkce), reply.clone());
    let checked = checked.and_then(|asked| {
        if client.require_pushed_authorization_requests && pushed.is_none() {
            let detail = "This client must push its requests to the PAR endpoint.";
            return Err(Error::parameter("request_uri", "missing", detail));
        }
        Ok(asked)
    });
    let is_silent = parameters.optional("prompt") == Some("none");
    let layout = app.site.layout(request, parameters.optional("ui_locales"));
    let envelope = Envelope { layout, client_name: client.display_name() };
    let answer = match checked {
        Ok(mut asked) => match hint(app, request, &parameters, &mut asked).await {
            Ok(()) => begin(app, request, (asked, pushed), &registered).await,
            Err(error) => Err(error),
        },
        Err(error) => return reply::error(app, envelope, &reply, &error),
    };
    match answer {
        // A request to wait is for the person: the client cannot wait, and would send the browser back at once. Nobody
        // sees the page of a silent request: its client waits for a response.
        Err(error) if error.retry_after().is_none() && error.code().status() < 500 || is_silent => {
            reply::error(app, envelope, &reply, &error)
        }
        answer => answer,
    }
}

/// Signs a person in for the account page of this service (`/authorize?to=account`). The address of the page is fixed.
pub(crate) async fn to_account(app: &App, request: &Request) -> Result<Response, Error> {
    let client = Client { client_name: Some(app.site.name().to_owned()), ..Client::first_party() };
    let browser = Browser::of(&app.site, request)?;
    let asked = AuthorizationRequest::of_ourselves(format!("{}{}", app.iss, pages::Account::PATH));
    let started = StoredRequest::started(asked, &client, &browser.name, request.now());
    let started = StoredRequest { target: Target::Account, ..started };
    advance(app, request, &UnderWay { request: started, place: Place::Here(browser) }, &client).await
}

/// The client. It must be known before an error can be sent to it.
async fn client(app: &App, request: &Request, parameters: &Parameters) -> Result<Arc<Registered>, Error> {
    parameters.refuse_repeated_one("client_id")?;
    let client_id = parameters.required("client_id")?;
    let registered = app.clients.known(client_id, request.now()).await?;
    registered.ok_or_else(|| Error::parameter("client_id", "unknown", "No client with this id is registered."))
}

/// The effective parameters: the pushed ones if the request refers to some. Two references count as none.
async fn pushed(app: &App, request: &Request, parameters: Parameters) -> Result<(Parameters, Option<String>), Error> {
    let reference = parameters.optional("request_uri").and_then(|uri| uri.strip_prefix(PUSHED));
    let Some(reference) = reference.filter(|_| !parameters.is_repeated("request_uri")) else {
        return Ok((parameters, None));
    };
    let client_id = parameters.required("client_id")?;
    let found = app.requests.find_pushed(reference, client_id, request.now()).await?;
    let (pushed, name) = found.ok_or_else(|| Error::new(Code::InvalidRequestUri, "no such pushed request"))?;
    Ok((pushed, Some(name)))
}

/// The person that an `id_token_hint` expects.
async fn hint(
    app: &App,
    request: &Request,
    parameters: &Parameters,
    asked: &mut AuthorizationRequest,
) -> Result<(), Error> {
    let Some(token) = parameters.optional("id_token_hint") else { return Ok(()) };
    let claims = app.hints.read(token, request.now()).await?;
    let claims = claims.filter(|claims| claims.aud.contains(&asked.client_id));
    let claims = claims.ok_or_else(|| {
        Error::parameter("id_token_hint", "invalid", "This is not an ID token that was issued to this client.")
    })?;
    asked.claims.sub = Some(claims.sub);
    Ok(())
}

/// Responds to a request, or stores it until its pages are done.
async fn begin(
    app: &App,
    request: &Request,
    (asked, pushed): (AuthorizationRequest, Option<String>),
    registered: &Registered,
) -> Result<Response, Error> {
    let browser = Browser::of(&app.site, request)?;
    let started = StoredRequest::started(asked, &registered.client, &browser.name, request.now());
    let started = StoredRequest { pushed, ..started };
    let under_way = UnderWay { request: started, place: Place::Here(browser) };
    advance(app, request, &under_way, &registered.client).await
}
