//! `/sign-up`, the hosted page: creates a person as `POST /register` does and signs them in, in this browser.
//!
//! It belongs to an authorization request that began in the same browser, and returns to `/authorize`.

use oauth::{Code, Error, Parameters, Time};
use store::{Proven, SignedIn, StoredRequest, User};
use web::pages::{Client, SignIn, SignUp, Step};
use web::{Fields, Request, Response, Visit};

use crate::app::App;
use crate::registration::{Registration, must_be_open};

/// How a person proved who they are (RFC 8176): they have just chosen the password.
const METHODS: &[&str] = &["pwd"];
/// The fields of the form.
const FIELDS: &[&str] = &["username", "name", "password"];

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let visit = app.site.visit(request)?;
    let stored = find(app, &visit, request.now()).await?;
    page(app, request, (&visit, &stored), &Parameters::default(), None)
}

pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let visit = app.site.visit(request)?;
    let form = app.site.form(request, &visit.request)?;
    let stored = find(app, &visit, request.now()).await?;
    let created = match Registration::read(app, Fields::of_form(&form, FIELDS), request.now()).await {
        Ok(registration) => registration.create(app, request.now()).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(user) => enter(app, request, &visit.request, &user).await,
        Err(error) if SignUp::tells(&error) => {
            Ok(page(app, request, (&visit, &stored), &form, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Signs the person in, with a cookie that nobody has seen before.
async fn enter(app: &App, request: &Request, id: &str, user: &User) -> Result<Response, Error> {
    let proven = Proven { changed_at: user.created_at, epoch: user.epoch };
    let signed_in = SignedIn { user: &user.id, proven, amr: METHODS };
    Ok(match app.browsers.begin(signed_in, app.site.session(request), request.now()).await? {
        Some(cookie) => Response::see_other(format!("/authorize?request={id}"))
            .cookie(app.site.keep_session(&cookie, app.browsers.max_age())),
        None => Response::see_other(format!("{}?request={id}", SignIn::PATH)),
    })
}

fn page(
    app: &App,
    request: &Request,
    (visit, stored): (&Visit<'_>, &StoredRequest),
    form: &Parameters,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let token = app.site.token(visit.browser, SignUp::PATH, &visit.request);
    SignUp {
        layout: app.site.layout(request, stored.request.ui_locales.as_deref()),
        step: Step { request: &visit.request, token: &token, client: client(stored) },
        username: form.optional("username").unwrap_or_default(),
        name: form.optional("name").unwrap_or_default(),
        min_length: app.policy.min_length(),
        error,
    }
    .response()
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
