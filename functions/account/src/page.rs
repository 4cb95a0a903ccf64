//! `/account` and below: what a person does to their account in a browser, without an app.
//!
//! The pages use the browser's own sign-in. Without one, or if it lacks a second factor that the person has, they lead to
//! `/authorize`, which returns here. Every form is bound
//! to the browser and to the person whom its page showed.

mod delete;
mod email;
mod name;
mod overview;
mod password;
mod recovery_codes;
mod shown;
mod totp;

use flow::{Browser, SignedIn};
use oauth::{Code, Error, Parameters};
use web::pages::{Account, AuthenticatorApp, ChangeEmail, ChangeName, ChangePassword, DeleteAccount, RecoveryCodes};
use web::{Method, Request, Response};

use crate::app::App;
use crate::person::fresh;
use crate::proof::prove;

/// Where people sign in for these pages.
const SIGN_IN: &str = "/authorize?to=account";

const PAGES: [&str; 7] = [
    Account::PATH,
    AuthenticatorApp::PATH,
    ChangeEmail::PATH,
    ChangeName::PATH,
    ChangePassword::PATH,
    DeleteAccount::PATH,
    RecoveryCodes::PATH,
];

/// A signed-in person in their browser.
pub(crate) struct Visitor<'r> {
    signed_in: SignedIn,
    browser: Browser<'r>,
}

impl Visitor<'_> {
    /// The token for the form at `path`.
    fn token(&self, app: &App, path: &str) -> String {
        app.site.token(&self.browser.name, path, &self.signed_in.user.id)
    }

    /// The form of a POST, after verifying that a page for this person in this browser sent it.
    fn form(&self, app: &App, request: &Request) -> Result<Parameters, Error> {
        app.site.form(request, &self.signed_in.user.id)
    }

    /// Adds the browser's cookie to a page if it is new.
    fn shown(&self, app: &App, page: Response) -> Response {
        self.browser.shown(&app.site, page)
    }
}

pub(crate) async fn handle(app: &App, request: &Request) -> Result<Response, Error> {
    if !PAGES.contains(&request.path()) {
        return Err(Error::new(Code::NotFound, "path"));
    }
    if ![Method::GET, Method::POST].contains(request.method()) {
        return Err(Error::method_not_allowed("GET, HEAD, POST"));
    }
    let signed_in = flow::signed_in(&app.site, (&app.browsers, &app.users), request).await?;
    let Some(signed_in) = signed_in.filter(|signed_in| !signed_in.lacks_second_factor(request.now())) else {
        return Ok(Response::see_other(SIGN_IN));
    };
    let visitor = Visitor { signed_in, browser: Browser::of(&app.site, request)? };
    let sent = request.method() == Method::POST;
    match request.path() {
        AuthenticatorApp::PATH if sent => totp::act(app, request, &visitor).await,
        AuthenticatorApp::PATH => totp::show(app, request, &visitor).await,
        RecoveryCodes::PATH if sent => recovery_codes::act(app, request, &visitor).await,
        RecoveryCodes::PATH => recovery_codes::show(app, request, &visitor),
        ChangeEmail::PATH if sent => email::ask(app, request, &visitor).await,
        ChangeEmail::PATH => email::show(app, request, &visitor),
        ChangeName::PATH if sent => name::change(app, request, &visitor).await,
        ChangeName::PATH => name::show(app, request, &visitor),
        ChangePassword::PATH if sent => password::change(app, request, &visitor).await,
        ChangePassword::PATH => password::show(app, request, &visitor),
        DeleteAccount::PATH if sent => delete::delete(app, request, visitor).await,
        DeleteAccount::PATH => delete::show(app, request, &visitor),
        _ if sent => overview::act(app, request, &visitor).await,
        _ => overview::show(app, request, &visitor).await,
    }
}

/// Refuses unless the form has the right password, or the person has authenticated within the last minutes.
async fn present(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<(), Error> {
    match form.optional("password") {
        Some(password) => prove(app, request, &visitor.signed_in.user, password).await.map(drop),
        None => fresh(&visitor.signed_in.session.authentication, request.now()),
    }
}

/// Whether a form has to ask for the password, for [`present`].
fn asks_password(request: &Request, visitor: &Visitor<'_>) -> bool {
    fresh(&visitor.signed_in.session.authentication, request.now()).is_err()
}
