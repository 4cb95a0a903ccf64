//! Every sentence of the hosted pages, in one place: a translation is another file like this one.
//!
//! A sentence around a name is a pair: what goes before it and what goes after.

use std::borrow::Cow;

use oauth::{Code, FieldProblem, scope};

/// The `lang` of the pages (RFC 5646).
pub(super) const LANGUAGE: &str = "en";
/// Which way the language is written: `ltr` or `rtl`.
pub(super) const DIRECTION: &str = "ltr";
/// What the service calls itself.
pub(super) const SERVICE: &str = "Gatewright";
/// Goes before the title of a page that tells of a mistake, for those who hear the title first.
pub(super) const MISTAKE: &str = "Error: ";

pub(super) const USERNAME: &str = "Username";
pub(super) const PASSWORD: &str = "Password";
pub(super) const SHOW: &str = "Show";
pub(super) const HIDE: &str = "Hide";
pub(super) const SHOW_PASSWORD: &str = "Show password";
pub(super) const HIDE_PASSWORD: &str = "Hide password";

pub(super) const SIGN_IN: &str = "Sign in";
pub(super) const TO_CONTINUE: (&str, &str) = ("to go on to ", "");
pub(super) const NO_ACCOUNT: &str = "New here?";
pub(super) const SIGN_UP_INSTEAD: &str = "Create an account";
pub(super) const WRONG_CREDENTIALS: &str = "That username and password do not match. Try again.";

pub(super) const SIGN_UP: &str = "Create your account";
pub(super) const SIGN_UP_BUTTON: &str = "Create account";
pub(super) const HAVE_ACCOUNT: &str = "Have an account?";
pub(super) const SIGN_IN_INSTEAD: &str = "Sign in";
pub(super) const NAME: &str = "Your name";
pub(super) const OPTIONAL: &str = "optional";
pub(super) const USERNAME_HINT: &str = "3 to 64 characters, without spaces and @.";
pub(super) const MEND: &str = "Something is not right yet. See below.";

pub(super) const CONSENT: (&str, &str) = ("Let ", " use your account?");
pub(super) const SIGNED_IN_AS: &str = "Signed in as";
pub(super) const NOT_YOU: &str = "Not you?";
pub(super) const SCOPES: &str = "It will be able to";
pub(super) const VERIFIED: (&str, &str) = ("Afterwards you go back to ", ".");
pub(super) const UNVERIFIED: &str = "Nobody vouches for this app";
pub(super) const UNVERIFIED_WHY: (&str, &str) =
    ("It gave itself its name. Go on only if you came from it yourself and know ", ", where you go next.");
pub(super) const ALLOW: &str = "Allow";
pub(super) const DENY: &str = "Deny";

pub(super) const SIGN_OUT: &str = "Sign out?";
pub(super) const SIGN_OUT_LEAD: &str = "The next app that needs to know you will ask you to sign in again.";
pub(super) const SIGN_OUT_BUTTON: &str = "Sign out";
pub(super) const STAY: &str = "Stay signed in";
pub(super) const SIGNED_OUT: &str = "You are signed out";
pub(super) const SIGNED_OUT_LEAD: &str = "On a computer that others use, close the browser too.";
pub(super) const BACK_TO: (&str, &str) = ("Back to ", "");

pub(super) const FORM_POST: &str = "One moment";
pub(super) const FORM_POST_LEAD: (&str, &str) = ("You are on your way back to ", ".");
pub(super) const CONTINUE: &str = "Continue";

pub(super) const FOR_DEVELOPERS: &str = "For the app's developers";
pub(super) const REQUEST_ID: &str = "If you ask for help, give this number:";

/// What is told beforehand about a new password.
pub(super) fn password_hint(min_length: usize) -> String {
    format!("At least {min_length} characters. A few words in a row are easy to remember and hard to guess.")
}

/// What is told after too many attempts.
pub(super) fn throttled(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "Too many attempts. Try again in a minute.".to_owned(),
        minutes => format!("Too many attempts. Try again in {minutes} minutes."),
    }
}

/// What a scope lets an app do, to follow "It will be able to"; `None` for one that only the app's own makers know.
pub(super) fn permission(word: &str) -> Option<&'static str> {
    Some(match word {
        "openid" => "know that it is you each time you come back",
        "profile" => "see your name and username",
        "email" => "see your e-mail address",
        "offline_access" => "stay connected while you are away",
        scope::ACCOUNT => "change your account: profile, password and sessions",
        _ => return None,
    })
}

/// What is wrong with a field. What has no sentence of its own here is told in the JSON API's words.
pub(super) fn problem(problem: &FieldProblem) -> Cow<'static, str> {
    Cow::Borrowed(match (problem.field.as_str(), problem.code) {
        ("username", "missing") => "Choose a username.",
        ("username", "invalid_characters") => "Leave out spaces, @ and signs that are seldom part of a name.",
        ("username", "too_short") => "Use at least 3 characters.",
        ("username", "too_long") => "Use at most 64 characters.",
        ("username", "username_taken") => "Somebody has this username already. Choose another.",
        ("password", "missing") => "Choose a password.",
        ("password", "too_short") => "This one is too short.",
        ("password", "too_long") => "This one is longer than we can take.",
        ("password", "too_common") => "This one is guessed early. Use words that do not belong together.",
        ("password", "contains_context") => "Use something that does not come from your username.",
        ("name", "invalid_characters") => "Leave out line breaks and signs that cannot be seen.",
        ("name", "too_short") => "Use at least one visible character, or leave the name out.",
        ("name", "too_long") => "Use at most 128 characters.",
        _ => return problem.detail.clone(),
    })
}

/// Title and sentence of the page that tells of an error.
pub(super) fn error(code: Code, retry_after: Option<u64>) -> (&'static str, Cow<'static, str>) {
    let (title, sentence) = match code {
        Code::StaleRequest | Code::ForeignForm => (
            "This page has gone stale",
            "Go back to the app that sent you and start again. If that does not help, allow cookies for this site.",
        ),
        Code::AccessDenied => ("Declined", "You, or a rule of this service, said no. Nothing was shared."),
        Code::NotFound => ("Nothing here", "There is no page at this address. Go back to the app that sent you."),
        Code::RegistrationClosed => ("No new accounts", "New accounts cannot be created here at the moment."),
        Code::TooManyRequests => return ("Slow down", Cow::Owned(throttled(retry_after.unwrap_or_default()))),
        Code::TemporarilyUnavailable => {
            ("Not available right now", "It is not your fault. Wait a moment and load this page again.")
        }
        _ if code.status() >= 500 => ("Something broke", "It is not your fault. We have noted it; please try again."),
        _ if code.status() == 403 => ("Not allowed", "You may not do this. Go back to the app that sent you."),
        _ => (
            "That did not work",
            "The app that sent you asked for something that cannot be answered. Go back to it and start again.",
        ),
    };
    (title, Cow::Borrowed(sentence))
}
