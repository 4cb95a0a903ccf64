//! The data folder: one instance at a time, for its owner only.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::announcement::Announcement;
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
    is_new: bool,
}

impl Drop for Folder {
    /// Whoever finds the lock still held finds nobody to ask.
    fn drop(&mut self) {
        let _ = self.write("");
    }
}

impl Folder {
    /// Takes a data folder, which is made if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path).and_then(|()| path.canonicalize());
        let path = &made.map_err(unwritable(path))?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(path.join("lock")).map_err(unwritable(path))?;
        for _ in 0..TRIES {
            match lock.try_lock() {
                Ok(()) => {
                    let mut folder = Self { path: path.clone(), lock, is_new: false };
                    folder.is_new = !folder.database().exists();
                    folder.write("")?;
                    return Ok(folder);
                }
                Err(TryLockError::WouldBlock) => match announced(&lock) {
                    Some(theirs) => return Err(in_use(path, &format!("the instance at {}", theirs.url))),
                    None => sleep(PAUSE),
                },
                Err(TryLockError::Error(error)) => return Err(unwritable(path)(error)),
            }
        }
        Err(in_use(path, "another instance, which is starting or invoking a function,"))
    }

    /// Whether it held no database when it was opened.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
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
    pub(crate) fn announce(&self, announcement: &Announcement) -> Result<(), Error> {
        self.write(&serde_json::to_string(announcement).map_err(Error::doing("writing the lock file"))?)
    }

    /// Where a profile of the operator's credentials stands while an instance serves.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.path.join("credentials")
    }

    /// Leaves the operator's credentials to the AWS command line and SDKs of the folder's owner.
    pub(crate) fn share(&self, profile: &str) -> Result<(), Error> {
        let file = self.credentials();
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
        let written = opened.and_then(|mut file| file.write_all(profile.as_bytes()));
        written.map_err(Error::doing(format!("writing {}", file.display())))
    }

    fn write(&self, text: &str) -> Result<(), Error> {
        let mut lock = &self.lock;
        let written = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(text.as_bytes()));
        written.map_err(Error::doing("writing the lock file"))
    }
}

/// The instance that uses a data folder, if one does and says where it answers.
pub(crate) fn serving(path: &Path) -> Option<Announcement> {
    let lock = File::open(path.join("lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => announced(&lock),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn announced(mut lock: &File) -> Option<Announcement> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |cause| {
        let way_out = "name another folder with --data, or keep nothing with --memory";
        Error::new(format!("the data folder {} cannot be used ({cause}): {way_out}", path.display()))
    }
}

fn in_use(path: &Path, by: &str) -> Error {
    Error::new(format!("{by} uses the data folder {}: stop it, or name another folder with --data", path.display()))
}
