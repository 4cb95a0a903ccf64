//! Every sentence of the hosted pages, in each language that they are offered in.
//!
//! A catalogue is one value of [`Words`], in a file of its own: a sentence that is missing in one of them does not compile,
//! nor does a sentence that lacks the place for its name or number.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod history;
mod ja;
mod pt;
mod second_factor;
mod second_factors;

use std::borrow::Cow;
use std::fmt::Display;

use oauth::{Code, FieldProblem, Language, Time, scope};

use super::date::Date;
use history::History;
use second_factor::SecondFactor;
use second_factors::SecondFactors;

/// A catalogue.
#[derive(Debug)]
pub(super) struct Words {
    /// Goes before the title of a page that tells of a mistake, for those who hear the title first.
    pub(super) mistake: &'static str,
    pub(super) username: &'static str,
    pub(super) password: &'static str,
    pub(super) show: &'static str,
    pub(super) hide: &'static str,
    pub(super) show_password: &'static str,
    pub(super) hide_password: &'static str,
    pub(super) caps_lock: &'static str,
    /// Link to a page of an app: its name.
    pub(super) policy_of: Around,
    /// Link to a page of an app: its name.
    pub(super) terms_of: Around,
    /// Link to an app: its name.
    pub(super) back_to: Around,

    pub(super) sign_in: &'static str,
    /// Below "Sign in" and "Create your account": the app's name.
    pub(super) to_continue: Around,
    pub(super) new_here: &'static str,
    pub(super) sign_up_instead: &'static str,
    pub(super) wrong_credentials: &'static str,
    pub(super) no_address: &'static str,
    /// After too many attempts: the minutes to wait, at least one.
    pub(super) throttled: fn(u64) -> String,

    pub(super) sign_up: &'static str,
    pub(super) sign_up_button: &'static str,
    pub(super) have_account: &'static str,
    pub(super) name: &'static str,
    pub(super) optional: &'static str,
    pub(super) username_hint: &'static str,
    /// The fewest characters.
    pub(super) password_hint: Around,
    pub(super) check_fields: &'static str,
    /// In a browser without scripts, which has to wait: the seconds.
    pub(super) patience: Around,
    pub(super) problems: Problems,

    /// The app's name.
    pub(super) wants_access: Around,
    pub(super) signed_in_as: &'static str,
    pub(super) not_you: &'static str,
    pub(super) will_be_able: &'static str,
    /// The host to which the person returns.
    pub(super) verified: Around,
    pub(super) unverified: &'static str,
    /// The host to which the person returns.
    pub(super) unverified_why: Around,
    pub(super) allow: &'static str,
    pub(super) deny: &'static str,
    pub(super) permissions: Permissions,

    pub(super) choose: &'static str,
    /// The person's name.
    pub(super) continue_as: Around,
    pub(super) another_account: &'static str,

    pub(super) sign_out: &'static str,
    pub(super) sign_out_lead: &'static str,
    pub(super) sign_out_button: &'static str,
    pub(super) stay: &'static str,
    pub(super) signed_out: &'static str,
    pub(super) signed_out_lead: &'static str,

    pub(super) one_moment: &'static str,
    /// The app's name.
    pub(super) returning: Around,
    pub(super) go_on: &'static str,

    pub(super) home: &'static str,
    pub(super) issuer: &'static str,
    pub(super) for_developers: &'static str,
    pub(super) reference: &'static str,
    pub(super) mailed: Mailed,
    pub(super) notices: Notices,
    pub(super) second_factor: SecondFactor,
    pub(super) history: History,
    pub(super) second_factors: SecondFactors,
    pub(super) account: Account,
}

/// The account page, and those that change the account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) title: &'static str,
    pub(super) profile: &'static str,
    pub(super) email: &'static str,
    pub(super) not_verified: &'static str,
    pub(super) not_given: &'static str,
    /// Title.
    pub(super) change_email: &'static str,
    /// For somebody who has an address already.
    pub(super) change_email_lead: &'static str,
    pub(super) first_email_lead: &'static str,
    pub(super) new_email: &'static str,
    /// Of an address that replaces the present one: a day and a time.
    pub(super) effective_on: Around,
    pub(super) keep_email: &'static str,
    /// Title of the page after a sign-in, before one of the two sentences.
    pub(super) unreachable: &'static str,
    pub(super) bounced: &'static str,
    pub(super) complained: &'static str,
    pub(super) change: &'static str,
    /// Of the password: a day.
    pub(super) changed_on: Around,
    pub(super) save: &'static str,
    pub(super) cancel: &'static str,
    pub(super) change_name: &'static str,
    pub(super) change_password: &'static str,
    pub(super) change_password_lead: &'static str,
    pub(super) current_password: &'static str,
    pub(super) new_password: &'static str,
    pub(super) wrong_password: &'static str,
    pub(super) devices: &'static str,
    pub(super) this_browser: &'static str,
    pub(super) unknown_device: &'static str,
    /// Of a browser: a day.
    pub(super) last_used: Around,
    pub(super) apps_there: &'static str,
    pub(super) sign_out_everywhere: &'static str,
    pub(super) sign_out_everywhere_hint: &'static str,
    pub(super) apps: &'static str,
    pub(super) no_apps: &'static str,
    /// Of an app's access: a day.
    pub(super) since: Around,
    pub(super) remove_access: &'static str,
    pub(super) data: &'static str,
    pub(super) export_hint: &'static str,
    pub(super) export: &'static str,
    pub(super) delete: &'static str,
    pub(super) delete_lead: &'static str,
    /// In its place, if the person can keep the account for a while: a day and a time.
    pub(super) delete_later: Around,
    /// Title.
    pub(super) leaving: &'static str,
    /// A day and a time.
    pub(super) leaving_lead: Around,
    /// At sign-in: how to keep the account.
    pub(super) may_keep: &'static str,
    pub(super) keep_and_sign_in: &'static str,
    pub(super) delete_consequences: [&'static str; 4],
    pub(super) delete_button: &'static str,
    pub(super) deleted: &'static str,
    pub(super) deleted_lead: &'static str,
    /// Between two names of a list.
    pub(super) between: &'static str,
    /// Between a day and a time.
    pub(super) at: &'static str,
    /// A day as people write it.
    pub(super) date: fn(Date) -> String,
}

/// What is wrong with a field, and what to do.
#[derive(Debug)]
pub(super) struct Problems {
    username_missing: &'static str,
    username_characters: &'static str,
    username_short: &'static str,
    username_long: &'static str,
    username_taken: &'static str,
    password_missing: &'static str,
    /// The fewest characters.
    password_short: Around,
    password_long: &'static str,
    password_common: &'static str,
    password_breached: &'static str,
    password_context: &'static str,
    name_characters: &'static str,
    name_short: &'static str,
    name_long: &'static str,
    /// For a problem that has no sentence of its own.
    unusable: &'static str,
}

/// What a scope lets an app do, to follow "This app will be able to".
#[derive(Debug)]
pub(super) struct Permissions {
    account: &'static str,
    email: &'static str,
    profile: &'static str,
    openid: &'static str,
    offline_access: &'static str,
}

/// Pages around the codes and links of mails.
#[derive(Debug)]
pub(super) struct Mailed {
    pub(super) identifier: &'static str,
    pub(super) email: &'static str,
    pub(super) email_hint: &'static str,
    pub(super) forgot_link: &'static str,
    /// Title of the page that sends a code.
    pub(super) forgot: &'static str,
    pub(super) forgot_lead: &'static str,
    pub(super) forgot_button: &'static str,
    pub(super) code: &'static str,
    pub(super) code_hint: &'static str,
    /// Says that a mail may be on its way.
    pub(super) sent: &'static str,
    /// Title.
    pub(super) verify: &'static str,
    pub(super) verify_sent: &'static str,
    /// Asks for a password, after the link of a registration.
    pub(super) verify_link: &'static str,
    /// Asks for the password, after the link of a change of address.
    pub(super) change_link: &'static str,
    pub(super) confirm: &'static str,
    /// Title.
    pub(super) reset: &'static str,
    pub(super) new_password: &'static str,
    pub(super) reset_button: &'static str,
    /// Title.
    pub(super) keep: &'static str,
    pub(super) keep_lead: &'static str,
    pub(super) keep_button: &'static str,
    pub(super) wrong_code: &'static str,
    pub(super) email_missing: &'static str,
    pub(super) email_invalid: &'static str,
    pub(super) email_unchanged: &'static str,
    pub(super) verified: Notice,
    pub(super) changed: Notice,
    pub(super) changes_later: Notice,
    pub(super) was_reset: Notice,
    pub(super) kept: Notice,
    pub(super) off: Notice,
}

/// Pages that tell of an error.
#[derive(Debug)]
pub(super) struct Notices {
    expired: Notice,
    declined: Notice,
    not_found: Notice,
    closed: Notice,
    /// The title; the sentence is [`Words::throttled`].
    too_many: &'static str,
    unavailable: Notice,
    broken: Notice,
    forbidden: Notice,
    unanswerable: Notice,
}

/// A title and a sentence.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

/// A sentence around a name or a number: what goes before it and what goes after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

impl Around {
    /// The sentence, split at its `{}`.
    #[expect(clippy::panic, reason = "only in constants, where it is an error of the compiler")]
    const fn new(sentence: &'static str) -> Self {
        let bytes = sentence.as_bytes();
        let mut at = 0;
        while at + 1 < bytes.len() {
            if bytes[at] == b'{' && bytes[at + 1] == b'}' {
                let (before, rest) = sentence.split_at(at);
                let (_, after) = rest.split_at(2);
                return Self { before, after };
            }
            at += 1;
        }
        panic!("the sentence has no place for what it is about")
    }

    /// The sentence with `value` in its place, as plain text.
    pub(super) fn with(self, value: impl Display) -> String {
        format!("{}{value}{}", self.before, self.after)
    }
}

impl Words {
    /// The catalogue of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::WORDS,
            Language::German => &de::WORDS,
            Language::French => &fr::WORDS,
            Language::Spanish => &es::WORDS,
            Language::Portuguese => &pt::WORDS,
            Language::Japanese => &ja::WORDS,
            Language::Arabic => &ar::WORDS,
        }
    }

    /// What to tell after too many attempts.
    pub(super) fn wait(&self, seconds: u64) -> String {
        (self.throttled)(seconds.div_ceil(60).max(1))
    }

    /// A day and a time, in UTC.
    pub(super) fn moment(&self, at: Time) -> String {
        let (words, minutes) = (&self.account, at.seconds() / 60);
        format!("{}{}{:02}:{:02} UTC", (words.date)(Date::of(at)), words.at, minutes / 60 % 24, minutes % 60)
    }

    /// What a scope lets an app do; `None` for one that only the app's own makers know.
    pub(super) fn permission(&self, word: &str) -> Option<&'static str> {
        Some(match word {
            scope::ACCOUNT => self.permissions.account,
            scope::EMAIL => self.permissions.email,
            scope::PROFILE => self.permissions.profile,
            scope::OPEN => self.permissions.openid,
            scope::OFFLINE_ACCESS => self.permissions.offline_access,
            _ => return None,
        })
    }

    /// What is wrong with a field. `min_length` is the fewest characters of a password.
    pub(super) fn problem(&self, problem: &FieldProblem, min_length: usize) -> Cow<'static, str> {
        let words = &self.problems;
        Cow::Borrowed(match (problem.field.as_str(), problem.code) {
            ("username", "missing") => words.username_missing,
            ("username", "invalid_characters") => words.username_characters,
            ("username", "too_short") => words.username_short,
            ("username", "too_long") => words.username_long,
            ("username", "username_taken") => words.username_taken,
            ("password", "missing") => words.password_missing,
            ("password", "too_short") => return Cow::Owned(words.password_short.with(min_length)),
            ("password", "too_long") => words.password_long,
            ("password", "too_common") => words.password_common,
            ("password", "breached") => words.password_breached,
            ("password", "contains_context") => words.password_context,
            ("name", "invalid_characters") => words.name_characters,
            ("name", "too_short") => words.name_short,
            ("name", "too_long") => words.name_long,
            ("email", "missing") => self.mailed.email_missing,
            ("password", "wrong") => self.account.wrong_password,
            ("email", "invalid_address" | "too_long") => self.mailed.email_invalid,
            ("email", "unchanged") => self.mailed.email_unchanged,
            ("code", _) => self.mailed.wrong_code,
            _ => words.unusable,
        })
    }

    /// Title and sentence of the page that tells of an error.
    pub(super) fn error(&self, code: Code, retry_after: Option<u64>) -> (&'static str, Cow<'static, str>) {
        let notices = &self.notices;
        let notice = match code {
            Code::StaleRequest | Code::ForeignForm => &notices.expired,
            Code::AccessDenied => &notices.declined,
            Code::NotFound | Code::MethodNotAllowed => &notices.not_found,
            Code::RegistrationClosed => &notices.closed,
            Code::MailOff => &self.mailed.off,
            Code::TooManyRequests => return (notices.too_many, self.wait(retry_after.unwrap_or_default()).into()),
            Code::TemporarilyUnavailable => &notices.unavailable,
            _ if code.status() >= 500 => &notices.broken,
            _ if code.status() == 403 => &notices.forbidden,
            _ => &notices.unanswerable,
        };
        (notice.title, notice.text.into())
    }
}

#[cfg(test)]
mod tests;
