//! `POST /register`: creates a person with a password and a username, or with an address that has to be proven.

use oauth::Error;
use serde::Serialize;
use serde_json::json;
use store::{OnceKind, OneTime, User};
use web::{Request, Response, work};

use crate::app::App;
use crate::registration::{Registered, Registration, account, must_be_open};

/// The body of the 201.
#[derive(Serialize)]
struct Account<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified_email: Option<&'a str>,
}

pub(crate) async fn register(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let mut fields = request.json()?;
    let account = account(&fields);
    let proof = fields.optional(work::FIELD, |text| Ok(text.to_owned())).flatten();
    let registration = Registration::read(app, fields, request).await?;
    app.work.check(proof.as_deref(), &account, request.now())?;
    let secret = OneTime::new(OnceKind::Address)?;
    match registration.create(app, request, &secret).await? {
        Registered::Created(user) => created(&user),
        Registered::Sent => Response::json(202, &json!({ "handle": secret.handle() })),
    }
}

fn created(user: &User) -> Result<Response, Error> {
    let body = Account {
        id: &user.id,
        username: user.username.as_deref(),
        name: user.name.as_deref(),
        unverified_email: user.unverified_email.as_deref(),
    };
    Ok(Response::json(201, &body)?.header("location", "/me"))
}
