//! Every sentence of the mails, in each language that the pages are offered in.
//!
//! A catalogue is one value of [`Words`], in a file of its own: a sentence that is missing in one of them does not compile.
//! `{service}` stands for the name of the service, and `{detail}` for what the message adds: an address or an instant.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod ja;
mod pt;

use oauth::Language;

/// A catalogue.
#[derive(Debug)]
pub(crate) struct Words {
    /// Below a code: how long it lives, and where it works.
    pub(crate) code_hint: &'static str,
    /// Before the same links as text.
    pub(crate) link_hint: &'static str,
    /// At the end of every mail.
    pub(crate) automatic: &'static str,

    // what buttons do
    pub(crate) confirm: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) new_password: &'static str,
    pub(crate) account: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) keep_account: &'static str,

    // the messages
    pub(crate) verify_address: Sentences,
    pub(crate) account_exists: Sentences,
    pub(crate) reset_password: Sentences,
    pub(crate) password_changed: Sentences,
    pub(crate) prove_address: Sentences,
    /// The detail is the new address and when it takes effect.
    pub(crate) address_changing: Sentences,
    /// The detail is the new address.
    pub(crate) address_changed: Sentences,
    pub(crate) account_deleted: Sentences,
    /// The detail is when it is gone.
    pub(crate) account_leaving: Sentences,
    pub(crate) account_kept: Sentences,
    pub(crate) factor_added: Sentences,
    pub(crate) factor_removed: Sentences,
    /// The detail is when it is removed.
    pub(crate) factor_leaving: Sentences,
    pub(crate) codes_replaced: Sentences,
}

/// The sentences of one message.
#[derive(Debug)]
pub(crate) struct Sentences {
    /// The subject, which is also the heading.
    pub(crate) subject: &'static str,
    /// What happened.
    pub(crate) lead: &'static str,
    /// What to do if it was not the person's doing.
    pub(crate) ignore: &'static str,
}

impl Words {
    /// The catalogue of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
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
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_catalogue_has_sentences_of_its_own_with_their_places() {
        let mut subjects = HashSet::new();
        for language in Language::ALL {
            let words = Words::of(language);
            let text = format!("{words:?}");
            assert!(!text.contains("\"\""), "{language:?} has an empty sentence");
            assert!(subjects.insert(words.account_deleted.lead), "{language:?} speaks another's language");
            assert!(!text.is_ascii() || language == Language::English, "{language:?}");
            for sentences in
                [&words.address_changing, &words.address_changed, &words.account_leaving, &words.factor_leaving]
            {
                assert_eq!(sentences.lead.matches("{detail}").count(), 1, "{language:?}");
            }
            assert_eq!(text.matches("{detail}").count(), 4, "{language:?}");
            assert!(words.automatic.contains("{service}"), "{language:?}");
            let places = text.replace("{service}", "").replace("{detail}", "");
            assert!(!places.contains("{}"), "{language:?} has a place without a name");
        }
    }
}
