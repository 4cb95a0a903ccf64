//! Writes the pages of docs/ that are made of other files: `cargo run -p tools --bin docs`.
//!
//! docs/api.md comes from docs/openapi.yaml, docs/configuration.md from template.yaml. A test (`tools/tests/docs`) makes
//! them too, and fails when what is in docs/ is not that.

#![expect(clippy::expect_used, reason = "what cannot be read ends it")]

fn main() {
    for (path, text) in tools::made::pages() {
        std::fs::write(path, text).expect("a page is written");
    }
}
