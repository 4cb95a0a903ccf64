//! Functions in containers, which `sam local invoke` runs: what they need to use this stack's table, key and issuer.
//!
//! The guards then listen where containers reach this machine, and a folder holds the input for SAM: the values of
//! the functions' variables (`--env-vars`), and their credentials, a profile for each (`--profile`). Both are good until
//! the stack ends; credentials are new at every start. The gateway listens there, too, and calls itself `localhost`, so
//! that a container's authorizer, which reads keys by plain HTTP from no other name, finds it by `--add-host`.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::iam::Identities;
use crate::template::Function;

/// How containers know this machine.
#[derive(Debug, Clone)]
pub(crate) struct Containers {
    host: String,
    folder: PathBuf,
}

/// Where to listen for containers that know this machine as `host`: at the address. A name is one that an engine leads to
/// this machine's own loopback address.
pub(crate) fn address(host: &str) -> IpAddr {
    host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

impl Containers {
    /// `host` is an address or a name; `data` the data folder.
    pub(crate) fn new(host: String, data: &Path) -> Self {
        Self { host, folder: data.join("containers") }
    }

    /// The folder with the input for SAM.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address or name that containers have for this machine.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// An endpoint as containers know it: `http://HOST:PORT`.
    pub(crate) fn url(&self, port: u16) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("http://{host}:{port}")
    }

    /// Writes the input for SAM. `endpoints` are variables that every function gets.
    pub(crate) fn write(
        &self,
        functions: &BTreeMap<String, Function>,
        identities: &Identities,
        region: &str,
        endpoints: &[(String, String)],
    ) -> Result<(), Error> {
        let failed = || format!("writing to {}", self.folder.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(Error::doing(failed()))?;
        let (mut variables, mut profiles) = (BTreeMap::new(), String::new());
        for (id, function) in functions {
            let own = function.variables.clone().into_iter();
            variables.insert(id, own.chain(endpoints.iter().cloned()).collect::<BTreeMap<_, _>>());
            profiles.extend(identities.of(id).map(|credentials| credentials.profile(id, region)));
        }
        let variables = serde_json::to_string_pretty(&variables).map_err(Error::doing(failed()))?;
        self.file("variables.json", &variables).map_err(Error::doing(failed()))?;
        self.file("credentials", &profiles).map_err(Error::doing(failed()))
    }

    /// Secrets of this stack: for its owner only.
    fn file(&self, name: &str, text: &str) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.folder.join(name))?
            .write_all(text.as_bytes())
    }
}
