//! SMTP (RFC 5321) over TLS: `smtps://` from the first byte (RFC 8314), `smtp://` by STARTTLS (RFC 3207), which is required.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use oauth::Error;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::Sent;

/// The time limit of each command, connection included.
const COMMAND: Duration = Duration::from_secs(5);
/// The time limit of all commands of a message.
const MESSAGE: Duration = Duration::from_secs(20);
/// Refusals of the sign-in, not of a message (RFC 4954 section 6).
const SIGN_IN: [u16; 4] = [530, 534, 535, 538];

/// Refusals of an address (RFC 5321 section 4.2.3), if their text does not say otherwise.
const NO_ADDRESS: [u16; 3] = [550, 551, 553];
/// The subjects of enhanced status codes that are about the address or its mailbox (RFC 3463 sections 3.2 and 3.3). Others,
/// such as 5.7 for policy, are about the sender or the service.
const ABOUT_ADDRESS: [&str; 2] = ["5.1.", "5.2."];
/// ... but these two are about the sender's address (RFC 3463 section 3.2).
const ABOUT_SENDER: [&str; 2] = ["5.1.7", "5.1.8"];

/// A mail server.
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

/// Whom a mail server's certificate must be from.
pub enum Trust<'a> {
    /// The certificate authorities of the web.
    Web,
    /// This one, in PEM.
    Authority(&'a [u8]),
}

impl Smtp {
    /// The server at `smtps://user@host:465` or `smtp://user@host:587`. The user is optional; so is the port. Opens no
    /// connection.
    pub fn at(url: &str, password: Option<&Zeroizing<String>>, trust: &Trust<'_>) -> Result<Self, Error> {
        let malformed = || Error::fault(format!("{url:?} is no address of a mail server"));
        let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        let port = port.map(str::parse::<u16>).transpose().map_err(|_| malformed())?;
        let parameters = parameters(host, trust)?;
        let (tls, usual) = match scheme {
            "smtps" => (Tls::Wrapper(parameters), 465),
            "smtp" => (Tls::Required(parameters), 587),
            _ => return Err(malformed()),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port.unwrap_or(usual))
            .tls(tls)
            .hello_name(ClientId::Domain("localhost".to_owned()))
            .timeout(Some(COMMAND));
        if let (Some(user), Some(password)) = (user, password) {
            let user = percent_decode_str(user).decode_utf8().map_err(|_| malformed())?.into_owned();
            builder = builder.credentials(Credentials::new(user, password.to_string()));
        }
        Ok(Self(builder.build()))
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<Sent, Error> {
        let text = message.formatted();
        let sending = self.0.send_raw(message.envelope(), &text);
        let sent = tokio::time::timeout(MESSAGE, sending).await.map_err(|error| Error::unavailable("SMTP", error))?;
        let Err(error) = sent else { return Ok(Sent::Taken) };
        let code = error.status().map(u16::from).filter(|code| error.is_permanent() && !SIGN_IN.contains(code));
        match code.map(|code| refusal(code, &error.to_string())) {
            Some(sent) => sent.ok_or_else(|| Error::unavailable("SMTP", error)),
            None => Err(Error::unavailable("SMTP", error)),
        }
    }
}

/// What a permanent refusal says about the message. `None`: it is about us, so another attempt may succeed once that is mended.
fn refusal(code: u16, text: &str) -> Option<Sent> {
    if !NO_ADDRESS.contains(&code) {
        return Some(Sent::Refused(text.to_owned()));
    }
    let is_enhanced = |word: &&str| word.starts_with("5.") && word.split('.').count() == 3;
    let of_address = match text.split([' ', ':', '-', '(', ')']).find(is_enhanced) {
        Some(status) => {
            ABOUT_ADDRESS.iter().any(|subject| status.starts_with(subject)) && !ABOUT_SENDER.contains(&status)
        }
        None => true,
    };
    of_address.then(|| Sent::NoSuchAddress(text.to_owned()))
}

fn parameters(host: &str, trust: &Trust<'_>) -> Result<TlsParameters, Error> {
    let failed = |error| Error::fault("TLS for SMTP").because(error);
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Trust::Authority(pem) = trust {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_recipient_marks_an_address() {
        for text in ["permanent error (550): 5.1.1 No such user", "permanent error (550): mailbox unavailable"] {
            assert!(matches!(refusal(550, text), Some(Sent::NoSuchAddress(_))), "{text}");
        }
        for text in ["permanent error (550): 5.7.1 Relaying denied", "permanent error (553): 5.1.8 Bad sender's domain"]
        {
            assert!(refusal(550, text).is_none(), "{text}");
        }
        assert!(matches!(refusal(554, "permanent error (554): 5.6.0 no"), Some(Sent::Refused(_))));
    }

    #[tokio::test]
    async fn an_address_of_a_mail_server_has_one_form() {
        let at = |url: &str| Smtp::at(url, None, &Trust::Web);
        for url in ["smtps://mail.example.com", "smtp://user%40example.com@mail.example.com:2525", "smtps://u@h:465"] {
            assert!(at(url).is_ok(), "{url}");
        }
        for url in ["mail.example.com", "http://mail.example.com", "smtp://mail.example.com:x", "smtp://h:99999"] {
            assert!(at(url).is_err(), "{url}");
        }
    }
}
