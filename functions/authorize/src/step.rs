//! Decides what a request needs next (OpenID Connect Core section 3.1.2): a signed-in person, their consent, or a code.
//! Missing steps are pages that return to `/authorize`, or errors for the client if the request allows no pages.

use std::ops::ControlFlow;

use oauth::{Authentication, Client, Code, Error, Level, Prompt, Time, Trust};
use store::{CodeGrant, Person, Stage, StoredRequest};
use web::{Request, pages};

use crate::app::App;
use crate::person::{self, SignedIn};

/// What a request needs next.
pub(crate) enum Step {
    /// A page for the person.
    Page(Page),
    /// A code: the request is granted.
    Code(Box<CodeGrant>),
    /// The request is refused with this error.
    Refusal(Code),
}

/// A page for the person.
#[derive(Clone, Copy)]
pub(crate) enum Page {
    SignIn,
    SignUp,
    Choose,
    SecondFactor,
    Consent,
}

impl Page {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::SignIn => pages::SignIn::PATH,
            Self::SignUp => pages::SignUp::PATH,
            Self::Choose => pages::Choose::PATH,
            Self::SecondFactor => pages::SecondFactor::PATH,
            Self::Consent => pages::Consent::PATH,
        }
    }

    /// The error for the client if no page may be shown.
    const fn silently(self) -> Code {
        match self {
            Self::SignIn | Self::SignUp | Self::Choose | Self::SecondFactor => Code::LoginRequired,
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
        ControlFlow::Continue(signed_in) if aim(stored, &signed_in, request.now()).is_none() => {
            Step::Refusal(Code::UnmetAuthenticationRequirements)
        }
        ControlFlow::Continue(signed_in) => Step::Code(Box::new(grant(app, request, stored, signed_in))),
        ControlFlow::Break(page) if stored.request.prompts(Prompt::None) => Step::Refusal(page.silently()),
        ControlFlow::Break(page) => Step::Page(page),
    })
}

/// The first missing step, in the order in which the pages are shown, or the person who has completed all of them.
async fn missing(
    app: &App,
    request: &Request,
    (stored, client): (&StoredRequest, &Client),
    signed_in: Option<SignedIn>,
) -> Result<ControlFlow<Page, SignedIn>, Error> {
    if flow::half_way(stored, signed_in.as_ref()).is_some() {
        return Ok(ControlFlow::Break(Page::SecondFactor));
    }
    let is_new = app.registration && stored.request.prompts(Prompt::Create);
    let Some(signed_in) = signed_in.filter(|signed_in| answers(stored, (signed_in, is_new), request)) else {
        return Ok(ControlFlow::Break(if is_new { Page::SignUp } else { Page::SignIn }));
    };
    if !is_chosen(stored, &signed_in) {
        return Ok(ControlFlow::Break(Page::Choose));
    }
    if signed_in.lacks_second_factor(request.now()) || falls_short(stored, &signed_in, request.now()) {
        return Ok(ControlFlow::Break(Page::SecondFactor));
    }
    if !agreed(app, request, (stored, client), &signed_in).await? {
        return Ok(ControlFlow::Break(Page::Consent));
    }
    Ok(ControlFlow::Continue(signed_in))
}

/// Whether the sign-in satisfies the request: recent enough, and of the expected person. A request for a new account is
/// satisfied by nobody who was signed in before.
fn answers(stored: &StoredRequest, (signed_in, is_new): (&SignedIn, bool), request: &Request) -> bool {
    let asked = &stored.request;
    let fresh = signed_in.session.authenticated_since(stored.started_at);
    let young = |max_age| signed_in.session.authentication.at.plus(max_age) >= request.now();
    let expected = asked.claims.sub.as_ref().is_none_or(|sub| *sub == signed_in.user.id);
    expected && (fresh || (!is_new && !asked.prompts(Prompt::Login) && asked.max_age.is_none_or(young)))
}

/// Whether the person has chosen this account, if the request demands a choice. Signing in for the request counts as one.
fn is_chosen(stored: &StoredRequest, signed_in: &SignedIn) -> bool {
    let must_choose = stored.request.prompts(Prompt::SelectAccount);
    let chosen = stored.chosen.as_ref() == Some(&signed_in.user.id);
    !must_choose || chosen || signed_in.session.authenticated_since(stored.started_at)
}

/// The level to which the request leads this person. `None`: an essential level is out of their reach.
fn aim(stored: &StoredRequest, signed_in: &SignedIn, now: Time) -> Option<Level> {
    let reach = if signed_in.user.has_second_factor(now) { Level::TwoFactors } else { Level::OneFactor };
    stored.request.level.aim(reach.max(signed_in.session.authentication.level))
}

/// Whether the person can reach a higher level, and the request leads them there.
fn falls_short(stored: &StoredRequest, signed_in: &SignedIn, now: Time) -> bool {
    aim(stored, signed_in, now).is_some_and(|aim| aim > signed_in.session.authentication.level)
}

/// Whether a person who has just signed in for this request is not the expected one, so that asking again would not
/// help.
fn is_somebody_else(stored: &StoredRequest, signed_in: &SignedIn) -> bool {
    let other = stored.request.claims.sub.as_ref().is_some_and(|sub| *sub != signed_in.user.id);
    other && signed_in.session.authenticated_since(stored.started_at)
}

/// Whether the person has given consent, now or before.
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

/// Whether a consent to this client is remembered. It is not if other software on the person's machine could
/// impersonate the client: a public client whose redirect URI is not a claimed https URI (RFC 8252 section 8.6).
pub(crate) fn remembers(stored: &StoredRequest, client: &Client) -> bool {
    let claimed = stored.request.reply.redirect_uri.starts_with("https://");
    client.trust == Trust::Verified && (claimed || !client.is_public())
}

/// The scopes on the consent page: the requested ones, and those of individually requested claims.
pub(crate) fn asked_for(stored: &StoredRequest) -> oauth::Scopes {
    let mut scope = stored.request.scope.clone();
    scope.extend(stored.request.claims.scopes().iter());
    scope
}

/// What a code for the request grants.
fn grant(app: &App, request: &Request, stored: &StoredRequest, signed_in: SignedIn) -> CodeGrant {
    let asked = &stored.request;
    let SignedIn { user, session } = signed_in;
    let authentication = session.authentication;
    let level = asked.level.named(authentication.level);
    CodeGrant {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.reply.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        user: Person::of(user, request.now()),
        scope: asked.scope.clone(),
        resources: asked.resources.clone(),
        nonce: asked.nonce.clone(),
        claims: asked.claims.clone(),
        authentication: Authentication { level, ..authentication },
        browser: session.id,
        browser_place: session.place,
        issued_at: request.now(),
        redeemable_until: request.now().plus(app.code_seconds).seconds(),
    }
}
