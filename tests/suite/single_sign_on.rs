//! Single sign-on, prompts and consent (OpenID Connect Core section 3.1.2), in one browser with several apps.

use serde_json::{Value, json};

use crate::login::claims;
use support::PASSWORD;
use support::browser::{Browser, CALLBACK, authorize, form};
use support::party::{NOTES, Party, SCOPE, reply};

/// Where a request leads first: the path of a page, or the error or `code` that is returned to the app.
async fn leads_to(browser: &mut Browser<'_>, client_id: &str, more: &[(&str, &str)]) -> String {
    let answer = browser.get(&authorize(client_id, more)).await;
    match answer.header("location").split_once("?request=") {
        Some((page, _)) => page.to_owned(),
        None => reply(&answer).get("error").cloned().unwrap_or_else(|| "code".to_owned()),
    }
}

async fn app(party: &Party, name: &str) -> String {
    let metadata = json!({"client_name": name, "redirect_uris": [CALLBACK], "scope": SCOPE});
    party.service.client(metadata).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_app_gets_its_code_without_a_password() {
    let party = Party::start().await;
    let other = app(&party, "Tasks").await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(leads_to(&mut browser, &other, &[("scope", "openid")]).await, "/consent", "asked what, not who");
    let id = browser.begin(&other, "openid").await;
    let agreed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    let back = browser.get(agreed.header("location")).await;
    assert!(reply(&back).contains_key("code"));
    assert_eq!(leads_to(&mut browser, &other, &[("scope", "openid")]).await, "code", "and then not at all");
    assert_eq!(leads_to(&mut browser, &other, &[("scope", "openid"), ("prompt", "none")]).await, "code");
    assert_eq!(
        leads_to(&mut party.browser(), &other, &[("scope", "openid"), ("prompt", "none")]).await,
        "login_required"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_asked_again_for_more_scopes_or_when_the_app_requests_it() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid profile")]).await;
    for (more, expected) in [
        (vec![("scope", "openid")], "code"),
        (vec![("scope", "openid profile")], "code"),
        (vec![("scope", "openid profile email")], "/consent"),
        (vec![("scope", "openid profile"), ("resource", NOTES)], "/consent"),
        (vec![("scope", "openid"), ("claims", r#"{"userinfo":{"email":null}}"#)], "/consent"),
        (vec![("scope", "openid"), ("claims", r#"{"userinfo":{"name":null}}"#)], "code"),
        (vec![("scope", "openid"), ("prompt", "consent")], "/consent"),
        (vec![("scope", "openid"), ("prompt", "login")], "/sign-in"),
        (vec![("scope", "openid"), ("prompt", "select_account")], "/choose"),
        (vec![("scope", "openid"), ("prompt", "select_account login")], "/sign-in"),
        (vec![("scope", "openid"), ("prompt", "select_account"), ("max_age", "0")], "/sign-in"),
        (vec![("scope", "openid"), ("max_age", "0")], "/sign-in"),
        (vec![("scope", "openid"), ("max_age", "3600")], "code"),
        (vec![("scope", "openid email"), ("prompt", "none")], "consent_required"),
        (vec![("scope", "openid"), ("prompt", "none"), ("max_age", "0")], "login_required"),
    ] {
        // Some time passes, so that max_age=0 requires a new sign-in.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert_eq!(leads_to(&mut browser, &party.client_id, &more).await, expected, "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_person_can_be_chosen_without_the_password_but_only_by_their_own_form() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let choice = [("scope", "openid"), ("prompt", "select_account")];
    let id = browser.begin_with(&party.client_id, &choice).await;
    let address = format!("/choose?request={id}");
    let page = browser.get(&address).await;
    assert!(
        page.text.contains("Continue as <bdi>Alice A.</bdi>") && page.element("switch").contains("/sign-in"),
        "{page:?}"
    );
    let token = page.token();

    assert_eq!(browser.post(&address, &[]).await.status, 403, "a form of ours has a token");
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post_with(&address, &[("csrf", &token)], &evil).await.status, 403);
    assert_eq!(party.browser().get(&address).await.status, 400, "the request belongs to its browser");
    let authorize = format!("/authorize?request={id}");
    assert_eq!(browser.get(&authorize).await.header("location"), address, "nobody was chosen yet");

    let chosen = browser.post(&address, &[("csrf", &token)]).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, authorize.as_str()), "{chosen:?}");
    assert!(reply(&browser.get(&authorize).await).contains_key("code"));
    assert_eq!(leads_to(&mut browser, &party.client_id, &choice).await, "/choose", "a choice is for one request");
    assert_eq!(leads_to(&mut party.browser(), &party.client_id, &choice).await, "/sign-in", "nobody to choose");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_as_somebody_else_is_a_choice_and_the_first_persons_form_no_longer_is() {
    let party = Party::start().await;
    let registered = party.service.post("/register", json!({"username": "bob", "password": PASSWORD})).await;
    assert_eq!(registered.status, 201);
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let id = browser.begin_with(&party.client_id, &[("scope", "openid"), ("prompt", "select_account")]).await;
    let alices = browser.get(&format!("/choose?request={id}")).await.token();
    browser.fill("/sign-in", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    assert_eq!(browser.post(&format!("/choose?request={id}"), &[("csrf", &alices)]).await.status, 403);
    let next = browser.get(&format!("/authorize?request={id}")).await;
    assert_eq!(next.header("location"), format!("/consent?request={id}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_sign_in_satisfies_the_request_that_asked_for_it_and_gets_a_new_cookie() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let first = party.ask(&mut browser, &[("scope", "openid")]).await;
    let before = browser.cookies.clone();
    let first = claims(party.redeem(&first["code"]).await.json()["id_token"].as_str().expect("an ID token"));
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let second = party.ask(&mut browser, &[("scope", "openid"), ("prompt", "login"), ("max_age", "0")]).await;
    let second = claims(party.redeem(&second["code"]).await.json()["id_token"].as_str().expect("an ID token"));
    assert!(second["auth_time"].as_u64() > first["auth_time"].as_u64());
    assert_ne!(before["gatewright-session"], browser.cookies["gatewright-session"]);
    let mut thief = party.browser();
    thief.cookies = before;
    assert_eq!(
        leads_to(&mut thief, &party.client_id, &[("scope", "openid")]).await,
        "/sign-in",
        "the old cookie is invalid"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_declines_is_asked_again_next_time() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    let signed_in = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    browser.get(signed_in.header("location")).await;
    let denied = browser.fill("/consent", &id, &[("decision", "deny")]).await;
    let back = reply(&browser.get(denied.header("location")).await);
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "a state"));
    assert_eq!(leads_to(&mut browser, &party.client_id, &[("scope", "openid")]).await, "/consent");
    let again = browser.get(&format!("/authorize?request={id}")).await;
    assert_eq!(reply(&again)["error"], "access_denied", "the same answer again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_counts_once_and_only_from_the_page_in_this_browser() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    let signed_in = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    browser.get(signed_in.header("location")).await;
    let address = format!("/consent?request={id}");
    let page = browser.get(&address).await;
    let token = page.token();
    for (fields, headers) in [
        (vec![("decision", "allow")], vec![]),
        (vec![("decision", "allow"), ("csrf", "wrong")], vec![]),
        (vec![("decision", "allow"), ("csrf", token.as_str())], vec![("origin", "https://evil.example")]),
        (vec![("decision", "allow"), ("csrf", token.as_str())], vec![("sec-fetch-site", "cross-site")]),
    ] {
        let refused = browser.post_with(&address, &fields, &headers).await;
        assert_eq!(refused.status, 403, "{fields:?} {headers:?}: {refused:?}");
    }
    let mut stranger = party.browser();
    stranger.get(&authorize(&party.client_id, &[])).await;
    assert_eq!(stranger.get(&address).await.status, 400);
    let turned_away = stranger.post(&address, &[("decision", "allow"), ("csrf", &token)]).await;
    assert!(turned_away.header("location").starts_with("/authorize"), "nobody is signed in there: {turned_away:?}");
    assert_eq!(stranger.get(&format!("/authorize?request={id}")).await.status, 400);
    let maybe = browser.post(&address, &[("decision", "maybe"), ("csrf", &token)]).await;
    assert_eq!(maybe.status, 400, "{maybe:?}");
    let allowed = browser.post(&address, &[("decision", "allow"), ("csrf", &token)]).await;
    assert_eq!(allowed.status, 303);
    let denied = browser.post(&address, &[("decision", "deny"), ("csrf", &token)]).await;
    assert_eq!(denied.header("location"), allowed.header("location"), "what was decided stands: {denied:?}");
    let first = reply(&browser.get(allowed.header("location")).await);
    assert_eq!(reply(&browser.get(allowed.header("location")).await), first, "a request gives one code");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_in_the_same_browser_does_not_inherit_a_consent() {
    let party = Party::start().await;
    let registered = party.service.post("/register", json!({"username": "bob", "password": PASSWORD})).await;
    assert_eq!(registered.status, 201);
    let mut browser = party.browser();
    let id = browser.begin(&party.client_id, "openid").await;
    let signed_in = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    browser.get(signed_in.header("location")).await;
    let allowed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    browser.fill("/sign-in", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    let next = browser.get(allowed.header("location")).await;
    assert!(next.header("location").starts_with("/consent"), "bob has not agreed: {next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_app_always_asks_and_shows_a_warning() {
    let party = Party::with(json!({}), &[("ClientRegistration", "open")]).await;
    let metadata = json!({"client_name": "Stranger", "redirect_uris": [CALLBACK]});
    let registered = party.service.register_client(&metadata, None).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let client_id = registered.json()["client_id"].as_str().expect("an id").to_owned();
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    for _ in 0..2 {
        let id = browser.begin(&client_id, "openid").await;
        let page = browser.get(&format!("/consent?request={id}")).await;
        assert!(page.text.contains("id=\"unverified\"") && page.text.contains("notes.example"), "{page:?}");
        let agreed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
        assert!(reply(&browser.get(agreed.header("location")).await).contains_key("code"));
    }
    let silent = [("scope", "openid"), ("prompt", "none")];
    assert_eq!(leads_to(&mut browser, &client_id, &silent).await, "consent_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_hint_and_an_id_token_hint_are_respected() {
    let party = Party::start().await;
    let registered = party.service.post("/register", json!({"username": "bob", "password": PASSWORD})).await.json();
    let mut browser = party.browser();
    let reply = party.ask(&mut browser, &[("scope", "openid")]).await;
    let alice = party.redeem(&reply["code"]).await.json()["id_token"].as_str().expect("an ID token").to_owned();
    let hinted = [("scope", "openid"), ("prompt", "none"), ("id_token_hint", alice.as_str())];
    assert_eq!(leads_to(&mut browser, &party.client_id, &hinted).await, "code");
    let bob = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, registered["id"].as_str().expect("an id"));
    let for_bob = [("scope", "openid"), ("prompt", "none"), ("claims", bob.as_str())];
    assert_eq!(leads_to(&mut browser, &party.client_id, &for_bob).await, "login_required");
    let other = app(&party, "Tasks").await;
    assert_eq!(leads_to(&mut browser, &other, &hinted).await, "invalid_request", "another client's ID token");
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_returns_only_what_the_scopes_allow() {
    let party = Party::start().await;
    let tell = async |scope: &str, claims: &str| -> Value {
        let more = [("scope", scope), ("claims", claims)];
        let tokens = party.redeem(&party.code(&more).await).await.json();
        party.service.get_as("/userinfo", tokens["access_token"].as_str().expect("a token")).await.json()
    };
    let sub = tell("openid", "").await;
    assert_eq!(sub.as_object().expect("an object").len(), 1, "{sub}");
    let profile = tell("openid profile", "").await;
    assert_eq!((&profile["name"], &profile["preferred_username"]), (&json!("Alice A."), &json!("alice")));
    let single = tell("openid", r#"{"userinfo":{"preferred_username":{"essential":true}}}"#).await;
    assert_eq!((&single["preferred_username"], &single["name"]), (&json!("alice"), &Value::Null));
    assert_eq!(single["sub"], sub["sub"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_errors_follow_rfc_6750() {
    let party = Party::start().await;
    let without = party.service.get("/userinfo").await;
    assert_eq!((without.status, without.header("www-authenticate")), (401, r#"Bearer realm="gatewright""#));
    let first_party = party.service.sign_in("alice", PASSWORD).await.json();
    let narrow = party.service.get_as("/userinfo", first_party["access_token"].as_str().expect("a token")).await;
    assert_eq!(narrow.status, 403);
    assert!(narrow.header("www-authenticate").contains(r#"error="insufficient_scope""#), "{narrow:?}");
    let tokens = party.tokens("openid").await;
    for token in ["id_token", "refresh_token"] {
        let answer = party.service.get_as("/userinfo", tokens[token].as_str().expect("a token")).await;
        assert_eq!(answer.status, 401, "{token}");
        assert!(answer.header("www-authenticate").contains(r#"error="invalid_token""#));
    }
    let access = tokens["access_token"].as_str().expect("a token");
    let posted = party.service.send(party.service.request("POST", "/userinfo").bearer_auth(access)).await;
    assert_eq!(posted.status, 200, "{posted:?}");
    assert_eq!(party.service.get_as("/me", access).await.status, 403, "an app is not its person");
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_accepts_the_token_once_in_the_header_or_in_a_form() {
    let party = Party::start().await;
    let tokens = party.tokens("openid").await;
    let access = tokens["access_token"].as_str().expect("a token");
    let request = |method: &str, path: &str, token: &str| {
        let request = party.service.request(method, path).header("content-type", "application/x-www-form-urlencoded");
        request.body(form(&[("access_token", token)]))
    };
    let posted = party.service.send(request("POST", "/userinfo", access)).await;
    assert_eq!((posted.status, &posted.json()["sub"].is_string()), (200, &true), "{posted:?}");
    let both = party.service.send(request("POST", "/userinfo", access).bearer_auth(access)).await;
    assert_eq!((both.status, both.problems()), (400, vec!["access_token: repeated".to_owned()]));
    let basic = party.service.send(request("POST", "/userinfo", access).basic_auth("app", Some("secret"))).await;
    assert_eq!(basic.status, 400, "{basic:?}");
    let wrong = party.service.send(request("POST", "/userinfo", "no token")).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("www-authenticate").contains(r#"error="invalid_token""#), "{wrong:?}");
    for (method, path, token) in [
        ("POST", "/userinfo", ""),
        ("GET", "/userinfo", access),
        ("GET", &*format!("/userinfo?access_token={access}"), ""),
        ("POST", &*format!("/userinfo?access_token={access}"), ""),
    ] {
        let answer = party.service.send(request(method, path, token)).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, r#"Bearer realm="gatewright""#), "{path}");
    }
}
