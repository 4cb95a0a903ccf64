//! `/account/delete`: says what a deletion removes, and deletes the person who gives the password again.

use oauth::{Code, Error};
use store::{Asker, Status};
use web::pages::{DeleteAccount, Deleted};
use web::{Request, Response};

use super::Visitor;
use crate::app::App;
use crate::deletion::{end, remove};
use crate::proof::prove;

pub(super) fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    page(app, request, visitor, None)
}

pub(super) async fn delete(app: &App, request: &Request, visitor: Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    match remove_with(app, request, &visitor, form.optional("password").unwrap_or_default()).await {
        Ok(()) => {
            let page = Deleted { layout: app.site.layout(request, None), end: end(app, request.now()) }.response()?;
            Ok(page.cookie(app.site.end_session()))
        }
        Err(error) if DeleteAccount::shows(&error) => {
            Ok(page(app, request, &visitor, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Deletes the person. Succeeds as well if a second click came first.
async fn remove_with(app: &App, request: &Request, visitor: &Visitor<'_>, password: &str) -> Result<(), Error> {
    let user = &visitor.signed_in.user;
    let proven = prove(app, request, user, password).await?;
    let done = remove(app, request, user.clone(), Asker::Browser(&proven)).await?;
    if done || !app.users.by_id(&user.id, request.now()).await?.is_some_and(|user| user.status == Status::Active) {
        Ok(())
    } else {
        Err(Error::new(Code::InvalidCredentials, "the password has just been changed"))
    }
}

fn page(app: &App, request: &Request, visitor: &Visitor<'_>, error: Option<&Error>) -> Result<Response, Error> {
    let token = visitor.token(app, DeleteAccount::PATH);
    let username = visitor.signed_in.user.called(request.now());
    let page = DeleteAccount {
        layout: app.site.layout(request, None),
        token: &token,
        username,
        end: end(app, request.now()),
        error,
    };
    Ok(visitor.shown(app, page.response()?))
}
