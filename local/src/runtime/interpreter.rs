//! Managed runtimes: Python and Node.js as this machine has them, and a small runtime client for each.
//!
//! Our own functions are Rust; this is here because most teams that put our authorizer before an API write its functions in
//! Python or JavaScript, and the examples show one of each. A function's own packages must be beside its source, as they are in
//! the output of `sam build`. The version is this machine's; a line at the terminal says so if the template asks for another.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Error;

/// A managed runtime that is run here.
struct Interpreter {
    /// What it may be called on the PATH.
    names: &'static [&'static str],
    /// What it is asked for its own path with.
    question: [&'static str; 2],
    /// What it is started with: the runtime client, as text.
    arguments: [&'static str; 3],
}

const PYTHON: Interpreter = Interpreter {
    names: &["python3"],
    question: ["-c", "import sys; print(sys.executable)"],
    arguments: ["-B", "-c", include_str!("interpreters/python.py")], // -B: nothing is written beside the source in Lambda
};
const NODE: Interpreter = Interpreter {
    names: &["node"],
    question: ["--print", "process.execPath"],
    arguments: ["--input-type=module", "--eval", include_str!("interpreters/node.mjs")],
};

fn of(runtime: &str) -> &'static Interpreter {
    if runtime.starts_with("python") { &PYTHON } else { &NODE }
}

/// The interpreter for a managed runtime such as `python3.13` or `nodejs22.x`. What stands on the PATH may be a script
/// that chooses among several by the environment, which a function does not have: so it is asked what it is.
pub(super) fn find(runtime: &str) -> Result<PathBuf, Error> {
    let Interpreter { names, question, .. } = of(runtime);
    let mut candidates = std::iter::once(runtime).chain(names.iter().copied());
    let found = candidates.find_map(|name| {
        let output = Command::new(name).args(question).stdin(Stdio::null()).output().ok()?;
        let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        (output.status.success() && path.is_absolute()).then_some(path)
    });
    let missing =
        || Error::new(format!("the runtime {runtime} needs {}, which is not on the PATH", names.join(" or ")));
    found.ok_or_else(missing)
}

/// What the interpreter is started with.
pub(super) fn arguments(runtime: &str) -> Vec<String> {
    of(runtime).arguments.map(str::to_owned).into()
}

/// The warning if the interpreter has another version than the runtime's name says.
pub(super) fn difference(runtime: &str, interpreter: &PathBuf) -> Option<String> {
    let output = Command::new(interpreter).arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let wanted = runtime.trim_start_matches("python").trim_start_matches("nodejs").trim_end_matches('x');
    let number = version.trim_start_matches("Python ").trim_start_matches('v');
    let fits = number.strip_prefix(wanted.trim_end_matches('.')).is_some_and(|rest| rest.starts_with('.'));
    (!fits).then(|| format!("asks for {runtime} and runs on {version}"))
}
