//! The refusal of a code or link. It does not say what is wrong with it.

use oauth::{Code, Error};

/// Refuses a code or a link. `detail` is for the log.
pub(crate) fn wrong(detail: &'static str) -> Error {
    Error::new(Code::InvalidCode, detail)
}
