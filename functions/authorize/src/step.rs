//! What a request needs next (OpenID Connect Core section 3.1.2): somebody who is signed in and may answer; their consent;
//! then a code. What is missing is asked for on a page that returns to `/authorize`, or, where the request allows no
//! questions, told to the client.

use oauth::{Client, Code, Error, Prompt, Trust};
use store::{CodeGrant, Person, Stage, StoredRequest, new_secret};
use web::{Request, Response, pages};

use crate::app::App;
use crate::person::{self, SignedIn};
use crate::reply;

/// A stored request, and who asks.
pub(crate) struct Step<'a> {
    pub(crate) id: &'a str,
    pub(crate) stored: &'a StoredRequest,
    pub(crate) client: &'a Client,
}

/// The request under way in this browser.
pub(crate) async fn find(app: &App, request: &Request, id: &str) -> Result<StoredRequest, Error> {
    let stale = || Error::new(Code::StaleRequest, "no such request in this browser");
    let browser = app.site.browser(request).ok_or_else(stale)?;
    app.requests.find(id, browser, request.now()).await?.ok_or_else(stale)
}

/// What a request needs next.
pub(crate) async fn proceed(app: &App, request: &Request, step: &Step<'_>) -> Result<Response, Error> {
    let silent = step.stored.request.prompts(Prompt::None);
    if step.stored.stage == Stage::Denied {
        return refuse(app, step, Code::AccessDenied).await;
    }
    let signed_in = match person::signed_in(app, request).await? {
        Some(signed_in) if answers(step.stored, &signed_in, request) => signed_in,
        Some(other) if silent || is_somebody_else(step.stored, &other) => {
            return refuse(app, step, Code::LoginRequired).await;
        }
        None if silent => return refuse(app, step, Code::LoginRequired).await,
        _ => return Ok(page(pages::SignIn::PATH, step)),
    };
    if !agreed(app, request, step, &signed_in).await? {
        return match silent {
            true => refuse(app, step, Code::ConsentRequired).await,
            false => Ok(page(pages::Consent::PATH, step)),
        };
    }
    grant(app, request, step, &signed_in).await
}

/// Whether the sign-in is one that the request takes: fresh enough, and of the expected person.
fn answers(stored: &StoredRequest, signed_in: &SignedIn, request: &Request) -> bool {
    let asked = &stored.request;
    let fresh = signed_in.session.proven_since(stored.started_at);
    let must_be_fresh = asked.prompts(Prompt::Login) || asked.prompts(Prompt::SelectAccount);
    let young = |max_age| signed_in.session.auth_time.plus(max_age) >= request.now();
    let expected = asked.claims.sub.as_ref().is_none_or(|sub| *sub == signed_in.user.id);
    expected && (fresh || (!must_be_fresh && asked.max_age.is_none_or(young)))
}

/// Whether a person who has just signed in for this request is not the one whom it expects: asking again would not help.
fn is_somebody_else(stored: &StoredRequest, signed_in: &SignedIn) -> bool {
    let other = stored.request.claims.sub.as_ref().is_some_and(|sub| *sub != signed_in.user.id);
    other && signed_in.session.proven_since(stored.started_at)
}

/// Whether the person has agreed, now or before.
async fn agreed(app: &App, request: &Request, step: &Step<'_>, signed_in: &SignedIn) -> Result<bool, Error> {
    let (asked, user) = (&step.stored.request, &signed_in.user.id);
    if matches!(&step.stored.stage, Stage::Consented { user: agreed } if agreed == user) {
        return Ok(true);
    }
    if asked.prompts(Prompt::Consent) {
        return Ok(false);
    }
    match step.client.trust {
        Trust::FirstParty => Ok(true),
        Trust::Verified if remembers(step) => {
            let consent = app.consents.find(user, &asked.client_id, request.now()).await?;
            Ok(consent.is_some_and(|consent| consent.covers(&asked_for(step.stored), &asked.resources)))
        }
        Trust::Verified | Trust::Unverified => Ok(false),
    }
}

/// Whether an agreement with this client counts the next time. Not where anybody on the person's machine could take the
/// client's place: a public client whose redirect URI is no claimed https one (RFC 8252 section 8.6).
pub(crate) fn remembers(step: &Step<'_>) -> bool {
    let claimed = step.stored.request.reply.redirect_uri.starts_with("https://");
    step.client.trust == Trust::Verified && (claimed || !step.client.is_public())
}

/// What the person is asked to agree to: the scopes, and those that single claims come down to.
pub(crate) fn asked_for(stored: &StoredRequest) -> oauth::Scopes {
    let mut scope = stored.request.scope.clone();
    scope.extend(stored.request.claims.scopes().iter());
    scope
}

/// Ends the request with a code.
async fn grant(app: &App, request: &Request, step: &Step<'_>, signed_in: &SignedIn) -> Result<Response, Error> {
    let asked = &step.stored.request;
    let code = new_secret()?;
    let grant = CodeGrant {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.reply.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        user: Person {
            id: signed_in.user.id.clone(),
            username: signed_in.user.username.clone(),
            roles: signed_in.user.roles.clone(),
            epoch: signed_in.user.epoch,
        },
        scope: asked.scope.clone(),
        resources: asked.resources.clone(),
        nonce: asked.nonce.clone(),
        claims: asked.claims.clone(),
        auth_time: signed_in.session.auth_time,
        amr: signed_in.session.amr.clone(),
        browser: signed_in.session.id.clone(),
        redeemable_until: request.now().plus(app.code_seconds).seconds(),
    };
    match app.requests.redeem(step.id, &code, &grant).await? {
        true => reply::code(app, &step.stored.client_name, &asked.reply, &code),
        false => Err(Error::new(Code::StaleRequest, "the request has ended already")),
    }
}

/// Ends the request without a code.
async fn refuse(app: &App, step: &Step<'_>, code: Code) -> Result<Response, Error> {
    app.requests.end(step.id).await?;
    reply::error(app, &step.stored.client_name, &step.stored.request.reply, &Error::new(code, "the request ends"))
}

/// To a page of this request.
fn page(path: &str, step: &Step<'_>) -> Response {
    Response::see_other(format!("{path}?request={}", step.id))
}
