//! A mail as people see it: subject, text and HTML, made from one catalogue of sentences in [`words`](crate::words).
//!
//! The HTML is laid out for mail programs: tables, styles at the elements, and a block of styles for dark mode and narrow
//! screens, which programs that do not know it leave out. It loads nothing but the logo, and only from an https address.

use askama::Template;
use oauth::{Error, Language, Mail, Message, Time};
use time::OffsetDateTime;
use time::macros::format_description;
use web::pages::{Look, Shades};

use crate::words::{Sentences, Words};

/// A mail that can be sent.
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What a mail says, in the order in which it says it.
struct Body<'a> {
    sentences: &'static Sentences,
    /// What replaces `{detail}` in the lead.
    detail: Option<String>,
    code: Option<&'a str>,
    /// The button, and a second way.
    links: Vec<(&'static str, &'a str)>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    look: &'a Look,
    light: &'a Shades,
    dark: &'a Shades,
    mail: &'a View<'a>,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Text<'a> {
    mail: &'a View<'a>,
}

/// What both forms show.
struct View<'a> {
    service: &'a str,
    language: &'static str,
    direction: &'static str,
    title: String,
    lead: String,
    code: Option<&'a str>,
    code_hint: &'static str,
    links: &'a [(&'static str, &'a str)],
    link_hint: &'static str,
    ignore: &'static str,
    automatic: String,
}

/// The content of a mail.
pub(crate) fn content(look: &Look, mail: &Mail) -> Result<Content, Error> {
    let words = Words::of(mail.language);
    let body = body(words, &mail.message);
    let of_service = |sentence: &str| sentence.replace("{service}", look.name());
    let view = View {
        service: look.name(),
        language: mail.language.tag(),
        direction: mail.language.direction(),
        title: of_service(body.sentences.subject),
        lead: of_service(body.sentences.lead).replace("{detail}", &isolated(body.detail, mail.language)),
        code: body.code,
        code_hint: words.code_hint,
        links: &body.links,
        link_hint: words.link_hint,
        ignore: body.sentences.ignore,
        automatic: of_service(words.automatic),
    };
    let [light, dark] = look.shades();
    let failed = |error| Error::fault("rendering a mail").because(error);
    let html = Html { look, light: &light, dark: &dark, mail: &view }.render().map_err(failed)?;
    let text = Text { mail: &view }.render().map_err(failed)?;
    Ok(Content { subject: view.title, text, html })
}

fn body<'a>(words: &'static Words, message: &'a Message) -> Body<'a> {
    let said = |sentences| Body { sentences, detail: None, code: None, links: Vec::new() };
    match message {
        Message::VerifyAddress { code, link } => {
            Body { code: Some(code), links: vec![(words.confirm, link)], ..said(&words.verify_address) }
        }
        Message::AccountExists { sign_in, reset } => {
            let links = vec![(words.sign_in, sign_in.as_str()), (words.new_password, reset)];
            Body { links, ..said(&words.account_exists) }
        }
        Message::ResetPassword { code, link } => {
            Body { code: Some(code), links: vec![(words.new_password, link)], ..said(&words.reset_password) }
        }
        Message::PasswordChanged { account } => {
            Body { links: vec![(words.account, account)], ..said(&words.password_changed) }
        }
        Message::ProveAddress { code, link } => {
            Body { code: Some(code), links: vec![(words.confirm, link)], ..said(&words.prove_address) }
        }
        Message::AddressChanging { new_address_masked, effective_at, cancel } => Body {
            detail: Some(format!("{new_address_masked} ({})", moment(*effective_at))),
            links: vec![(words.cancel, cancel)],
            ..said(&words.address_changing)
        },
        Message::AddressChanged { new_address_masked, account } => Body {
            detail: Some(new_address_masked.clone()),
            links: vec![(words.account, account)],
            ..said(&words.address_changed)
        },
        Message::AccountDeleted {} => said(&words.account_deleted),
        Message::AccountLeaving { effective_at, account, reset } => Body {
            detail: Some(moment(*effective_at)),
            links: vec![(words.keep_account, account.as_str()), (words.new_password, reset)],
            ..said(&words.account_leaving)
        },
        Message::AccountKept { account } => Body { links: vec![(words.account, account)], ..said(&words.account_kept) },
        Message::FactorAdded { account } => Body { links: vec![(words.account, account)], ..said(&words.factor_added) },
        Message::FactorRemoved { account } => {
            Body { links: vec![(words.account, account)], ..said(&words.factor_removed) }
        }
        Message::FactorLeaving { effective_at, keep } => Body {
            detail: Some(moment(*effective_at)),
            links: vec![(words.account, keep)],
            ..said(&words.factor_leaving)
        },
        Message::RecoveryCodesReplaced { account } => {
            Body { links: vec![(words.account, account)], ..said(&words.codes_replaced) }
        }
    }
}

/// Keeps the parts of a date or an address in their order between words that run from right to left (Unicode Standard
/// Annex 9, isolates).
fn isolated(detail: Option<String>, language: Language) -> String {
    match detail {
        Some(detail) if language.direction() == "rtl" => format!("\u{2066}{detail}\u{2069}"),
        detail => detail.unwrap_or_default(),
    }
}

/// An instant in a form that every language reads alike: `2026-11-28 14:30 UTC`.
fn moment(at: Time) -> String {
    let seconds = i64::try_from(at.seconds()).unwrap_or(i64::MAX);
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
