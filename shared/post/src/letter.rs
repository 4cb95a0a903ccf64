//! A letter as a MIME message (RFC 5322, RFC 2046): the same content as text and as HTML.

use std::error::Error as StdError;
use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use oauth::Time;

/// One mail to one person.
pub struct Letter<'a> {
    /// Who writes.
    pub from: &'a Sender,
    /// The address.
    pub to: &'a str,
    /// Names the letter. The same letter has the same id when it is sent again.
    pub id: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The language tag of the text (RFC 5646).
    pub language: &'static str,
    /// The content as text.
    pub text: &'a str,
    /// The content as HTML.
    pub html: &'a str,
}

/// Who writes: a name and an address.
#[derive(Clone, Debug)]
pub struct Sender {
    /// What mail programs show.
    pub name: String,
    /// The address.
    pub address: String,
}

type Boxed = Box<dyn StdError + Send + Sync>;

impl Letter<'_> {
    /// The message; or what is wrong with the letter, most likely the address.
    pub(crate) fn message(&self, now: Time) -> Result<Message, String> {
        self.build(now).map_err(|error| error.to_string())
    }

    fn build(&self, now: Time) -> Result<Message, Boxed> {
        let Sender { name, address } = self.from;
        let from = Mailbox::new(Some(name.clone()), address.parse()?);
        let id = format!("<{}@{}>", self.id, from.email.domain());
        let content = MultiPart::alternative()
            .singlepart(SinglePart::plain(self.text.to_owned()))
            .singlepart(SinglePart::html(self.html.to_owned()));
        let message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, self.to.parse()?))
            .subject(self.subject)
            .date(SystemTime::UNIX_EPOCH + now.since_epoch())
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentLanguage(self.language))
            .multipart(content)?;
        Ok(message)
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody wrote this, and no out-of-office notice should answer it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Boxed> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// `Content-Language` (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(&'static str);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(_: &str) -> Result<Self, Boxed> {
        Err("only written".into())
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use mailparse::MailHeaderMap;

    use super::*;

    fn sender() -> Sender {
        Sender { name: "Grüße, \"Inc\"".to_owned(), address: "no-reply@id.example".to_owned() }
    }

    fn letter<'a>(from: &'a Sender, to: &'a str) -> Letter<'a> {
        let (subject, text) = ("رمز التحقق الخاص بك هو", "コード: ABCD-1234\n\nhttps://id.example/x?a=1&b=2\n.\n");
        Letter { from, to, id: "7", subject, language: "ja", text, html: "<p>コード</p>" }
    }

    #[test]
    fn a_parser_reads_what_was_written() {
        let raw =
            letter(&sender(), "alice+x@example.com").message(Time::from_seconds(1_800_000_000)).unwrap().formatted();
        assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 1000));
        let mail = mailparse::parse_mail(&raw).unwrap();
        let header = |name| mail.headers.get_first_value(name).unwrap_or_default();
        assert_eq!(header("Subject"), "رمز التحقق الخاص بك هو");
        assert_eq!(header("Message-ID"), "<7@id.example>");
        assert_eq!(header("Auto-Submitted"), "auto-generated");
        assert_eq!(header("Content-Language"), "ja");
        assert_eq!(header("To"), "alice+x@example.com");
        assert!(header("Date").starts_with("Fri, 15 Jan 2027 08:00:00"), "{}", header("Date"));
        let from = mailparse::addrparse_header(mail.headers.get_first_header("From").unwrap()).unwrap();
        let from = from.extract_single_info().unwrap();
        assert_eq!((from.addr.as_str(), from.display_name.as_deref()), ("no-reply@id.example", Some("Grüße, \"Inc\"")));
        assert_eq!(mail.ctype.mimetype, "multipart/alternative");
        let kinds: Vec<_> = mail.subparts.iter().map(|part| part.ctype.mimetype.as_str()).collect();
        assert_eq!(kinds, ["text/plain", "text/html"]);
        let text = mail.subparts[0].get_body().unwrap().replace("\r\n", "\n");
        assert_eq!(text.trim_end(), "コード: ABCD-1234\n\nhttps://id.example/x?a=1&b=2\n.");
        assert_eq!(mail.subparts[1].get_body().unwrap().trim_end(), "<p>コード</p>");
    }

    #[test]
    fn an_address_cannot_add_headers_or_recipients() {
        for to in ["a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", "a", "@x.example", ""] {
            assert!(letter(&sender(), to).message(Time::from_seconds(1)).is_err(), "{to:?}");
        }
    }
}
