//! Authentication that is recent and strong enough: sensitive changes of an account (RFC 9470), and the level that an app asks
//! for.

use serde_json::{Value, json};

use crate::deletion::delete_me;
use crate::login::claims;
use crate::mailed::{Letter, MAIL};
use crate::refresh::{Tokens, sign_in, sign_up, table};
use support::authenticator::Authenticator;
use support::browser::{Browser, CALLBACK, authorize};
use support::party::{Party, Reply, reply};
use support::{Answer, PASSWORD, Service};

/// Lets the authentication of a session be some seconds older.
pub async fn age(service: &Service, tokens: &Tokens, seconds: u64) {
    let key = json!({"pk": {"S": format!("SESSION#{}", tokens.user())}, "sk": {"S": tokens.sid()}});
    let update = json!({
        "Key": key, "UpdateExpression": "SET auth_time = auth_time - :age",
        "ExpressionAttributeValues": {":age": {"N": (seconds * 1000).to_string()}},
    });
    table(service, "UpdateItem", update).await;
}

/// Asserts that a refusal asks for an authentication of the last ten minutes.
fn assert_stale(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (401, "insufficient_user_authentication"), "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer ") && challenge.contains(r#"error="insufficient_user_authentication""#));
    assert!(challenge.ends_with(r#", max_age="600""#), "{challenge}");
}

async fn ask_for_address(service: &Service, tokens: &Tokens, body: Value) -> Answer {
    service.send(service.request("POST", "/me/email").bearer_auth(&tokens.access).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_needs_the_password_or_an_authentication_of_the_last_ten_minutes() {
    let service = &Service::with_parameters(MAIL).await;
    let (old, fresh) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    age(service, &old, 602).await;
    let asked = |email: &str| json!({"email": email});
    assert_stale(&ask_for_address(service, &old, asked("alice@old.example")).await);
    assert_eq!(ask_for_address(service, &fresh, asked("alice@fresh.example")).await.status, 202);
    let with_password = json!({"email": "alice@people.example", "password": PASSWORD});
    assert_eq!(ask_for_address(service, &old, with_password).await.status, 202);
    for address in ["alice@fresh.example", "alice@people.example"] {
        assert!(!Letter::to(service, address, 1).await.code().is_empty(), "{address}");
    }
    assert_eq!(service.get_as("/me", &old.access).await.status, 200, "everything else works as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_has_just_signed_in_deletes_the_account_without_the_password() {
    let service = &Service::start().await;
    let (old, fresh) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    age(service, &old, 602).await;
    assert_stale(&delete_me(service, &old.access, json!({})).await);
    assert_eq!(delete_me(service, &fresh.access, json!({})).await.status, 204);
    assert_eq!(service.get_as("/me", &old.access).await.status, 401);
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_ended_deletes_nobody_however_fresh_it_was() {
    let service = &Service::start().await;
    let (thief, own) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    let end = service.request("DELETE", "/me/sessions").bearer_auth(&own.access);
    assert_eq!(service.send(end).await.status, 204);
    assert_eq!(delete_me(service, &thief.access, json!({})).await.code(), "invalid_token");
    assert_eq!(service.get_as("/me", &own.access).await.status, 200);
}

/// The `acr` of both tokens of a code.
async fn levels(party: &Party, code: &str) -> [String; 2] {
    let tokens = party.redeem(code).await.json();
    ["id_token", "access_token"].map(|name| claims(tokens[name].as_str().expect("a token"))["acr"].to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preferred_level_is_no_condition_and_both_tokens_name_the_one_that_was_reached() {
    let party = Party::start().await;
    let wish = json!({"id_token": {"acr": {"values": ["phr"]}}}).to_string();
    for more in [("acr_values", "phr 2"), ("acr_values", "urn:example:gold"), ("claims", &wish)] {
        let code = party.code(&[("scope", "openid"), more]).await;
        assert_eq!(levels(&party, &code).await, ["\"1\"", "\"1\""], "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_level_that_no_sign_in_reaches_is_refused_when_the_request_is_pushed() {
    let party = Party::start().await;
    let essential = json!({"id_token": {"acr": {"essential": true, "values": ["urn:example:gold"]}}}).to_string();
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("nonce", "n"),
        ("claims", essential.as_str()),
    ];
    let answer = party.post("/par", &pushed).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (400, &json!("unmet_authentication_requirements")),
        "{answer:?}"
    );
}

/// Adds an authenticator app to the account of alice. It is confirmed with the code of the step before, so that two more codes
/// work at once.
async fn enrol(service: &Service) -> Authenticator {
    let access = sign_in(service, "alice").await.access;
    let send = async |path: &str, body: Value| {
        let answer = service.send(service.request("POST", path).bearer_auth(&access).json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let begun = send("/me/totp", json!({"password": PASSWORD})).await;
    let app = Authenticator::with(begun["secret"].as_str().expect("a secret"));
    send("/me/totp/confirm", json!({"code": app.code(-1)})).await;
    app
}

/// Completes a request as alice, who fills in the page of the second factor with `second`. Returns the response to the app,
/// and whether that page was shown.
async fn ask(
    party: &Party,
    browser: &mut Browser<'_>,
    more: &[(&str, &str)],
    second: &[(&str, &str)],
) -> (Reply, bool) {
    let (mut answer, mut shown) = (browser.get(&authorize(&party.client_id, more)).await, false);
    for _ in 0..8 {
        let location = answer.header("location").to_owned();
        answer = match location.split_once("?request=") {
            Some(("/sign-in", id)) => {
                browser.fill("/sign-in", id, &[("username", "alice"), ("password", PASSWORD)]).await
            }
            Some(("/sign-in/second-factor", id)) => {
                shown = true;
                browser.fill("/sign-in/second-factor", id, second).await
            }
            Some(("/consent", id)) => browser.fill("/consent", id, &[("decision", "allow")]).await,
            Some(("/authorize", _)) => browser.get(&location).await,
            _ => return (reply(&answer), shown),
        };
    }
    panic!("it goes in circles: {answer:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_leads_a_person_from_one_factor_to_two_although_they_trust_the_device() {
    let party = Party::start().await;
    let browser = &mut party.browser();
    let openid = ("scope", "openid");
    let essential = |level: &str| json!({"id_token": {"acr": {"essential": true, "values": [level]}}}).to_string();
    let refused = party.ask(browser, &[openid, ("claims", &essential("2"))]).await;
    assert_eq!(refused["error"], "unmet_authentication_requirements", "there is no second factor yet");

    let app = enrol(&party.service).await;
    let trusting = [("code", app.code(0)), ("trust", "30d".to_owned())];
    let trusting = trusting.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (first, shown) = ask(&party, browser, &[openid], &trusting).await;
    assert_eq!((shown, levels(&party, &first["code"]).await), (true, ["\"2\"", "\"2\""].map(str::to_owned)));
    let (trusted, shown) = ask(&party, browser, &[openid, ("prompt", "login")], &[]).await;
    assert_eq!((shown, levels(&party, &trusted["code"]).await), (false, ["\"1\"", "\"1\""].map(str::to_owned)));

    let (silent, _) = ask(&party, browser, &[openid, ("acr_values", "2"), ("prompt", "none")], &[]).await;
    assert_eq!(silent["error"], "login_required");
    let (stepped_up, shown) = ask(&party, browser, &[openid, ("acr_values", "2")], &[("code", &app.code(1))]).await;
    assert_eq!((shown, levels(&party, &stepped_up["code"]).await), (true, ["\"2\"", "\"2\""].map(str::to_owned)));
    for level in ["2", "1"] {
        let (met, shown) = ask(&party, browser, &[openid, ("claims", &essential(level))], &[]).await;
        let named = format!("\"{level}\"");
        assert_eq!((shown, levels(&party, &met["code"]).await), (false, [named.clone(), named]), "one of its values");
    }
}
