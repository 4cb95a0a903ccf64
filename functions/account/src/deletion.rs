//! `DELETE /me`: deletes the person. Needs the password again, so that a thief of an access token cannot do it.

use credentials::Username;
use oauth::{Code, Error, Message};
use store::{Asker, Deletion, User};
use web::{Request, Response};

use crate::app::App;
use crate::email::notice;
use crate::person::{Person, authorize};
use crate::proof::prove;

pub(crate) async fn delete(app: &App, request: &Request) -> Result<Response, Error> {
    let Person { user, session } = authorize(app, request).await?;
    let mut fields = request.json()?;
    let password = fields.required("password", |text| Ok(text.to_owned()));
    let (password,) = fields.finish((password,))?;
    let proven = prove(app, request, &user, &password).await?;
    if remove(app, request, user, Asker::Session(&session, &proven)).await? {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::InvalidToken, "the session has ended, or the password has just been changed"))
    }
}

/// Deletes `user`. `false`: the asker may no longer do it, or the person is gone.
pub(crate) async fn remove(app: &App, request: &Request, user: User, by: Asker<'_>) -> Result<bool, Error> {
    let name = user.username.as_deref().and_then(|name| Username::parse(name).ok());
    let forms = name.as_ref().map(|name| name.forms().into());
    let mail = notice(app, request, &user, Message::AccountDeleted {}).await?;
    app.deletions.delete(user, Deletion { name: forms, by, mail: mail.as_ref() }, request.now()).await
}
