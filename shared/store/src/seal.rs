//! Envelope encryption: each secret is sealed with AES-256-GCM under its own data key, which KMS wraps.
//!
//! Sealing needs `kms:GenerateDataKey`, opening needs `kms:Decrypt`. A function with only the first can seal secrets
//! but never open them.

use std::collections::HashMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use oauth::Error;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::aws::Aws;

/// Name of the encryption context that binds a data key to its secret. It appears in the account's KMS audit trail.
const CONTEXT: &str = "gatewright:secret";
const NONCE_LENGTH: usize = 12;

/// Seals and opens secrets under one KMS key.
#[derive(Clone, Debug)]
pub struct Seal {
    client: Client,
    key_id: String,
}

/// A sealed secret as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The data key, wrapped by KMS.
    #[serde(with = "serde_bytes")]
    data_key: Vec<u8>,
    /// Nonce (12 bytes), ciphertext, tag (16 bytes).
    #[serde(with = "serde_bytes")]
    secret: Vec<u8>,
}

impl Sealed {
    /// The sealed bytes, as the attribute `secret`. No two are equal, so a condition on them means one secret.
    pub(crate) fn secret(&self) -> AttributeValue {
        AttributeValue::B(self.secret.clone().into())
    }
}

impl Seal {
    /// Seals under the KMS key with this id or ARN. Opens no connection.
    pub fn new(aws: &Aws, key_id: &str) -> Self {
        Self { client: aws.kms(), key_id: key_id.to_owned() }
    }

    /// Seals `secret`. It can be opened only with the same `name`.
    pub(crate) async fn seal(&self, name: &str, secret: &[u8]) -> Result<Sealed, Error> {
        let request = self.client.generate_data_key().key_id(&self.key_id).key_spec(DataKeySpec::Aes256);
        let answer = request.set_encryption_context(Some(context(name))).send().await;
        let answer = answer.map_err(|error| Error::unavailable("KMS GenerateDataKey", error))?;
        let (Some(data_key), Some(wrapped)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(Error::fault("KMS returned no key for GenerateDataKey"));
        };
        let data_key = Zeroizing::new(data_key.into_inner());
        let mut sealed = secret.to_vec();
        let nonce = cipher(&data_key)?
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut sealed)
            .map_err(|_| Error::fault("sealing"))?;
        let secret = [nonce.as_ref().as_slice(), &sealed].concat();
        Ok(Sealed { data_key: wrapped.into_inner(), secret })
    }

    /// Opens a secret that was sealed with `name`.
    pub(crate) async fn open(&self, name: &str, sealed: Sealed) -> Result<Zeroizing<Vec<u8>>, Error> {
        open(&self.decrypt(name, sealed.data_key).await?, name, &sealed.secret)
    }

    /// Opens what an operator encrypted with KMS itself, with `name` as the encryption context `gatewright:secret`.
    pub async fn decrypt(&self, name: &str, ciphertext: Vec<u8>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let request = self.client.decrypt().key_id(&self.key_id).ciphertext_blob(Blob::new(ciphertext));
        let answer = request.set_encryption_context(Some(context(name))).send().await;
        let answer = answer.map_err(|error| Error::unavailable("KMS Decrypt", error))?;
        let plaintext = answer.plaintext.ok_or_else(|| Error::fault("KMS returned nothing for Decrypt"))?;
        Ok(Zeroizing::new(plaintext.into_inner()))
    }
}

fn open(data_key: &[u8], name: &str, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let broken = || Error::fault("opening a sealed secret failed");
    let (nonce, sealed) = secret.split_at_checked(NONCE_LENGTH).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let length =
        cipher(data_key)?.open_in_place(nonce, Aad::from(name.as_bytes()), &mut sealed).map_err(|_| broken())?.len();
    sealed.truncate(length);
    Ok(sealed)
}

fn cipher(data_key: &[u8]) -> Result<RandomizedNonceKey, Error> {
    RandomizedNonceKey::new(&AES_256_GCM, data_key).map_err(|_| Error::fault("a data key has the wrong length"))
}

fn context(name: &str) -> HashMap<String, String> {
    HashMap::from([(CONTEXT.to_owned(), name.to_owned())])
}
