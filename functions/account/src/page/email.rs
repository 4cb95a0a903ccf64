//! `/account/email`: asks for another e-mail address. The page that follows asks for the code of the mail.

use flow::SignedIn;
use oauth::{Error, Parameters};
use store::{OnceKind, OneTime};
use web::pages::{ChangeEmail, Mailed};
use web::{Fields, Request, Response};

use super::Visitor;
use crate::app::App;
use crate::email::{address, must_be_on, send};
use crate::proof::prove;

pub(super) fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    must_be_on(app)?;
    page(app, request, visitor, ("", None))
}

pub(super) async fn ask(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    let secret = OneTime::in_browser(OnceKind::Address, &visitor.browser.name)?;
    match send_to(app, request, visitor, (&form, &secret)).await {
        Ok(()) => Ok(Response::see_other(format!("{}?secret={}", Mailed::VERIFY, secret.name()))),
        Err(error) if ChangeEmail::shows(&error) => {
            let typed = form.optional("email").unwrap_or_default();
            Ok(page(app, request, visitor, (typed, Some(&error)))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

async fn send_to(
    app: &App,
    request: &Request,
    visitor: &Visitor<'_>,
    (form, secret): (&Parameters, &OneTime),
) -> Result<(), Error> {
    let mut fields = Fields::of_form(form, &["email", "password"]);
    let email = address(&mut fields);
    let password = fields.required("password", |text| Ok(text.to_owned()));
    let (email, password) = fields.finish((email, password))?;
    let SignedIn { user, session } = &visitor.signed_in;
    must_be_on(app)?;
    prove(app, request, user, &password).await?;
    send(app, request, (user, &session.authentication), (&email, secret)).await
}

fn page(
    app: &App,
    request: &Request,
    visitor: &Visitor<'_>,
    (email, error): (&str, Option<&Error>),
) -> Result<Response, Error> {
    let user = &visitor.signed_in.user;
    let page = ChangeEmail {
        layout: app.site.layout(request, None),
        token: &visitor.token(app, ChangeEmail::PATH),
        username: user.called(request.now()),
        present: user.email(request.now()).map(|email| email.address.as_str()),
        email,
        error,
    };
    Ok(visitor.shown(app, page.response()?))
}
