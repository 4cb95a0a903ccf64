//! Finds the browser. The clients of tests/foreign use the same one.

use std::path::PathBuf;

/// `$CHROMIUM`, or the first Chromium on the path.
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let known = ["chromium", "chromium-browser", "google-chrome"];
    let found = known.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.into_iter().chain(found).find(|path| path.exists())
}
