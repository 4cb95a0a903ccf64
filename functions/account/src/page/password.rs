//! `/account/password`: a new password. It signs the person out everywhere, and in to this browser again.

use oauth::{Action, Authentication, Code, Error, Parameters};
use store::{Change, SignOut};
use web::pages::{Account, ChangePassword};
use web::{Cookie, Fields, Request, Response};

use super::Visitor;
use crate::app::App;
use crate::email::password_changed;
use crate::password::parse;
use crate::proof::prove;

pub(super) fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    page(app, request, visitor, None)
}

pub(super) async fn change(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    match replace(app, request, visitor, &form).await {
        Ok(cookie) => {
            let back = Response::see_other(Account::PATH);
            Ok(match cookie {
                Some(cookie) => back.cookie(cookie),
                None => back,
            })
        }
        Err(error) if ChangePassword::shows(&error) => {
            Ok(page(app, request, visitor, Some(&error))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Returns the cookie of the new sign-in. `None`: somebody changed something in the meantime.
async fn replace(
    app: &App,
    request: &Request,
    visitor: &Visitor<'_>,
    form: &Parameters,
) -> Result<Option<Cookie>, Error> {
    let user = &visitor.signed_in.user;
    let (current, new) = parse(app, user, Fields::of_form(form, &["current_password", "password"]), request.now())?;
    let proven = prove(app, request, user, &current).await?;
    app.breaches.refuse(&new).await?;
    let hash = new.hash().map_err(|error| Error::fault("hashing").because(error))?;
    let change = Change::Password { proven: &proven, hash: hash.as_str() };
    let mail = password_changed(app, request, user).await?;
    let out = SignOut { stays: None, change, mail: mail.as_ref() };
    if !app.sessions.sign_out(user.clone(), &out, request.now()).await? {
        return Err(Error::new(Code::InvalidCredentials, "the password has just been changed"));
    }
    let event = request.event_of(Action::PasswordChanged, &user.id);
    let (entered, ()) =
        tokio::join!(Box::pin(enter(app, request, &user.id, hash.as_str())), app.audit.record(event, request.now()));
    entered
}

/// Signs the person in to this browser, if the password with this hash is set.
async fn enter(app: &App, request: &Request, id: &str, hash: &str) -> Result<Option<Cookie>, Error> {
    let now = request.now();
    let (user, stored) = tokio::join!(app.users.by_id(id, now), app.users.password(id, now));
    let Some((user, stored)) = user?.zip(stored?.filter(|stored| stored.hash == hash)) else { return Ok(None) };
    let authentication = Authentication::by_password(user.epoch, stored.changed_at, now);
    flow::enter((&app.site, &app.browsers), request, id, &authentication).await
}

fn page(app: &App, request: &Request, visitor: &Visitor<'_>, error: Option<&Error>) -> Result<Response, Error> {
    let token = visitor.token(app, ChangePassword::PATH);
    let page = ChangePassword {
        layout: app.site.layout(request, None),
        token: &token,
        username: visitor.signed_in.user.called(request.now()),
        min_length: app.policy.min_length(),
        error,
    };
    Ok(visitor.shown(app, page.response()?))
}
