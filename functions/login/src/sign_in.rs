//! `/sign-in`, the hosted page: verifies the same credentials as `POST /login`, and signs the person in to the browser.
//!
//! The page belongs to an authorization request that began in the same browser, and always returns to `/authorize`.

use flow::UnderWay;
use oauth::{Action, Authentication, Code, Error, Time};
use store::User;
use web::pages::{Forgot, SignIn, Undelivered, Unreachable};
use web::{Cookie, Request, Response};

use crate::app::App;
use crate::proof::{Credentials, Proof, verify};

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    page(app, request, &under_way, under_way.stored.request.login_hint.as_deref().unwrap_or_default(), None)
}

pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = app.site.visit(request)?;
    let form = app.site.form(request, &visit.request)?;
    let under_way = flow::find(&app.requests, visit, request.now()).await?;
    let field = |name| form.optional(name).unwrap_or_default();
    let keeps_account = form.optional("keep").is_some();
    let credentials = Credentials { username: field("username"), password: field("password"), keeps_account };
    match sign_in(app, credentials, request, &under_way).await {
        Err(error) if SignIn::shows(&error) => {
            Ok(page(app, request, &under_way, credentials.username, Some(&error))?.refusing(&error, request))
        }
        other => other,
    }
}

/// Signs the person in to this browser.
async fn sign_in(
    app: &App,
    credentials: Credentials<'_>,
    request: &Request,
    under_way: &UnderWay<'_>,
) -> Result<Response, Error> {
    let device = app.site.device(request);
    let Proof { user, authentication, attempt } = verify(app, credentials, request, device).await?;
    let is_known = attempt.is_on_known_device();
    let (cookie, device, (), (), (), unreachable) = tokio::join!(
        Box::pin(enter(app, request, (&user.id, &authentication), under_way)),
        Box::pin(flow::remember((&app.site, &app.devices), request, (&user.id, is_known))),
        app.limits.give_back(attempt),
        app.browsers.make_room(&user.id, request.now()),
        make_room(app, &user.id, is_known, request.now()),
        Box::pin(unreachable(app, &user, request.now()))
    );
    let next = match unreachable {
        Some((email, why)) => undelivered(app, request, under_way, (&email, why))?,
        None => under_way.back(),
    };
    Ok([Some(cookie?), device].into_iter().flatten().fold(next, Response::cookie))
}

/// Forgets devices that are too many, if another one is remembered now.
async fn make_room(app: &App, user: &str, is_known: bool, now: Time) {
    if !is_known {
        app.devices.make_room(user, now).await;
    }
}

/// The person's proven address and why mails do not reach it, if they do not. If the store fails here, nobody is told.
async fn unreachable(app: &App, user: &User, now: Time) -> Option<(String, Unreachable)> {
    let email = user.email(now).filter(|_| app.outbox.is_on())?;
    match flow::unreachable(&app.bounces, user, now).await {
        Ok(why) => why.map(|why| (email.address.clone(), why)),
        Err(error) => {
            tracing::warn!(%error, "looking for the mark of an address failed");
            None
        }
    }
}

/// Tells the person that mails do not reach them, before they return to `/authorize`.
fn undelivered(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    (email, why): (&str, Unreachable),
) -> Result<Response, Error> {
    let (layout, step) = (under_way.layout(&app.site, request), under_way.step(""));
    Undelivered { layout, step, email, why }.response()
}

/// Begins the sign-in of this browser, and records it.
async fn enter(
    app: &App,
    request: &Request,
    (user, authentication): (&str, &Authentication),
    under_way: &UnderWay<'_>,
) -> Result<Cookie, Error> {
    let cookie = flow::enter((&app.site, &app.browsers), request, user, authentication).await?;
    let cookie = cookie.ok_or_else(|| Error::new(Code::InvalidCredentials, "the password has just been changed"))?;
    let event = request.event_of(Action::SignIn, user).by_client(&under_way.stored.request.client_id);
    app.audit.record(event, request.now()).await;
    Ok(cookie)
}

fn page(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    username: &str,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let token = under_way.token(&app.site, SignIn::PATH, under_way.id());
    let (layout, step) = (under_way.layout(&app.site, request), under_way.step(&token));
    let forgot = app.outbox.is_on().then(|| format!("{}?request={}", Forgot::PATH, under_way.id()));
    let (registration, addresses) = (app.registration, app.addresses);
    SignIn { layout, step, username, registration, addresses, forgot: forgot.as_deref(), error }.response()
}
