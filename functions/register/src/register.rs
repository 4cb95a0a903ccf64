//! `POST /register`: creates a person with a username and a password.

use oauth::Error;
use serde::Serialize;
use store::User;
use web::{Request, Response};

use crate::app::App;
use crate::registration::{Registration, must_be_open};

/// The body of the 201.
#[derive(Serialize)]
struct Registered<'a> {
    id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

pub(crate) async fn register(app: &App, request: &Request) -> Result<Response, Error> {
    must_be_open(app)?;
    let registration = Registration::read(app, request.json()?, request).await?;
    created(&registration.create(app, request).await?)
}

fn created(user: &User) -> Result<Response, Error> {
    let email = user.unverified_email.as_deref();
    let body = Registered {
        id: &user.id,
        username: &user.username,
        name: user.name.as_deref(),
        email,
        email_verified: email.map(|_| false),
    };
    Ok(Response::json(201, &body)?.header("location", "/me"))
}
