//! Runs the release binaries of a folder as the functions of a stack, and measures their CPU. Linux only.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use tools::counted::Cpu;

const BUILD: &str = "    Metadata: {BuildMethod: rust-cargolambda}\n";

/// The repository's template with the binaries of `folder`. Binaries that the folder lacks are built as usual.
pub(crate) fn template(folder: &Path) -> (TempDir, PathBuf) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root");
    let text = fs::read_to_string(repository.join("template.yaml")).expect("template.yaml");
    let copy = TempDir::new().expect("a folder");
    let functions = copy.path().join("functions");
    fs::create_dir(&functions).expect("a folder");
    let place = |resource: &str| {
        let uri = resource.split("CodeUri: functions/").nth(1).and_then(|rest| rest.lines().next());
        let Some(name) = uri else { return resource.to_owned() };
        let binary = folder.join(name);
        if !binary.exists() {
            symlink(repository.join("functions").join(name), functions.join(name)).expect("a link");
            return format!("{BUILD}{resource}");
        }
        fs::create_dir(functions.join(name)).expect("a folder");
        symlink(binary.canonicalize().expect("a path"), functions.join(name).join("bootstrap")).expect("a link");
        resource.to_owned()
    };
    let path = copy.path().join("template.yaml");
    let resources: Vec<String> = text.split(BUILD).map(place).collect();
    fs::write(&path, resources.concat()).expect("a template");
    (copy, path)
}

/// The CPU of the release binaries that this process started, by name. Measured when their threads wait, because the
/// kernel accounts for a thread when it leaves the CPU.
pub(crate) fn cpu() -> Cpu {
    sleep(Duration::from_millis(5));
    let mut used = Cpu::new();
    for process in fs::read_dir("/proc").expect("Linux").flatten().map(|entry| entry.path()) {
        if let Some(name) = binary(&process) {
            *used.entry(name).or_default() += time(&process).unwrap_or_default();
        }
    }
    used
}

/// The name of the release binary that a child process runs.
fn binary(process: &Path) -> Option<String> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    let path = fs::read_link(process.join("exe")).ok()?;
    let debug = path.components().any(|part| part.as_os_str() == "debug");
    let ours = parent.trim().parse() == Ok(std::process::id()) && !debug;
    path.file_name().filter(|_| ours)?.to_str().map(str::to_owned)
}

fn time(process: &Path) -> Option<u64> {
    let threads = fs::read_dir(process.join("task")).ok()?.flatten();
    let times = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    Some(times.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok()).sum())
}
