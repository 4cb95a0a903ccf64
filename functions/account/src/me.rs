//! `GET /me`: the profile.

use oauth::Error;
use serde::Serialize;
use web::{Request, Response};

use crate::app::App;
use crate::person::authorize;

#[derive(Serialize)]
struct Profile<'a> {
    id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    roles: &'a [String],
    /// Epoch seconds.
    created_at: u64,
}

pub(crate) async fn me(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    let email = user.unverified_email.as_deref();
    let profile = Profile {
        id: &user.id,
        username: &user.username,
        name: user.name.as_deref(),
        email,
        email_verified: email.map(|_| false),
        roles: &user.roles,
        created_at: user.created_at.seconds(),
    };
    Response::json(200, &profile)
}
