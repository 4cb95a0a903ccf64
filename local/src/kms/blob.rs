//! The form of a ciphertext: `version (1) ‖ key id (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`, and what it is bound to.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

/// The version that this release writes and reads.
pub(super) const VERSION: u8 = 1;
/// Where the nonce starts.
pub(super) const NONCE: usize = 17;
/// Where the ciphertext starts.
pub(super) const CIPHERTEXT: usize = NONCE + 12;

/// Which key sealed: sixteen bytes that stand for its ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; 16]);

impl KeyId {
    /// The id of the key with this ARN.
    pub(super) fn of(arn: &str) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&digest::digest(&digest::SHA256, arn.as_bytes()).as_ref()[..16]);
        Self(id)
    }
}

/// Which key sealed a ciphertext; `None` for what is none.
pub(super) fn key_id(blob: &[u8]) -> Option<KeyId> {
    let (&version, rest) = blob.split_first()?;
    (version == VERSION).then(|| rest.first_chunk().copied().map(KeyId))?
}

/// What a ciphertext is bound to besides its bytes: the key and the encryption context, each part with its length.
pub(super) fn associated_data(key: KeyId, context: &BTreeMap<String, String>) -> Vec<u8> {
    let mut data = key.0.to_vec();
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        data.extend((part.len() as u64).to_be_bytes());
        data.extend(part.as_bytes());
    }
    data
}
