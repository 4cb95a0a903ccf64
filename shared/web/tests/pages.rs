//! The hosted pages as a browser gets them: the headers that confine them, and what a stranger's text can do in them.

#![expect(clippy::unwrap_used, reason = "what cannot be rendered fails the test that needs it")]

use std::collections::HashSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth::{Code, Error, FieldProblem};
use web::Response;
use web::pages::{Client, Consent, FormPost, Permission, Person, SignIn, SignOut, SignUp, SignedOut, Step};

const HOSTILE: &str = "\"><script>alert(1)</script><b a='";
const HARMLESS: &str = "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#60;b a=&#39;";

fn client(name: &str) -> Client<'_> {
    Client { name, redirect_uri: "https://app.example/callback" }
}

fn step(text: &str) -> Step<'_> {
    Step { request: text, token: text, client: client(text) }
}

fn asked(text: &str) -> Permission<'_> {
    Permission { word: text, sentence: Some(text) }
}

fn hostile_fields() -> Error {
    Error::fields(vec![FieldProblem { field: "name".into(), code: "too_long", detail: HOSTILE.into() }])
}

/// Every page, with `text` wherever a stranger's text can be.
fn pages(text: &str) -> Vec<Response> {
    let (wrong, fields) = (Error::new(Code::InvalidCredentials, ""), hostile_fields());
    let person = Person { username: text, name: Some(text) };
    let step = step(text);
    let parameters = [(text, text)];
    vec![
        SignIn { step, username: text, registration: true, error: Some(&wrong) }.response().unwrap(),
        SignUp { step, username: text, name: text, min_length: 15, error: Some(&fields) }.response().unwrap(),
        Consent { step, verified: false, person, scopes: &[asked("openid"), asked(text)] }.response().unwrap(),
        SignOut { person, token: text, parameters: &parameters, redirect_uri: Some(text) }.response().unwrap(),
        SignedOut { back: Some((text, "https://app.example/")) }.response().unwrap(),
        FormPost { client: client(text), parameters: &parameters }.response().unwrap(),
    ]
}

#[test]
fn no_page_can_be_kept_framed_or_made_to_load_anything() {
    for page in pages("Notes") {
        assert_eq!(page.value("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.value("cache-control"), Some("no-store"));
        assert_eq!(page.value("x-frame-options"), Some("DENY"));
        let policy = page.value("content-security-policy").unwrap();
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    }
}

#[test]
fn only_a_page_on_the_way_to_an_app_keeps_the_window_that_opened_it() {
    let policies: Vec<_> =
        pages("Notes").iter().map(|page| page.value("cross-origin-opener-policy").map(str::to_owned)).collect();
    let (app, alone) = (Some("unsafe-none".to_owned()), Some("same-origin".to_owned()));
    assert_eq!(policies, [&app, &app, &app, &app, &alone, &app].map(Clone::clone));
}

#[test]
fn what_is_inline_is_what_the_policy_allows_and_nothing_else_is() {
    for page in pages("Notes") {
        let (body, policy) = (page.body().unwrap(), page.value("content-security-policy").unwrap());
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            for (_, rest) in body.match_indices(open).map(|(at, open)| body.split_at(at + open.len())) {
                let inline = rest.split(close).next().unwrap();
                let hash = STANDARD.encode(digest(&SHA256, inline.as_bytes()));
                assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
            }
        }
        assert!(body.matches("<script").count() <= 1 && body.matches("<style").count() == 1);
        assert!(!body.contains(" style=") && !body.contains(" onclick=") && !body.contains("javascript:"));
    }
}

#[test]
fn a_strangers_text_is_shown_and_never_read_as_markup() {
    for page in pages(HOSTILE) {
        let body = page.body().unwrap();
        assert!(!body.contains("<script>alert") && !body.contains("<b a="), "{body}");
        assert!(body.contains(HARMLESS), "{body}");
    }
}

#[test]
fn ids_and_names_are_stable_and_each_field_has_a_label() {
    let (sign_in, sign_up) = (&pages("Notes")[0], &pages("Notes")[1]);
    for (page, fields) in [(sign_in, &["username", "password"][..]), (sign_up, &["username", "name", "password"])] {
        let body = page.body().unwrap();
        for field in fields {
            assert!(body.contains(&format!("<input id=\"{field}\" name=\"{field}\"")), "{field}");
            assert!(body.contains(&format!("<label for=\"{field}\">")), "{field}");
        }
    }
    for page in pages("Notes") {
        let ids: Vec<&str> =
            page.body().unwrap().split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let distinct: HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    }
}

#[test]
fn a_wrong_field_is_described_by_its_problem_and_gets_the_focus() {
    let fields = hostile_fields();
    let page = SignUp { step: step("r"), username: "alice", name: "x", min_length: 15, error: Some(&fields) };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 400);
    let body = page.body().unwrap();
    assert!(body.contains("id=\"name-problem\""), "{body}");
    let field = body.split("<input id=\"name\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(field.contains("aria-invalid=\"true\" aria-describedby=\"name-problem\" autofocus"), "{field}");
    assert_eq!(body.matches("autofocus").count(), 1);
}

#[test]
fn a_password_is_never_echoed_and_a_username_is_kept() {
    let taken = Error::new(Code::UsernameTaken, "");
    let page = SignUp { step: step("r"), username: "alice", name: "", min_length: 15, error: Some(&taken) };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 409);
    let password = page.body().unwrap().split("<input id=\"password\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(!password.contains("value="), "{password}");
    assert!(page.body().unwrap().contains("value=\"alice\""));
}

#[test]
fn a_page_that_tells_of_an_error_has_its_status() {
    let many = Error::too_many(840, "");
    let page = SignIn { step: step("r"), username: "alice", registration: true, error: Some(&many) };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 429);
    assert!(page.body().unwrap().contains("Try again in 14 minutes."));
}
