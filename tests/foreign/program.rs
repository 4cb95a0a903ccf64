//! A program that uses libraries of others.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::chromium::chromium;

/// How to install the requirements.
const INSTALLERS: &str = "Run tests/foreign/install, and tests/browser/install for a browser.";

/// A program and its requirements.
pub struct Program {
    /// Names of the libraries, in alphabetical order.
    pub libraries: &'static [&'static str],
    executable: PathBuf,
    arguments: Vec<PathBuf>,
    /// Files that must exist.
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

    /// A compiled program that uses crates; its optional argument selects one.
    pub fn own(libraries: &'static [&'static str], executable: &str, argument: Option<&str>) -> Self {
        let executable = folder().join(executable);
        let arguments = argument.into_iter().map(PathBuf::from).collect();
        Self { libraries, executable: executable.clone(), arguments, installed: vec![executable], chromium: None }
    }

    /// The same, with a browser.
    pub fn in_chromium(mut self) -> Self {
        let browser = folder().join("../browser/node_modules/playwright-core");
        let chromium = chromium();
        self.installed.extend([browser, chromium.clone().unwrap_or_else(|| "chromium".into())]);
        Self { chromium, ..self }
    }

    /// Whether it can run. If not, the test is skipped with a message; in CI it fails.
    pub fn is_there(&self) -> bool {
        if self.installed.iter().all(|path| path.exists()) && self.starts() {
            return true;
        }
        let missing = format!("{}: not installed. {INSTALLERS}", self.libraries.join(", "));
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
        say(&format!("SKIPPED {missing}"));
        false
    }

    /// The command. It reads standard input and writes standard output.
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

/// Writes to standard error directly, because the output of a test is shown only when it fails.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
