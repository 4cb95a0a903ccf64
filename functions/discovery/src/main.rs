//! discovery
fn main() {}
