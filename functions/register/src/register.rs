//! `POST /register`: a username and a password become a person.
//!
//! Password rules are those of NIST SP 800-63B-4 section 3.1.1; usernames those of RFC 8265. An e-mail address given
//! here is kept, but until its owner has proven it, it claims nothing and signs nobody in.

use credentials::{DisplayName, EmailAddress, NewPassword, Username};
use oauth::{Code, Error};
use serde::Serialize;
use store::{Created, NewUser, User};
use web::{Problem, Request, Response};

use crate::app::App;

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

/// What the request asks for, every member checked.
struct Registration {
    username: Username,
    password: NewPassword,
    name: Option<DisplayName>,
    email: Option<EmailAddress>,
}

pub(crate) async fn register(app: &App, request: &Request) -> Result<Response, Error> {
    if !app.open {
        return Err(Error::new(Code::RegistrationClosed, "Registration is closed"));
    }
    let registration = parse(app, request)?;
    let password_hash = registration.password.hash().map_err(|error| Error::fault("hashing").because(error))?;
    let new = NewUser {
        username: registration.username.as_str(),
        canonical_username: registration.username.canonical(),
        name: registration.name.as_ref().map(DisplayName::as_str),
        email: registration.email.as_ref().map(EmailAddress::as_str),
        password_hash: password_hash.as_str(),
    };
    match app.users.create(&new, request.now()).await? {
        Created::User(user) => created(&user),
        Created::UsernameTaken => Err(Error::new(Code::UsernameTaken, "username")),
    }
}

fn parse(app: &App, request: &Request) -> Result<Registration, Error> {
    let mut fields = request.json()?;
    let context: Vec<String> =
        ["username", "email"].iter().filter_map(|field| fields.peek(field)).map(str::to_owned).collect();
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let username = fields.required("username", |text| Username::parse(text).map_err(one));
    let password = fields.required("password", |text| app.policy.check(text, &context).map_err(all));
    let name = fields.optional("name", |text| DisplayName::parse(text).map_err(one));
    let email = fields.optional("email", |text| EmailAddress::parse(text).map_err(one));
    let (username, password, name, email) = fields.finish((username, password, name, email))?;
    Ok(Registration { username, password, name, email })
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

fn one(problem: credentials::Problem) -> Vec<Problem> {
    vec![Problem::new(problem.code, problem.detail)]
}

fn all(problems: Vec<credentials::Problem>) -> Vec<Problem> {
    problems.into_iter().flat_map(one).collect()
}
