//! A client library that others wrote registers at the service (RFC 7591) and uses what it was given.

use serde_json::{Value, json};

use super::{Judge, folder, say, start_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_library_registers_and_goes_on_from_there() {
    let stack = start_with(&[("ClientRegistration", "open")]).await;
    let order = json!({"action": "initial_access_token"});
    let issued = stack.invoke("ClientsFunction", order).await.expect("a token");
    let job = json!({"issuer": stack.url(), "initial_access_token": issued["initial_access_token"]}).to_string();
    let library = Judge {
        libraries: &["openid-client"],
        program: "node".into(),
        arguments: vec![folder().join("register.mjs")],
        installed: folder().join("node_modules/openid-client"),
    };
    let answer = tokio::task::spawn_blocking(move || library.run(&job)).await.expect("it ends");
    stack.stop().await;
    let Some(answer) = answer else { return };
    let outcomes: Value = serde_json::from_slice(&answer).expect("outcomes as JSON");
    say(&format!("openid-client: {outcomes}"));
    assert_eq!(
        outcomes,
        json!({
            // Nobody is signed in, and the request does not allow to ask: told by redirect, with state and iss as it likes.
            "client_secret_basic": "login_required", "client_secret_post": "login_required", "none": "login_required",
            "client_credentials": "done", "a token that was used": "invalid_token",
            "a bad redirect URI": "invalid_redirect_uri",
        })
    );
}
