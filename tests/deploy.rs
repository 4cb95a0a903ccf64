//! How `./deploy` calls SAM: it builds the functions for the architecture to which it deploys them.
//!
//! The script runs in its own folder. A fake `sam`, first on the PATH, records its arguments and leaves what the script
//! expects after a build. `.ci/run sam ministack` tests the same calls with the real SAM.

#![expect(clippy::expect_used, reason = "a test fails when its setup does")]

use std::fs::{Permissions, create_dir_all, read_to_string, write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

/// Held while a program is written, and while one is started: a process that another test starts in the meantime would
/// have the file open for writing, and nobody could run it.
static PROGRAMS: Mutex<()> = Mutex::new(());

/// The lines of a built template that name the architecture of the functions.
const ARCHITECTURES: &str = "    Architectures:\n    - Ref: Architecture\n";

/// Records its arguments. A build leaves one package, and a template as SAM writes it.
const SAM: &str = r#"#!/usr/bin/env bash
set -eu
printf '%s\n' "$*" >>calls
if [ "$1" = build ]; then
  mkdir -p .aws-sam/build/TokenFunction
  cp built.yaml .aws-sam/build/template.yaml
fi
"#;

#[test]
fn by_default_the_architecture_of_the_template_is_built() {
    let folder = folder();
    assert_eq!(deploy(&folder, &[]), ["build --parameter-overrides Architecture=arm64", "deploy"]);
    assert_eq!(processor(&folder), "arm64");
    let template = read_to_string(root().join("template.yaml")).expect("template.yaml");
    assert!(template.contains("  Architecture:\n    Type: String\n    Default: arm64\n"));
    assert_eq!(template.matches("!Ref Architecture").count(), 1, "each is replaced in what was built");
}

#[test]
fn the_architecture_of_the_arguments_is_built_in_every_notation() {
    for arguments in [
        &["--guided", "--parameter-overrides", "Architecture=x86_64"][..],
        &["--parameter-overrides", "AccessTokenSeconds=60", "Architecture=x86_64", "--region", "eu-central-1"],
        &["--parameter-overrides", "Architecture=x86_64 AccessTokenSeconds=60"],
        &["--parameter-overrides=Architecture=\"x86_64\""],
        &["--parameter-overrides", "ParameterKey=Architecture,ParameterValue=x86_64"],
    ] {
        let folder = folder();
        let expected = ["build --parameter-overrides Architecture=x86_64".to_owned(), asked(arguments)];
        assert_eq!(deploy(&folder, arguments), expected);
        assert_eq!(processor(&folder), "x86_64", "{arguments:?}");
    }
}

#[test]
fn the_architecture_that_guided_saved_is_built_unless_the_arguments_override_it() {
    let folder = folder();
    save(&folder, "samconfig.toml", "default", "x86_64");
    deploy(&folder, &["--parameter-overrides", "AccessTokenSeconds=60"]);
    assert_eq!(processor(&folder), "x86_64");
    deploy(&folder, &["--parameter-overrides", "Architecture=arm64"]);
    assert_eq!(processor(&folder), "arm64");
}

#[test]
fn only_the_deployed_environment_and_file_count() {
    let folder = folder();
    save(&folder, "samconfig.toml", "staging", "x86_64");
    save(&folder, "other.toml", "staging", "arm64");
    let built = |arguments: &[&str]| {
        deploy(&folder, arguments);
        processor(&folder)
    };
    assert_eq!(built(&[]), "arm64", "the default environment, though others are of x86_64");
    assert_eq!(built(&["--config-env", "staging"]), "x86_64");
    assert_eq!(built(&["--config-env=staging"]), "x86_64");
    assert_eq!(built(&["--config-env", "staging", "--config-file", "other.toml"]), "arm64");
}

#[test]
fn every_package_depends_on_the_parameters() {
    let folder = folder();
    let package = |arguments: &[&str]| {
        deploy(&folder, arguments);
        read_to_string(folder.path().join(".aws-sam/build/TokenFunction/parameters")).expect("the parameters")
    };
    let before = package(&[]);
    assert_eq!(package(&[]), before);
    assert_ne!(package(&["--parameter-overrides", "AccessTokenSeconds=60"]), before);
    assert_ne!(package(&["--guided"]), package(&["--guided"]), "what will be answered is not known yet");
    save(&folder, "samconfig.toml", "default", "arm64");
    assert_ne!(package(&[]), before);
}

#[test]
fn an_unreadable_configuration_is_refused_before_anything_is_built() {
    let folder = folder();
    write(folder.path().join("other.yaml"), "default: {}\n").expect("a configuration");
    for (arguments, reason) in [
        (&["--config-file", "other.yaml"][..], "TOML only"),
        (&["--config-file=missing.toml"], "no such file"),
        (&["--parameter-overrides", "file://parameters.yaml"], "file://"),
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(reason), "{output:?}");
        assert!(!folder.path().join("calls").exists(), "{arguments:?}");
    }
}

/// The script, its configuration, and the `sam` above.
fn folder() -> TempDir {
    let _written = PROGRAMS.lock().expect("no test failed");
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["deploy", "samconfig.toml"] {
        std::fs::copy(root().join(file), folder.path().join(file)).expect("a copy");
    }
    write(folder.path().join("built.yaml"), ARCHITECTURES).expect("the template");
    let sam = folder.path().join("bin/sam");
    create_dir_all(folder.path().join("bin")).expect("a folder");
    write(&sam, SAM).expect("the script");
    std::fs::set_permissions(sam, Permissions::from_mode(0o755)).expect("a program");
    folder
}

/// Runs the script and returns its calls of `sam`.
fn deploy(folder: &TempDir, arguments: &[&str]) -> Vec<String> {
    let calls = folder.path().join("calls");
    write(&calls, "").expect("an empty list");
    assert!(run(folder, arguments).status.success(), "{arguments:?}");
    read_to_string(calls).expect("the calls").lines().map(str::to_owned).collect()
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let path = std::env::var("PATH").expect("a PATH");
    let mut command = Command::new(folder.path().join("deploy"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(arguments).env("PATH", format!("{}:{path}", folder.path().join("bin").display()));
    let started = PROGRAMS.lock().map(|_| command.spawn());
    started.expect("no test failed").expect("bash").wait_with_output().expect("its output")
}

fn asked(arguments: &[&str]) -> String {
    format!("deploy {}", arguments.join(" "))
}

/// Writes the file that `sam deploy --guided` writes.
fn save(folder: &TempDir, file: &str, environment: &str, architecture: &str) {
    let path = folder.path().join(file);
    let before = read_to_string(&path).unwrap_or_default();
    let saved = format!(
        "parameter_overrides = \"Issuer=\\\"\\\" Architecture=\\\"{architecture}\\\" CodeSeconds=\\\"60\\\"\"\n"
    );
    let section = format!("[{environment}.deploy.parameters]\n");
    let after = if before.contains(&section) {
        before.replace(&section, &(section.clone() + &saved))
    } else {
        before + "\n" + &section + &saved
    };
    write(path, after).expect("a configuration");
}

/// The architecture in the deployed template.
fn processor(folder: &TempDir) -> String {
    let template = read_to_string(folder.path().join(".aws-sam/build/template.yaml")).expect("what was built");
    template.lines().last().expect("a line").trim_start_matches([' ', '-']).to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent")
}
