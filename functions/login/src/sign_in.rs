//! `/sign-in`, the hosted page: what proves a person is what `POST /login` takes, what comes of it is a browser session.
//!
//! It belongs to an authorization request that began in the same browser, and returns to `/authorize` whatever the way.

use oauth::{Code, Error, Time};
use store::{Password, Proven, SignedIn, StoredRequest, User};
use web::pages::{Client, SignIn, Step};
use web::{Request, Response, Visit};

use crate::app::App;
use crate::proof::{Offer, prove};

/// How a person proved who they are (RFC 8176).
const METHODS: &[&str] = &["pwd"];

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = app.site.visit(request)?;
    let stored = find(app, &visit, request.now()).await?;
    page(app, request, (&visit, &stored), stored.request.login_hint.as_deref().unwrap_or_default(), None)
}

pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = app.site.visit(request)?;
    let form = app.site.form(request, &visit.request)?;
    let stored = find(app, &visit, request.now()).await?;
    let field = |name| form.optional(name).unwrap_or_default();
    let offer = Offer { username: field("username"), password: field("password") };
    let enter = async |user, password| enter(app, request, &visit.request, (&user, &password)).await;
    match prove(app, offer, request, enter).await {
        Err(error) if SignIn::tells(&error) => {
            Ok(page(app, request, (&visit, &stored), offer.username, Some(&error))?.refusing(&error, request))
        }
        other => other,
    }
}

/// Signs the person in, in this browser, with a cookie that nobody has seen before.
async fn enter(
    app: &App,
    request: &Request,
    id: &str,
    (user, password): (&User, &Password),
) -> Result<Response, Error> {
    let proven = Proven { changed_at: password.changed_at, epoch: user.epoch };
    let signed_in = SignedIn { user: &user.id, proven, amr: METHODS };
    let cookie = app.browsers.begin(signed_in, app.site.session(request), request.now()).await?;
    let changed = || Error::new(Code::InvalidCredentials, "the password was changed at this very moment");
    let cookie = app.site.keep_session(&cookie.ok_or_else(changed)?, app.browsers.max_age());
    Ok(Response::see_other(format!("/authorize?request={id}")).cookie(cookie))
}

fn page(
    app: &App,
    request: &Request,
    (visit, stored): (&Visit<'_>, &StoredRequest),
    username: &str,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let token = app.site.token(visit.browser, SignIn::PATH, &visit.request);
    let layout = app.site.layout(request, stored.request.ui_locales.as_deref());
    let step = Step { request: &visit.request, token: &token, client: client(stored) };
    SignIn { layout, step, username, registration: app.registration, error }.response()
}

/// The app that a request comes from, as its pages name it.
fn client(stored: &StoredRequest) -> Client<'_> {
    Client {
        name: &stored.client_name,
        redirect_uri: &stored.request.reply.redirect_uri,
        uri: stored.client_uri.as_deref(),
        policy_uri: stored.policy_uri.as_deref(),
        tos_uri: stored.tos_uri.as_deref(),
    }
}

/// The request under way in this browser.
async fn find(app: &App, visit: &Visit<'_>, now: Time) -> Result<StoredRequest, Error> {
    let stored = app.requests.find(&visit.request, visit.browser, now).await?;
    stored.ok_or_else(|| Error::new(Code::StaleRequest, "no such request in this browser"))
}
