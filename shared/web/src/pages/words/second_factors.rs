//! Two-step sign-in: the sentences of the pages on which a person adds and removes second factors.

use super::Around;

/// What the account page and the pages of second factors say.
#[derive(Debug)]
pub(in crate::pages) struct SecondFactors {
    /// Title, and name in the list.
    pub(in crate::pages) title: &'static str,
    pub(in crate::pages) not_set_up: &'static str,
    pub(in crate::pages) set_up: &'static str,
    pub(in crate::pages) app: &'static str,
    /// Of an app: a day and a time.
    pub(in crate::pages) leaves_on: Around,
    pub(in crate::pages) keep: &'static str,
    /// A number.
    pub(in crate::pages) codes_left: Around,
    pub(in crate::pages) manage_codes: &'static str,
    pub(in crate::pages) lead: &'static str,
    pub(in crate::pages) begin: &'static str,
    pub(in crate::pages) scan: &'static str,
    /// Says what the picture is.
    pub(in crate::pages) picture: &'static str,
    pub(in crate::pages) secret: &'static str,
    pub(in crate::pages) code: &'static str,
    pub(in crate::pages) code_hint: &'static str,
    pub(in crate::pages) wrong_code: &'static str,
    pub(in crate::pages) remove: &'static str,
    pub(in crate::pages) remove_lead: &'static str,
    pub(in crate::pages) any_code: &'static str,
    /// Title.
    pub(in crate::pages) codes: &'static str,
    pub(in crate::pages) codes_lead: &'static str,
    pub(in crate::pages) renew_lead: &'static str,
    pub(in crate::pages) renew: &'static str,
    pub(in crate::pages) download: &'static str,
    pub(in crate::pages) done: &'static str,
}
