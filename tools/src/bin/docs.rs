//! Writes the generated pages of docs/: `cargo run -p tools --bin docs`.
//!
//! docs/api.md is generated from docs/openapi.yaml, docs/configuration.md from template.yaml. The test
//! `tools/tests/docs` fails when they are out of date.

#![expect(clippy::expect_used, reason = "the command ends when it cannot read a file")]

fn main() {
    for (path, text) in tools::made::pages() {
        std::fs::write(path, text).expect("a page is written");
    }
}
