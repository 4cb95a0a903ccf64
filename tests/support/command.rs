//! The `local` binary, and the folder in which cargo builds it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The `local` binary, built if necessary.
pub fn local() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet", "-p", "local", "--bins"]);
        assert!(built.status().expect("cargo runs").success(), "local is built");
        built_binaries().join("local")
    });
    &BUILT
}

/// The folder of the binaries in the profile of the tests.
pub fn built_binaries() -> PathBuf {
    let test = std::env::current_exe().expect("a test binary");
    test.parent().and_then(Path::parent).expect("deps is in the profile's folder").to_owned()
}
