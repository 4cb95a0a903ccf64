//! The one secret of this machine: the key under which the stand-in for KMS seals.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
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
        let key = Self::from_bytes(&bytes).ok_or_else(|| Error::new("making the key of the KMS stand-in"))?;
        Ok((key, bytes))
    }

    /// The key of a data folder that may be new; the first call makes it.
    ///
    /// The file is written aside and renamed, so there is never half a key, and is readable by its owner only.
    pub(super) fn in_new_folder(folder: &Path) -> Result<Self, Error> {
        if let Some(key) = read(folder)? {
            return Ok(key);
        }
        let (key, bytes) = Self::generate()?;
        write(folder, &bytes).map_err(Error::doing(format!("writing {}", folder.join(FILE).display())))?;
        Ok(key)
    }

    /// The key of a data folder that holds data.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, Error> {
        read(folder)?.ok_or_else(|| unusable(folder, "is missing"))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes).map(Self).ok()
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

/// The key that a folder holds, if it holds one.
fn read(folder: &Path) -> Result<Option<MasterKey>, Error> {
    let file = folder.join(FILE);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(unusable(folder, "holds no key")),
        Err(error) => return Err(Error::doing(format!("reading {}", file.display()))(error)),
    };
    let key = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| MasterKey::from_bytes(&bytes));
    key.map(Some).ok_or_else(|| unusable(folder, "holds no key"))
}

/// Without its key, a folder's data cannot be read: the signing keys in it are sealed.
fn unusable(folder: &Path, what: &str) -> Error {
    let (file, folder) = (folder.join(FILE), folder.display());
    Error::new(format!(
        "{} {what}, and what is sealed in the data folder opens with it alone: put the file back from a copy, or remove \
         {folder} to start anew",
        file.display()
    ))
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
