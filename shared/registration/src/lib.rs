//! What a client may be: the rules for its metadata (RFC 7591, RFC 7592), how a registration changes, and what is told
//! about it. Clients that register themselves and clients that an operator registers go through the same rules.
//!
//! The only importer of the URL parser and of the tables of scripts that look alike.

mod change;
mod information;
mod metadata;

pub use change::{Change, change, end};
pub use information::{Information, Secrets, other_than_shown};
pub use metadata::{Author, Given, Rules};
