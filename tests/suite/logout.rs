//! `/end_session` (OpenID Connect RP-Initiated Logout 1.0).

use serde_json::json;

use support::browser::{Browser, authorize};
use support::party::{Party, reply};
use support::{Answer, Service};

const BYE: &str = "https://notes.example/bye";

async fn is_signed_in(party: &Party, browser: &mut Browser<'_>) -> bool {
    let silent = [("scope", "openid"), ("prompt", "none")];
    !reply(&browser.get(&authorize(&party.client_id, &silent)).await).contains_key("error")
}

fn assert_page(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.header("location")), (status, ""), "{answer:?}");
    assert!(answer.text.contains("<h1"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_with_an_id_token_signs_its_person_out_of_this_browser() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let online = party.redeem(&code).await.json();
    let code = party.ask(&mut browser, &[("scope", "openid offline_access")]).await["code"].clone();
    let offline = party.redeem(&code).await.json();
    let elsewhere = party.tokens("openid").await;
    let hint = online["id_token"].as_str().expect("an ID token");
    let address = format!("/end_session?id_token_hint={hint}&post_logout_redirect_uri={BYE}&state=s%26t");
    let answer = browser.get(&address).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "https://notes.example/bye?state=s%26t"),
        "{answer:?}"
    );
    assert!(!browser.cookies.contains_key("gatewright-session"));
    assert!(!is_signed_in(&party, &mut browser).await);
    let refresh = async |tokens: &serde_json::Value| {
        party.refresh(tokens["refresh_token"].as_str().expect("a token")).await.status
    };
    assert_eq!(refresh(&online).await, 400, "ended with the browser");
    assert_eq!(refresh(&offline).await, 200, "offline_access outlives it");
    assert_eq!(refresh(&elsewhere).await, 200, "another browser is another matter");
    let again = browser.get(&address).await;
    assert_eq!(again.status, 303, "signing out twice is no mistake: {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_without_an_id_token_asks_first_and_a_forged_answer_does_nothing() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let question = browser.get("/end_session").await;
    assert_page(&question, 200);
    for (fields, headers) in [
        (vec![("decision", "sign_out"), ("csrf", "wrong")], vec![]),
        (
            vec![("decision", "sign_out"), ("csrf", question.token().leak() as &str)],
            vec![("origin", "https://evil.example")],
        ),
    ] {
        assert_page(&browser.post_with("/end_session", &fields, &headers).await, 403);
    }
    assert!(is_signed_in(&party, &mut browser).await);
    let token = question.token();
    browser.post("/end_session", &[("decision", "stay"), ("csrf", &token)]).await;
    assert!(is_signed_in(&party, &mut browser).await);
    assert_page(&browser.post("/end_session", &[("decision", "sign_out"), ("csrf", &token)]).await, 200);
    assert!(!is_signed_in(&party, &mut browser).await);
    assert_page(&browser.get("/end_session").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_lost_its_cookie_can_still_sign_out() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let (name, _) = browser.own_name();
    browser.cookies.remove(&name);
    assert!(is_signed_in(&party, &mut browser).await);
    let question = browser.get("/end_session").await;
    assert_page(&question, 200);
    let fields = [("decision", "sign_out"), ("csrf", &*question.token())];
    assert_page(&browser.post("/end_session", &fields).await, 200);
    assert!(!is_signed_in(&party, &mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_redirected_to_an_unregistered_uri() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    let (hint, access) = (tokens["id_token"].as_str().expect("it"), tokens["access_token"].as_str().expect("it"));
    let id = &party.client_id;
    for query in [
        format!("post_logout_redirect_uri={BYE}"),
        format!("id_token_hint={hint}&post_logout_redirect_uri=https://evil.example/"),
        format!("client_id={id}&post_logout_redirect_uri=https://notes.example/callback"),
        format!("client_id=nobody&post_logout_redirect_uri={BYE}"),
        format!("client_id=first-party&id_token_hint={hint}&post_logout_redirect_uri={BYE}"),
        format!("id_token_hint={access}&post_logout_redirect_uri={BYE}"),
        "id_token_hint=a.b.c".to_owned(),
    ] {
        assert_page(&browser.get(&format!("/end_session?{query}")).await, 400);
    }
    assert!(is_signed_in(&party, &mut browser).await, "and nobody was signed out by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_from_an_app_is_redirected_to_a_get_with_cookies() {
    let service = Service::start().await;
    let mut browser = Browser::new(&service);
    let answer = browser.post_with("/end_session", &[("client_id", "c"), ("state", "a b")], &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/end_session?client_id=c&state=a+b"));
    assert_page(&browser.get(answer.header("location")).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_another_person_asks_first() {
    let party = Party::start().await;
    let alice = party.tokens("openid").await["id_token"].as_str().expect("it").to_owned();
    let bob = json!({"username": "bob", "password": support::PASSWORD});
    assert_eq!(party.service.post("/register", bob).await.status, 201);
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    browser.fill("/sign-in", &id, &[("username", "bob"), ("password", support::PASSWORD)]).await;
    assert_page(&browser.get(&format!("/end_session?id_token_hint={alice}")).await, 200);
    assert!(browser.cookies.contains_key("gatewright-session"));
    let consent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&consent)["error"], "consent_required", "bob is still signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_prefetch_sign_nobody_out() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    let hint = tokens["id_token"].as_str().expect("an ID token");
    let address = format!("/end_session?id_token_hint={hint}");
    let head = browser.request("HEAD", &address);
    assert_eq!(browser.send(head).await.status, 200);
    let prefetch = browser.request("GET", &address).header("sec-purpose", "prefetch");
    assert_page(&browser.send(prefetch).await, 400);
    assert!(is_signed_in(&party, &mut browser).await);
    let refreshed = party.refresh(tokens["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
}
