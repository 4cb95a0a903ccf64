//! An e-mail address as it is stored.

use serde::{Deserialize, Serialize};

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// As it was typed. Mail goes there.
    pub address: String,
    /// Equal for all spellings of the address.
    pub canonical: String,
}
