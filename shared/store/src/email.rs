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

impl Email {
    /// The first character, and the domain: enough for its owner to recognise it.
    pub fn masked(&self) -> String {
        let (local, domain) = self.address.rsplit_once('@').unwrap_or((&self.address, ""));
        format!("{}…@{domain}", local.chars().take(1).collect::<String>())
    }
}
