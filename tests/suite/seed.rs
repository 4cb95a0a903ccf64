//! A seed file: `examples/seed.yaml`, as `docs/seed.md` describes it.

use local::{Data, Options, Stack};
use serde_json::json;

use support::party::with_form;
use support::service::options;
use support::{PASSWORD, Service};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/seed.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_exists_when_the_gateway_opens_and_a_second_start_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let settings = Options { seed: Some(EXAMPLE.into()), data: Data::Folder(data.path().join("data")), ..options() };
    for outcome in ["5 created", "5 unchanged"] {
        let service = Service::with_options(settings.clone()).await;
        let seeded = service.stack.seeded().expect("it was applied");
        assert!(seeded.ends_with(&format!("seed.yaml: {outcome}")), "{seeded}");
        assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200, "{outcome}");
        let request = service.request("POST", "/token").basic_auth("notes-importer", Some("not a secret on a laptop"));
        let fields = [("grant_type", "client_credentials"), ("resource", "https://notes.example/api")];
        let token = service.send(with_form(request, &fields)).await;
        assert_eq!(token.json()["scope"], "notes:write", "{token:?}");
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_seed_entry_is_named_with_the_reason_and_nothing_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("seed.json");
    let people = json!([{"username": "alice", "password": PASSWORD}, {"username": "bob", "password": "short"}]);
    std::fs::write(&file, json!({"people": people}).to_string()).expect("a file");
    let error = Stack::start(Options { seed: Some(file.clone()), ..options() }).await.expect_err("it is refused");
    let error = error.to_string();
    assert!(error.starts_with(&format!("{}: people[1] (bob): ", file.display())), "{error}");
    assert!(error.contains("15 characters"), "{error}");
}
