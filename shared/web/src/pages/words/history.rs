//! What happened to an account, in a few words.

use oauth::{Action, Reason, SecurityEvent};

use super::Around;

/// What happened to an account, on its page.
#[derive(Debug)]
pub(in crate::pages) struct History {
    pub(in crate::pages) title: &'static str,
    pub(in crate::pages) nothing: &'static str,
    /// Attempts to sign in that were refused: how many.
    pub(in crate::pages) refused: Around,
    /// Of the last one: a day.
    pub(in crate::pages) last_refused: Around,
    pub(in crate::pages) sign_in: &'static str,
    pub(in crate::pages) registration: &'static str,
    pub(in crate::pages) address_proven: &'static str,
    pub(in crate::pages) address_changing: &'static str,
    pub(in crate::pages) address_changed: &'static str,
    pub(in crate::pages) address_kept: &'static str,
    pub(in crate::pages) name_changed: &'static str,
    pub(in crate::pages) data_exported: &'static str,
    pub(in crate::pages) password_changed: &'static str,
    pub(in crate::pages) password_reset: &'static str,
    pub(in crate::pages) consent_given: &'static str,
    pub(in crate::pages) consent_removed: &'static str,
    pub(in crate::pages) session_ended: &'static str,
    pub(in crate::pages) browser_signed_out: &'static str,
    pub(in crate::pages) signed_out_everywhere: &'static str,
    pub(in crate::pages) signed_out_elsewhere: &'static str,
    pub(in crate::pages) app_signed_out: &'static str,
    pub(in crate::pages) secret_reused: &'static str,
    pub(in crate::pages) account_leaving: &'static str,
    pub(in crate::pages) account_kept: &'static str,
    pub(in crate::pages) factor_added: &'static str,
    pub(in crate::pages) factor_removed: &'static str,
    pub(in crate::pages) factor_leaving: &'static str,
    pub(in crate::pages) factor_kept: &'static str,
    pub(in crate::pages) codes_replaced: &'static str,
    pub(in crate::pages) by_operator: &'static str,
    pub(in crate::pages) other: &'static str,
}

impl History {
    /// What happened, in a few words.
    pub(in crate::pages) fn of(&self, event: &SecurityEvent) -> &'static str {
        match (event.action, event.reason) {
            (Action::SignIn, _) => self.sign_in,
            (Action::Registration, _) => self.registration,
            (Action::AddressProven, _) => self.address_proven,
            (Action::AddressChanging, _) => self.address_changing,
            (Action::AddressChanged, _) => self.address_changed,
            (Action::AddressKept, _) => self.address_kept,
            (Action::NameChanged, _) => self.name_changed,
            (Action::DataExported, _) => self.data_exported,
            (Action::PasswordChanged, _) => self.password_changed,
            (Action::PasswordReset, _) => self.password_reset,
            (Action::ConsentGiven, _) => self.consent_given,
            (Action::ConsentRemoved, _) => self.consent_removed,
            (Action::SessionEnded, _) => self.session_ended,
            (Action::BrowserSignedOut, _) => self.browser_signed_out,
            (Action::SignedOutEverywhere, Some(Reason::ExceptThisSession)) => self.signed_out_elsewhere,
            (Action::SignedOutEverywhere, _) => self.signed_out_everywhere,
            (Action::TokensEnded, Some(Reason::RefreshTokenReused | Reason::CodeReused)) => self.secret_reused,
            (Action::TokensEnded, _) => self.app_signed_out,
            (Action::AccountLeaving, _) => self.account_leaving,
            (Action::AccountKept, _) => self.account_kept,
            (Action::FactorAdded, _) => self.factor_added,
            (Action::FactorRemoved, _) => self.factor_removed,
            (Action::FactorLeaving, _) => self.factor_leaving,
            (Action::FactorKept, _) => self.factor_kept,
            (Action::RecoveryCodesReplaced, _) => self.codes_replaced,
            (Action::Order, _) => self.by_operator,
            _ => self.other,
        }
    }
}
