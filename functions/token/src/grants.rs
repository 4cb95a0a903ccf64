//! The grants, one file each.

pub(crate) mod refresh_token;
