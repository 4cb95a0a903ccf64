//! The data folder: one instance at a time, for its owner only.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A folder whose owner does not answer yet, or not any more, is tried again this often: its owner may be starting, or a
/// process that is being started may hold a copy of the lock of one that has ended, until it runs its own program.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// A data folder that this process has to itself while this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Drop for Folder {
    /// Whoever finds the lock still held finds nobody to ask.
    fn drop(&mut self) {
        let _ = self.write("");
    }
}

/// Where the instance that uses a data folder answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoints {
    pub(crate) url: String,
    pub(crate) dynamodb: String,
    pub(crate) kms: String,
    /// The template parameters that were given.
    #[serde(default)]
    pub(crate) parameters: Vec<(String, String)>,
}

/// What opening a data folder comes to.
#[derive(Debug)]
pub(crate) enum Opened {
    /// It is ours.
    Ours(Folder),
    /// Another instance has it; where that answers, if it says so yet.
    Theirs(Option<Endpoints>),
}

impl Folder {
    /// Takes a data folder, which is made if there is none.
    pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
        let failed = || format!("opening the data folder {}", path.display());
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::doing(failed()))?;
        let path = path.canonicalize().map_err(Error::doing(failed()))?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(path.join("lock")).map_err(Error::doing(failed()))?;
        for _ in 0..TRIES {
            match lock.try_lock() {
                Ok(()) => {
                    let folder = Self { path, lock };
                    folder.write("")?;
                    return Ok(Opened::Ours(folder));
                }
                Err(TryLockError::WouldBlock) => match endpoints(&lock) {
                    Some(theirs) => return Ok(Opened::Theirs(Some(theirs))),
                    None => sleep(PAUSE),
                },
                Err(TryLockError::Error(error)) => return Err(Error::doing(failed())(error)),
            }
        }
        Ok(Opened::Theirs(None))
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells others where this instance answers.
    pub(crate) fn announce(&self, endpoints: &Endpoints) -> Result<(), Error> {
        self.write(&serde_json::to_string(endpoints).map_err(Error::doing("writing the lock file"))?)
    }

    fn write(&self, text: &str) -> Result<(), Error> {
        let mut lock = &self.lock;
        let written = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(text.as_bytes()));
        written.map_err(Error::doing("writing the lock file"))
    }
}

/// Where the instance that uses a data folder answers, if one does and says so.
pub(crate) fn serving(path: &Path) -> Option<Endpoints> {
    let lock = File::open(path.join("lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => endpoints(&lock),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn endpoints(mut lock: &File) -> Option<Endpoints> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Makes a path absolute and plain if it exists, for messages and for children that run elsewhere.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
