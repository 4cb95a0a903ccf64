//! `/sign-in`, the hosted page: verifies the same credentials as `POST /login`, and signs the person in to the browser, unless
//! a second factor must follow ([`crate::two_step`]).
//!
//! The page belongs to an authorization request that began in the same browser, and always returns to `/authorize`.

use flow::{Entry, UnderWay};
use oauth::{Authentication, Code, Error};
use store::{Proven, Spent, User};
use web::pages::{Forgot, SignIn};
use web::{Request, Response};

use crate::app::App;
use crate::arrival::{Arrival, arrive};
use crate::proof::{Credentials, verify};

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

/// Signs the person in to this browser, or notes that their second factor must follow.
async fn sign_in(
    app: &App,
    credentials: Credentials<'_>,
    request: &Request,
    under_way: &UnderWay<'_>,
) -> Result<Response, Error> {
    let device = app.site.device(request);
    let proof = verify(app, credentials, request, device).await?;
    let is_known = proof.attempt.is_on_known_device();
    let person = (&proof.user, &proof.authentication);
    let next = async {
        if proof.factors.has_second_factor() && !is_trusted(app, request, &proof.user, is_known).await? {
            halfway(app, request, under_way, (person, is_known)).await
        } else {
            let is_trusted = proof.factors.has_second_factor();
            let entry = Entry { user: &person.0.id, authentication: person.1, is_trusted, spent: Spent::default() };
            let arrival = Arrival { user: person.0, entry, is_known, trusts: false };
            let changed = || Error::new(Code::InvalidCredentials, "the password has just been changed");
            arrive(app, request, under_way, arrival).await?.ok_or_else(changed)
        }
    };
    let (next, ()) = tokio::join!(Box::pin(next), app.limits.give_back(proof.attempt));
    next
}

/// Whether the password is sufficient on this device.
async fn is_trusted(app: &App, request: &Request, user: &User, is_known: bool) -> Result<bool, Error> {
    match app.site.device(request).filter(|_| is_known) {
        Some(device) => app.devices.is_trusted(&user.id, device, user.epoch, request.now()).await,
        None => Ok(false),
    }
}

/// Notes in the stored request who has proven their password. `/authorize` then asks for the second factor.
async fn halfway(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    ((user, authentication), is_on_known_device): ((&User, &Authentication), bool),
) -> Result<Response, Error> {
    let proven = Proven { user: user.id.clone(), authentication: authentication.clone(), is_on_known_device };
    if app.requests.prove(under_way.id(), &proven, request.now()).await? {
        Ok(under_way.back())
    } else {
        Err(Error::new(Code::StaleRequest, "the request has ended"))
    }
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
