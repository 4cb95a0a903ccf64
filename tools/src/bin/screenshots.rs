//! Takes screenshots of the hosted pages in Chromium, in three languages, on a phone and a desktop, in light and in dark, and
//! of every mail on a phone, and writes them to `docs/screenshots/` or another folder:
//!
//! ```text
//! cargo run -p tools --bin screenshots [-- FOLDER]
//! ```
//!
//! Requires what `tests/browser/install` installs. Where `pngquant` is installed, the files become less than half as large.

#![expect(clippy::print_stdout, reason = "a command that prints")]
#![expect(clippy::expect_used, clippy::panic, reason = "the command ends when its setup fails")]

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use support::harness::{self, Prepared};
use support::outbox;

/// The languages of the pictures.
const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

#[tokio::main]
async fn main() {
    if let Some(missing) = harness::missing() {
        panic!("{missing}: not installed. Run tests/browser/install.");
    }
    let standard = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/screenshots"));
    let folder = std::env::args_os().nth(1).map_or_else(standard, PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.canonicalize().expect("a path");
    let pages = harness::drive("screenshots.mjs", json!({"folder": folder})).await;
    let with_mail = json!({"MailFrom": outbox::FROM, "DeletionGraceDays": "7"});
    let more = harness::drive("screenshots.mjs", json!({"folder": folder, "parameters": with_mail})).await;
    let mails: Vec<_> = LANGUAGES.iter().flat_map(|language| outbox::every_kind(language)).collect();
    let job = json!({"folder": folder, "count": mails.len(), "parameters": {"MailFrom": outbox::FROM}});
    let mails = harness::drive_on(Prepared { mails, ..Prepared::default() }, "mails.mjs", job).await;
    let files =
        [pages, more, mails].into_iter().flat_map(|report| report["taken"].as_array().cloned().unwrap_or_default());
    let files: Vec<_> = files.map(|file| folder.join(file.as_str().unwrap_or_default())).collect();
    // Exit code 98 means that a file cannot be made smaller, which is fine.
    let options = ["--force", "--skip-if-larger", "--ext", ".png", "256"];
    if Command::new("pngquant").args(options).args(&files).status().is_err() {
        println!("pngquant is not installed: the files are as Chromium wrote them");
    }
    for file in files {
        println!("{}", file.display());
    }
}
