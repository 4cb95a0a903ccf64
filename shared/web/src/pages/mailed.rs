//! The pages around codes and links in mails: `/password/forgot`, `/password/reset`, `/email/verify`, `/email/keep`.

use askama::Template;
use oauth::{Code, Error};

use super::document::{self, Leave, document, with_form};
use super::words::Notice;
use super::{Account, Layout, Words};
use crate::Response;

/// Asks whose password was forgotten.
#[derive(Debug, Template)]
#[template(path = "forgot.html")]
pub struct Forgot<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form.
    pub form: Form<'a>,
    /// What was typed before; empty at first.
    pub username: &'a str,
    /// The way back to the sign-in page of an app's request.
    pub sign_in: Option<&'a str>,
    /// Why the last attempt failed: `too_many_requests`.
    pub error: Option<&'a Error>,
}

/// Asks for the code of a mail, or for what else is needed to use its link.
#[derive(Debug, Template)]
#[template(path = "mailed.html")]
pub struct Mailed<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// What the code or link is for.
    pub task: Task,
    /// The form.
    pub form: Form<'a>,
    /// Fewest characters of a new password.
    pub min_length: usize,
    /// Why the last attempt failed: `invalid_code`, or a password that cannot be used.
    pub error: Option<&'a Error>,
}

/// Tells that a code or link was used.
#[derive(Debug, Template)]
#[template(path = "done.html")]
pub struct Done<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// What happened.
    pub news: News,
    /// The way back to the sign-in page of an app's request.
    pub sign_in: Option<&'a str>,
}

/// A form of one of these pages.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// The token of the form: [`Site::token`](crate::Site::token).
    pub token: &'a str,
    /// The token of the mail's link, if the page was opened with it. Without one, the page asks for the code.
    pub link: Option<&'a str>,
}

/// What a code or link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// To complete a registration.
    Register,
    /// To give an account another address.
    Change,
    /// To set a new password.
    Reset,
    /// To stop a change of address.
    Keep,
}

/// What a code or link did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A registration is complete.
    Registered,
    /// An account has another address.
    Changed,
    /// An account will have another address.
    WillChange,
    /// The password was reset.
    Reset,
    /// A change of address was stopped.
    Kept,
}

impl Forgot<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/password/forgot";

    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error.
    pub fn shows(error: &Error) -> bool {
        error.code() == Code::TooManyRequests
    }

    /// How long to wait.
    fn wait(&self) -> Option<String> {
        self.error.map(|error| self.layout.words.wait(error.retry_after().unwrap_or_default()))
    }
}

impl Mailed<'_> {
    /// Where an address is proven.
    pub const VERIFY: &'static str = "/email/verify";
    /// Where a change of address is stopped.
    pub const KEEP: &'static str = "/email/keep";
    /// Where a forgotten password is replaced.
    pub const RESET: &'static str = "/password/reset";

    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, self.error)
    }

    /// Whether this page can show the error.
    pub fn shows(error: &Error) -> bool {
        let problems = error.field_problems();
        let of_password = !problems.is_empty() && problems.iter().all(|problem| problem.field == "password");
        matches!(error.code(), Code::InvalidCode) || of_password
    }

    fn asks_for_code(&self) -> bool {
        self.form.link.is_none() && self.task != Task::Keep
    }

    /// The label of the password field, if there is one.
    fn password(&self) -> Option<&'static str> {
        let words = self.layout.words;
        match (self.task, self.form.link) {
            (Task::Register, Some(_)) | (Task::Reset, _) => Some(words.mailed.new_password),
            (Task::Change, Some(_)) => Some(words.password),
            (Task::Register | Task::Change, None) | (Task::Keep, _) => None,
        }
    }

    /// Whether the password is a new one.
    fn is_new(&self) -> bool {
        self.task != Task::Change
    }

    fn title(&self) -> &'static str {
        let words = &self.layout.words.mailed;
        match self.task {
            Task::Register | Task::Change => words.verify,
            Task::Reset => words.reset,
            Task::Keep => words.keep,
        }
    }

    fn lead(&self) -> Option<&'static str> {
        let words = &self.layout.words.mailed;
        match (self.task, self.form.link) {
            (Task::Register | Task::Change, None) => Some(words.verify_sent),
            (Task::Register, Some(_)) => Some(words.verify_link),
            (Task::Change, Some(_)) => Some(words.change_link),
            (Task::Reset, None) => Some(words.sent),
            (Task::Reset, Some(_)) => None,
            (Task::Keep, _) => Some(words.keep_lead),
        }
    }

    fn button(&self) -> &'static str {
        let words = &self.layout.words.mailed;
        match self.task {
            Task::Register | Task::Change => words.confirm,
            Task::Reset => words.reset_button,
            Task::Keep => words.keep_button,
        }
    }

    fn is_wrong_code(&self) -> bool {
        self.error.is_some_and(|error| error.code() == Code::InvalidCode)
    }

    /// What is wrong with the password, a sentence each.
    fn problems(&self) -> Vec<String> {
        let problems = self.error.map_or(&[][..], Error::field_problems).iter();
        problems.map(|problem| self.layout.words.problem(problem, self.min_length).into_owned()).collect()
    }
}

impl Done<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave::default())
    }

    /// Whether it is about an account that the person is signed in to, most likely.
    fn leads_to_account(&self) -> bool {
        matches!(self.news, News::Changed | News::WillChange | News::Kept)
    }

    fn notice(&self) -> &'static Notice {
        let words: &'static Words = self.layout.words;
        match self.news {
            News::Registered => &words.mailed.verified,
            News::Changed => &words.mailed.changed,
            News::WillChange => &words.mailed.changes_later,
            News::Reset => &words.mailed.was_reset,
            News::Kept => &words.mailed.kept,
        }
    }
}
