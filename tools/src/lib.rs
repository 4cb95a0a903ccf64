//! What the commands of this crate share with the tests that hold docs/ to what is so.
//!
//! `docs` writes the pages that are made of other files, `cost` prints what every operation takes, `measure` prints size
//! and start of every release binary, `screenshots` takes pictures of the hosted pages.

#![expect(clippy::expect_used, clippy::panic, reason = "what cannot be read or set up ends the command")]

pub mod counted;
pub mod made;
