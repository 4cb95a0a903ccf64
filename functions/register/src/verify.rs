//! `/email/verify`, as JSON and as a page: proves an address with the code or the link of a mail, to complete a
//! registration or to change the address of an account.
//!
//! A code counts only where the request began. A link can be opened by whoever reads the mail, who may not be the one who
//! asked for it. So whoever completes a registration with a link sets the password, and a stranger who registered with the
//! address has nothing; and whoever changes an address with a link gives the password of the account, so that nobody adds
//! their own address to the account of a stranger by a mistake, or a stranger's to their own.

use credentials::{NewPassword, PasswordHash};
use flow::MailVisit;
use oauth::{Action, Authentication, Error, FieldProblem};
use store::{Found, OnceKind, Opened, Presented, Purpose};
use web::pages::{Done, Mailed, News, Task};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::change;
use crate::refusal::{logged, wrong};

/// `POST /email/verify` with a JSON body: a handle and a code, or the token of a link and a password.
pub(crate) async fn verify(app: &App, request: &Request) -> Result<Response, Error> {
    let text = |text: &str| Ok::<_, Vec<Problem>>(text.to_owned());
    let mut fields = request.json()?;
    if fields.peek("token").is_some() {
        let (token, password) = (fields.required("token", text), fields.required("password", text));
        let (token, password) = fields.finish((token, password))?;
        prove(app, request, Presented::Link(&token), &password).await?;
    } else {
        let (handle, code) = (fields.required("handle", text), fields.required("code", text));
        let (handle, code) = fields.finish((handle, code))?;
        prove(app, request, Presented::Handle(&handle, &code), "").await?;
    }
    Ok(Response::empty(204))
}

/// The page. It changes nothing, so that a scanner that opens links uses nothing up.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = MailVisit::opened(&app.site, &app.requests, request).await?;
    if !visit.is_by_link() {
        visit.presented("")?;
        return page(app, request, (&visit, Task::Register), None);
    }
    match app.once.find(OnceKind::Address, visit.presented("")?, request.now()).await? {
        Found::Secret(opened) => page(app, request, (&visit, task(&opened)), None),
        Found::Wrong => {
            let error = wrong("an unknown link");
            Ok(page(app, request, (&visit, Task::Register), Some(&error))?.refusing(&error, request))
        }
    }
}

/// The form of the page.
pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let (visit, form) = MailVisit::sent(&app.site, &app.requests, request).await?;
    let field = |name| form.optional(name).unwrap_or_default();
    let (opened, proven) = match find(app, request, visit.presented(field("code"))?).await {
        Ok(opened) => (task(&opened), use_up(app, request, &opened, field("password")).await),
        Err(error) => (Task::Register, Err(error)),
    };
    match logged(proven, request, Action::AddressProven) {
        Ok(Proven::Registered(user)) => enter(app, request, &visit, &user).await,
        Ok(Proven::Address(news)) => done(app, request, &visit, news),
        Err(error) if Mailed::shows(&error) => {
            Ok(page(app, request, (&visit, opened), Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// What was proven.
enum Proven {
    /// The address of a registration: the person with this id can sign in.
    Registered(String),
    /// The new address of an account.
    Address(News),
}

async fn prove(app: &App, request: &Request, presented: Presented<'_>, password: &str) -> Result<Proven, Error> {
    let proven = match find(app, request, presented).await {
        Ok(opened) => use_up(app, request, &opened, password).await,
        Err(error) => Err(error),
    };
    logged(proven, request, Action::AddressProven)
}

async fn find(app: &App, request: &Request, presented: Presented<'_>) -> Result<Opened, Error> {
    match app.once.find(OnceKind::Address, presented, request.now()).await? {
        Found::Secret(opened) => Ok(opened),
        Found::Wrong => Err(wrong("unknown, used or expired")),
    }
}

async fn use_up(app: &App, request: &Request, opened: &Opened, password: &str) -> Result<Proven, Error> {
    match &opened.purpose {
        Purpose::Registration { user, .. } => complete(app, request, (opened, user), password).await,
        Purpose::Change { user, .. } => {
            change::change(app, request, (opened, user), password).await.map(Proven::Address)
        }
        Purpose::Reset { .. } | Purpose::Keep { .. } | Purpose::Nothing {} => Err(wrong("for something else")),
    }
}

/// Completes a registration. Where it began, the password stays that was chosen then.
async fn complete(
    app: &App,
    request: &Request,
    (opened, user): (&Opened, &str),
    password: &str,
) -> Result<Proven, Error> {
    let now = request.now();
    let replaced = if opened.is_at_home { None } else { replacement(app, request, opened, password).await? };
    let replaced = replaced.as_ref().map(PasswordHash::as_str);
    if app.users.complete(opened, replaced, now).await? {
        app.audit.record(request.event_of(Action::AddressProven, user), now).await;
        Ok(Proven::Registered(user.to_owned()))
    } else {
        Err(wrong("used, too late, or the address has an owner"))
    }
}

/// The hash of a password that is not the one of the registration.
async fn replacement(
    app: &App,
    request: &Request,
    opened: &Opened,
    password: &str,
) -> Result<Option<PasswordHash>, Error> {
    let Purpose::Registration { user, email, .. } = &opened.purpose else { return Ok(None) };
    let now = request.now();
    let (stored, profile) =
        tokio::try_join!(Box::pin(app.users.password(user, now)), Box::pin(app.users.by_id(user, now)))?;
    let (stored, profile) = stored.zip(profile).ok_or_else(|| wrong("too late"))?;
    let context: Vec<&str> = profile.username.as_deref().into_iter().chain([email.address.as_str()]).collect();
    let password = check(app, password, &context)?;
    if PasswordHash::parse(&stored.hash).is_ok_and(|hash| password.opens(&hash)) {
        return Ok(None);
    }
    app.breaches.refuse(&password).await?;
    password.hash().map(Some).map_err(|error| Error::fault("hashing").because(error))
}

fn check(app: &App, password: &str, context: &[&str]) -> Result<NewPassword, Error> {
    app.policy.check(password, context).map_err(|problems| Error::fields(FieldProblem::of("password", problems)))
}

/// Signs the person in where the registration began, with the password that was chosen there.
async fn enter(app: &App, request: &Request, visit: &MailVisit<'_>, user: &str) -> Result<Response, Error> {
    let Some(under_way) = visit.under_way().filter(|_| !visit.is_by_link()) else {
        return done(app, request, visit, News::Registered);
    };
    let user = app.users.by_id(user, request.now()).await?.ok_or_else(|| wrong("gone"))?;
    let authentication = Authentication::by_password(user.epoch, user.created_at, user.created_at);
    let (entered, device) = tokio::join!(
        Box::pin(flow::enter((&app.site, &app.browsers), request, &user.id, &authentication)),
        Box::pin(flow::remember((&app.site, &app.devices), request, (&user.id, false))),
    );
    let cookies = entered?.into_iter().chain(device);
    Ok(cookies.fold(under_way.back(), Response::cookie))
}

fn task(opened: &Opened) -> Task {
    if matches!(opened.purpose, Purpose::Change { .. }) { Task::Change } else { Task::Register }
}

fn done(app: &App, request: &Request, visit: &MailVisit<'_>, news: News) -> Result<Response, Error> {
    let (layout, sign_in) = (visit.layout(&app.site, request), visit.sign_in());
    Done { layout, news, sign_in: sign_in.as_deref() }.response()
}

fn page(
    app: &App,
    request: &Request,
    (visit, task): (&MailVisit<'_>, Task),
    error: Option<&Error>,
) -> Result<Response, Error> {
    let (parts, layout) = (visit.form(&app.site, Mailed::VERIFY), visit.layout(&app.site, request));
    let page = Mailed { layout, task, form: parts.form(), min_length: app.policy.min_length(), error };
    Ok(visit.shown(&app.site, page.response()?))
}
