//! What is asked for after the password.

/// The second step of a sign-in.
#[derive(Debug)]
pub(in crate::pages) struct SecondFactor {
    /// Title.
    pub(in crate::pages) title: &'static str,
    /// Label of the field for the code of an app.
    pub(in crate::pages) code: &'static str,
    pub(in crate::pages) code_hint: &'static str,
    pub(in crate::pages) wrong_code: &'static str,
    /// Label of the field for a recovery code.
    pub(in crate::pages) recovery_code: &'static str,
    pub(in crate::pages) recovery_code_hint: &'static str,
    pub(in crate::pages) wrong_recovery_code: &'static str,
    /// Links between the two.
    pub(in crate::pages) use_recovery_code: &'static str,
    pub(in crate::pages) use_app: &'static str,
    /// Label of the box that lets the password suffice on this device.
    pub(in crate::pages) trust: &'static str,
    pub(in crate::pages) trust_hint: &'static str,
}
