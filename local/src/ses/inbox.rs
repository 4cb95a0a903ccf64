//! The mails that were sent, newest first, read as a mail program reads them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mailparse::{MailHeaderMap, ParsedMail};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How many mails are kept.
const KEPT: usize = 200;

/// Everybody's mails.
#[derive(Debug, Default)]
pub(crate) struct Inbox(Mutex<VecDeque<Received>>);

/// One mail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Received {
    pub(crate) id: String,
    /// When it came, in the form of RFC 3339.
    pub(crate) at: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The first link in the text.
    pub(crate) link: Option<String>,
    /// The message as it was sent.
    pub(crate) raw: String,
}

impl Inbox {
    /// Takes a mail, and returns the line that tells of it; or why it is no mail.
    pub(super) fn deliver(&self, id: &str, from: &str, to: &[&str], raw: &[u8]) -> Result<String, String> {
        let parsed = mailparse::parse_mail(raw).map_err(|error| error.to_string())?;
        let text = part(&parsed, "text/plain").unwrap_or_default();
        let received = Received {
            id: id.to_owned(),
            at: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            from: from.to_owned(),
            to: to.iter().map(|&address| address.to_owned()).collect(),
            subject: parsed.headers.get_first_value("Subject").unwrap_or_default(),
            link: link(&text),
            text,
            html: part(&parsed, "text/html").unwrap_or_default(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        };
        let line = format!("mail to {}: {}", received.to.join(", "), received.subject);
        let line = received.link.as_ref().map_or(line.clone(), |link| format!("{line}  {link}"));
        let mut mails = self.locked();
        mails.push_front(received);
        mails.truncate(KEPT);
        Ok(line)
    }

    /// All mails that are kept, newest first.
    pub(crate) fn mails(&self) -> Vec<Received> {
        self.locked().iter().cloned().collect()
    }

    /// The mail with this id.
    pub(crate) fn mail(&self, id: &str) -> Option<Received> {
        self.locked().iter().find(|mail| mail.id == id).cloned()
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first part of a type, at any depth.
fn part(mail: &ParsedMail<'_>, kind: &str) -> Option<String> {
    let own = || (mail.ctype.mimetype == kind).then(|| mail.get_body().ok()).flatten();
    mail.subparts.iter().find_map(|part_of_it| part(part_of_it, kind)).or_else(own)
}

fn link(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.starts_with("https://") || word.starts_with("http://"));
    word.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_read_and_told_in_one_line() {
        let inbox = Inbox::default();
        let raw = "From: a@x.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
            Go to\r\nhttp://x.example/1 now\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Go</p>\r\n--b--\r\n";
        let line = inbox.deliver("1", "a@x.example", &["b@y.example"], raw.as_bytes()).expect("a mail");
        assert_eq!(line, "mail to b@y.example: Grüße  http://x.example/1");
        let mail = inbox.mail("1").expect("it is kept");
        assert!(mail.text.starts_with("Go to") && mail.html.starts_with("<p>Go</p>"), "{mail:?}");
        for id in 0..=KEPT {
            inbox.deliver(&format!("m{id}"), "a@x.example", &["c@y.example"], raw.as_bytes()).expect("a mail");
        }
        assert!(inbox.mails().len() == KEPT && inbox.mail("1").is_none());
    }
}
