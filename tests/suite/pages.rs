//! The hosted pages /sign-in and /sign-up: their behaviour, and attacks on them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::refresh::table;
use support::browser::{Browser, CALLBACK, VERIFIER, authorize};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::party::{post_form, reply};
use support::{Answer, PASSWORD, Service};

const SESSION: &str = "gatewright-session";

/// A service with a client and the person alice.
async fn service() -> (Service, String) {
    with_parameters(&[]).await
}

async fn with_parameters(parameters: &[(&str, &str)]) -> (Service, String) {
    let service = Service::with_parameters(parameters).await;
    let client = client(&service).await;
    if !parameters.contains(&("Registration", "closed")) {
        register(&service, "alice").await;
    }
    (service, client)
}

async fn client(service: &Service) -> String {
    service.client(notes()).await.0
}

/// The client's metadata.
fn notes() -> Value {
    json!({"client_name": "Notes & more", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none",
        "scope": "openid profile", "policy_uri": "https://notes.example/privacy", "tos_uri": "https://notes.example/terms"})
}

async fn register(service: &Service, username: &str) {
    let answer = service.post("/register", json!({"username": username, "password": PASSWORD})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// The fields of alice.
fn alice(password: &str) -> [(&str, &str); 2] {
    [("username", "alice"), ("password", password)]
}

fn assert_page(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.header("content-type")), (status, "text/html; charset=utf-8"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'none'", "img-src data:;", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(directive) && !policy.contains("unsafe"), "{policy}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("location"), "");
}

/// A page refuses the request and signs nobody in.
fn assert_refused(answer: &Answer, status: u16) {
    assert_page(answer, status);
    assert!(answer.set_cookies().is_empty(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_up_consents_and_returns_to_the_app() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid profile").await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    assert_page(&page, 200);
    assert!(page.text.contains("<bdi>Notes &#38; more</bdi>") && page.element("sign-up").contains(&id), "{page:?}");
    let person = [("username", "Bob"), ("name", "Bob B."), ("password", PASSWORD)];
    let created = browser.fill("/sign-up", &id, &person).await;
    assert_eq!((created.status, created.header("location")), (303, format!("/authorize?request={id}").as_str()));
    let next = browser.get(created.header("location")).await;
    assert_eq!(next.header("location"), format!("/consent?request={id}"), "{next:?}");
    let allowed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    let back = browser.get(allowed.header("location")).await;
    assert_eq!(back.status, 303, "{back:?}");
    assert!(back.header("location").starts_with(&format!("{CALLBACK}?code=")), "{back:?}");
    assert_eq!(service.sign_in("bob", PASSWORD).await.status, 200, "it is an account like any other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_shows_the_page_again_with_the_username_and_never_the_password() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let wrong = "a lantern on the south pier <b>";
    let answer = browser.fill("/sign-in", &id, &alice(wrong)).await;
    assert_refused(&answer, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    assert_eq!((answer.value_of("username").as_str(), answer.value_of("password").as_str()), ("alice", ""));
    assert!(answer.text.contains("role=\"alert\"") && !answer.text.contains("south pier"));
    assert!(answer.element("password").contains("autofocus"), "typing goes on where it is wrong");
    let token = answer.token();
    let fields = [alice(PASSWORD)[0], alice(PASSWORD)[1], ("csrf", token.as_str())];
    let answer = browser.post(&format!("/sign-in?request={id}"), &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, format!("/authorize?request={id}").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_treats_an_unknown_person_like_a_wrong_password() {
    let (service, client) = service().await;
    let mut shapes = BTreeSet::new();
    for username in ["alice", "nobody-at-all", "x", "not a username", "\u{fffe}", ""] {
        let mut browser = Browser::new(&service);
        let id = browser.begin(&client, "openid").await;
        let answer = browser.fill("/sign-in", &id, &[("username", username), ("password", "wrong")]).await;
        assert_refused(&answer, 401);
        let names: BTreeSet<_> = answer.headers.keys().map(ToString::to_string).collect();
        // Only the position of the cursor depends on the input.
        let text = answer.text.replace(&id, "").replace(&answer.token(), "").replace(" autofocus", "");
        let text = text.replace(&format!(" value=\"{username}\""), " value=\"\"");
        shapes.insert((names, text));
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_typed_as_a_username_is_recognised_as_one() {
    let (service, client) = service().await;
    let account = json!({"username": "bob", "password": PASSWORD, "email": "bob@example.com"});
    assert_eq!(service.post("/register", account).await.status, 201);
    let mut shapes = BTreeSet::new();
    for username in ["bob@example.com", "nobody@example.com"] {
        let mut browser = Browser::new(&service);
        let id = browser.begin(&client, "openid").await;
        let answer = browser.fill("/sign-in", &id, &[("username", username), ("password", PASSWORD)]).await;
        assert_refused(&answer, 401);
        assert!(answer.text.contains("Use a username, not an e-mail address."), "{answer:?}");
        shapes.insert(answer.text.replace(&id, "").replace(&answer.token(), "").replace(username, ""));
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_use_the_language_that_the_app_requests_or_the_browser_prefers() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    for (ui_locales, accepted, language) in
        [("xx fr-CA", "de", "fr"), ("", "de-AT, en;q=0.5", "de"), ("xx", "tlh", "en"), ("ar", "", "ar")]
    {
        let id = browser.begin_with(&client, &[("ui_locales", ui_locales), ("prompt", "login")]).await;
        for path in ["/sign-in", "/sign-up"] {
            let request = browser.request("GET", &format!("{path}?request={id}")).header("accept-language", accepted);
            let page = browser.send(request).await;
            assert_page(&page, 200);
            assert_eq!(page.header("content-language"), language, "{path}: {ui_locales}, {accepted}");
        }
    }
    let error = browser.request("GET", "/sign-in?request=unknown").header("accept-language", "ja");
    assert_eq!(browser.send(error).await.header("content-language"), "ja");
    let id = browser.begin_with(&client, &[("ui_locales", "de")]).await;
    let wrong = browser.fill("/sign-up", &id, &[("username", "a@b"), ("password", "zu kurz")]).await;
    assert!(wrong.text.contains("Bitte prüfen Sie die markierten Felder."), "{wrong:?}");
    assert!(wrong.text.contains("Verwenden Sie mindestens 15 Zeichen.") && !wrong.text.contains("Use "), "{wrong:?}");
    browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    let consent = browser.get(&format!("/consent?request={id}")).await;
    assert!(consent.text.contains("möchte auf Ihr Konto zugreifen"), "{consent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn name_logo_colour_and_languages_of_the_service_are_parameters() {
    let logo = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let parameters =
        [("ServiceName", "Acme & Co"), ("Logo", logo), ("AccentColor", "#ffee00"), ("Languages", "de, en")];
    let (service, client) = with_parameters(&parameters).await;
    let metadata = service.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["ui_locales_supported"], json!(["de", "en"]));
    let resource = service.get("/.well-known/oauth-protected-resource").await.json();
    assert_eq!(resource["resource_name"], "Acme & Co");
    let mut browser = Browser::new(&service);
    let id = browser.begin_with(&client, &[("ui_locales", "fr")]).await;
    for path in [&format!("/sign-in?request={id}"), &format!("/sign-up?request={id}"), "/end_session", "/sign-in"] {
        let page = browser.get(path).await;
        assert!(page.text.contains("<bdi id=\"service\">Acme &#38; Co</bdi>"), "{page:?}");
        assert!(
            page.text.contains("<img src=\"data:image/svg+xml;base64,") && !page.text.contains("alert(1)"),
            "{page:?}"
        );
        assert_eq!(page.header("content-language"), "de", "the first of those offered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_and_consent_pages_link_to_the_pages_of_the_app() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let pages =
        [browser.get(&format!("/sign-in?request={id}")).await, browser.get(&format!("/sign-up?request={id}")).await];
    browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    for page in pages.into_iter().chain([browser.get(&format!("/consent?request={id}")).await]) {
        for (link, address) in [("policy", "https://notes.example/privacy"), ("terms", "https://notes.example/terms")] {
            let element = page.element(link);
            assert!(element.contains(&format!("href=\"{address}\" rel=\"noopener noreferrer\"")), "{element}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sign_out_the_page_links_to_a_known_app() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let page = browser.get(&format!("/end_session?client_id={client}&ui_locales=de")).await;
    assert_page(&page, 200);
    assert!(page.element("back").contains("href=\"https://notes.example/\""), "{page:?}");
    assert!(page.text.contains("Zurück zu <bdi>Notes &#38; more</bdi>"), "{page:?}");
    for path in ["/end_session", "/end_session?client_id=unknown"] {
        let page = browser.get(path).await;
        assert!(page.status == 200 && !page.text.contains("id=\"back\""), "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_opens_an_api_endpoint_sees_a_page() {
    let service = Service::start().await;
    let visit = async |path: &str| {
        let request = service.request("GET", path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        service.send(request).await
    };
    let home = visit("/").await;
    assert_eq!((home.status, home.header("content-type")), (200, "text/html; charset=utf-8"), "{home:?}");
    assert!(home.header("content-security-policy").contains("form-action 'self'"), "{home:?}");
    for document in ["openid-configuration", "oauth-authorization-server", "oauth-protected-resource", "jwks.json"] {
        assert!(home.text.contains(&format!("href=\"/.well-known/{document}\"")), "{home:?}");
    }
    assert!(home.text.contains("Gatewright") && home.text.contains(&service.url("")), "{home:?}");
    let greeting = service.get("/").await;
    assert_eq!((greeting.status, greeting.header("content-type")), (200, "application/json"));
    assert_eq!(greeting.json()["issuer"], service.url(""));
    for path in ["/login", "/register"] {
        let page = visit(path).await;
        assert_page(&page, 405);
        assert!(page.text.contains("Page not found") && !page.header("allow").is_empty(), "{page:?}");
        assert_eq!(service.get(path).await.code(), "method_not_allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_on_the_page_and_on_the_api_share_a_limit() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    for guess in 0..5 {
        assert_eq!(browser.fill("/sign-in", &id, &alice(&format!("guess {guess}"))).await.status, 401);
        assert_eq!(service.sign_in("alice", &format!("guess {guess}")).await.status, 401);
    }
    let page = browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    assert_refused(&page, 429);
    assert!(!page.header("retry-after").is_empty() && page.text.contains("Too many attempts"), "{page:?}");
    assert_eq!(page.value_of("username"), "alice");
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_from_our_page_in_this_browser_is_refused_and_costs_no_attempt() {
    let (service, client) = service().await;
    let (mut browser, mut other) = (Browser::new(&service), Browser::new(&service));
    let (id, second) = (browser.begin(&client, "openid").await, browser.begin(&client, "openid").await);
    let address = format!("/sign-in?request={id}");
    let theirs = other.begin(&client, "openid").await;
    let token_of = |answer: Answer| answer.token();
    let good = token_of(browser.get(&address).await);
    let tokens = [
        String::new(),
        "x".repeat(43),
        token_of(browser.get(&format!("/sign-in?request={second}")).await),
        token_of(browser.get(&format!("/sign-up?request={id}")).await),
        token_of(other.get(&format!("/sign-in?request={theirs}")).await),
    ];
    for token in &tokens {
        let fields = [alice(PASSWORD)[0], alice(PASSWORD)[1], ("csrf", token)];
        assert_refused(&browser.post(&address, &fields).await, 403);
    }
    let fields = [alice(PASSWORD)[0], alice(PASSWORD)[1], ("csrf", good.as_str())];
    let here = service.url("");
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("sec-fetch-site", "same-origin")],
        [("origin", here.as_str()), ("sec-fetch-site", "cross-site")],
        [("origin", here.as_str()), ("sec-fetch-site", "same-site")],
        [("origin", "http://127.0.0.1"), ("sec-fetch-site", "same-origin")],
        [("referer", here.as_str()), ("sec-fetch-site", "same-site")],
    ] {
        assert_refused(&browser.post_with(&address, &fields, &headers).await, 403);
    }
    assert_refused(&other.post(&address, &fields).await, 403);
    assert_refused(&Browser::new(&service).post(&address, &fields).await, 400);
    assert_eq!(
        browser.post_with(&address, &fields, &[]).await.status,
        303,
        "the token alone is enough for a browser of old"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_request_of_this_browser_says_how_to_continue() {
    let (service, client) = service().await;
    let (mut browser, mut other) = (Browser::new(&service), Browser::new(&service));
    let id = browser.begin(&client, "openid").await;
    other.begin(&client, "openid").await;
    for path in ["/sign-in", "/sign-up"] {
        let address = format!("{path}?request={id}");
        for query in ["", "?request=", "?request=unknown", "?request=//evil.example", "?request=%0d%0aset-cookie:x=y"] {
            let answer = browser.get(&format!("{path}{query}")).await;
            assert_refused(&answer, 400);
            assert!(answer.text.contains("start again") && !answer.text.contains("evil"), "{answer:?}");
        }
        assert_refused(&browser.get(&format!("{path}?request={id}&request={id}")).await, 400);
        assert_refused(&other.get(&address).await, 400);
        assert_refused(&Browser::new(&service).get(&address).await, 400);
        assert_page(&browser.get(&address).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_request_that_has_ended_offers_the_way_back_to_its_app_in_its_browser_alone() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    let consent = browser.get(&format!("/consent?request={id}")).await.token();
    let agreed = browser.post(&format!("/consent?request={id}"), &[("decision", "allow"), ("csrf", &consent)]).await;
    let code = reply(&browser.get(agreed.header("location")).await)["code"].clone();
    let redeemed = [
        ("grant_type", "authorization_code"),
        ("client_id", &client),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", CALLBACK),
    ];
    assert_eq!(post_form(&service, "/token", &redeemed).await.status, 200);
    let page = browser.get(&format!("/authorize?request={id}")).await;
    assert_refused(&page, 400);
    assert!(page.text.contains("This page has expired"), "{page:?}");
    assert!(page.text.contains("Back to <bdi>Notes &#38; more</bdi>"), "{page:?}");
    assert!(page.element("back").contains("href=\"https://notes.example/\""), "{page:?}");
    let mut other = Browser::new(&service);
    other.begin(&client, "openid").await;
    assert!(!other.get(&format!("/authorize?request={id}")).await.text.contains("Notes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_left_open_past_its_time_says_so_and_offers_the_way_back() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let token = browser.get(&format!("/sign-in?request={id}")).await.token();
    let found = table(&service, "Scan", json!({})).await;
    let requests = found["Items"].as_array().expect("items").iter();
    let requests: Vec<_> =
        requests.filter(|item| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("REQUEST#"))).collect();
    for item in &requests {
        let mut late = (*item).clone();
        late["expires_at"] = json!({"N": "1000000000"});
        table(&service, "PutItem", json!({"Item": late})).await;
    }
    assert_eq!(requests.len(), 1);
    let fields = [("username", "alice"), ("password", PASSWORD), ("csrf", token.as_str())];
    let sent = browser.post(&format!("/sign-in?request={id}"), &fields).await;
    for page in [sent, browser.get(&format!("/sign-in?request={id}")).await] {
        assert_refused(&page, 400);
        assert!(page.text.contains("This page has expired") && page.text.contains("Notes &#38; more"), "{page:?}");
        assert!(page.element("back").contains("href=\"https://notes.example/\""), "{page:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_sets_a_new_cookie_and_invalidates_the_old_one() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    browser.cookies.insert(SESSION.to_owned(), "planted-by-somebody-else".to_owned());
    let answer = browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    let first = browser.cookies[SESSION].clone();
    let secret = first.split_once('.').map_or("", |(_, secret)| secret);
    assert_eq!(secret.len(), 43, "256 bits: {answer:?}");
    let mut thief = Browser::new(&service);
    thief.cookies.insert(SESSION.to_owned(), "planted-by-somebody-else".to_owned());
    assert!(
        thief.get(&authorize(&client, &[("prompt", "none")])).await.header("location").contains("error=login_required")
    );

    let id = browser.begin_with(&client, &[("prompt", "login")]).await;
    browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    assert_ne!(browser.cookies[SESSION], first);
    thief.cookies.insert(SESSION.to_owned(), first);
    assert!(
        thief.get(&authorize(&client, &[("prompt", "none")])).await.header("location").contains("error=login_required")
    );
    let silent = browser.get(&authorize(&client, &[("prompt", "none")])).await;
    assert!(silent.header("location").contains("error=consent_required"), "{silent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_to_one_person_cannot_be_answered_by_another() {
    let (service, client) = service().await;
    register(&service, "bob").await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    let asked_of_alice = browser.get(&format!("/consent?request={id}")).await.token();
    browser.fill("/sign-in", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    let address = format!("/consent?request={id}");
    assert_refused(&browser.post(&address, &[("decision", "allow"), ("csrf", &asked_of_alice)]).await, 403);
    let answer = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_inaccessible_to_scripts_other_sites_and_other_hosts() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let begun = browser.get(&authorize(&client, &[])).await;
    let id = begun.header("location").split_once('=').expect("an id").1.to_owned();
    let entered = browser.fill("/sign-in", &id, &alice(PASSWORD)).await;
    let set: Vec<String> = [begun.set_cookies(), entered.set_cookies()].concat();
    assert_eq!(set.len(), 3, "the browser, its sign-in, and the known device: {set:?}");
    for cookie in &set {
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/"),
            "{cookie}"
        );
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "on loopback: {cookie}");
    }
    let (name, value) = browser.own_name();
    browser.cookies.insert(name.clone(), format!("{value}; {name}={value}"));
    assert_refused(&browser.get(&format!("/sign-in?request={id}")).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_cookies_are_secure_and_bound_to_the_host() {
    let (service, client) = with_parameters(&[("Issuer", "https://id.example")]).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let address = format!("/sign-in?request={id}");
    let token = browser.get(&address).await.token();
    let fields = [alice(PASSWORD)[0], alice(PASSWORD)[1], ("csrf", token.as_str())];
    assert_refused(&browser.post(&address, &fields).await, 403);
    let entered = browser.post_with(&address, &fields, &[("origin", "https://id.example")]).await;
    assert_eq!(entered.status, 303, "{entered:?}");
    for (name, value) in &browser.cookies {
        assert!(name.starts_with("__Host-gatewright-") && !value.is_empty(), "{name}");
    }
    assert!(entered.set_cookies()[0].ends_with("; Secure"), "{entered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_parameter_redirects_to_another_site() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let elsewhere = "https://evil.example/";
    let mut fields = alice(PASSWORD).to_vec();
    fields.extend(
        ["redirect_uri", "return_to", "next", "continue", "request", "client_id"].map(|name| (name, elsewhere)),
    );
    let address = format!("/sign-in?request={id}&redirect_uri=https%3A%2F%2Fevil.example&next=//evil.example");
    let page = browser.get(&address).await;
    assert!(!page.text.contains("evil"), "{page:?}");
    let token = page.token();
    fields.push(("csrf", &token));
    let request =
        browser.request("POST", &address).header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = browser.send(request.body(support::browser::form(&fields))).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, format!("/authorize?request={id}").as_str()),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_script_of_another_origin_may_read_a_page_even_if_it_may_call_the_api() {
    let app = "https://app.example";
    let (service, client) = with_parameters(&[("AllowedOrigins", app)]).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    for path in ["/sign-in", "/sign-up", "/authorize", "/choose", "/consent", "/end_session"] {
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            let request = browser.request(method, &format!("{path}?request={id}")).header("origin", app);
            let answer = browser.send(request.header("access-control-request-method", "POST")).await;
            let allowed: Vec<_> =
                answer.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
            assert!(allowed.is_empty(), "{method} {path}: {answer:?}");
            if ["OPTIONS", "PUT"].contains(&method) {
                assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST"), "{method} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_registration_has_no_page_and_no_link() {
    let (service, client) = with_parameters(&[("Registration", "closed")]).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    assert!(!page.text.contains("sign-up"), "{page:?}");
    let fields = [("username", "mallory"), ("password", PASSWORD), ("csrf", "x")];
    assert_refused(&browser.get(&format!("/sign-up?request={id}")).await, 403);
    assert_refused(&browser.post(&format!("/sign-up?request={id}"), &fields).await, 403);
    assert_eq!(service.sign_in("mallory", PASSWORD).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_invalid_fields_are_reported_on_one_page_and_nobody_is_created() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let answer = browser.fill("/sign-up", &id, &[("username", "a@b"), ("name", "\u{7}"), ("password", "xq7 vw")]).await;
    assert_refused(&answer, 400);
    for field in ["username", "name", "password"] {
        let element = answer.element(field);
        assert!(
            element.contains("aria-invalid") && element.contains(&format!("aria-describedby=\"{field}-problem")),
            "{element}"
        );
        answer.element(&format!("{field}-problem"));
    }
    assert_eq!((answer.value_of("username").as_str(), answer.value_of("password").as_str()), ("a@b", ""));
    assert!(!answer.text.contains("xq7 vw"), "{answer:?}");

    let taken = browser.fill("/sign-up", &id, &[("username", "ALICE"), ("password", PASSWORD)]).await;
    assert_refused(&taken, 409);
    assert!(taken.element("username").contains("aria-invalid") && !taken.text.contains(PASSWORD), "{taken:?}");
    let both = [("username", "ALICE"), ("name", "Alice L."), ("password", "xq7 vw")];
    let both = browser.fill("/sign-up", &id, &both).await;
    assert_refused(&both, 400);
    assert!(
        both.text.contains("This username is taken.") && both.text.contains("Use at least 15 characters."),
        "{both:?}"
    );
    let kept = ["username", "name", "password"].map(|field| both.value_of(field));
    assert_eq!(kept, ["ALICE", "Alice L.", ""], "everything but the password is kept");
    let nothing = browser.fill("/sign-up", &id, &[]).await;
    assert_refused(&nothing, 400);
    let smuggled = [("username", "carol"), ("password", PASSWORD), ("roles", "admin"), ("email", "carol@example.com")];
    assert_eq!(browser.fill("/sign-up", &id, &smuggled).await.status, 303, "a form's other fields are not looked at");
    let carol = service.sign_in("carol", PASSWORD).await.json();
    let me = service.get_as("/me", carol["access_token"].as_str().expect("a token")).await.json();
    assert_eq!((&me["roles"], &me["email"], &me["unverified_email"]), (&json!([]), &json!(null), &json!(null)), "{me}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_sign_up_creates_nobody() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let address = format!("/sign-up?request={id}");
    let token = browser.get(&address).await.token();
    let fields = |token| [("username", "mallory"), ("password", PASSWORD), ("csrf", token)];
    assert_refused(&browser.post(&address, &fields("")).await, 403);
    assert_refused(&browser.post_with(&address, &fields(&token), &[("origin", "https://evil.example")]).await, 403);
    assert_eq!(service.sign_in("mallory", PASSWORD).await.status, 401);
    assert_eq!(browser.post(&address, &fields(&token)).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_a_form_is_refused_with_a_page() {
    let (service, client) = service().await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let address = format!("/sign-in?request={id}");
    let token = browser.get(&address).await.token();
    let json =
        browser.request("POST", &address).json(&json!({"username": "alice", "password": PASSWORD, "csrf": token}));
    assert_refused(&browser.send(json).await, 400);
    let (first, second) = (("username", "alice"), ("username", "bob"));
    assert_refused(&browser.post(&address, &[first, second, ("password", PASSWORD), ("csrf", &token)]).await, 400);
    let long = "x".repeat(70_000);
    assert_refused(&browser.post(&address, &[("username", "alice"), ("password", &long), ("csrf", &token)]).await, 413);
    assert_refused(&browser.post(&address, &[("csrf", &token)]).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_a_page_that_says_so_and_costs_no_attempt() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let client = client(service).await;
    register(service, "alice").await;
    let mut browser = Browser::new(service);
    let id = browser.begin(&client, "openid").await;
    let address = format!("/sign-in?request={id}");
    let token = browser.get(&address).await.token();
    let fields = [alice(PASSWORD)[0], alice(PASSWORD)[1], ("csrf", token.as_str())];
    for operation in ["GetItem", "UpdateItem", "TransactWriteItems"] {
        disturbed.store.plan(Some(operation), Fault::Error(500, "InternalServerError"), usize::MAX);
        let answer = browser.post(&address, &fields).await;
        disturbed.store.heal();
        assert_refused(&answer, 503);
        assert!(!answer.header("retry-after").is_empty() && answer.text.contains("not your fault"), "{answer:?}");
    }
    disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
    assert_eq!(browser.post(&address, &fields).await.status, 303, "a lost reply is not noticed");
}
