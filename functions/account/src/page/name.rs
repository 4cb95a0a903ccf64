//! `/account/name`: a new display name.

use credentials::DisplayName;
use oauth::{Error, Parameters};
use web::pages::{Account, ChangeName};
use web::{Fields, Request, Response};

use super::Visitor;
use crate::app::App;
use crate::me;

pub(super) fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let name = visitor.signed_in.user.name.as_deref().unwrap_or_default();
    page(app, request, visitor, name, None)
}

pub(super) async fn change(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    match rename(app, request, visitor, &form).await {
        Ok(()) => Ok(Response::see_other(Account::PATH)),
        Err(error) if ChangeName::shows(&error) => {
            let typed = form.optional("name").unwrap_or_default();
            Ok(page(app, request, visitor, typed, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// An empty name removes it.
async fn rename(app: &App, request: &Request, visitor: &Visitor<'_>, form: &Parameters) -> Result<(), Error> {
    let mut fields = Fields::of_form(form, &["name"]);
    let name = fields.optional("name", me::parse_name);
    let (name,) = fields.finish((name,))?;
    me::rename(app, request, &visitor.signed_in.user, name.as_ref().map(DisplayName::as_str)).await
}

fn page(
    app: &App,
    request: &Request,
    visitor: &Visitor<'_>,
    name: &str,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let token = visitor.token(app, ChangeName::PATH);
    let page = ChangeName { layout: app.site.layout(request, None), token: &token, name, error };
    Ok(visitor.shown(app, page.response()?))
}
