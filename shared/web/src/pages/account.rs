//! `/account`: what a person sees of their account, and the pages that change it.

mod email;
mod second_factors;

use std::borrow::Cow;

use askama::Template;
use oauth::{Code, Error, SecurityEvent, Time};

use super::consent::ordered;
use super::date::Date;
use super::device::described;
use super::document::{self, Leave, document, with_form};
use super::{Layout, Permission};
use crate::Response;

pub use email::{ChangeEmail, NextEmail, Unreachable};
pub use second_factors::{AppStep, AuthenticatorApp, NewRecoveryCodes, Presence, RecoveryCodes, SecondFactors};

/// Shows the account: profile, browsers and apps that are signed in, apps with access. Its forms send `device` (an id, or
/// `all`), `app` (a client's id), `export` or `keep` (`email` or `totp`).
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct Account<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The forms' token: [`Site::token`](crate::Site::token) for the page's path and the person.
    pub token: &'a str,
    /// The username.
    pub username: &'a str,
    /// The display name.
    pub name: Option<&'a str>,
    /// The address, and whether it is proven.
    pub email: Option<(&'a str, bool)>,
    /// Whether the address can be changed: mail is on.
    pub changes_email: bool,
    /// The address that replaces it.
    pub next_email: Option<NextEmail<'a>>,
    /// Why mails do not reach the address, if they do not.
    pub unreachable: Option<Unreachable>,
    /// When the password was set.
    pub password_changed_at: Option<Time>,
    /// The second factors.
    pub second: SecondFactors,
    /// Where the person is signed in.
    pub devices: &'a [Device<'a>],
    /// Who has access.
    pub apps: &'a [App<'a>],
    /// What happened lately, newest first.
    pub events: &'a [Event<'a>],
    /// How often somebody was refused who wanted to sign in as the person, and when last.
    pub refused: Option<(u64, Time)>,
}

/// Something that happened to an account.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// What.
    pub event: &'a SecurityEvent,
    /// The name of the app that took part.
    pub app: Option<&'a str>,
    /// When.
    pub at: Time,
}

/// A browser or program in which a person is signed in.
#[derive(Clone, Debug)]
pub struct Device<'a> {
    /// The id of the browser sign-in or of the session.
    pub id: &'a str,
    /// What it says it is.
    pub user_agent: Option<&'a str>,
    /// Whether it is the browser of this page.
    pub is_this: bool,
    /// The names of the apps that the person uses there.
    pub apps: Vec<&'a str>,
    /// When it was last used.
    pub used_at: Time,
}

/// An app that has access to an account.
#[derive(Clone, Debug)]
pub struct App<'a> {
    /// The client's id.
    pub id: &'a str,
    /// As the app calls itself.
    pub name: &'a str,
    /// What it may do.
    pub permissions: Vec<Permission<'a>>,
    /// Since when.
    pub since: Time,
}

impl Account<'_> {
    /// The page's address, and that of its forms.
    pub const PATH: &'static str = "/account";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, None)
    }

    fn device(&self, device: &Device<'_>) -> String {
        described(device.user_agent).unwrap_or_else(|| self.layout.words.account.unknown_device.to_owned())
    }

    /// What an app may do, a sentence each, or the word of the scope.
    fn permissions<'p>(&self, app: &App<'p>) -> Vec<&'p str> {
        let told = |permission: Permission<'p>| {
            self.layout.words.permission(permission.word).or(permission.sentence).unwrap_or(permission.word)
        };
        ordered(&app.permissions).into_iter().map(told).collect()
    }

    fn used(&self, device: &Device<'_>) -> String {
        let words = &self.layout.words.account;
        words.last_used.with((words.date)(Date::of(device.used_at)))
    }

    /// When the next address takes effect.
    fn effective(&self, next: &NextEmail<'_>) -> String {
        self.layout.words.account.effective_on.with(self.layout.words.moment(next.from))
    }

    /// When an authenticator app is gone.
    fn leaves(&self) -> Option<String> {
        let Presence::Until(end) = self.second.app else { return None };
        Some(self.layout.words.second_factors.leaves_on.with(self.layout.words.moment(end)))
    }

    fn since(&self, app: &App<'_>) -> String {
        let words = &self.layout.words.account;
        words.since.with((words.date)(Date::of(app.since)))
    }

    fn happened(&self, event: &Event<'_>) -> &'static str {
        self.layout.words.history.of(event.event)
    }

    /// The day and the minute, in UTC.
    fn moment(&self, event: &Event<'_>) -> String {
        self.layout.words.moment(event.at)
    }

    /// The program with which it happened, in words.
    fn program(event: &Event<'_>) -> Option<String> {
        described(event.event.user_agent.as_deref())
    }

    fn refused_lately(&self) -> Option<String> {
        let (count, last) = self.refused?;
        let (words, date) = (&self.layout.words.history, self.layout.words.account.date);
        Some(format!("{} {}", words.refused.with(count), words.last_refused.with(date(Date::of(last)))))
    }

    fn changed(&self) -> Option<String> {
        let words = &self.layout.words.account;
        self.password_changed_at.map(|time| words.changed_on.with((words.date)(Date::of(time))))
    }
}

/// Asks for a new display name.
#[derive(Debug, Template)]
#[template(path = "account_name.html")]
pub struct ChangeName<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// The name, as it is or as it was typed.
    pub name: &'a str,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

impl ChangeName<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/name";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        !error.field_problems().is_empty()
    }

    fn problems(&self, field: &str) -> Vec<String> {
        problems(self.layout, self.error, field, 0)
    }
}

/// Asks for the current password and a new one.
#[derive(Debug, Template)]
#[template(path = "account_password.html")]
pub struct ChangePassword<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// For programs that keep passwords.
    pub username: &'a str,
    /// The minimum length of a password, shown before the first attempt.
    pub min_length: usize,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

impl ChangePassword<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/password";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        !error.field_problems().is_empty() || is_about_the_password(error)
    }

    fn problems(&self, field: &str) -> Vec<String> {
        problems(self.layout, self.error, field, self.min_length)
    }

    fn is_wrong(&self) -> bool {
        is_wrong(self.error)
    }

    fn wait(&self) -> Option<String> {
        wait(self.layout, self.error)
    }
}

/// Says what a deletion removes, and asks for the password.
#[derive(Debug, Template)]
#[template(path = "account_delete.html")]
pub struct DeleteAccount<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// The username.
    pub username: &'a str,
    /// Until when the person could keep the account. `None`: not at all.
    pub end: Option<Time>,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

impl DeleteAccount<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/delete";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        is_about_the_password(error)
    }

    fn lead(&self) -> Cow<'static, str> {
        let words = &self.layout.words.account;
        match self.end {
            Some(end) => words.delete_later.with(self.layout.words.moment(end)).into(),
            None => words.delete_lead.into(),
        }
    }

    fn is_wrong(&self) -> bool {
        is_wrong(self.error)
    }

    fn wait(&self) -> Option<String> {
        wait(self.layout, self.error)
    }
}

/// Tells that the account is gone, or when it will be.
#[derive(Debug, Template)]
#[template(path = "account_deleted.html")]
pub struct Deleted<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// When it is gone, if that is not now.
    pub end: Option<Time>,
}

impl Deleted<'_> {
    fn title(&self) -> &'static str {
        let words = &self.layout.words.account;
        if self.end.is_some() { words.leaving } else { words.deleted }
    }

    fn lead(&self) -> Cow<'static, str> {
        let words = &self.layout.words.account;
        match self.end {
            Some(end) => words.leaving_lead.with(self.layout.words.moment(end)).into(),
            None => words.deleted_lead.into(),
        }
    }

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave::default())
    }
}

/// What is wrong with a field, a sentence each.
fn problems(layout: Layout<'_>, error: Option<&Error>, field: &str, min_length: usize) -> Vec<String> {
    let problems = error.map(Error::field_problems).unwrap_or_default().iter();
    let of_field = problems.filter(|problem| problem.field == field);
    of_field.map(|problem| layout.words.problem(problem, min_length).into_owned()).collect()
}

fn is_about_the_password(error: &Error) -> bool {
    matches!(error.code(), Code::InvalidCredentials | Code::TooManyRequests)
}

fn is_wrong(error: Option<&Error>) -> bool {
    error.is_some_and(|error| error.code() == Code::InvalidCredentials)
}

/// How long to wait, after too many attempts.
fn wait(layout: Layout<'_>, error: Option<&Error>) -> Option<String> {
    let error = error.filter(|error| error.code() == Code::TooManyRequests)?;
    Some(layout.words.wait(error.retry_after().unwrap_or_default()))
}
