//! `GET /me`: the profile. `PATCH /me`: changes it.

use credentials::DisplayName;
use oauth::{Action, Code, Error, Time};
use serde::Serialize;
use store::User;
use web::{Patch, Problem, Request, Response};

use crate::app::App;
use crate::person::authorize;

/// What a person sees of their profile.
#[derive(Serialize)]
pub(crate) struct Profile<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    /// An address that nobody has proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified_email: Option<&'a str>,
    /// A proven address that replaces the present one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_email: Option<NextEmail<'a>>,
    roles: &'a [String],
    /// Epoch seconds.
    created_at: u64,
}

/// A change of address that can still be stopped.
#[derive(Serialize)]
struct NextEmail<'a> {
    email: &'a str,
    /// Epoch seconds.
    effective_at: u64,
}

impl<'a> Profile<'a> {
    pub(crate) fn of(user: &'a User, now: Time) -> Self {
        let email = user.email(now).map(|email| email.address.as_str());
        Self {
            id: &user.id,
            username: user.username.as_deref(),
            name: user.name.as_deref(),
            email,
            email_verified: email.map(|_| true),
            unverified_email: user.unverified_email.as_deref(),
            next_email: user
                .next_email(now)
                .map(|next| NextEmail { email: &next.email.address, effective_at: next.from }),
            roles: &user.roles,
            created_at: user.created_at.seconds(),
        }
    }
}

pub(crate) async fn me(app: &App, request: &Request) -> Result<Response, Error> {
    Response::json(200, &Profile::of(&authorize(app, request).await?.user, request.now()))
}

/// A merge patch (RFC 7396) of the display name. Sessions keep the name that they began with; userinfo has the new one.
pub(crate) async fn change(app: &App, request: &Request) -> Result<Response, Error> {
    let mut user = authorize(app, request).await?.user;
    let mut fields = request.json()?;
    let name = fields.patch("name", parse_name);
    let (name,) = fields.finish((name,))?;
    let name = match name {
        Patch::Keep => user.name.clone(),
        Patch::Remove => None,
        Patch::Set(name) => Some(name.as_str().to_owned()),
    };
    rename(app, request, &user, name.as_deref()).await?;
    user.name = name;
    Response::json(200, &Profile::of(&user, request.now()))
}

/// A valid display name.
pub(crate) fn parse_name(text: &str) -> Result<DisplayName, Vec<Problem>> {
    DisplayName::parse(text).map_err(|problem| Problem::all([problem]))
}

/// Sets or removes the display name.
pub(crate) async fn rename(app: &App, request: &Request, user: &User, name: Option<&str>) -> Result<(), Error> {
    if name == user.name.as_deref() {
        return Ok(());
    }
    if !app.users.set_name(&user.id, name).await? {
        return Err(Error::new(Code::InvalidToken, "the account no longer exists"));
    }
    app.audit.record(request.event_of(Action::NameChanged, &user.id), request.now()).await;
    Ok(())
}
