//! `/account/totp`: sets up an authenticator app, or removes the one that is there.

use flow::SignedIn;
use oauth::{Code, Error, Level, Parameters, Second};
use web::pages::{Account, AppStep, AuthenticatorApp};
use web::{Request, Response};

use super::{Visitor, asks_password, present, recovery_codes};
use crate::app::App;
use crate::totp::{self, NewApp};

pub(super) async fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let factors = app.factors.of(&visitor.signed_in.user.id, request.now()).await?;
    let step = if factors.totp.is_some() { AppStep::Remove } else { AppStep::Begin };
    page(app, request, visitor, (step, None))
}

pub(super) async fn act(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    match form.optional("step") {
        Some("confirm") => confirm(app, request, visitor, &form).await,
        Some("remove") => remove(app, request, visitor, &form).await,
        _ => begin(app, request, visitor, &form).await,
    }
}

/// Shows a new secret.
async fn begin(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<Response, Error> {
    let begun = match present(app, request, visitor, form).await {
        Ok(()) => totp::begin(app, request, &visitor.signed_in.user).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(NewApp { secret, qr, .. }) => {
            page(app, request, visitor, (AppStep::Scan { secret: &secret, image: &qr }, None))
        }
        Err(error) if AuthenticatorApp::shows(&error) => {
            Ok(page(app, request, visitor, (AppStep::Begin, Some(&error)))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Shows the recovery codes after the right code, and the secret again after a wrong one.
async fn confirm(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<Response, Error> {
    let user = &visitor.signed_in.user;
    let confirmed = match present(app, request, visitor, form).await {
        Ok(()) => totp::complete(app, request, user, form.optional("code").unwrap_or_default()).await,
        Err(error) => Err(error),
    };
    match confirmed {
        Ok(codes) => {
            let response = match codes {
                Some(codes) => recovery_codes::shown(app, request, visitor, &codes)?,
                None => Response::see_other(Account::PATH),
            };
            Ok(entered(app, request, visitor, response).await)
        }
        Err(error) if AuthenticatorApp::shows(&error) => {
            let waiting = totp::waiting(app, request, user).await?;
            let step = match &waiting {
                Some(NewApp { secret, qr, .. }) => AppStep::Scan { secret, image: qr },
                None => AppStep::Begin,
            };
            Ok(page(app, request, visitor, (step, Some(&error)))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Lets the sign-in of the browser count as one with a second factor: the person has just proven it. If the store fails here,
/// the next page asks for a code.
async fn entered(app: &App, request: &Request, visitor: &Visitor<'_>, response: Response) -> Response {
    let SignedIn { user, session } = &visitor.signed_in;
    if session.authentication.level > Level::OneFactor {
        return response;
    }
    let authentication = session.authentication.clone().and(Second::OneTimePassword, request.now());
    match flow::enter((&app.site, &app.browsers), request, &user.id, &authentication).await {
        Ok(Some(cookie)) => response.cookie(cookie),
        Ok(None) => response,
        Err(error) => {
            tracing::warn!(%error, "signing in again after an authenticator app was added failed");
            response
        }
    }
}

/// Removes the app, at once or later, as the account page then says.
async fn remove(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<Response, Error> {
    let signed_in = &visitor.signed_in;
    let code = form.optional("code").filter(|code| !code.trim().is_empty());
    let removed = match present(app, request, visitor, form).await {
        Ok(()) => totp::take_away(app, request, (&signed_in.user, &signed_in.session.authentication), code).await,
        Err(error) => Err(error),
    };
    match removed {
        Ok(_) => Ok(Response::see_other(Account::PATH)),
        Err(error) if error.code() == Code::NotFound => Ok(Response::see_other(Account::PATH)), // a second click
        Err(error) if AuthenticatorApp::shows(&error) => {
            Ok(page(app, request, visitor, (AppStep::Remove, Some(&error)))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

fn page(
    app: &App,
    request: &Request,
    visitor: &Visitor<'_>,
    (step, error): (AppStep<'_>, Option<&Error>),
) -> Result<Response, Error> {
    let page = AuthenticatorApp {
        layout: app.site.layout(request, None),
        token: &visitor.token(app, AuthenticatorApp::PATH),
        username: visitor.signed_in.user.called(request.now()),
        step,
        asks_password: asks_password(request, visitor),
        error,
    };
    Ok(visitor.shown(app, page.response()?))
}
