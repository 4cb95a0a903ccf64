//! `/consent`: what an app may do, asked of the person who is signed in.

use oauth::{Code, Error, Trust};
use store::{Stage, StoredRequest};
use web::pages::{self, Client, Consent, Permission, Person};
use web::{Request, Response};

use crate::app::App;
use crate::person;
use crate::step::{asked_for, find, remembers};

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let parameters = request.query_parameters()?;
    let id = parameters.required("request")?;
    let stored = find(app, request, id).await?;
    let Some(signed_in) = person::signed_in(app, request).await? else { return Ok(back(id)) };
    let registered = app.clients.known(&stored.request.client_id, request.now()).await?;
    let trust = registered.map_or(Trust::Unverified, |registered| registered.client.trust);
    let scope = asked_for(&stored);
    let permission = |word| Permission { word, sentence: app.resources.sentence(word) };
    let browser = app.site.browser(request).unwrap_or_default();
    let token = app.site.token(browser, Consent::PATH, &subject(id, &signed_in.user.id));
    Consent {
        layout: app.site.layout(request, stored.request.ui_locales.as_deref()),
        step: pages::Step { request: id, token: &token, client: client(&stored) },
        verified: trust >= Trust::Verified,
        person: Person { username: &signed_in.user.username, name: signed_in.user.name.as_deref() },
        scopes: &scope.iter().map(permission).collect::<Vec<_>>(),
    }
    .response()
}

/// The app that a request comes from, as its pages name it.
pub(crate) fn client(stored: &StoredRequest) -> Client<'_> {
    Client {
        name: &stored.client_name,
        redirect_uri: &stored.request.reply.redirect_uri,
        uri: stored.client_uri.as_deref(),
        policy_uri: stored.policy_uri.as_deref(),
        tos_uri: stored.tos_uri.as_deref(),
    }
}

pub(crate) async fn decide(app: &App, request: &Request) -> Result<Response, Error> {
    let parameters = request.query_parameters()?;
    let id = parameters.required("request")?;
    let Some(signed_in) = person::signed_in(app, request).await? else { return Ok(back(id)) };
    let user = signed_in.user.id;
    let form = app.site.form(request, &subject(id, &user))?;
    let stored = find(app, request, id).await?;
    let stage = match form.required("decision")? {
        "allow" => Stage::Consented { user: user.clone() },
        "deny" => Stage::Denied,
        _ => return Err(Error::parameter("decision", "unsupported", "It is allow or deny.")),
    };
    if !app.requests.decide(id, &stage, request.now()).await? {
        return Err(Error::new(Code::StaleRequest, "it was decided before"));
    }
    if stage != Stage::Denied {
        remember(app, request, &user, &stored).await?;
    }
    Ok(back(id))
}

async fn remember(app: &App, request: &Request, user: &str, stored: &StoredRequest) -> Result<(), Error> {
    let asked = &stored.request;
    let registered = app.clients.known(&asked.client_id, request.now()).await?;
    let registered = registered.ok_or_else(|| Error::new(Code::StaleRequest, "the client is gone"))?;
    match remembers(stored, &registered.client) {
        true => app.consents.add((user, &asked.client_id), &asked_for(stored), &asked.resources, request.now()).await,
        false => Ok(()),
    }
}

/// What the form is about. The person takes part: who signs in in another tab agrees to nothing that this page asked of
/// somebody else.
fn subject(id: &str, user: &str) -> String {
    format!("{id} {user}")
}

fn back(id: &str) -> Response {
    Response::see_other(format!("/authorize?request={id}"))
}
