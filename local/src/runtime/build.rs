//! Builds the functions as `cargo build` does, once per process, in the profile that this crate was built in.
//!
//! The terminal sees what is built, why, and cargo's own progress.

mod reason;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Instant;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::interpreter;
use crate::Error;
use crate::template::{Build, Function};
use crate::terminal::{Terminal, Tone};
use reason::Reason;

/// What has been built by this process: stacks that start in parallel wait for one build and share it.
static BUILT: LazyLock<Mutex<BTreeMap<Vec<PathBuf>, Vec<Artifact>>>> = LazyLock::new(Mutex::default);

/// The executable of every function, built where it has to be. On a quiet terminal, what cargo says is shown only when it
/// fails.
pub(crate) async fn executables(
    functions: &BTreeMap<String, Function>,
    terminal: &Terminal,
) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut packages = Vec::new();
    for function in functions.values().filter(|function| matches!(function.build, Build::Cargo { .. })) {
        let folder = &function.code_uri;
        packages.push(folder.canonicalize().map_err(Error::doing(format!("finding {}", folder.display())))?);
    }
    packages.sort();
    packages.dedup();
    let artifacts = build(packages, terminal).await?;
    let found = functions.iter().map(|(id, function)| Ok((id.clone(), executable(id, function, &artifacts)?)));
    found.collect()
}

/// One executable that cargo built.
#[derive(Debug, Clone)]
struct Artifact {
    package: PathBuf,
    binary: String,
    executable: PathBuf,
}

fn executable(id: &str, function: &Function, artifacts: &[Artifact]) -> Result<PathBuf, Error> {
    let folder = &function.code_uri;
    let binary = match &function.build {
        Build::Cargo { binary } => binary.as_ref(),
        Build::Bootstrap => {
            let bootstrap = folder.join("bootstrap");
            let missing =
                format!("{id} has no BuildMethod, so CodeUri must hold its executable {}", bootstrap.display());
            return bootstrap.canonicalize().map_err(Error::doing(missing));
        }
        Build::Interpreted { runtime } => return interpreter::find(runtime).map_err(Error::doing(id)),
    };
    let package = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let fitting =
        |artifact: &&Artifact| artifact.package == package && binary.is_none_or(|binary| *binary == artifact.binary);
    let fitting: Vec<&Artifact> = artifacts.iter().filter(fitting).collect();
    match fitting.as_slice() {
        [artifact] => Ok(artifact.executable.clone()),
        [] => Err(Error::new(format!("{id}: {} has no binary to run", folder.display()))),
        _ => Err(Error::new(format!("{id}: {} has several binaries: name one in BuildProperties", folder.display()))),
    }
}

async fn build(packages: Vec<PathBuf>, terminal: &Terminal) -> Result<Vec<Artifact>, Error> {
    let mut built = BUILT.lock().await;
    if let Some(artifacts) = built.get(&packages) {
        return Ok(artifacts.clone());
    }
    let artifacts = if packages.is_empty() { Vec::new() } else { cargo(&packages, terminal).await? };
    built.insert(packages, artifacts.clone());
    Ok(artifacts)
}

async fn cargo(packages: &[PathBuf], terminal: &Terminal) -> Result<Vec<Artifact>, Error> {
    let began = Instant::now();
    let is_announced = announce(packages, terminal);
    terminal.flush().await; // cargo writes to the same terminal
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--bins", "--message-format=json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    for package in packages {
        command.arg("-p").arg(package_id(package));
    }
    command.current_dir(&packages[0]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command.stderr(if terminal.is_quiet() { Stdio::piped() } else { Stdio::inherit() });
    let cargo = command.spawn().map_err(Error::doing("running cargo build"))?; // `output()` would take its stderr away
    let output = cargo.wait_with_output().await.map_err(Error::doing("running cargo build"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new(format!("cargo could not build the functions\n{said}").trim_end()));
    }
    if is_announced {
        terminal.print(Tone::Plain, format!("built in {:.1} s", began.elapsed().as_secs_f64()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(artifact).collect())
}

/// Says what is built and why, if that is known before.
fn announce(packages: &[PathBuf], terminal: &Terminal) -> bool {
    if terminal.is_quiet() {
        return false;
    }
    let names = packages.iter().filter_map(|package| package.file_name()?.to_str());
    let reasons = reason::reasons(names);
    for (reason, names) in &reasons {
        let hint = if *reason == Reason::Never { "; the first build takes minutes" } else { "" };
        terminal.print(Tone::Plain, format!("building {} ({reason}{hint})", names.join(", ")));
    }
    !reasons.is_empty()
}

/// Cargo's name for the package in a folder, whatever it is called: a `file` URL.
fn package_id(folder: &Path) -> String {
    const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'?').add(b'%').add(b'@');
    format!("path+file://{}", utf8_percent_encode(&folder.to_string_lossy(), RESERVED))
}

/// A message of cargo, as far as it names an executable.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

fn artifact(line: &str) -> Option<Artifact> {
    let message: Message = serde_json::from_str(line).ok()?;
    let target = message.target.filter(|target| target.kind.iter().any(|kind| kind == "bin"))?;
    if message.reason != "compiler-artifact" {
        return None;
    }
    let package = message.manifest_path?.parent()?.canonicalize().ok()?;
    Some(Artifact { package, binary: target.name, executable: message.executable? })
}
