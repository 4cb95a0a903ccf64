//! Which requests need PKCE (RFC 7636, OAuth 2.1 section 7.5.1), and what happens to those without it.

use serde_json::{Value, json};

use support::Answer;
use support::browser::{CHALLENGE, VERIFIER, authorize};
use support::party::{Party, reply};

/// Parameters of a request without a challenge.
const BARE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

fn confidential() -> Value {
    json!({"token_endpoint_auth_method": "client_secret_post"})
}

/// The error that the app gets for a request without a challenge. `None` if a page is shown.
async fn refusal(party: &Party, more: &[(&str, &str)]) -> Option<String> {
    let answer = party.browser().get(&authorize(&party.client_id, &[&BARE[..], more].concat())).await;
    if answer.header("location").starts_with("/sign-in?") { None } else { reply(&answer).remove("error_description") }
}

async fn redeem_without_verifier(party: &Party, code: &str) -> Answer {
    party.redeem_with(code, &[("code_verifier", "")]).await
}

fn assert_invalid_grant(answer: &Answer) {
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_app_with_a_nonce_needs_no_challenge() {
    let party = Party::with(confidential(), &[]).await;
    let code = party.code(&[&BARE[..], &[("scope", "openid profile"), ("nonce", "n-1")]].concat()).await;
    let tokens = redeem_without_verifier(&party, &code).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let claims = super::login::claims(tokens.json()["id_token"].as_str().expect("an ID token"));
    assert_eq!(claims["nonce"], "n-1");
    assert!(party.refresh(tokens.json()["refresh_token"].as_str().expect("a token")).await.status == 200);
    for more in [vec![("scope", "openid")], vec![("scope", "email"), ("nonce", "n-1")], vec![]] {
        let told = refusal(&party, &more).await.expect("nothing protects the code");
        assert!(told.starts_with("code_challenge: "), "{told}");
    }
    let pushed = party.post("/par", &[("response_type", "code"), ("redirect_uri", support::browser::CALLBACK)]).await;
    assert_eq!((pushed.status, pushed.text.contains("code_challenge")), (400, true), "{pushed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_always_checked_and_a_verifier_without_one_is_a_downgrade() {
    let party = Party::with(confidential(), &[]).await;
    let code = party.code(&[("scope", "openid"), ("nonce", "n-1")]).await;
    assert_invalid_grant(&redeem_without_verifier(&party, &code).await);
    assert_invalid_grant(&party.redeem_with(&code, &[("code_verifier", CHALLENGE)]).await);
    assert_eq!(party.redeem(&code).await.status, 200, "the owner is not disturbed");
    let downgraded = party.code(&[&BARE[..], &[("scope", "openid"), ("nonce", "n-1")]].concat()).await;
    let answer = party.redeem_with(&downgraded, &[("code_verifier", VERIFIER)]).await;
    assert_invalid_grant(&answer);
    assert!(answer.text.contains("code_verifier: "), "{answer:?}");
    for method in ["", "plain"] {
        let more = [("code_challenge_method", method), ("scope", "openid"), ("nonce", "n-1")];
        let answer = party.browser().get(&authorize(&party.client_id, &more)).await;
        assert_eq!(reply(&answer)["error"], "invalid_request", "a challenge that protects nothing: {method:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_app_must_send_a_challenge() {
    let party = Party::with(json!({"token_endpoint_auth_method": "none"}), &[("Pkce", "public-clients")]).await;
    assert!(refusal(&party, &[("scope", "openid"), ("nonce", "n-1")]).await.is_some());
    let code = party.code(&[("scope", "openid")]).await;
    assert_invalid_grant(&redeem_without_verifier(&party, &code).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_decides_who_else_must_send_a_challenge() {
    let openid = [("scope", "openid"), ("nonce", "n-1")];
    let strict = Party::with(confidential(), &[("Pkce", "always")]).await;
    assert!(refusal(&strict, &openid).await.is_some());
    let lax = Party::with(confidential(), &[("Pkce", "public-clients")]).await;
    assert_eq!(refusal(&lax, &[("scope", "openid")]).await, None);
    let code = lax.code(&[&BARE[..], &[("scope", "openid")]].concat()).await;
    assert_eq!(redeem_without_verifier(&lax, &code).await.status, 200);
    let one = Party::with(
        json!({"token_endpoint_auth_method": "client_secret_post", "require_pkce": true}),
        &[("Pkce", "public-clients")],
    )
    .await;
    assert!(refusal(&one, &openid).await.is_some());
    let other = Party::with(
        json!({"token_endpoint_auth_method": "client_secret_post", "require_pkce": false}),
        &[("Pkce", "always")],
    )
    .await;
    assert_eq!(refusal(&other, &[("scope", "openid")]).await, None);
}
