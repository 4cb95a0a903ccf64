//! Second factors at sign-in: the JSON API, the pages, trusted devices, and every other path to a sign-in.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::login::claims;
use super::mailed::{Letter, forgot, person};
use super::refresh::{Tokens, form, refresh, sign_in, sign_up};
use support::authenticator::Authenticator;
use support::browser::{Browser, authorize};
use support::outbox;
use support::party::{Party, reply};
use support::{Answer, PASSWORD, Service};

const NEW_PASSWORD: &str = "a foghorn on the south pier";

/// What a person has after they have added an authenticator app.
struct Factors {
    app: Authenticator,
    codes: Vec<String>,
}

/// Adds an authenticator app to the account of an access token. It is confirmed with the code of the step before, so that
/// two more codes work at once.
async fn enrol(service: &Service, access: &str) -> Factors {
    let send = async |path: &str, body: Value| {
        let answer = service.send(service.request("POST", path).bearer_auth(access).json(&body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let begun = send("/me/totp", json!({"password": PASSWORD})).await;
    let app = Authenticator::with(begun["secret"].as_str().expect("a secret"));
    let confirmed = send("/me/totp/confirm", json!({"code": app.code(-1)})).await;
    let codes = confirmed["recovery_codes"].as_array().expect("codes").iter();
    Factors { app, codes: codes.map(|code| code.as_str().expect("text").to_owned()).collect() }
}

/// A service with alice, who has second factors.
async fn alice() -> (Service, Tokens, Factors) {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let factors = enrol(&service, &tokens.access).await;
    (service, tokens, factors)
}

/// The `mfa_token` of a right password.
async fn half_way(service: &Service, username: &str) -> String {
    let answer = service.sign_in(username, PASSWORD).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "mfa_required"), "{answer:?}");
    answer.json()["mfa_token"].as_str().expect("a token").to_owned()
}

async fn finish(service: &Service, token: &str, method: &str, code: &str) -> Answer {
    service.post("/login/mfa", json!({"mfa_token": token, "method": method, "code": code})).await
}

fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (401, code), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_api_asks_for_the_second_factor_and_takes_either_kind() {
    let (service, _, factors) = alice().await;
    let answer = service.post("/login", json!({"username": "alice", "password": PASSWORD, "scope": "openid"})).await;
    assert_refused(&answer, "mfa_required");
    assert!(answer.header("content-type").starts_with("application/problem+json"));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let body = answer.json();
    assert_eq!((&body["methods"], &body["expires_in"]), (&json!(["totp", "recovery_code"]), &json!(600)));
    assert!(body.get("access_token").is_none());
    let token = body["mfa_token"].as_str().expect("a token");
    let done = finish(&service, token, "totp", &factors.app.code(0)).await;
    assert_eq!((done.status, &done.json()["scope"]), (200, &json!("openid")), "{done:?}");
    let id_token = claims(done.json()["id_token"].as_str().expect("an ID token"));
    assert_eq!((&id_token["amr"], &id_token["acr"]), (&json!(["pwd", "otp", "mfa"]), &json!("2")));
    assert_refused(&finish(&service, token, "totp", &factors.app.code(1)).await, "invalid_mfa_token");
    let token = half_way(&service, "alice").await;
    let typed = factors.codes[0].to_lowercase().replace('-', " ");
    Tokens::of(&finish(&service, &token, "recovery_code", &typed).await);
    let token = half_way(&service, "alice").await;
    assert_refused(&finish(&service, &token, "recovery_code", &factors.codes[0]).await, "wrong_code");
    Tokens::of(&finish(&service, &token, "recovery_code", &factors.codes[1]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_says_nothing_of_second_factors() {
    let (service, ..) = alice().await;
    sign_up(&service, "bob").await;
    let wrong = |name| service.sign_in(name, "not the right one at all");
    let (hers, his) = (wrong("alice").await, wrong("bob").await);
    assert_eq!((hers.status, hers.text), (his.status, his.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_finish_names_its_wrong_members() {
    let service = Service::start().await;
    let answer = service.post("/login/mfa", json!({"mfa_token": "x", "method": "sms", "codes": "1"})).await;
    assert_eq!(answer.status, 400);
    let mut problems = answer.problems();
    problems.sort();
    assert_eq!(problems, ["code: missing", "codes: unknown", "method: unsupported"]);
    let unknown = json!({"mfa_token": "x", "method": "totp", "code": "123456"});
    assert_refused(&service.post("/login/mfa", unknown).await, "invalid_mfa_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_for_all_tokens_and_pages() {
    let (service, _, factors) = alice().await;
    let (first, second) = (half_way(&service, "alice").await, half_way(&service, "alice").await);
    let code = factors.app.code(0);
    assert_eq!(finish(&service, &first, "totp", &code).await.status, 200);
    assert_ne!(finish(&service, &second, "totp", &code).await.status, 200);
    let later = half_way(&service, "alice").await;
    assert_eq!(finish(&service, &later, "totp", &factors.app.code(1)).await.status, 200, "the next step");
    let last = half_way(&service, "alice").await;
    assert_ne!(finish(&service, &last, "totp", &code).await.status, 200, "an earlier step than one that was used");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_uses_of_one_token_or_one_code_one_succeeds() {
    let (service, _, factors) = alice().await;
    let successes = |answers: &[Answer]| answers.iter().filter(|answer| answer.status == 200).count();
    let token = half_way(&service, "alice").await;
    let code = factors.app.code(0);
    let uses = (0..50).map(|_| finish(&service, &token, "totp", &code));
    assert_eq!(successes(&join_all(uses).await), 1, "one token, one code");

    let service = &Service::start().await;
    let factors = enrol(service, &sign_up(service, "bob").await.access).await;
    let mut tokens = Vec::new();
    for _ in 0..25 {
        tokens.push(half_way(service, "bob").await);
    }
    let twice = tokens.iter().chain(&tokens);
    let uses = twice.map(|token| finish(service, token, "recovery_code", &factors.codes[0]));
    assert_eq!(successes(&join_all(uses).await), 1, "many tokens, one code");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_count_for_the_person_across_tokens_and_do_not_lock_the_password() {
    let (service, _, factors) = alice().await;
    for number in 0..5 {
        let token = half_way(&service, "alice").await;
        let method = if number % 2 == 0 { "totp" } else { "recovery_code" };
        assert_refused(&finish(&service, &token, method, "000000").await, "wrong_code");
    }
    let token = half_way(&service, "alice").await;
    let walled = finish(&service, &token, "totp", &factors.app.code(0)).await;
    assert_eq!((walled.status, walled.code().as_str()), (429, "too_many_requests"), "a new token helps nobody");
    let seconds: u64 = walled.header("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&seconds), "{seconds}");
    sign_up(&service, "bob").await;
    let guesses = join_all((0..12).map(|_| service.sign_in("alice", "not the right one at all"))).await;
    assert!(guesses.iter().any(|answer| answer.status == 429), "right passwords in between reset no limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_leaves_the_token_and_a_new_password_ends_it() {
    let (service, tokens, factors) = alice().await;
    let token = half_way(&service, "alice").await;
    assert_refused(&finish(&service, &token, "totp", "000000").await, "wrong_code");
    let changed = json!({"current_password": PASSWORD, "password": NEW_PASSWORD});
    let changed = service.request("POST", "/me/password").bearer_auth(&tokens.access).json(&changed);
    assert_eq!(service.send(changed).await.status, 204);
    assert_refused(&finish(&service, &token, "totp", &factors.app.code(0)).await, "invalid_mfa_token");
    let again = service.sign_in("alice", NEW_PASSWORD).await;
    let token = again.json()["mfa_token"].as_str().expect("a token").to_owned();
    Tokens::of(&finish(&service, &token, "totp", &factors.app.code(0)).await);
}

/// A party whose alice has second factors.
async fn party() -> (Party, Factors) {
    let party = Party::start().await;
    let access = sign_in(&party.service, "alice").await.access;
    let factors = enrol(&party.service, &access).await;
    (party, factors)
}

/// The path and the request's id that an answer leads to.
fn next(answer: &Answer) -> (String, String) {
    let location = answer.header("location");
    let (path, id) = location.split_once("?request=").unwrap_or_else(|| panic!("no page: {answer:?}"));
    (path.to_owned(), id.to_owned())
}

/// Signs alice in with her password, and returns the request's id at the page that asks for more.
async fn at_second_step(party: &Party, browser: &mut Browser<'_>) -> String {
    let id = browser.begin(&party.client_id, "openid").await;
    by_password(browser, &id).await;
    id
}

async fn by_password(browser: &mut Browser<'_>, id: &str) {
    let answer = browser.fill("/sign-in", id, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(next(&answer).0, "/authorize");
    assert!(!browser.cookies.contains_key("gatewright-session"), "nobody is signed in yet");
    assert_eq!(next(&browser.get(answer.header("location")).await).0, "/sign-in/second-factor");
}

/// Sends the second step.
async fn second_step(browser: &mut Browser<'_>, id: &str, fields: &[(&str, &str)]) -> Answer {
    browser.fill("/sign-in/second-factor", id, fields).await
}

/// Follows the pages of a request to its end, with consent.
async fn to_the_end(browser: &mut Browser<'_>, answer: Answer) -> Answer {
    let answer = browser.get(answer.header("location")).await;
    match answer.header("location").split_once("?request=") {
        Some(("/consent", id)) => {
            let agreed = browser.fill("/consent", id, &[("decision", "allow")]).await;
            browser.get(agreed.header("location")).await
        }
        _ => answer,
    }
}

/// Uses everything that a person with second factors can use to sign in.
pub async fn use_all(party: &Party) {
    let service = &party.service;
    let factors = enrol(service, &sign_in(service, "alice").await.access).await;
    let token = half_way(service, "alice").await;
    assert_refused(&finish(service, &token, "totp", "000000").await, "wrong_code");
    Tokens::of(&finish(service, &token, "totp", &factors.app.code(0)).await);
    let mut browser = party.browser();
    let id = at_second_step(party, &mut browser).await;
    let trusting = [("method", "recovery_code"), ("code", factors.codes[0].as_str()), ("trust", "30d")];
    assert_eq!(second_step(&mut browser, &id, &trusting).await.status, 303);
    browser.cookies.remove("gatewright-session");
    party.ask(&mut browser, &[("scope", "openid")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_ask_for_the_second_factor_before_anybody_is_signed_in() {
    let (party, factors) = party().await;
    let mut browser = party.browser();
    let id = at_second_step(&party, &mut browser).await;
    let authorize = format!("/authorize?request={id}");
    assert_eq!(next(&browser.get(&authorize).await).0, "/sign-in/second-factor", "whatever is opened in between");
    assert_eq!(next(&browser.get(&format!("/consent?request={id}")).await).0, "/authorize");
    let page = browser.get(&format!("/sign-in/second-factor?request={id}")).await;
    assert!(page.element("code").contains("one-time-code") && page.element("other").contains("recovery_code"));
    let wrong = second_step(&mut browser, &id, &[("method", "totp"), ("code", "000000")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.element("code").contains("aria-invalid"), "{wrong:?}");
    let right = second_step(&mut browser, &id, &[("method", "totp"), ("code", &factors.app.code(0))]).await;
    assert_eq!(next(&right).0, "/authorize", "{right:?}");
    let code = reply(&to_the_end(&mut browser, right).await)["code"].clone();
    let tokens = party.redeem(&code).await.json();
    let id_token = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!((&id_token["amr"], &id_token["acr"]), (&json!(["pwd", "otp", "mfa"]), &json!("2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_works_on_the_page_too_and_each_code_once() {
    let (party, factors) = party().await;
    let recovery = [("method", "recovery_code"), ("code", factors.codes[0].as_str())];
    for expected in [303, 401] {
        let mut browser = party.browser();
        let id = at_second_step(&party, &mut browser).await;
        let page = browser.get(&format!("/sign-in/second-factor?request={id}&method=recovery_code")).await;
        assert!(!page.element("code").contains("one-time-code"), "{page:?}");
        assert_eq!(second_step(&mut browser, &id, &recovery).await.status, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_step_belongs_to_its_browser_and_to_the_person_of_the_first() {
    let (party, factors) = party().await;
    sign_up(&party.service, "bob").await;
    let (mut browser, mut other) = (party.browser(), party.browser());
    let id = at_second_step(&party, &mut browser).await;
    let address = format!("/sign-in/second-factor?request={id}");
    other.begin(&party.client_id, "openid").await;
    assert_eq!(other.get(&address).await.status, 400);
    let token = browser.get(&address).await.token();
    let code = factors.app.code(0);
    let fields = [("csrf", token.as_str()), ("method", "totp"), ("code", code.as_str())];
    assert_eq!(other.post(&address, &fields).await.status, 400);
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post_with(&address, &fields, &evil).await.status, 403);
    // Bob signs in instead. What alice began is over.
    let bob = browser.fill("/sign-in", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    assert_eq!(next(&browser.get(bob.header("location")).await).0, "/consent");
    assert_eq!(next(&browser.post(&address, &fields).await).0, "/authorize");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_first_step_on_the_pages() {
    let (party, factors) = party().await;
    let mut browser = party.browser();
    let id = at_second_step(&party, &mut browser).await;
    let page = browser.get(&format!("/sign-in/second-factor?request={id}")).await;
    let reset = json!({"action": "reset_password", "username": "alice"});
    party.service.operator(reset).await.expect("an operator's order");
    let (token, code) = (page.token(), factors.app.code(0));
    let fields = [("csrf", token.as_str()), ("method", "totp"), ("code", code.as_str())];
    let answer = browser.post(&format!("/sign-in/second-factor?request={id}"), &fields).await;
    assert_eq!(next(&answer).0, "/sign-in", "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_signed_in_before_the_factor_was_added_is_asked_for_it() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(browser.get("/account").await.status, 200);
    let factors = enrol(&party.service, &sign_in(&party.service, "alice").await.access).await;
    assert_eq!(browser.get("/account").await.header("location"), "/authorize?to=account", "the account page, too");
    let silent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&silent)["error"], "login_required");
    let answer = browser.get(&authorize(&party.client_id, &[("scope", "openid")])).await;
    let (path, id) = next(&answer);
    assert_eq!(path, "/sign-in/second-factor");
    let done = second_step(&mut browser, &id, &[("method", "totp"), ("code", &factors.app.code(0))]).await;
    let done = to_the_end(&mut browser, done).await;
    let tokens = party.redeem(&reply(&done)["code"]).await.json();
    assert_eq!(claims(tokens["id_token"].as_str().expect("an ID token"))["acr"], "2");
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_trusted_device_the_password_is_enough_until_it_changes() {
    let (party, factors) = party().await;
    let mut browser = party.browser();
    let id = at_second_step(&party, &mut browser).await;
    let code = factors.app.code(0);
    let trusting = [("method", "totp"), ("code", code.as_str()), ("trust", "30d")];
    assert_eq!(second_step(&mut browser, &id, &trusting).await.status, 303);
    browser.cookies.remove("gatewright-session");
    let reply = party.ask(&mut browser, &[("scope", "openid")]).await;
    let tokens = party.redeem(&reply["code"]).await.json();
    let id_token = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!((&id_token["amr"], &id_token["acr"]), (&json!(["pwd"]), &json!("1")), "told as it was");
    assert_eq!(browser.get("/account").await.status, 200);
    // Somebody else with the password has another device.
    at_second_step(&party, &mut party.browser()).await;
    half_way(&party.service, "alice").await;
    // Whatever raises the epoch ends the trust.
    let roles = json!({"action": "set_roles", "username": "alice", "roles": ["admin"]});
    party.service.operator(roles).await.expect("an operator's order");
    browser.cookies.remove("gatewright-session");
    at_second_step(&party, &mut browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_around_the_second_factor_remains() {
    let service = &Service::with_parameters(&[("MailFrom", outbox::FROM)]).await;
    person(service, "carol", "carol@people.example").await;
    let before = sign_in(service, "carol").await;
    let factors = enrol(service, &before.access).await;
    // A session that began before goes on at its level, which its tokens tell.
    let refreshed = Tokens::of(&refresh(service, &before.refresh).await);
    assert_eq!(service.get_as("/me", &refreshed.access).await.status, 200);
    // A reset proves the mailbox, and signs nobody in.
    let handle = forgot(service, "carol").await;
    let letter = Letter::with(service, "carol@people.example", "/password/reset?token=", 1).await;
    let reset = json!({"handle": handle, "code": letter.code(), "password": NEW_PASSWORD});
    let answer = service.post("/password/reset", reset).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_refused(&service.sign_in("carol", NEW_PASSWORD).await, "mfa_required");
    assert_eq!(refresh(service, &refreshed.refresh).await.status, 400, "the reset ended it");
    // Neither does the link of an operator, nor a password that an operator has set.
    let link = service.operator(json!({"action": "reset_link", "username": "carol"})).await.expect("a link");
    let token = link["link"].as_str().and_then(|link| link.split_once("token=")).expect("a token").1.to_owned();
    let answer = service.post("/password/reset", json!({"token": token, "password": PASSWORD})).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_refused(&service.sign_in("carol", PASSWORD).await, "mfa_required");
    // An mfa_token is no token of any other kind.
    let token = half_way(service, "carol").await;
    assert_eq!(service.get_as("/me", &token).await.status, 401);
    assert_eq!(refresh(service, &token).await.status, 400);
    let code = format!("grant_type=authorization_code&client_id=first-party&code={token}&code_verifier=x");
    assert_eq!(form(service, "/token", &code).await.status, 400);
    Tokens::of(&finish(service, &token, "recovery_code", &factors.codes[0]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_takes_effect_at_once_for_whoever_has_just_proven_a_second_factor() {
    let service = &Service::with_parameters(&[("MailFrom", outbox::FROM)]).await;
    person(service, "alice", "alice@people.example").await;
    let thief = sign_in(service, "alice").await;
    let Factors { app, .. } = enrol(service, &thief.access).await;
    let token = half_way(service, "alice").await;
    let owner = Tokens::of(&finish(service, &token, "totp", &app.code(0)).await);
    for (access, address, present) in [
        (&thief.access, "thief@evil.example", "alice@people.example"),
        (&owner.access, "new@people.example", "new@people.example"),
    ] {
        let body = json!({"email": address, "password": PASSWORD});
        let asked = service.send(service.request("POST", "/me/email").bearer_auth(access).json(&body)).await;
        let code = Letter::to(service, address, 1).await.code();
        let proof = json!({"handle": asked.json()["handle"], "code": code});
        assert_eq!(service.post("/email/verify", proof).await.status, 204);
        assert_eq!(service.get_as("/me", access).await.json()["email"], present);
    }
    Letter::with(service, "alice@people.example", "was changed to n…@people.example", 1).await;
    let events = service.get_as("/me/events", &owner.access).await.text;
    assert!(events.contains("\"address_changed\""), "{events}");
}
