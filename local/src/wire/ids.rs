//! The ids that AWS hands out: random, in the form that each service gives them.

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use uuid::{Builder, Uuid};

/// An id of an invocation or an instance: a random UUID.
pub(crate) fn uuid() -> Uuid {
    Builder::from_random_bytes(random()).into_uuid()
}

/// An id of a request to API Gateway: sixteen characters of base64.
pub(crate) fn gateway_request() -> String {
    BASE64_STANDARD.encode(random::<11>())
}

/// An X-Ray trace header for a request at `epoch` (seconds).
pub(crate) fn trace(epoch: u64) -> String {
    let random = random::<16>();
    let random = u128::from_be_bytes(random) >> 32;
    format!("Root=1-{epoch:08x}-{random:024x}")
}

/// Random bytes for ids; nothing secret is made of them, so a failing generator may leave zeros.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = rand::fill(&mut bytes);
    bytes
}
