//! Why functions are built: what cargo noted of the last build of each, compared with the files of today.
//!
//! Beside every executable cargo leaves a file that names its sources: `…/token: …/main.rs …/lib.rs`. Cargo itself decides
//! what it compiles; this only finds words for it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why an executable is built.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// This source is newer than the executable.
    Changed(PathBuf),
    /// It was never built here.
    Never,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(source) => write!(f, "{} changed", shown(source).display()),
            Self::Never => f.write_str("not built yet"),
        }
    }
}

/// The executables of a build that will be made anew, as far as that is known before, by the reason for it.
pub(super) fn reasons<'a>(binaries: impl Iterator<Item = &'a str>) -> BTreeMap<Reason, Vec<&'a str>> {
    let mut reasons: BTreeMap<Reason, Vec<&str>> = BTreeMap::new();
    let Some(folder) = folder() else { return reasons };
    for binary in binaries {
        if let Some(reason) = reason(&folder, binary) {
            reasons.entry(reason).or_default().push(binary);
        }
    }
    reasons
}

/// Where cargo puts executables: this one is there, or beside it in `deps` or `examples`.
fn folder() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    own.ancestors().skip(1).take(2).find(|folder| folder.join("deps").is_dir()).map(Path::to_owned)
}

fn reason(folder: &Path, binary: &str) -> Option<Reason> {
    let executable = folder.join(binary);
    let sources = fs::read_to_string(executable.with_extension("d"));
    let (Some(built), Ok(sources)) = (modified(&executable), sources) else { return Some(Reason::Never) };
    let (_, sources) = sources.lines().next()?.split_once(": ")?;
    let newer = paths(sources).into_iter().filter_map(|source| Some((modified(&source)?, source)));
    newer.filter(|(changed, _)| *changed > built).max().map(|(_, source)| Reason::Changed(source))
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

/// Paths between spaces; a space inside one has a backslash before it.
fn paths(text: &str) -> Vec<PathBuf> {
    let marked = text.replace("\\ ", "\0");
    marked.split(' ').filter(|path| !path.is_empty()).map(|path| path.replace('\0', " ").into()).collect()
}

/// A path as it is seen from here.
fn shown(path: &Path) -> &Path {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_newer_than_the_executable_is_why_it_is_built() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| folder.path().join(name);
        let at = |name: &str, seconds: u64| {
            let file = fs::File::create(file(name)).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
        };
        assert_eq!(reason(folder.path(), "token"), Some(Reason::Never));
        let sources = format!("{}: {} {}", file("token").display(), file("old.rs").display(), file("a b.rs").display());
        fs::write(file("token.d"), sources.replace("a b", "a\\ b")).expect("a file");
        for (name, seconds) in [("token", 10), ("old.rs", 5), ("a b.rs", 9)] {
            at(name, seconds);
        }
        assert_eq!(reason(folder.path(), "token"), None);
        at("a b.rs", 11);
        assert_eq!(reason(folder.path(), "token"), Some(Reason::Changed(file("a b.rs"))));
    }
}
