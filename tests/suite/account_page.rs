//! The hosted account page: its behaviour, and attacks on it.

use futures_util::future::join_all;
use serde_json::json;

use super::refresh::{Tokens, assert_refused, refresh, sign_in, sign_up};
use support::browser::{Browser, form};
use support::party::Party;
use support::{Answer, PASSWORD, Service};

const NEW_PASSWORD: &str = "a foghorn on the south pier";
const SESSION: &str = "gatewright-session";
const FORMS: [&str; 4] = ["/account", "/account/name", "/account/password", "/account/delete"];

/// A browser in which `username` has just signed in for the account page.
pub async fn visit<'s>(service: &'s Service, username: &str) -> Browser<'s> {
    let mut browser = Browser::new(service);
    let start = browser.get("/account").await;
    assert_eq!((start.status, start.header("location")), (303, "/authorize?to=account"), "{start:?}");
    let page = browser.get("/authorize?to=account").await;
    let id = page.header("location").strip_prefix("/sign-in?request=").expect("the sign-in page").to_owned();
    let back = browser.fill("/sign-in", &id, &[("username", username), ("password", PASSWORD)]).await;
    let on = browser.get(back.header("location")).await;
    assert_eq!((on.status, on.header("location")), (303, "/account"), "{on:?}");
    browser
}

/// A service with alice, and her browser.
async fn alice() -> (Service, Tokens) {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    (service, tokens)
}

/// Sends the form of a page.
pub async fn submit(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{page:?}");
    let token = page.token();
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
    browser.post(path, &fields).await
}

fn assert_back(answer: &Answer) {
    assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{answer:?}");
}

/// Whether somebody is signed in.
async fn is_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/account").await.status == 200
}

/// The values of the buttons with this name.
pub fn buttons(page: &Answer, name: &str) -> Vec<String> {
    let opening = format!(" name=\"{name}\" value=\"");
    let parts = page.text.split(&opening).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_for_the_account_page_leads_to_it_and_nowhere_else() {
    let (service, _) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let page = browser.get("/account").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), page.header("x-frame-options")), ("no-store", "DENY"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let again = browser.get("/authorize?to=account").await;
    assert_eq!(again.header("location"), "/account", "who is signed in needs no page");
    for query in ["to=account&redirect_uri=https://evil.example/&state=x", "to=account&client_id="] {
        let answer = browser.get(&format!("/authorize?{query}")).await;
        assert_eq!(answer.header("location"), "/account", "{query}");
    }
    for query in ["to=https://evil.example", "to=//evil.example", "to=/account", "to=", "to=account&to=account"] {
        let answer = browser.get(&format!("/authorize?{query}")).await;
        assert!(answer.status == 400 && answer.header("location").is_empty(), "{query}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_profile_the_browsers_and_the_apps_with_their_scopes() {
    let party = Party::start().await;
    let service = &party.service;
    let mut browser = visit(service, "alice").await;
    let empty = browser.get("/account").await;
    assert!(empty.text.contains("id=\"no-apps\"") && empty.text.contains("this browser"), "{empty:?}");
    let code = party.ask(&mut browser, &[("scope", "openid profile")]).await["code"].clone();
    assert_eq!(party.redeem(&code).await.status, 200);
    let login = service.request("POST", "/login").header("user-agent", "Lighthouse/1.0");
    let login = login.json(&json!({"username": "alice", "password": PASSWORD}));
    assert_eq!(service.send(login).await.status, 200);
    let page = browser.get("/account").await;
    assert!(page.text.contains("<bdi id=\"username\">alice</bdi>"), "{page:?}");
    assert_eq!(buttons(&page, "device").len(), 3, "a browser with its app, a program, and all: {page:?}");
    assert!(page.text.contains("Lighthouse") && page.text.contains("Last used on "), "{page:?}");
    assert_eq!(buttons(&page, "app"), [party.client_id.as_str()]);
    assert!(page.text.contains("see your name and username") && page.text.contains("Since "), "{page:?}");
    let german = browser.request("GET", "/account").header("accept-language", "de");
    let german = browser.send(german).await;
    assert_eq!(german.header("content-language"), "de");
    assert!(german.text.contains("Ihr Konto") && german.text.contains("Zuletzt benutzt am "), "{german:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_is_changed_and_removed_on_the_page() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let name = async || service.get_as("/me", &tokens.access).await.json()["name"].clone();
    assert_back(&submit(&mut browser, "/account/name", &[("name", "Alice <b> L.")]).await);
    assert_eq!(name().await, "Alice <b> L.");
    let page = browser.get("/account").await;
    assert!(page.text.contains("<bdi id=\"name\">Alice &#60;b&#62; L.</bdi>"), "{page:?}");
    let wrong = submit(&mut browser, "/account/name", &[("name", "a\u{7}b")]).await;
    assert!(wrong.status == 400 && wrong.text.contains("name-problem"), "{wrong:?}");
    assert_eq!(name().await, "Alice <b> L.");
    assert_back(&submit(&mut browser, "/account/name", &[("name", "")]).await);
    assert!(name().await.is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_on_the_page_keeps_this_browser_signed_in_and_ends_everything_else() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let mut other = visit(&service, "alice").await;
    let old = browser.cookies[SESSION].clone();
    let fields = |current, new| [("current_password", current), ("password", new)];
    let wrong = submit(&mut browser, "/account/password", &fields("wrong wrong wrong", NEW_PASSWORD)).await;
    assert!(wrong.status == 401 && wrong.text.contains("This is not your current password."), "{wrong:?}");
    assert!(!wrong.text.contains("foghorn") && !wrong.text.contains("wrong wrong"), "{wrong:?}");
    let weak = submit(&mut browser, "/account/password", &fields(PASSWORD, "short")).await;
    assert!(weak.status == 400 && weak.text.contains("Use at least 15 characters."), "{weak:?}");
    assert!(is_in(&mut other).await, "nothing has changed");

    assert_back(&submit(&mut browser, "/account/password", &fields(PASSWORD, NEW_PASSWORD)).await);
    assert_ne!(browser.cookies[SESSION], old);
    assert!(is_in(&mut browser).await && !is_in(&mut other).await);
    assert_refused(&service, &tokens.refresh).await;
    browser.cookies.insert(SESSION.to_owned(), old);
    assert!(!is_in(&mut browser).await, "the old cookie is worth nothing");
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(service.sign_in("alice", NEW_PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_a_program_or_everything_is_signed_out_on_the_page() {
    let party = Party::start().await;
    let service = &party.service;
    let mut other = visit(service, "alice").await;
    let code = party.ask(&mut other, &[("scope", "openid offline_access")]).await["code"].clone();
    let app = party.redeem(&code).await.json()["refresh_token"].as_str().expect("it").to_owned();
    let program = sign_in(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    let page = browser.get("/account").await;
    let devices = buttons(&page, "device");
    let own = devices[0].clone();
    let others = devices[1..].iter().filter(|id| **id != program.sid() && *id != "all").cloned().collect::<Vec<_>>();
    let [theirs] = others.as_slice() else { panic!("one other browser: {devices:?}") };

    assert_back(&submit(&mut browser, "/account", &[("device", theirs)]).await);
    assert!(!is_in(&mut other).await);
    assert_eq!(party.refresh(&app).await.json()["error"], "invalid_grant", "with the app in it");
    assert_back(&submit(&mut browser, "/account", &[("device", &program.sid())]).await);
    assert_refused(service, &program.refresh).await;
    assert_back(&submit(&mut browser, "/account", &[("device", theirs)]).await);

    let left = submit(&mut browser, "/account", &[("device", &own)]).await;
    assert!(left.status == 200 && left.text.contains("You are signed out"), "{left:?}");
    assert!(!browser.cookies.contains_key(SESSION) && !is_in(&mut browser).await);

    let (mut one, mut two) = (visit(service, "alice").await, visit(service, "alice").await);
    let program = sign_in(service, "alice").await;
    let left = submit(&mut one, "/account", &[("device", "all")]).await;
    assert!(left.text.contains("You are signed out"), "{left:?}");
    assert!(!is_in(&mut one).await && !is_in(&mut two).await);
    assert_refused(service, &program.refresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_ends_no_session_of_another_person() {
    let (service, _) = alice().await;
    let bob = sign_up(&service, "bob").await;
    let mut his = visit(&service, "bob").await;
    let page = his.get("/account").await;
    let mut hers = visit(&service, "alice").await;
    for id in buttons(&page, "device").iter().filter(|id| *id != "all").chain(&[bob.sid(), bob.user(), String::new()]) {
        assert_back(&submit(&mut hers, "/account", &[("device", id)]).await);
    }
    assert!(is_in(&mut his).await && is_in(&mut hers).await);
    Tokens::of(&refresh(&service, &bob.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_loses_its_access_on_the_page() {
    let party = Party::start().await;
    let mut browser = visit(&party.service, "alice").await;
    let code = party.ask(&mut browser, &[("scope", "openid profile offline_access")]).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    for _ in 0..2 {
        assert_back(&submit(&mut browser, "/account", &[("app", &party.client_id)]).await);
    }
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("it")).await.json()["error"], "invalid_grant");
    let page = browser.get("/account").await;
    assert!(page.text.contains("id=\"no-apps\"") && buttons(&page, "app").is_empty(), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_offers_the_same_export_as_the_api() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let file = submit(&mut browser, "/account", &[("export", "json")]).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/json"), "{file:?}");
    assert!(file.header("content-disposition").starts_with("attachment"), "{file:?}");
    let mut other = service.get_as("/me/export", &tokens.access).await.json();
    other["exported_at"] = file.json()["exported_at"].clone();
    let download = other["events"].as_array_mut().expect("a list").remove(0);
    assert_eq!(download["action"], "data_exported", "the first one");
    assert_eq!(file.json(), other);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_account_on_the_page_needs_the_password_and_says_what_goes() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let mut other = visit(&service, "alice").await;
    let page = browser.get("/account/delete").await;
    assert!(
        page.text.contains("This cannot be undone") && page.text.contains("Your username becomes free"),
        "{page:?}"
    );
    for wrong in ["", "wrong wrong wrong"] {
        let wrong = submit(&mut browser, "/account/delete", &[("password", wrong)]).await;
        assert!(wrong.status == 401 && wrong.element("password").contains("aria-invalid"), "{wrong:?}");
    }
    let done = submit(&mut browser, "/account/delete", &[("password", PASSWORD)]).await;
    assert!(done.status == 200 && done.text.contains("Your account is deleted"), "{done:?}");
    assert!(!browser.cookies.contains_key(SESSION) && !is_in(&mut browser).await && !is_in(&mut other).await);
    assert_refused(&service, &tokens.refresh).await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "invalid_credentials");
    let again = sign_up(&service, "alice").await;
    assert_ne!(again.user(), tokens.user());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_browser_does_not_help_to_guess_the_password() {
    let (service, _) = alice().await;
    let mut browser = visit(&service, "alice").await;
    for attempt in 0..7 {
        let path = if attempt % 2 == 0 { "/account/delete" } else { "/account/password" };
        let fields = [("password", NEW_PASSWORD), ("current_password", NEW_PASSWORD)];
        let answer = submit(&mut browser, path, &fields).await;
        assert_eq!(answer.status, if attempt < 5 { 401 } else { 429 }, "{attempt}: {answer:?}");
        assert_eq!(answer.text.contains("id=\"wait\""), attempt >= 5, "{answer:?}");
    }
    assert!(is_in(&mut browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_browser_page_or_person_changes_nothing() {
    let (service, tokens) = alice().await;
    sign_up(&service, "bob").await;
    let mut browser = visit(&service, "alice").await;
    let mut stranger = visit(&service, "alice").await;
    let origin = service.url("");
    let good = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
    let fields = |token: &str| {
        let rest = [("device", "all"), ("name", "Mallory"), ("password", PASSWORD), ("current_password", PASSWORD)];
        let fields = rest.into_iter().chain([("csrf", token)]);
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    for path in FORMS {
        let token = browser.get(path).await.token();
        let foreign = stranger.get(path).await.token();
        let other = browser.get(FORMS.iter().find(|other| **other != path).expect("another")).await.token();
        for (token, headers) in [
            ("", good.as_slice()),
            (foreign.as_str(), &good),
            (other.as_str(), &good),
            (token.as_str(), &[("origin", "https://evil.example")]),
            (token.as_str(), &[("origin", "null")]),
            (token.as_str(), &[("sec-fetch-site", "cross-site")]),
            (token.as_str(), &[("sec-fetch-site", "same-site")]),
        ] {
            let fields = fields(token);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = browser.post_with(path, &fields, headers).await;
            assert!((400..500).contains(&answer.status), "{path} {headers:?}: {answer:?}");
        }
        let question = browser.get(&format!("{path}?{}", form(&[("device", "all"), ("csrf", &token)]))).await;
        assert_eq!(question.status, 200, "a GET changes nothing");
    }
    // The page of one person, after another one has signed in to this browser.
    let stale = browser.get("/account/delete").await.token();
    let id = browser.get("/authorize?to=account").await;
    assert_eq!(id.header("location"), "/account");
    browser.cookies.remove(SESSION);
    let page = browser.get("/authorize?to=account").await;
    let id = page.header("location").strip_prefix("/sign-in?request=").expect("the sign-in page").to_owned();
    browser.fill("/sign-in", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    let answer = browser.post("/account/delete", &[("csrf", &stale), ("password", PASSWORD)]).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(service.sign_in("bob", PASSWORD).await.status, 200);
    let profile = service.get_as("/me", &tokens.access).await;
    assert_eq!((profile.status, profile.json()["name"].is_null()), (200, true), "{profile:?}");
    Tokens::of(&refresh(&service, &tokens.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_not_signed_in_gets_past_the_sign_in() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let token = browser.get("/account").await.token();
    browser.cookies.remove(SESSION);
    for path in FORMS {
        let answer = browser.post(path, &[("csrf", &token), ("device", "all"), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/authorize?to=account"), "{answer:?}");
        let bearer = browser.request("GET", path).bearer_auth(&tokens.access);
        assert_eq!(browser.send(bearer).await.status, 303, "a token is no browser");
    }
    let unknown = browser.get("/account/unknown").await;
    assert!(unknown.status == 404 && unknown.header("content-type").starts_with("text/html"), "{unknown:?}");
    let method = service.send(service.request("DELETE", "/account")).await;
    assert_eq!((method.status, method.header("allow")), (405, "GET, HEAD, POST"), "{method:?}");
    Tokens::of(&refresh(&service, &tokens.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_on_delete_is_one_deletion() {
    let (service, tokens) = alice().await;
    let mut browser = visit(&service, "alice").await;
    let token = browser.get("/account/delete").await.token();
    let clicks = join_all((0..4).map(|_| {
        let mut tab = Browser::new(&service);
        tab.cookies.clone_from(&browser.cookies);
        let token = token.clone();
        async move { tab.post("/account/delete", &[("csrf", &token), ("password", PASSWORD)]).await }
    }))
    .await;
    let done = clicks.iter().filter(|answer| answer.text.contains("Your account is deleted")).count();
    assert!(done >= 1 && clicks.iter().all(|answer| [200, 303, 401].contains(&answer.status)), "{clicks:?}");
    assert_eq!(service.get_as("/me", &tokens.access).await.code(), "invalid_token");
}
