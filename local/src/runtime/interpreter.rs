//! Managed runtimes: Python and Node.js as this machine has them, and a small runtime client for each.
//!
//! A function's own packages must lie beside its source, as they do in what `sam build` makes. The version is this
//! machine's; where it is another than the template asks for, the terminal is told.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Error;

const PYTHON: &str = include_str!("interpreters/python.py");
const NODE: &str = include_str!("interpreters/node.mjs");

/// The interpreter for a managed runtime such as `python3.13` or `nodejs22.x`. What stands on the PATH may be a script
/// that chooses among several by the environment, which a function does not have: so it is asked what it is.
pub(crate) fn find(runtime: &str) -> Result<PathBuf, Error> {
    let (names, question): (&[&str], _) = match is_python(runtime) {
        true => (&[runtime, "python3"], ["-c", "import sys; print(sys.executable)"]),
        false => (&["node"], ["--print", "process.execPath"]),
    };
    let found = names.iter().find_map(|name| {
        let output = Command::new(name).args(question).stdin(Stdio::null()).output().ok()?;
        let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        (output.status.success() && path.is_absolute()).then_some(path)
    });
    let missing =
        || Error::new(format!("the runtime {runtime} needs {}, which is not on the PATH", names.join(" or ")));
    found.ok_or_else(missing)
}

/// What the interpreter is started with: the runtime client, as text.
pub(super) fn arguments(runtime: &str) -> Vec<String> {
    let arguments: &[&str] = match is_python(runtime) {
        true => &["-B", "-c", PYTHON], // -B: in Lambda, too, nothing is written beside the source
        false => &["--input-type=module", "--eval", NODE],
    };
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

/// What to tell where the interpreter is of another version than the runtime's name says.
pub(super) fn difference(runtime: &str, interpreter: &PathBuf) -> Option<String> {
    let output = Command::new(interpreter).arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let wanted = runtime.trim_start_matches("python").trim_start_matches("nodejs").trim_end_matches('x');
    let number = version.trim_start_matches("Python ").trim_start_matches('v');
    let fits = number.strip_prefix(wanted.trim_end_matches('.')).is_some_and(|rest| rest.starts_with('.'));
    (!fits).then(|| format!("asks for {runtime} and runs on {version}"))
}

fn is_python(runtime: &str) -> bool {
    runtime.starts_with("python")
}
