//! What happens by mail, from the request over the real stream and mailer to the inbox: registration with an address, a way
//! back in, changes of address.

use regex_lite::Regex;
use serde_json::{Value, json};
use support::browser::{Browser, CALLBACK};
use support::{Answer, PASSWORD, Service};

use crate::refresh::{Tokens, refresh};

/// Mail is on.
pub(crate) const MAIL: &[(&str, &str)] =
    &[("MailFrom", "service@id.example"), ("AuthorizerCacheSeconds", "0"), ("RevocationSeconds", "0")];
const ALICE: &str = "alice@people.example";
const OTHER: &str = "a foghorn on the south pier";

/// What a mail contains for its reader.
pub(crate) struct Letter {
    pub(crate) text: String,
}

impl Letter {
    /// The mail with this number to an address, counted from 1.
    pub(crate) async fn to(service: &Service, address: &str, number: usize) -> Self {
        Self { text: service.mail(address, number).await }
    }

    /// Of the mails to an address that contain these words, the one with this number.
    pub(crate) async fn with(service: &Service, address: &str, words: &str, number: usize) -> Self {
        Self { text: service.mail_with(address, words, number).await }
    }

    pub(crate) fn code(&self) -> String {
        let code = Regex::new("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}").expect("a pattern");
        code.find(&self.text).unwrap_or_else(|| panic!("no code: {}", self.text)).as_str().to_owned()
    }

    fn has_code(&self) -> bool {
        self.text.contains("token=")
    }

    /// The path and query of the link with a token.
    pub(crate) fn link(&self) -> String {
        let link = Regex::new(r"http://[^/\s]+(/\S+token=[A-Za-z0-9_-]+)").expect("a pattern");
        link.captures(&self.text).unwrap_or_else(|| panic!("no link: {}", self.text))[1].to_owned()
    }

    pub(crate) fn token(&self) -> String {
        self.link().split_once("token=").expect("a token").1.to_owned()
    }
}

/// Registers somebody with an address. Returns the handle.
pub(crate) async fn register(service: &Service, body: Value) -> String {
    let answer = service.post("/register", body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["handle"].as_str().expect("a handle").to_owned()
}

/// Registers somebody and proves the address.
pub(crate) async fn person(service: &Service, username: &str, address: &str) {
    let handle = register(service, json!({"username": username, "email": address, "password": PASSWORD})).await;
    let code = Letter::to(service, address, 1).await.code();
    assert_eq!(service.post("/email/verify", json!({"handle": handle, "code": code})).await.status, 204);
}

pub(crate) async fn forgot(service: &Service, name: &str) -> String {
    let answer = service.post("/password/forgot", json!({"username": name})).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["handle"].as_str().expect("a handle").to_owned()
}

/// An app that an operator vouches for. Returns its id.
async fn app(service: &Service) -> String {
    let client = json!({
        "client_name": "Notes", "redirect_uris": [CALLBACK], "scope": "openid email profile",
        "grant_types": ["authorization_code"], "token_endpoint_auth_method": "none",
    });
    service.client(client).await.0
}

async fn tokens(service: &Service, name: &str, password: &str) -> Tokens {
    Tokens::of(&service.sign_in(name, password).await)
}

/// Opens a page and sends its form with these fields.
async fn send(browser: &mut Browser<'_>, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = browser.get(page).await.token();
    let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
    browser.post(page, &fields).await
}

fn is_invalid(answer: &Answer) -> bool {
    answer.status == 400 && answer.code() == "invalid_code"
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_registers_with_an_address_alone_proves_it_with_the_code_and_signs_in_with_it() {
    let service = &Service::with_parameters(MAIL).await;
    let handle = register(service, json!({"email": "Alice@People.example", "password": PASSWORD})).await;
    assert_eq!(service.sign_in(ALICE, PASSWORD).await.status, 401, "nobody has proven it");
    let code = Letter::to(service, "Alice@People.example", 1).await.code();
    let elsewhere = forgot(service, "somebody").await;
    assert!(is_invalid(&service.post("/email/verify", json!({"handle": elsewhere, "code": code})).await));
    let typed = code.to_lowercase().replace('-', " ");
    let body = json!({"handle": handle, "code": typed});
    assert_eq!(service.post("/email/verify", body.clone()).await.status, 204);
    assert!(is_invalid(&service.post("/email/verify", body).await), "once");
    let body = json!({"username": ALICE, "password": PASSWORD, "scope": "account openid profile email"});
    let signed_in = service.post("/login", body).await;
    let access = signed_in.json()["access_token"].as_str().expect("a token").to_owned();
    let me = service.get_as("/me", &access).await.json();
    assert_eq!(
        (&me["email"], &me["email_verified"], &me["username"]),
        (&json!("Alice@People.example"), &json!(true), &Value::Null)
    );
    let claims = crate::login::claims(signed_in.json()["id_token"].as_str().expect("an ID token"));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!("Alice@People.example"), &json!(true)));
    assert!(claims.get("preferred_username").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_a_known_address_is_answered_alike_and_its_mail_has_nothing_to_prove() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let of = async |username: &str, email: &str| {
        service.post("/register", json!({"username": username, "email": email, "password": OTHER})).await
    };
    let (known, unknown) = (of("mallory", "ALICE@people.example").await, of("carol", "carol@people.example").await);
    let shape = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, names, answer.text.len())
    };
    assert_eq!(shape(&known), shape(&unknown));
    let told = Letter::to(service, "ALICE@people.example", 1).await;
    assert!(!told.has_code() && told.text.contains("belongs to your account already"), "{}", told.text);
    assert_eq!(service.sign_in("mallory", OTHER).await.status, 401);
    assert_eq!(service.sign_in(ALICE, OTHER).await.status, 401);
    assert_eq!(service.sign_in(ALICE, PASSWORD).await.status, 200);
    assert_eq!(of("mallory", "m@people.example").await.status, 409, "a name is taken whatever the address was");
    assert_eq!(of("carol", "c@people.example").await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_registered_with_somebodys_address_has_nothing_when_the_link_is_followed() {
    let service = &Service::with_parameters(MAIL).await;
    let stolen = register(service, json!({"username": "mallory", "email": ALICE, "password": OTHER})).await;
    let letter = Letter::to(service, ALICE, 1).await;
    let short = json!({"token": letter.token(), "password": "xq7 vw"});
    assert_eq!(service.post("/email/verify", short).await.problems(), ["password: too_short"]);
    let made_of_the_name = json!({"token": letter.token(), "password": "mallory 48151 xq!"});
    assert_eq!(service.post("/email/verify", made_of_the_name).await.problems(), ["password: contains_context"]);
    let bare = json!({"token": letter.token()});
    assert_eq!(service.post("/email/verify", bare).await.problems(), ["password: missing"]);
    let hers = json!({"token": letter.token(), "password": PASSWORD});
    assert_eq!(service.post("/email/verify", hers.clone()).await.status, 204);
    assert_eq!(service.sign_in(ALICE, OTHER).await.status, 401, "the stranger's password is gone");
    assert_eq!(service.sign_in("mallory", OTHER).await.status, 401);
    assert_eq!(service.sign_in(ALICE, PASSWORD).await.status, 200);
    let late = json!({"handle": stolen, "code": letter.code()});
    assert!(is_invalid(&service.post("/email/verify", late).await));
    assert!(is_invalid(&service.post("/email/verify", hers).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_everything_tells_the_person_and_signs_nobody_in() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let before = tokens(service, "alice", PASSWORD).await;
    let handle = forgot(service, "Alice").await;
    let letter = Letter::to(service, ALICE, 2).await;
    let reset = async |password: &str| {
        service.post("/password/reset", json!({"handle": handle, "code": letter.code(), "password": password})).await
    };
    assert_eq!(reset("xq7 vw").await.problems(), ["password: too_short"]);
    let done = reset(OTHER).await;
    assert_eq!((done.status, done.header("set-cookie"), done.text.as_str()), (204, "", ""));
    assert!(is_invalid(&reset("a third one that is long enough").await), "once");
    let link = json!({"token": letter.token(), "password": "a third one that is long enough"});
    assert!(is_invalid(&service.post("/password/reset", link).await), "the link is the same secret");
    assert_eq!(service.get_as("/me", &before.access).await.status, 401);
    assert_eq!(refresh(service, &before.refresh).await.status, 400);
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 401);
    assert_eq!(service.sign_in("alice", OTHER).await.status, 200);
    let told = Letter::to(service, ALICE, 3).await;
    assert!(!told.has_code(), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_nobody_is_answered_alike_and_sends_nothing() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    service.token_of("bob").await; // without an address
    let (known, unknown) = (
        service.post("/password/forgot", json!({"username": ALICE})).await,
        service.post("/password/forgot", json!({"username": "nobody@people.example"})).await,
    );
    assert_eq!((known.status, known.text.len()), (unknown.status, unknown.text.len()));
    let handles = [forgot(service, "bob").await, forgot(service, "nobody").await, forgot(service, "\u{0}@@").await];
    let letter = Letter::to(service, ALICE, 2).await;
    for handle in handles {
        let body = json!({"handle": handle, "code": letter.code(), "password": OTHER});
        assert!(is_invalid(&service.post("/password/reset", body).await));
    }
    assert_eq!(service.mails("").await.len(), 2, "one to prove the address, one to reset the password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_request_leaves_older_codes_valid_and_a_password_that_was_set_ends_them() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let first = (forgot(service, "alice").await, Letter::to(service, ALICE, 2).await);
    let second = (forgot(service, "alice").await, Letter::to(service, ALICE, 3).await);
    let body =
        |(handle, letter): &(String, Letter)| json!({"handle": handle, "code": letter.code(), "password": OTHER});
    assert_eq!(service.post("/password/reset", body(&first)).await.status, 204);
    assert!(is_invalid(&service.post("/password/reset", body(&second)).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_one_kind_are_refused_as_another_kind() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    forgot(service, "alice").await;
    let reset = Letter::to(service, ALICE, 2).await.token();
    register(service, json!({"username": "bob", "email": "bob@people.example", "password": PASSWORD})).await;
    let verify = Letter::to(service, "bob@people.example", 1).await.token();
    for (path, token) in [("/email/verify", &reset), ("/password/reset", &verify)] {
        let answer = service.post(path, json!({"token": token, "password": OTHER})).await;
        assert!(is_invalid(&answer), "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_is_proven_at_the_new_one_told_to_the_old_one_and_can_be_stopped_by_it() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let access = tokens(service, "alice", PASSWORD).await.access;
    let ask = async |address: &str, password: &str| {
        let body = json!({"email": address, "password": password});
        service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&body)).await
    };
    assert_eq!(ask("new@people.example", OTHER).await.status, 401, "the password is needed");
    let asked = ask("new@people.example", PASSWORD).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let code = Letter::to(service, "new@people.example", 1).await.code();
    let body = json!({"handle": asked.json()["handle"], "code": code});
    assert_eq!(service.post("/email/verify", body).await.status, 204);
    let me = service.get_as("/me", &access).await.json();
    assert_eq!((&me["email"], &me["next_email"]["email"]), (&json!(ALICE), &json!("new@people.example")));
    assert_eq!(service.sign_in("new@people.example", PASSWORD).await.status, 401, "not yet");
    let told = Letter::to(service, ALICE, 2).await;
    assert!(!told.text.contains("new@people"), "only a part of the new address: {}", told.text);
    let mut browser = Browser::new(service);
    let page = browser.get(&told.link()).await;
    assert_eq!(page.status, 200);
    assert_eq!(service.get_as("/me", &access).await.json()["next_email"]["email"], "new@people.example");
    let (csrf, token) = (page.token(), told.token());
    let form = [("csrf", csrf.as_str()), ("token", token.as_str())];
    assert_eq!(browser.post("/email/keep", &form).await.status, 200);
    assert_eq!(browser.post("/email/keep", &form).await.status, 400, "once");
    let me = service.get_as("/me", &access).await.json();
    assert_eq!((&me["email"], &me["next_email"]), (&json!(ALICE), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_stops_a_change_of_address_and_nobody_adds_their_address_to_the_account_of_a_stranger() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    person(service, "bob", "bob@people.example").await;
    let access = tokens(service, "alice", PASSWORD).await.access;
    let ask = async |address: &str| {
        let body = json!({"email": address, "password": PASSWORD});
        service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&body)).await.status
    };
    assert_eq!(ask("typo@people.example").await, 202);
    let letter = Letter::to(service, "typo@people.example", 1).await;
    let guess = |token: &str| json!({"token": token, "password": OTHER});
    let wrong = service.post("/email/verify", guess(&letter.token())).await;
    assert_eq!((wrong.status, wrong.problems()), (400, vec!["password: wrong".to_owned()]), "{wrong:?}");
    let no_link = "0".repeat(letter.token().len());
    assert!(is_invalid(&service.post("/email/verify", guess(&no_link)).await), "without the link nobody learns it");
    let mut elsewhere = Browser::new(service);
    let csrf = elsewhere.get(&letter.link()).await.token();
    let form = [("csrf", csrf.as_str()), ("token", &letter.token()), ("password", OTHER)];
    let page = elsewhere.post("/email/verify", &form).await;
    assert!(page.status == 400 && page.text.contains("This is not your current password."), "{page:?}");
    assert!(page.element("password").contains("aria-invalid"), "{page:?}");
    let hers = json!({"token": letter.token(), "password": PASSWORD});
    assert_eq!(service.post("/email/verify", hers).await.status, 204);
    let stop = || service.request("DELETE", "/me/email").bearer_auth(&access);
    assert_eq!(service.send(stop()).await.status, 204);
    assert_eq!(service.send(stop()).await.status, 404);
    assert_eq!(ask("bob@people.example").await, 202, "the same answer for an address that somebody has");
    let told = Letter::to(service, "bob@people.example", 2).await;
    assert!(!told.has_code() && told.text.contains("as the new address of one"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_asks_for_their_present_address_is_told_so_and_gets_no_mail() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let access = tokens(service, "alice", PASSWORD).await.access;
    let body = json!({"email": "Alice@People.example", "password": PASSWORD});
    let answer = service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&body)).await;
    assert_eq!((answer.status, answer.problems()), (400, vec!["email: unchanged".to_owned()]), "{answer:?}");
    let mut browser = crate::account_page::visit(service, "alice").await;
    let fields = [("email", ALICE), ("password", PASSWORD)];
    let page = crate::account_page::submit(&mut browser, "/account/email", &fields).await;
    assert!(page.status == 400 && page.text.contains("This is your present address."), "{page:?}");
    assert_eq!(service.mails(ALICE).await.len(), 1, "only the one of the registration");
    assert_eq!(service.mails("Alice@People.example").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_from_sign_up_over_the_code_to_the_app_and_no_link_that_is_opened_changes_anything() {
    let service = &Service::with_parameters(MAIL).await;
    let app = &app(service).await;
    let mut browser = Browser::new(service);
    let id = browser.begin(app, "openid email").await;
    let fields = [("username", ""), ("email", ALICE), ("name", "Alice"), ("password", PASSWORD)];
    let sent = browser.fill("/sign-up", &id, &fields).await;
    let page = sent.header("location").to_owned();
    assert!(page.starts_with("/email/verify?request="), "{sent:?}");
    let letter = Letter::to(service, ALICE, 1).await;
    for _ in 0..3 {
        assert_eq!(Browser::new(service).get(&letter.link()).await.status, 200, "a scanner opens the link");
    }
    let mut elsewhere = Browser::new(service);
    assert_eq!(
        send(&mut elsewhere, &page, &[("code", &letter.code())]).await.status,
        400,
        "the code is for another browser"
    );
    let done = send(&mut browser, &page, &[("code", &letter.code())]).await;
    assert_eq!((done.status, done.header("location")), (303, format!("/authorize?request={id}").as_str()), "{done:?}");
    let next = browser.get(done.header("location")).await;
    assert!(next.header("location").starts_with("/consent"), "signed in: {next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_from_a_forgotten_password_back_to_the_sign_in_page_and_other_browsers_are_signed_out() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let app = &app(service).await;
    let mut old = Browser::new(service);
    let id = old.begin(app, "openid").await;
    let signed_in = old.fill("/sign-in", &id, &[("username", ALICE), ("password", PASSWORD)]).await;
    assert_eq!(signed_in.header("location"), format!("/authorize?request={id}"));
    let mut browser = Browser::new(service);
    let id = browser.begin(app, "openid").await;
    assert!(browser.get(&format!("/sign-in?request={id}")).await.text.contains("/password/forgot?request="));
    let sent = browser.fill("/password/forgot", &id, &[("username", "alice")]).await;
    let page = sent.header("location").to_owned();
    let letter = Letter::to(service, ALICE, 2).await;
    let done = send(&mut browser, &page, &[("code", &letter.code()), ("password", OTHER)]).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert!(done.text.contains(&format!("/sign-in?request={id}")), "{}", done.text);
    let next = browser.get(&format!("/authorize?request={id}")).await;
    assert!(next.header("location").starts_with("/sign-in"), "nobody is signed in by it: {next:?}");
    let next = old.get(&support::browser::authorize(app, &[("scope", "openid")])).await;
    assert!(next.header("location").starts_with("/sign-in"), "the other browser is signed out: {next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_an_address_stays_unverified_and_what_needs_mail_says_so() {
    let service = &Service::start().await;
    let body = json!({"username": "alice", "email": ALICE, "password": PASSWORD});
    let answer = service.post("/register", body).await;
    let created = answer.json();
    assert_eq!((answer.status, &created["unverified_email"]), (201, &json!(ALICE)), "{answer:?}");
    let access = tokens(service, "alice", PASSWORD).await.access;
    let profile = service.get_as("/me", &access).await.json();
    let export = service.get_as("/me/export", &access).await.json()["profile"].clone();
    let report = service.operator(json!({"action": "show_user", "username": "alice"})).await.expect("a report");
    for told in [&created, &profile, &export, &report] {
        assert_eq!(told["unverified_email"], ALICE, "{told}");
        assert!(told.get("email").is_none() && told.get("email_verified").is_none(), "{told}");
    }
    assert_eq!(service.sign_in(ALICE, PASSWORD).await.status, 401);
    let forgot = service.post("/password/forgot", json!({"username": "alice"})).await;
    assert_eq!((forgot.status, forgot.code()), (403, "mail_off".to_owned()));
    let nameless = service.post("/register", json!({"email": ALICE, "password": PASSWORD})).await;
    assert_eq!(nameless.problems(), ["username: missing"]);
    let link = service.operator(json!({"action": "reset_link", "username": "alice"})).await.expect("a link");
    let token = link["link"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let body = json!({"token": token, "password": OTHER});
    assert_eq!(service.post("/password/reset", body.clone()).await.status, 204);
    assert!(is_invalid(&service.post("/password/reset", body).await));
    assert_eq!(service.sign_in("alice", OTHER).await.status, 200);
    let send = service.operator(json!({"action": "send_reset", "username": "alice"})).await;
    assert!(send.expect_err("no mail").contains("mail_off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sends_a_reset_mail_without_knowing_the_password() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let sent = service.operator(json!({"action": "send_reset", "email": ALICE})).await.expect("a report");
    assert_eq!((&sent["outcome"], &sent["link"]), (&json!("sent"), &Value::Null));
    let token = Letter::to(service, ALICE, 2).await.token();
    assert_eq!(service.post("/password/reset", json!({"token": token, "password": OTHER})).await.status, 204);
    assert_eq!(service.sign_in(ALICE, OTHER).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_people_sign_in_with_addresses_nobody_registers_a_username() {
    let service = &Service::with_parameters(&[MAIL, &[("SignInWith", "email")]].concat()).await;
    let named = json!({"username": "alice", "email": ALICE, "password": PASSWORD});
    assert_eq!(service.post("/register", named).await.problems(), ["username: unknown"]);
    assert_eq!(service.post("/register", json!({"password": PASSWORD})).await.problems(), ["email: missing"]);
    register(service, json!({"email": ALICE, "password": PASSWORD})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_create_an_account_leads_to_the_sign_up_page_even_for_somebody_who_is_signed_in() {
    let service = &Service::start().await;
    let app = &app(service).await;
    let mut browser = Browser::new(service);
    let create = [("scope", "openid"), ("prompt", "create")];
    for name in ["alice", "bob"] {
        let answer = browser.get(&support::browser::authorize(app, &create)).await;
        assert!(answer.header("location").starts_with("/sign-up?request="), "{answer:?}");
        let id = browser.begin_with(app, &create).await;
        let fields = [("username", name), ("name", ""), ("password", PASSWORD)];
        let created = browser.fill("/sign-up", &id, &fields).await;
        assert_eq!(created.status, 303, "{name}: {created:?}");
        let next = browser.get(&format!("/authorize?request={id}")).await;
        assert!(next.header("location").starts_with("/consent"), "{next:?}");
    }
    let metadata = service.get("/.well-known/openid-configuration").await.json();
    assert!(metadata["prompt_values_supported"].as_array().expect("values").contains(&json!("create")));
    let closed = Service::with_parameters(&[("Registration", "closed")]).await;
    let metadata = closed.get("/.well-known/openid-configuration").await.json();
    assert!(!metadata["prompt_values_supported"].as_array().expect("values").contains(&json!("create")));
    let answer = browser.get("/.well-known/change-password").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account/password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_announced_to_the_proven_address() {
    let service = Service::with_parameters(MAIL).await;
    person(&service, "alice", ALICE).await;
    person(&service, "bob", "bob@people.example").await;
    let access = tokens_of(&service, "alice").await;
    let id = service.get_as("/me", &access).await.json()["id"].as_str().expect("an id").to_owned();
    forgot(&service, "alice").await;
    let body = json!({"password": PASSWORD});
    assert_eq!(crate::deletion::delete_me(&service, &access, body).await.status, 204);
    Letter::to(&service, ALICE, 3).await;
    let mails = service.mails(ALICE).await; // of two mails at once, either may be sent first
    assert_eq!(mails.iter().filter(|mail| mail.starts_with("Your account was deleted")).count(), 1, "{mails:?}");
    let day = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs() + 24 * 3600;
    for (pk, end) in crate::deletion::traces(&service, &[&id, ALICE]).await {
        let soon = ["REVOKED#", "ONCE#", "LIMIT#"].iter().any(|kind| pk.starts_with(kind));
        let is_event = pk.starts_with("AUDIT#"); // the deletion itself
        assert!(is_event || soon && end.is_some_and(|end| end <= day), "{pk} is left, until {end:?}");
    }
    service.operator(json!({"action": "delete_user", "username": "bob"})).await.expect("he is deleted");
    assert!(Letter::to(&service, "bob@people.example", 2).await.text.starts_with("Your account was deleted"));
}

/// An access token for the account.
async fn tokens_of(service: &Service, name: &str) -> String {
    let answer = service.post("/login", json!({"username": name, "password": PASSWORD, "scope": "account"})).await;
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}
