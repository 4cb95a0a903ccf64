//! Shared by the commands of this crate and by the tests that check docs/.
//!
//! `docs` writes generated pages, `cost` prints the usage of every operation, `measure` prints the size and start of
//! every release binary, `screenshots` takes screenshots of the hosted pages.

#![expect(clippy::expect_used, clippy::panic, reason = "a command ends when it cannot read or set up what it needs")]

pub mod counted;
pub mod made;
