//! Packs `data/common-passwords.txt` into a binary fuse filter and writes it as Rust source, which `src/common.rs`
//! includes. The filter depends only on the list, so builds are reproducible.

#[path = "src/fold.rs"]
mod fold;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

use xorf::BinaryFuse16;

const LIST: &str = "data/common-passwords.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed=src/fold.rs");
    let list = fs::read_to_string(LIST)?;
    let keys: BTreeSet<u64> = list.lines().map(|line| fold::key(&fold::fold(line))).collect();
    let filter = BinaryFuse16::try_from(keys.into_iter().collect::<Vec<u64>>())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("common_passwords.rs"), source(&filter))?;
    Ok(())
}

/// The filter as a Rust expression.
fn source(filter: &BinaryFuse16) -> String {
    format!("BinaryFuse16 {{ descriptor: {:?}, fingerprints: Box::new({:?}) }}", filter.descriptor, filter.fingerprints)
}
