//! What a request needs next (OpenID Connect Core section 3.1.2): somebody who is signed in and may answer; their consent;
//! then a code. What is missing is asked for on a page that returns to `/authorize`, or, where the request allows no
//! questions, told to the client.

use std::ops::ControlFlow;

use oauth::{Client, Code, Error, Prompt, Trust};
use store::{CodeGrant, Person, Stage, StoredRequest};
use web::{Request, pages};

use crate::app::App;
use crate::person::{self, SignedIn};

/// What a request needs next.
pub(crate) enum Step {
    /// A question to the person.
    Page(Page),
    /// The request is granted: a code for it.
    Code(Box<CodeGrant>),
    /// The request is refused, for this reason.
    Refusal(Code),
}

/// A question to the person.
#[derive(Clone, Copy)]
pub(crate) enum Page {
    SignIn,
    Consent,
}

impl Page {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::SignIn => pages::SignIn::PATH,
            Self::Consent => pages::Consent::PATH,
        }
    }

    /// What the client is told where no question may be asked.
    const fn silently(self) -> Code {
        match self {
            Self::SignIn => Code::LoginRequired,
            Self::Consent => Code::ConsentRequired,
        }
    }
}

/// What a request of `client` needs next.
pub(crate) async fn next(app: &App, request: &Request, stored: &StoredRequest, client: &Client) -> Result<Step, Error> {
    if stored.stage == Stage::Denied {
        return Ok(Step::Refusal(Code::AccessDenied));
    }
    let signed_in = person::signed_in(app, request).await?;
    if signed_in.as_ref().is_some_and(|signed_in| is_somebody_else(stored, signed_in)) {
        return Ok(Step::Refusal(Code::LoginRequired));
    }
    Ok(match missing(app, request, (stored, client), signed_in).await? {
        ControlFlow::Continue(signed_in) => Step::Code(Box::new(grant(app, request, stored, signed_in))),
        ControlFlow::Break(page) if stored.request.prompts(Prompt::None) => Step::Refusal(page.silently()),
        ControlFlow::Break(page) => Step::Page(page),
    })
}

/// The first question that is still open, in the order in which people are asked; or the person who has answered all.
async fn missing(
    app: &App,
    request: &Request,
    (stored, client): (&StoredRequest, &Client),
    signed_in: Option<SignedIn>,
) -> Result<ControlFlow<Page, SignedIn>, Error> {
    let Some(signed_in) = signed_in.filter(|signed_in| answers(stored, signed_in, request)) else {
        return Ok(ControlFlow::Break(Page::SignIn));
    };
    if !agreed(app, request, (stored, client), &signed_in).await? {
        return Ok(ControlFlow::Break(Page::Consent));
    }
    Ok(ControlFlow::Continue(signed_in))
}

/// Whether the sign-in is one that the request takes: fresh enough, and of the expected person.
fn answers(stored: &StoredRequest, signed_in: &SignedIn, request: &Request) -> bool {
    let asked = &stored.request;
    let fresh = signed_in.session.proven_since(stored.started_at);
    let must_be_fresh = asked.prompts(Prompt::Login) || asked.prompts(Prompt::SelectAccount);
    let young = |max_age| signed_in.session.authentication.at.plus(max_age) >= request.now();
    let expected = asked.claims.sub.as_ref().is_none_or(|sub| *sub == signed_in.user.id);
    expected && (fresh || (!must_be_fresh && asked.max_age.is_none_or(young)))
}

/// Whether a person who has just signed in for this request is not the one whom it expects: asking again would not help.
fn is_somebody_else(stored: &StoredRequest, signed_in: &SignedIn) -> bool {
    let other = stored.request.claims.sub.as_ref().is_some_and(|sub| *sub != signed_in.user.id);
    other && signed_in.session.proven_since(stored.started_at)
}

/// Whether the person has agreed, now or before.
async fn agreed(
    app: &App,
    request: &Request,
    (stored, client): (&StoredRequest, &Client),
    signed_in: &SignedIn,
) -> Result<bool, Error> {
    let (asked, user) = (&stored.request, &signed_in.user.id);
    if matches!(&stored.stage, Stage::Consented { user: agreed } if agreed == user) {
        return Ok(true);
    }
    if asked.prompts(Prompt::Consent) {
        return Ok(false);
    }
    match client.trust {
        Trust::FirstParty => Ok(true),
        Trust::Verified if remembers(stored, client) => {
            let consent = app.consents.find(user, &asked.client_id, request.now()).await?;
            Ok(consent.is_some_and(|consent| consent.covers(&asked_for(stored), &asked.resources)))
        }
        Trust::Verified | Trust::Unverified => Ok(false),
    }
}

/// Whether an agreement with this client counts the next time. Not where anybody on the person's machine could take the
/// client's place: a public client whose redirect URI is no claimed https one (RFC 8252 section 8.6).
pub(crate) fn remembers(stored: &StoredRequest, client: &Client) -> bool {
    let claimed = stored.request.reply.redirect_uri.starts_with("https://");
    client.trust == Trust::Verified && (claimed || !client.is_public())
}

/// What the person is asked to agree to: the scopes, and those that single claims come down to.
pub(crate) fn asked_for(stored: &StoredRequest) -> oauth::Scopes {
    let mut scope = stored.request.scope.clone();
    scope.extend(stored.request.claims.scopes().iter());
    scope
}

/// What a code for the request stands for.
fn grant(app: &App, request: &Request, stored: &StoredRequest, signed_in: SignedIn) -> CodeGrant {
    let asked = &stored.request;
    let SignedIn { user, session } = signed_in;
    CodeGrant {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.reply.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        user: Person::of(user),
        scope: asked.scope.clone(),
        resources: asked.resources.clone(),
        nonce: asked.nonce.clone(),
        claims: asked.claims.clone(),
        authentication: session.authentication,
        browser: session.id,
        browser_place: session.place,
        issued_at: request.now(),
        redeemable_until: request.now().plus(app.code_seconds).seconds(),
    }
}
