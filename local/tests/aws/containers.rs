//! The variables of functions in containers, and that the addresses in them answer. A second loopback address, which Linux has, is
//! the containers' network here; real containers are in `sam`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use local::{Data, Options};
use serde_json::Value;

use crate::support::Fixture;

const HOST: &str = "127.0.0.2";

async fn start(data: &Path, host: &str) -> Fixture {
    let options = Options { data: Data::Folder(data.to_owned()), containers: Some(host.into()), ..Options::default() };
    Fixture::with(options).await
}

fn told(data: &Path, name: &str) -> String {
    fs::read_to_string(data.join("containers").join(name)).expect("a file")
}

#[tokio::test]
async fn containers_find_table_key_and_gateway_at_the_address_that_they_know() {
    let data = tempfile::tempdir().expect("a folder");
    let fixture = start(data.path(), HOST).await;
    let variables: Value = serde_json::from_str(&told(data.path(), "variables.json")).expect("JSON");
    for service in ["DYNAMODB", "KMS"] {
        let endpoint = variables["EchoFunction"][format!("AWS_ENDPOINT_URL_{service}")].as_str().expect("an endpoint");
        assert!(endpoint.starts_with(&format!("http://{HOST}:")), "{endpoint}");
        let unsigned = reqwest::get(endpoint).await.expect("an answer");
        assert!(unsigned.status().is_client_error(), "{service} listens there, and wants to know who asks");
    }
    let port = fixture.stack.url().strip_prefix("http://localhost:").expect("a name that SAM can lead to this machine");
    for host in ["127.0.0.1", HOST] {
        let answer = reqwest::get(format!("http://{host}:{port}/nowhere")).await.expect("an answer");
        assert!(answer.headers().contains_key("apigw-requestid"), "{host}");
    }
    fixture.stack.stop().await;
}

#[tokio::test]
async fn credentials_of_each_function_are_for_their_owner_and_new_at_every_start() {
    let data = tempfile::tempdir().expect("a folder");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let fixture = start(data.path(), HOST).await;
        let profiles = told(data.path(), "credentials");
        assert!(
            profiles.contains("[EchoFunction]\nregion = us-east-1\naws_access_key_id = "),
            "a profile as SAM reads it"
        );
        for file in ["variables.json", "credentials"] {
            let mode = fs::metadata(data.path().join("containers").join(file)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        seen.push(profiles);
        fixture.stack.stop().await;
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn an_address_that_is_none_of_this_machines_is_named() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = crate::support::folder();
    let options = Options {
        template: folder.path().join("template.yaml"),
        data: Data::Folder(data.path().to_owned()),
        containers: Some("192.0.2.1".into()),
        ..Options::default()
    };
    let error = local::Stack::start(options).await.expect_err("nobody can listen there").to_string();
    assert!(error.contains("192.0.2.1"), "{error}");
}
