//! The contents of the function binaries.

use support::Service;
use support::command::built_binaries;

#[tokio::test(flavor = "multi_thread")]
async fn no_function_collects_jitter_entropy_at_cold_start() {
    let _built = Service::start().await;
    let folder = built_binaries();
    for function in ["login", "discovery", "authorizer"] {
        let binary = std::fs::read(folder.join(function)).expect("a binary");
        assert!(binary.windows(8).any(|window| window == b"RAND_byt"), "{function} links AWS-LC, with symbols");
        assert!(!binary.windows(5).any(|window| window == b"jent_"), "{function}: see .cargo/config.toml");
    }
}
