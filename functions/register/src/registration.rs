//! The creation of a person: the fields are validated, and everything is stored in one write or not at all.
//!
//! Passwords follow NIST SP 800-63B-4 section 3.1.1, usernames follow RFC 8265. An e-mail address is stored as
//! unverified: it is not unique and cannot be used to sign in.

use credentials::{DisplayName, EmailAddress, NewPassword, Username};
use oauth::{Code, Error};
use store::{Created, NewUser, User};
use web::{Fields, Problem, Request};

use crate::app::App;

/// The validated fields.
pub(crate) struct Registration {
    username: Username,
    password: NewPassword,
    name: Option<DisplayName>,
    email: Option<EmailAddress>,
}

impl Registration {
    /// Validates every field and reports every problem at once, including a username that is taken.
    pub(crate) async fn read(app: &App, mut fields: Fields, request: &Request) -> Result<Self, Error> {
        let context: Vec<String> =
            ["username", "email"].iter().filter_map(|field| fields.peek(field)).map(str::to_owned).collect();
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        let username = fields.required("username", |text| Username::parse(text).map_err(one));
        let password = fields.required("password", |text| app.policy.check(text, &context).map_err(all));
        let name = fields.optional("name", |text| DisplayName::parse(text).map_err(one));
        let email = fields.optional("email", |text| EmailAddress::parse(text).map_err(one));
        // If nothing else is wrong, the write that creates the person finds out.
        if let Some(username) = username.as_ref().filter(|_| fields.are_wrong())
            && is_taken(app, username, request).await?
        {
            fields.report("username", Problem::new(Code::UsernameTaken.word(), Code::UsernameTaken.text()));
        }
        let (username, password, name, email) = fields.finish((username, password, name, email))?;
        Ok(Self { username, password, name, email })
    }

    /// Creates the person unless the username is taken or reserved, or looks like one that is. The attempt is counted
    /// before the expensive part.
    pub(crate) async fn create(&self, app: &App, request: &Request) -> Result<User, Error> {
        app.strangers.count(request.source_ip(), request.now()).await?;
        if app.reserved.contains(&self.username) {
            return Err(Error::new(Code::UsernameTaken, "a reserved username"));
        }
        app.breaches.refuse(&self.password).await?;
        let password_hash = self.password.hash().map_err(|error| Error::fault("hashing").because(error))?;
        let new = NewUser {
            username: self.username.as_str(),
            found_by: self.username.forms().into(),
            name: self.name.as_ref().map(DisplayName::as_str),
            email: self.email.as_ref().map(EmailAddress::as_str),
            password_hash: password_hash.as_str(),
        };
        match app.users.create(&new, request.now()).await? {
            Created::User(user) => Ok(user),
            Created::UsernameTaken => Err(Error::new(Code::UsernameTaken, "username")),
        }
    }
}

/// Whether a name is taken. The answer tells who has an account, so asking counts like a registration, and beyond that limit
/// there is no answer.
async fn is_taken(app: &App, username: &Username, request: &Request) -> Result<bool, Error> {
    if app.reserved.contains(username) {
        return Ok(true);
    }
    match app.strangers.count(request.source_ip(), request.now()).await {
        Ok(()) => app.users.is_taken(username.forms().into(), request.now()).await,
        Err(error) if error.code() == Code::TooManyRequests => Ok(false),
        Err(error) => Err(error),
    }
}

/// Refuses if people may not create their own accounts.
pub(crate) fn must_be_open(app: &App) -> Result<(), Error> {
    if app.open { Ok(()) } else { Err(Error::new(Code::RegistrationClosed, "Registration is closed")) }
}

fn one(problem: credentials::Problem) -> Vec<Problem> {
    vec![Problem::new(problem.code, problem.detail)]
}

fn all(problems: Vec<credentials::Problem>) -> Vec<Problem> {
    problems.into_iter().flat_map(one).collect()
}
