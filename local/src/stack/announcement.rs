//! What a serving instance leaves for the other commands of its owner: where it answers, and what its operator signs with.
//!
//! It stands in the lock file of the data folder, and in a file that is named by the port in a folder of the user: an
//! instance that keeps nothing has no data folder, and one that is asked for by its port may have any.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::iam::Credentials;

/// Where an instance answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Announcement {
    pub(crate) url: String,
    /// Where Lambda's Invoke API answers.
    pub(crate) lambda: String,
    pub(crate) region: String,
    pub(crate) operator: Credentials,
    /// The template, and the parameters that were given for it.
    pub(crate) template: PathBuf,
    pub(crate) parameters: Vec<(String, String)>,
}

/// The file of an instance in the folder of its user; dropping this removes it.
#[derive(Debug)]
pub(crate) struct Posted(PathBuf);

impl Drop for Posted {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Announcement {
    /// Whether the instance still answers: one that was killed leaves its files behind.
    pub(crate) fn answers(&self) -> bool {
        let address = self.lambda.strip_prefix("http://").and_then(|address| address.parse::<SocketAddr>().ok());
        address.is_some_and(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
    }

    /// Tells the user's other commands.
    pub(crate) fn post(&self, port: u16) -> Result<Posted, Error> {
        let folder = folder()?;
        let file = folder.join(format!("{port}.json"));
        let text = serde_json::to_string(self).map_err(Error::doing("writing where this instance answers"))?;
        let _ = fs::remove_file(&file); // left by an instance that was killed
        let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(Error::doing(format!("writing {}", file.display())))?;
        Ok(Posted(file))
    }

    /// The instance whose gateway has a port, if one says so and answers.
    pub(crate) fn at(port: u16) -> Option<Self> {
        let text = fs::read_to_string(folder().ok()?.join(format!("{port}.json"))).ok()?;
        serde_json::from_str(&text).ok().filter(Self::answers)
    }
}

/// The folder of this user, which nobody else can write to or read.
fn folder() -> Result<PathBuf, Error> {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let user = std::env::var("USER").unwrap_or_else(|_| "me".into());
    let folder =
        own.map_or_else(|| std::env::temp_dir().join(format!("aws-local-{user}")), |own| own.join("aws-local"));
    let failed = || format!("making {}", folder.display());
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(Error::doing(failed()))?;
    let metadata = fs::symlink_metadata(&folder).map_err(Error::doing(failed()))?;
    if !metadata.is_dir() {
        return Err(Error::new(format!("{} is no folder: remove it", folder.display())));
    }
    // Only its owner can: a folder that somebody else made under this name is refused here.
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(Error::doing(failed()))?;
    Ok(folder)
}
