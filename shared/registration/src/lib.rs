//! Client registrations: the rules for metadata (RFC 7591, RFC 7592), changes, and the client information response. The
//! same rules apply to clients that register themselves and to clients that an operator registers.
//!
//! The only importer of the URL parser and of the tables of scripts.

mod change;
mod information;
mod metadata;

pub use change::{Change, change, end};
pub use information::{Information, Secrets, other_than_shown};
pub use metadata::{Author, Given, Rules};
