//! The one secret of this machine: the key under which the stand-in for KMS seals.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::blob::{CIPHERTEXT, KeyId, NONCE, VERSION, associated_data, key_id};
use crate::Error;

const FILE: &str = "kms.key";

/// A key of 256 bits, ready for use.
#[derive(Debug)]
pub(super) struct MasterKey(RandomizedNonceKey);

impl MasterKey {
    /// A new key, and its bytes.
    pub(super) fn generate() -> Result<(Self, [u8; 32]), Error> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(Error::doing("making the key of the KMS stand-in"))?;
        Ok((Self::from_bytes(&bytes)?, bytes))
    }

    /// The key that a data folder holds; the first call makes it.
    ///
    /// The file is written aside and renamed, so there is never half a key, and is readable by its owner only.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, Error> {
        let file = folder.join(FILE);
        match fs::read_to_string(&file) {
            Ok(text) => {
                let bytes = BASE64_STANDARD.decode(text.trim());
                Self::from_bytes(&bytes.map_err(Error::doing(format!("reading {}", file.display())))?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (key, bytes) = Self::generate()?;
                write(folder, &bytes).map_err(Error::doing(format!("writing {}", file.display())))?;
                Ok(key)
            }
            Err(error) => Err(Error::doing(format!("reading {}", file.display()))(error)),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes);
        key.map(Self).map_err(|_| Error::new(format!("{FILE} in the data folder does not hold a key of 256 bits")))
    }

    /// Seals for one key and one context; `None` if the generator fails.
    pub(super) fn seal(&self, key: KeyId, plaintext: &[u8], context: &BTreeMap<String, String>) -> Option<Vec<u8>> {
        let mut sealed = plaintext.to_vec();
        let data = Aad::from(associated_data(key, context));
        let nonce = self.0.seal_in_place_append_tag(data, &mut sealed).ok()?;
        Some([&[VERSION], key.0.as_slice(), nonce.as_ref(), &sealed].concat())
    }

    /// Opens what was sealed in the same context; `None` for anything else.
    pub(super) fn open(&self, blob: &[u8], context: &BTreeMap<String, String>) -> Option<Vec<u8>> {
        let data = Aad::from(associated_data(key_id(blob)?, context));
        let nonce = Nonce::try_assume_unique_for_key(blob.get(NONCE..CIPHERTEXT)?).ok()?;
        let mut sealed = blob.get(CIPHERTEXT..)?.to_vec();
        self.0.open_in_place(nonce, data, &mut sealed).ok().map(|plaintext| plaintext.to_vec())
    }
}

fn write(folder: &Path, key: &[u8]) -> std::io::Result<()> {
    let aside = folder.join(format!("{FILE}.new"));
    let _ = fs::remove_file(&aside); // left by a start that was killed here
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(format!("{}\n", BASE64_STANDARD.encode(key)).as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, folder.join(FILE))?;
    File::open(folder)?.sync_all()
}
