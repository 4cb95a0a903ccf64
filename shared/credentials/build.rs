//! Packs `data/common-passwords.txt` into a binary fuse filter, and the case foldings and look-alikes of usernames into
//! tables. Both become Rust source, which `src/common.rs` and `src/skeleton.rs` include. They depend only on the list and
//! on the versions of Unicode that the lock file pins, so builds are reproducible.

#[path = "src/fold.rs"]
mod fold;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use caseless::default_case_fold_str;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;
use xorf::BinaryFuse16;

const LIST: &str = "data/common-passwords.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=src/fold.rs");
    let list = fs::read_to_string(LIST)?;
    let keys: BTreeSet<u64> = list.lines().map(|line| fold::key(&fold::fold(line))).collect();
    let filter = BinaryFuse16::try_from(keys.into_iter().collect::<Vec<u64>>())?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("common_passwords.rs"), source(&filter))?;
    let folded = table("FOLDED", |c| default_case_fold_str(&c.to_string()));
    let prototypes = table("PROTOTYPES", |c| skeleton(&c.to_string()).collect());
    fs::write(Path::new(&out).join("replacements.rs"), folded + &prototypes)?;
    Ok(())
}

/// A static with every character that a username can have, in NFD and lower case, and that becomes another text.
fn table(name: &str, replacement: impl Fn(char) -> String) -> String {
    let (mut ends, mut text) = (Vec::new(), String::new());
    for c in ('\0'..=char::MAX).filter(|&c| can_be_in_a_username(c)) {
        let other = replacement(c);
        if other != c.to_string() {
            text += &other;
            ends.push((c, text.len()));
        }
    }
    let text = text.escape_default();
    format!("static {name}: Replacements = Replacements {{ ends: &{ends:?}, text: \"{text}\" }};\n")
}

/// Whether a username can contain `c` when it is in lower case and decomposed. Some that it cannot contain pass too.
fn can_be_in_a_username(c: char) -> bool {
    let itself = |text: String| text.chars().eq([c]);
    let allowed = c.is_ascii_graphic() || c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    allowed && itself(c.nfkd().collect()) && itself(c.to_lowercase().collect())
}

/// The filter as a Rust expression.
fn source(filter: &BinaryFuse16) -> String {
    format!("BinaryFuse16 {{ descriptor: {:?}, fingerprints: Box::new({:?}) }}", filter.descriptor, filter.fingerprints)
}
