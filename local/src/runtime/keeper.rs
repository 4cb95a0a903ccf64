//! Nothing outlives `local`, however it ends.
//!
//! Every function process joins the process group of one small shell that waits for the end of its standard input, a
//! pipe whose other end only this process holds. When this process ends by any means, `kill -9` included, the kernel
//! closes the pipe and the shell kills the whole group, itself included. Being a group of its own also keeps a Ctrl-C
//! at the terminal from reaching the functions before `local` has stopped asking them.

use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::Error;

/// The leader of the process group that function processes join; dropping it ends them all.
#[derive(Debug)]
pub(super) struct Keeper {
    group: i32,
    shell: Child,
}

impl Keeper {
    /// Starts the shell.
    pub(super) fn start() -> Result<Self, Error> {
        let attempt = "starting /bin/sh, which ends the functions when local ends";
        let shell = Command::new("/bin/sh")
            .args(["-c", "read -r _; kill -KILL 0"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Error::doing(attempt))?;
        let group = shell.id().and_then(|id| i32::try_from(id).ok());
        let group = group.ok_or_else(|| Error::new(format!("{attempt}: it ended at once")))?;
        Ok(Self { group, shell })
    }

    /// The process group for a new function process.
    pub(super) fn group(&self) -> i32 {
        self.group
    }

    /// Ends every function process and waits until the shell is gone.
    pub(super) async fn end(mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait().await;
    }
}
