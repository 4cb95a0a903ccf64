//! Requests are answered once: tabs, second clicks, reloads, and withdrawals in the meantime.

use serde_json::{Value, json};
use support::browser::{Browser, CALLBACK, CHALLENGE, authorize};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::party::{Party, Reply, reply};
use support::{Answer, PASSWORD};

const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", PASSWORD)];

/// Signs alice in and consents. Returns the URL at `/authorize` that answers the app.
async fn agree(browser: &mut Browser<'_>, id: &str) -> String {
    let mut at = browser.fill("/sign-in", id, &ALICE).await.header("location").to_owned();
    for _ in 0..3 {
        let answer = browser.get(&at).await;
        if !answer.header("location").starts_with("/consent") {
            return at;
        }
        browser.fill("/consent", id, &[("decision", "allow")]).await.header("location").clone_into(&mut at);
    }
    panic!("it goes in circles: {at}")
}

/// The request id in the page URL that an answer redirects to.
fn id_of(answer: &Answer) -> String {
    answer.header("location").split_once("?request=").unwrap_or_else(|| panic!("no page: {answer:?}")).1.to_owned()
}

async fn push(party: &Party) -> String {
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    let pushed = party.post("/par", &request).await.json();
    let uri = pushed["request_uri"].as_str().expect("a URI");
    format!("/authorize?client_id={}&request_uri={uri}", party.client_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_open_at_once_in_a_new_browser_both_succeed() {
    let party = Party::start().await;
    let (mut browser, mut second) = (party.browser(), party.browser());
    let first_tab = id_of(&browser.get(&authorize(&party.client_id, &[("state", "one")])).await);
    let second_tab = id_of(&second.get(&authorize(&party.client_id, &[("state", "two")])).await);
    browser.cookies.extend(second.cookies); // both answers reach the same browser
    for (id, state) in [(first_tab, "one"), (second_tab, "two")] {
        let at = agree(&mut browser, &id).await;
        let back = reply(&browser.get(&at).await);
        assert_eq!(back["state"], state);
        assert_eq!(party.redeem(&back["code"]).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_on_allow_gets_the_same_answer_and_ends_no_session() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    browser.fill("/sign-in", &id, &ALICE).await;
    let address = format!("/consent?request={id}");
    let token = browser.get(&address).await.token();
    let fields = [("decision", "allow"), ("csrf", token.as_str())];
    let first = browser.post(&address, &fields).await.header("location").to_owned();
    let back: Reply = reply(&browser.get(&first).await);
    // The back button and another click on Allow; and a reload of the URL that gave the answer.
    let second = browser.post(&address, &fields).await.header("location").to_owned();
    assert_eq!(reply(&browser.get(&second).await), back);
    let tokens = party.redeem(&back["code"]).await.json();
    let after = browser.get(&second).await;
    assert_eq!((after.status, after.header("location")), (400, ""), "the app has it already: {after:?}");
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("a token")).await.status, 200);
    let mut stranger = party.browser();
    stranger.get(&authorize(&party.client_id, &[])).await;
    assert_eq!(stranger.get(&second).await.status, 400, "only its browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_clicks_all_get_the_same_code() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    browser.fill("/sign-in", &id, &ALICE).await;
    browser.fill("/consent", &id, &[("decision", "allow")]).await;
    let clicks = (0..20).map(|_| {
        let mut tab = party.browser();
        tab.cookies.clone_from(&browser.cookies);
        let address = format!("/authorize?request={id}");
        async move { reply(&tab.get(&address).await) }
    });
    let answers = futures_util::future::join_all(clicks).await;
    assert!(answers.iter().all(|answer| answer.contains_key("code") && *answer == answers[0]), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_uri_is_used_up_by_the_answer_and_not_by_reading_it() {
    let party = Party::start().await;
    let address = push(&party).await;
    let mut browser = party.browser();
    let head = browser.request("HEAD", &address);
    assert_eq!(browser.send(head).await.status, 200);
    let prefetch = browser.request("GET", &address).header("sec-purpose", "prefetch");
    let prefetched = browser.send(prefetch).await;
    assert_eq!((prefetched.status, prefetched.header("location")), (400, ""));
    let first = id_of(&browser.get(&address).await);
    let reloaded = id_of(&browser.get(&address).await);
    let at = agree(&mut browser, &reloaded).await;
    let back = reply(&browser.get(&at).await);
    assert_eq!(party.redeem(&back["code"]).await.status, 200);
    let other_tab = browser.get(&format!("/authorize?request={first}")).await;
    assert_eq!((other_tab.status, other_tab.header("location")), (400, ""), "one push, one answer: {other_tab:?}");
    assert_eq!(browser.get(&address).await.status, 400);
    // Signed in and with consent: the request is answered at once, which uses it up.
    let address = push(&party).await;
    assert!(reply(&browser.get(&address).await).contains_key("code"));
    assert_eq!(browser.get(&address).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_uses_up_a_request_uri_too() {
    let party = Party::start().await;
    let address = push(&party).await;
    let mut browser = party.browser();
    let id = id_of(&browser.get(&address).await);
    browser.fill("/sign-in", &id, &ALICE).await;
    let denied = browser.fill("/consent", &id, &[("decision", "deny")]).await.header("location").to_owned();
    assert_eq!(reply(&browser.get(&denied).await)["error"], "access_denied");
    assert_eq!(browser.get(&address).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_head_request_issues_no_code() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let address = authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")]);
    let head = browser.request("HEAD", &address);
    let answer = browser.send(head).await;
    assert_eq!((answer.status, answer.header("location")), (200, ""));
    assert!(reply(&browser.get(&address).await).contains_key("code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_and_a_sign_out_invalidate_unused_codes() {
    let party = Party::start().await;
    let token = party.service.sign_in("alice", PASSWORD).await.json()["access_token"].as_str().expect("it").to_owned();
    let code = party.code(&[("scope", "openid")]).await;
    let path = format!("/me/consents/{}", party.client_id);
    let removed = party.service.send(party.service.request("DELETE", &path).bearer_auth(&token)).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    assert_eq!(party.redeem(&code).await.json()["error"], "invalid_grant");

    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let question = browser.get("/end_session").await;
    let fields = [("decision", "sign_out"), ("csrf", &*question.token())];
    assert_eq!(browser.post("/end_session", &fields).await.status, 200);
    assert_eq!(party.redeem(&code).await.json()["error"], "invalid_grant");
    assert_eq!(party.redeem(&party.code(&[("scope", "openid")]).await).await.status, 200, "the next one is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_reported_to_the_client_of_a_silent_request() {
    let disturbed = Disturbed::start().await;
    let (client_id, _) = disturbed.service.client(json!({"redirect_uris": [CALLBACK], "scope": "openid"})).await;
    let mut browser = Browser::new(&disturbed.service);
    let silent = [("scope", "openid"), ("prompt", "none")];
    assert_eq!(reply(&browser.get(&authorize(&client_id, &silent)).await)["error"], "login_required");
    browser.cookies.insert("gatewright-session".to_owned(), "x".repeat(43));
    disturbed.store.plan(None, Fault::Error(500, "InternalServerError"), usize::MAX);
    let told = browser.get(&authorize(&client_id, &silent)).await;
    assert_eq!(reply(&told)["error"], "temporarily_unavailable", "{told:?}");
    let shown = browser.get(&authorize(&client_id, &[("scope", "openid")])).await;
    assert_eq!((shown.status, shown.header("location")), (503, ""), "a person sees a page: {shown:?}");
    disturbed.store.heal();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_acr_that_no_sign_in_reaches_is_refused() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let claims = |value: Value| json!({"id_token": {"acr": value}}).to_string();
    let unmet = claims(json!({"essential": true, "values": ["urn:example:gold"]}));
    let answer = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("claims", &unmet)])).await;
    assert_eq!(reply(&answer)["error"], "unmet_authentication_requirements");
    for met in
        [json!({"essential": true, "values": ["urn:example:gold", "1"]}), json!({"values": ["urn:example:gold"]})]
    {
        let answer = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("claims", &claims(met))])).await;
        assert!(answer.header("location").starts_with("/sign-in"), "{answer:?}");
    }
}
