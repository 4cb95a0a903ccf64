//! Amazon SES: one operation of its v2 API, `SendEmail` with a raw message.

use aws::{Api, Call, Names, Refusal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::Message;
use oauth::{Config, Error, Time};
use serde_json::json;

use crate::Sent;

const NAMES: Names = Names { signed: "ses", host: "email", endpoint: "AWS_ENDPOINT_URL_SESV2" };
const OPERATION: &str = "SES SendEmail";
/// Refusals of this message and of no other. Everything else is a matter of the account and can pass.
const FINAL: [&str; 2] = ["MessageRejected", "BadRequestException"];
/// In the text of a `MessageRejected` that is a matter of the account after all: the sender's identity is not verified, or in
/// the sandbox the recipient's.
const UNVERIFIED: &str = "not verified";

/// Amazon SES in one region.
pub struct Ses {
    api: Api,
    /// Tells SES where to report bounces.
    configuration_set: Option<String>,
}

impl Ses {
    /// Reads the variables that Lambda sets, `MAIL_CONFIGURATION_SET`, and for another endpoint `AWS_ENDPOINT_URL_SESV2`.
    /// Opens no connection.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let configuration_set = config.optional("MAIL_CONFIGURATION_SET").map(str::to_owned);
        Ok(Self { api: Api::read(NAMES, config)?, configuration_set })
    }

    pub(crate) async fn send(&self, message: &Message, now: Time) -> Result<Sent, Error> {
        let to: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        let mut body = json!({
            "Content": {"Raw": {"Data": STANDARD.encode(message.formatted())}},
            "Destination": {"ToAddresses": to},
        });
        body["FromEmailAddress"] = message.envelope().from().map(ToString::to_string).into();
        if let Some(set) = &self.configuration_set {
            body["ConfigurationSetName"] = set.as_str().into();
        }
        let headers = [("content-type", "application/json")];
        let call = Call { operation: OPERATION, path: "/v2/email/outbound-emails", headers: &headers, body: &body };
        match self.api.call(&call, now).await? {
            Ok(_) => Ok(Sent::Taken),
            Err(refusal) if is_final(&refusal) => Ok(Sent::Refused(refusal.to_string())),
            Err(refusal) => Err(Error::unavailable(OPERATION, refusal)),
        }
    }
}

/// Whether SES will never take the message that it refuses so.
fn is_final(refusal: &Refusal) -> bool {
    FINAL.contains(&refusal.kind.as_str()) && !refusal.message.contains(UNVERIFIED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_of_the_message_itself_are_final() {
        let refusal =
            |kind: &str, message: &str| Refusal { kind: kind.to_owned(), status: 400, message: message.to_owned() };
        for kind in FINAL {
            assert!(is_final(&refusal(kind, "Local address contains control or whitespace")), "{kind}");
        }
        let unverified = "Email address is not verified. The following identities failed the check: id.example";
        assert!(!is_final(&refusal("MessageRejected", unverified)));
        for kind in [
            "TooManyRequestsException",
            "SendingPausedException",
            "AccountSuspendedException",
            "MailFromDomainNotVerifiedException",
            "NotFoundException",
            "AccessDeniedException",
            "",
        ] {
            assert!(!is_final(&refusal(kind, "")), "{kind}");
        }
    }
}
