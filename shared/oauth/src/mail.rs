//! The mails that the service sends: to whom, in which language, and what about. A function stores
//! a [`Mail`] in the same write as the change that the mail is about; the mailer writes the text.
//!
//! Codes and links in a message are secrets, so these types have no `Debug`.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::time::Time;

/// One mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The address, spelled as its owner gave it.
    pub to: String,
    /// The language of the text.
    pub language: Language,
    /// What the mail says.
    pub message: Message,
}

/// What a mail says. Links are absolute. Times are instants; the text names them in UTC.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// Somebody registered with this address, and its owner has to prove it.
    VerifyAddress {
        /// What the person types on the page where they registered.
        code: String,
        /// Where the address is proven without the code.
        link: String,
    },
    /// Somebody wanted to register with this address or to change theirs to it, and its owner has an account already.
    AccountExists {
        /// The sign-in page.
        sign_in: String,
        /// The page for a forgotten password.
        reset: String,
    },
    /// The person, or an operator for them, asked for a new password.
    ResetPassword {
        /// What the person types on the page where they asked.
        code: String,
        /// Where a new password is set without the code.
        link: String,
    },
    /// The password was changed or reset.
    PasswordChanged {
        /// The account page.
        account: String,
    },
    /// The person wants this address for their account, and has to prove it.
    ProveAddress {
        /// What the person types on the page where they asked.
        code: String,
        /// Where the address is proven without the code.
        link: String,
    },
    /// To the present address: another one is about to replace it.
    AddressChanging {
        /// The new address, only in part.
        new_address_masked: String,
        /// When it takes effect.
        effective_at: Time,
        /// Where the change can be cancelled until then.
        cancel: String,
    },
    /// To the address of an account that an operator replaced by another one.
    AddressChanged {
        /// The new address, only in part.
        new_address_masked: String,
        /// The account page.
        account: String,
    },
    /// The account was deleted.
    AccountDeleted {},
    /// The account is about to be deleted.
    AccountLeaving {
        /// When it is gone.
        effective_at: Time,
        /// The account page, where the person signs in and keeps the account.
        account: String,
        /// The page for a forgotten password.
        reset: String,
    },
    /// An account that was to be deleted was kept.
    AccountKept {
        /// The account page.
        account: String,
    },
    /// A second factor was added.
    FactorAdded {
        /// The account page.
        account: String,
    },
    /// A second factor was removed.
    FactorRemoved {
        /// The account page.
        account: String,
    },
    /// A second factor is about to be removed.
    FactorLeaving {
        /// When it is removed.
        effective_at: Time,
        /// The account page, where the person signs in and keeps it.
        keep: String,
    },
    /// New recovery codes replaced the old ones.
    RecoveryCodesReplaced {
        /// The account page.
        account: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_read_as_it_was_written_and_unknown_members_are_refused() {
        let message = Message::AddressChanging {
            new_address_masked: "a…@example.com".to_owned(),
            effective_at: Time::from_seconds(9),
            cancel: "https://id.example/x".to_owned(),
        };
        let mail = Mail { to: "a@example.com".to_owned(), language: Language::Japanese, message };
        let text = serde_json::to_string(&mail).unwrap();
        assert!(text.contains(r#""language":"ja""#) && text.contains(r#""kind":"address_changing""#), "{text}");
        assert!(serde_json::from_str::<Mail>(&text).unwrap() == mail);
        assert!(serde_json::from_str::<Mail>(&text.replace("cancel", "other")).is_err());
    }
}
