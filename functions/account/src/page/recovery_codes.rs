//! `/account/recovery-codes`: new recovery codes, which are shown once and can be saved as a file.

use credentials::RecoveryCode;
use oauth::{Error, Parameters};
use web::pages::{NewRecoveryCodes, RecoveryCodes};
use web::{Request, Response};

use super::{Visitor, asks_password, present};
use crate::app::App;
use crate::factors;
use crate::second::NewCodes;

pub(super) fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    page(app, request, visitor, None)
}

pub(super) async fn act(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    if let Some(codes) = form.optional("download") {
        return Ok(file(codes));
    }
    match renew(app, request, visitor, &form).await {
        Ok(codes) => shown(app, request, visitor, &codes),
        Err(error) if RecoveryCodes::shows(&error) => {
            Ok(page(app, request, visitor, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

async fn renew(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<NewCodes, Error> {
    present(app, request, visitor, form).await?;
    let signed_in = &visitor.signed_in;
    let code = form.optional("code").filter(|code| !code.trim().is_empty());
    factors::renew(app, request, (&signed_in.user, &signed_in.session.authentication), code).await
}

/// Shows new codes, once.
pub(super) fn shown(app: &App, request: &Request, visitor: &Visitor<'_>, codes: &NewCodes) -> Result<Response, Error> {
    let page = NewRecoveryCodes {
        layout: app.site.layout(request, None),
        token: &visitor.token(app, RecoveryCodes::PATH),
        codes: &codes.texts(),
    };
    Ok(visitor.shown(app, page.response()?))
}

/// The codes that the page had as a file, a line each. Whatever else somebody sends is left out.
fn file(codes: &str) -> Response {
    let codes = codes.split(' ').take(credentials::RECOVERY_CODES).filter_map(RecoveryCode::read);
    let lines: String = codes.flat_map(|code| [code.text().to_string(), "\n".to_owned()]).collect();
    let response = Response::text(200, "text/plain; charset=utf-8", lines);
    response.header("content-disposition", "attachment; filename=\"recovery-codes.txt\"")
}

fn page(app: &App, request: &Request, visitor: &Visitor<'_>, error: Option<&Error>) -> Result<Response, Error> {
    let page = RecoveryCodes {
        layout: app.site.layout(request, None),
        token: &visitor.token(app, RecoveryCodes::PATH),
        username: visitor.signed_in.user.called(request.now()),
        asks_password: asks_password(request, visitor),
        error,
    };
    Ok(visitor.shown(app, page.response()?))
}
