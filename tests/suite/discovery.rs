//! `/.well-known/*`.

use serde_json::{Value, json};

use support::Service;

const METADATA: &str = "/.well-known/oauth-authorization-server";
const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_names_the_issuer_and_every_endpoint_in_it_answers() {
    let service = Service::start().await;
    let answer = service.get(METADATA).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], json!(service.stack.url()));
    for (name, value) in metadata.as_object().expect("an object") {
        let Some(address) = value.as_str().filter(|_| name.ends_with("_uri") || name.ends_with("_endpoint")) else {
            continue;
        };
        let path = address.strip_prefix(service.stack.url()).expect("an address of ours");
        assert_ne!(service.get(path).await.status, 404, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_and_oauth_clients_read_the_same_document_and_apis_find_their_server() {
    let service = Service::start().await;
    assert_eq!(service.get("/.well-known/openid-configuration").await.json(), service.get(METADATA).await.json());
    let resource = service.get("/.well-known/oauth-protected-resource").await.json();
    assert_eq!(resource["authorization_servers"], json!([service.stack.url()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_is_never_empty_and_never_holds_a_private_half() {
    let service = Service::start().await;
    let keys = service.get(JWKS).await.json()["keys"].as_array().cloned().expect("keys");
    assert_eq!(keys.len(), 1);
    let mut members: Vec<_> = keys[0].as_object().expect("a key").keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_cacheable_and_unchanged_ones_are_not_sent_again() {
    let service = Service::start().await;
    for path in [METADATA, JWKS] {
        let first = service.get(path).await;
        assert!(first.header("cache-control").starts_with("public, max-age="), "{first:?}");
        let again = service.request("GET", path).header("if-none-match", first.header("etag"));
        let again = service.send(again).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        let head = service.send(service.request("HEAD", path)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_starts_agree_on_one_key() {
    let service = Service::start().await;
    let lookups = (0..12).map(|_| service.get(JWKS));
    let token = service.token_of("alice");
    let (answers, token) = tokio::join!(futures_util::future::join_all(lookups), token);
    let documents: Vec<Value> = answers.iter().map(support::Answer::json).collect();
    assert!(documents.iter().all(|document| *document == documents[0]), "{documents:?}");
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    assert!(service.stack.instances("DiscoveryFunction") > 1, "the starts were not parallel");
}
