//! The grants, one file each. Each decides; none makes a token.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod refresh_token;
