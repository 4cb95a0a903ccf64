//! A program around libraries that others wrote.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::chromium::chromium;

/// How to get what is missing.
const INSTALLERS: &str = "tests/foreign/install does it, and tests/browser/install for a browser";

/// A program, and what it needs.
pub struct Program {
    /// Names of the libraries, in alphabetical order.
    pub libraries: &'static [&'static str],
    executable: PathBuf,
    arguments: Vec<PathBuf>,
    /// What must exist for it to run.
    installed: Vec<PathBuf>,
    /// The browser that it drives.
    chromium: Option<PathBuf>,
}

impl Program {
    /// A script around npm packages of these names.
    pub fn node(libraries: &'static [&'static str], script: &str) -> Self {
        let modules = folder().join("node_modules");
        let installed = libraries.iter().map(|library| modules.join(library)).collect();
        Self { libraries, executable: "node".into(), arguments: vec![folder().join(script)], installed, chromium: None }
    }

    /// A script around packages from `PyPI`.
    pub fn python(libraries: &'static [&'static str], script: &str) -> Self {
        let python = folder().join("venv/bin/python");
        let installed = vec![python.clone()];
        Self { libraries, executable: python, arguments: vec![folder().join(script)], installed, chromium: None }
    }

    /// An executable around crates; its argument, if it has any, says which.
    pub fn own(libraries: &'static [&'static str], executable: &str, argument: Option<&str>) -> Self {
        let executable = folder().join(executable);
        let arguments = argument.into_iter().map(PathBuf::from).collect();
        Self { libraries, executable: executable.clone(), arguments, installed: vec![executable], chromium: None }
    }

    /// The same, driving a browser.
    pub fn in_chromium(mut self) -> Self {
        let browser = folder().join("../browser/node_modules/playwright-core");
        let chromium = chromium();
        self.installed.extend([browser, chromium.clone().unwrap_or_else(|| "chromium".into())]);
        Self { chromium, ..self }
    }

    /// Whether it can run. If not, the test is skipped and says so; in CI it fails.
    pub fn is_there(&self) -> bool {
        if self.installed.iter().all(|path| path.exists()) && self.starts() {
            return true;
        }
        let missing = format!("{}: not installed; {INSTALLERS}", self.libraries.join(", "));
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
        say(&format!("SKIPPED {missing}"));
        false
    }

    /// How it is run: it reads standard input and writes standard output.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).env("NO_PROXY", "127.0.0.1,localhost").env("no_proxy", "127.0.0.1,localhost");
        command.envs(self.chromium.iter().map(|chromium| ("CHROMIUM", chromium)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    fn starts(&self) -> bool {
        let started = Command::new(&self.executable)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        started.is_ok()
    }
}

/// The folder of this file.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign")
}

/// Straight to standard error: what a test prints is shown only when it fails.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
