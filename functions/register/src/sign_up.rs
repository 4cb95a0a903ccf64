//! `/sign-up`, the hosted page: creates a person as `POST /register` does, and signs them in to the browser.
//!
//! The page belongs to an authorization request that began in the same browser, and returns to `/authorize`.

use flow::UnderWay;
use oauth::{Authentication, Error, Parameters, SignInWith};
use store::{OnceKind, OneTime, User};
use web::pages::{Mailed, Needed, SignIn, SignUp};
use web::{Fields, Request, Response, work};

use crate::app::App;
use crate::registration::{Registered, Registration, account, must_be_open};
use crate::ticket;

/// The fields of the form.
const FIELDS: &[&str] = &["username", "email", "name", "password"];

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    page(app, request, &under_way, &Parameters::default(), None)
}

pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let visit = app.site.visit(request)?;
    let form = app.site.form(request, &visit.request)?;
    let under_way = flow::find(&app.requests, visit, request.now()).await?;
    let secret = OneTime::in_browser(OnceKind::Address, under_way.browser())?;
    match create(app, request, &form, &secret).await {
        Ok(Registered::Created(user)) => enter(app, request, &under_way, &user).await,
        Ok(Registered::Sent) => {
            let page = format!("{}?request={}&secret={}", Mailed::VERIFY, under_way.id(), secret.name());
            Ok(Response::see_other(page))
        }
        Err(error) if SignUp::shows(&error) => {
            Ok(page(app, request, &under_way, &form, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

async fn create(app: &App, request: &Request, form: &Parameters, secret: &OneTime) -> Result<Registered, Error> {
    let fields = fields(app, form);
    let account = account(&fields);
    let registration = Registration::read(app, fields, request).await?;
    if !form.optional(ticket::FIELD).is_some_and(|ticket| ticket::is_over(&app.site, request, &account, ticket)) {
        app.work.check(form.optional(work::FIELD), &account, request.now())?;
    }
    registration.create(app, request, secret).await
}

/// The ticket of a browser that has to wait: the one that it has, if that is for the same account, or else a new one.
fn waiting(app: &App, request: &Request, under_way: &UnderWay<'_>, form: &Parameters) -> String {
    let account = account(&fields(app, form));
    let ticket = form.optional(ticket::FIELD);
    match ticket.filter(|ticket| ticket::since(&app.site, request, &account, ticket).is_some()) {
        Some(ticket) => ticket.to_owned(),
        None => ticket::new(&app.site, under_way.browser(), &account, request.now()),
    }
}

/// The fields of the form that the page asks for. Browsers send an empty one for each that was left out.
fn fields(app: &App, form: &Parameters) -> Fields {
    let (username, email) = needed(app);
    let asked = |field: &&&str| match **field {
        "username" => username != Needed::No,
        "email" => email != Needed::No,
        _ => true,
    };
    let asked: Vec<&str> = FIELDS.iter().filter(asked).copied().collect();
    Fields::of_form(form, &asked)
}

/// Whether the page asks for a username and for an address.
fn needed(app: &App) -> (Needed, Needed) {
    match app.with {
        SignInWith::Email => (Needed::No, Needed::Required),
        SignInWith::Both => (Needed::Optional, Needed::Optional),
        SignInWith::Username if app.outbox.is_on() => (Needed::Required, Needed::Optional),
        SignInWith::Username => (Needed::Required, Needed::No),
    }
}

/// Signs the person in with the password that they have just chosen.
async fn enter(app: &App, request: &Request, under_way: &UnderWay<'_>, user: &User) -> Result<Response, Error> {
    let authentication = Authentication::by_password(user.epoch, user.created_at, request.now());
    let (entered, device) = tokio::join!(
        Box::pin(flow::enter((&app.site, &app.browsers), request, &user.id, &authentication)),
        Box::pin(flow::remember((&app.site, &app.devices), request, (&user.id, false))),
    );
    Ok(match (entered?, device) {
        (Some(cookie), Some(device)) => under_way.back().cookie(cookie).cookie(device),
        (Some(cookie), None) => under_way.back().cookie(cookie),
        (None, _) => flow::page(SignIn::PATH, under_way.id()),
    })
}

fn page(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    form: &Parameters,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let token = under_way.token(&app.site, SignUp::PATH, under_way.id());
    let (asks_username, asks_email) = needed(app);
    let ticket = error.filter(|error| work::is_missing(error)).map(|_| waiting(app, request, under_way, form));
    SignUp {
        layout: under_way.layout(&app.site, request),
        step: under_way.step(&token),
        username: form.optional("username").unwrap_or_default(),
        email: form.optional("email").unwrap_or_default(),
        name: form.optional("name").unwrap_or_default(),
        asks_username,
        asks_email,
        min_length: app.policy.min_length(),
        work: app.work.demand(request.now()),
        ticket: ticket.as_deref(),
        error,
    }
    .response()
}
