//! The hosted pages as a browser gets them: the headers that confine them, and what a stranger's text can do in them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what cannot be rendered fails the test that needs it")]

use std::collections::HashSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth::{Action, Code, Config, Error, FieldProblem, Language, SecurityEvent, Time};
use web::pages::{
    Account, App, AppStep, AuthenticatorApp, ChangeEmail, ChangeName, ChangePassword, Choose, Client, Consent,
    DeleteAccount, Device, Done, Event, Forgot, Form, FormPost, Home, Layout, Mailed, Needed, NewRecoveryCodes, News,
    NextEmail, Permission, Person, Presence, RecoveryCodes, SecondFactors, SignIn, SignOut, SignUp, SignedOut, Step,
    Task, Undelivered, Unreachable,
};
use web::{Response, Site, pages};

const HOSTILE: &str = "\"><script>alert(1)</script><b a='";
const HARMLESS: &str = "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#60;b a=&#39;";

fn site(pairs: &[(&str, &str)]) -> Site {
    let standard = [("ISSUER", "https://id.example"), ("SERVICE_NAME", "Acme ID"), ("ACCENT_COLOR", "#0a6350")];
    let kept = standard.iter().filter(|(name, _)| pairs.iter().all(|(other, _)| other != name)).chain(pairs);
    Site::read(&Config::from_pairs(kept.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))).unwrap()
}

fn client(name: &str) -> Client<'_> {
    let redirect_uri = "https://app.example/callback";
    Client { name, redirect_uri, uri: None, policy_uri: Some("https://app.example/privacy"), tos_uri: None }
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
fn pages_in(layout: Layout<'_>, text: &str) -> Vec<Response> {
    let (wrong, fields) = (Error::new(Code::InvalidCredentials, ""), hostile_fields());
    let person = Person { username: text, name: Some(text) };
    let step = step(text);
    let parameters = [(text, text)];
    let form = Form { action: text, token: text, link: Some(text) };
    let short = Error::parameter("password", "too_short", "");
    let scopes = [asked("openid"), asked(text)];
    let parameter = Error::parameter(text, "unknown", text.to_owned()).leading_back(client(text).way_back());
    let mut pages = vec![
        SignIn {
            layout,
            step,
            username: text,
            registration: true,
            addresses: false,
            forgot: None,
            error: Some(&wrong),
        }
        .response()
        .unwrap(),
        SignUp {
            layout,
            step,
            username: text,
            email: text,
            asks_username: Needed::Required,
            asks_email: Needed::Optional,
            name: text,
            min_length: 15,
            work: None,
            ticket: None,
            error: Some(&fields),
        }
        .response()
        .unwrap(),
        Mailed { layout, task: Task::Reset, form, min_length: 15, error: Some(&short) }.response().unwrap(),
        Undelivered { layout, step, email: text, why: Unreachable::Bounced }.response().unwrap(),
        Choose { layout, step, person }.response().unwrap(),
        Consent { layout, step, verified: false, person, scopes: &scopes }.response().unwrap(),
        SignOut { layout, person, token: text, parameters: &parameters }.response().unwrap(),
        FormPost { layout, client: client(text), parameters: &parameters }.response().unwrap(),
        SignedOut { layout, back: client(text).way_back().as_ref() }.response().unwrap(),
        pages::Error { layout, error: &parameter, request_id: text }.response().unwrap(),
        Forgot { layout, form, username: text, sign_in: Some(text), error: None }.response().unwrap(),
        Done { layout, news: News::Reset, sign_in: Some(text) }.response().unwrap(),
        Home { layout, issuer: text, documents: &[text] }.response().unwrap(),
    ];
    pages.extend(account_pages(layout, text));
    pages
}

fn account_pages(layout: Layout<'_>, text: &str) -> Vec<Response> {
    let (wrong, fields) = (Error::new(Code::InvalidCredentials, ""), hostile_fields());
    let at = Time::from_seconds(1_795_824_000);
    let device = Device { id: text, user_agent: Some(text), is_this: true, apps: vec![text], used_at: at };
    let app = App { id: text, name: text, permissions: vec![asked("openid"), asked(text)], since: at };
    let event = SecurityEvent::of(Action::SignIn).from_address(text, Some(text));
    let account = Account {
        layout,
        token: text,
        username: text,
        name: Some(text),
        email: Some((text, false)),
        changes_email: true,
        next_email: Some(NextEmail { address: text, from: at }),
        unreachable: Some(Unreachable::Complained),
        password_changed_at: Some(at),
        second: SecondFactors { app: Presence::Until(at), codes_left: 9 },
        devices: &[device],
        apps: &[app],
        events: &[Event { event: &event, app: Some(text), at }],
        refused: Some((3, at)),
    };
    let (present, error) = (Some(text), Some(&fields));
    let email = ChangeEmail { layout, token: text, username: text, present, email: text, error };
    let password = ChangePassword { layout, token: text, username: text, min_length: 15, error: Some(&wrong) };
    let (step, asks_password) = (AppStep::Scan { secret: text, image: "<svg></svg>" }, true);
    let app = AuthenticatorApp { layout, token: text, username: text, step, asks_password, error: Some(&wrong) };
    let codes = RecoveryCodes { layout, token: text, username: text, asks_password, error: Some(&fields) };
    vec![
        account.response().unwrap(),
        app.response().unwrap(),
        codes.response().unwrap(),
        NewRecoveryCodes { layout, token: text, codes: &[text.to_owned()] }.response().unwrap(),
        ChangeName { layout, token: text, name: text, error: Some(&fields) }.response().unwrap(),
        email.response().unwrap(),
        password.response().unwrap(),
        DeleteAccount { layout, token: text, username: text, end: None, error: Some(&wrong) }.response().unwrap(),
    ]
}

/// How many of them lead to an app: the first.
const LEADING: usize = 8;

fn pages(text: &str) -> Vec<Response> {
    pages_in(site(&[]).layout_in(Language::English), text)
}

/// What is between the quotes of an attribute of the element with this id.
fn attribute<'a>(body: &'a str, id: &str, name: &str) -> Option<&'a str> {
    let at = body.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {body}"));
    let tag = body[body[..at].rfind('<').unwrap()..].split('>').next().unwrap();
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

#[test]
fn no_page_can_be_kept_framed_or_made_to_load_anything() {
    for page in pages("Notes") {
        assert_eq!(page.value("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.value("cache-control"), Some("no-store"));
        assert_eq!(page.value("x-frame-options"), Some("DENY"));
        let policy = page.value("content-security-policy").unwrap();
        for directive in ["default-src 'none'", "img-src data:;", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    }
}

#[test]
fn only_a_page_on_the_way_to_an_app_keeps_the_window_that_opened_it() {
    for (number, page) in pages("Notes").iter().enumerate() {
        let expected = if number < LEADING { "unsafe-none" } else { "same-origin" };
        assert_eq!(page.value("cross-origin-opener-policy"), Some(expected), "{number}");
    }
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
fn a_page_whose_form_leads_to_an_app_lets_it_lead_on_from_there_and_no_other_page_leads_away() {
    for (number, page) in pages("Notes").iter().enumerate() {
        let policy = page.value("content-security-policy").unwrap();
        assert_eq!(policy.contains("form-action 'self'"), number >= LEADING, "{number}: {policy}");
        assert_eq!(policy.contains("form-action"), number >= LEADING, "{number}: {policy}");
    }
}

#[test]
fn every_page_shows_the_services_name_logo_and_colour() {
    let logo = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let site = site(&[("SERVICE_NAME", "A & B"), ("LOGO", logo), ("ACCENT_COLOR", "#ffee00")]);
    for page in pages_in(site.layout_in(Language::English), "Notes") {
        let body = page.body().unwrap();
        assert!(body.contains("<bdi id=\"service\">A &#38; B</bdi>") && body.contains("A &#38; B</title>"), "{body}");
        assert!(body.contains("<img src=\"data:image/svg+xml;base64,") && !body.contains("alert(1)"), "{body}");
        assert!(body.contains("--fill:#"), "{body}");
    }
}

#[test]
fn a_remote_logo_is_all_that_a_page_loads() {
    let address = "https://cdn.example/logo.svg";
    let site = site(&[("LOGO", address)]);
    for page in pages_in(site.layout_in(Language::English), "Notes") {
        let policy = page.value("content-security-policy").unwrap();
        assert!(policy.contains(&format!("; img-src data: {address};")), "{policy}");
    }
}

#[test]
fn every_page_is_in_the_language_that_it_says_it_is_in() {
    let site = site(&[]);
    let english = pages_in(site.layout_in(Language::English), "Notes");
    for language in Language::ALL {
        let direction = if language == Language::Arabic { "rtl" } else { "ltr" };
        for (page, english) in pages_in(site.layout_in(language), "Notes").iter().zip(&english) {
            let (body, opening) =
                (page.body().unwrap(), format!("<html lang=\"{}\" dir=\"{direction}\">", language.tag()));
            assert!(body.contains(&opening), "{body}");
            assert_eq!(page.value("content-language"), Some(language.tag()));
            assert!(language == Language::English || page.body() != english.body(), "{language:?}");
            for sentence in ["Sign in", "Username", " account", "Go back"] {
                assert!(language == Language::English || !body.contains(sentence), "{language:?}: {sentence}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_field_is_told_in_the_pages_language() {
    let site = site(&[]);
    for (field, code) in [
        ("username", "missing"),
        ("username", "invalid_characters"),
        ("username", "too_short"),
        ("username", "too_long"),
        ("username", "username_taken"),
        ("password", "missing"),
        ("password", "too_short"),
        ("password", "too_long"),
        ("password", "too_common"),
        ("password", "breached"),
        ("password", "contains_context"),
        ("name", "invalid_characters"),
        ("name", "too_short"),
        ("name", "too_long"),
        ("name", "a_code_of_tomorrow"),
    ] {
        let mut told = HashSet::new();
        for language in Language::ALL {
            let problem = FieldProblem { field: field.into(), code, detail: "In English.".into() };
            let (error, layout) = (Error::fields(vec![problem]), site.layout_in(language));
            let page = SignUp {
                layout,
                step: step("r"),
                username: "",
                email: "",
                asks_username: Needed::Required,
                asks_email: Needed::Optional,
                name: "",
                min_length: 15,
                work: None,
                ticket: None,
                error: Some(&error),
            };
            let page = page.response().unwrap();
            let sentence = page.body().unwrap().split(&format!("id=\"{field}-problem\">")).nth(1).unwrap();
            let sentence = sentence.split("</p>").next().unwrap().to_owned();
            assert!(!sentence.contains("In English."), "{sentence}");
            told.insert(sentence);
        }
        assert_eq!(told.len(), Language::ALL.len(), "{field} {code}: {told:?}");
    }
}

#[test]
fn what_an_app_can_change_is_told_first_and_how_long_it_lasts_at_the_end() {
    let site = site(&[]);
    let words = ["account", "email", "notes:write", "offline_access", "openid", "profile"];
    let scopes =
        words.map(|word| Permission { word, sentence: (word == "notes:write").then_some("change your notes") });
    let (layout, person) = (site.layout_in(Language::English), Person { username: "alice", name: None });
    let page = Consent { layout, step: step("r"), verified: true, person, scopes: &scopes }.response().unwrap();
    let list = page.body().unwrap().split("<ul class=\"scopes\">").nth(1).unwrap().split("</ul>").next().unwrap();
    let told: Vec<_> = list.split("<span dir=\"auto\">").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    let beginnings =
        ["see and change your account", "change your notes", "see your e-mail", "see your name", "recognize", "keep"];
    assert_eq!(told.len(), beginnings.len(), "{told:?}");
    assert!(told.iter().zip(beginnings).all(|(told, beginning)| told.starts_with(beginning)), "{told:?}");
}

#[test]
fn pages_of_an_app_are_linked_to_by_https_only_and_learn_nothing_of_where_people_come_from() {
    let site = site(&[]);
    let layout = site.layout_in(Language::English);
    let about = Client { tos_uri: Some("javascript:alert(1)"), ..client("Notes") };
    let (step, person) = (Step { client: about, ..step("r") }, Person { username: "alice", name: None });
    for page in [
        SignIn { layout, step, username: "", registration: true, addresses: false, forgot: None, error: None }
            .response()
            .unwrap(),
        SignUp {
            layout,
            step,
            username: "",
            email: "",
            asks_username: Needed::Required,
            asks_email: Needed::Optional,
            name: "",
            min_length: 15,
            work: None,
            ticket: None,
            error: None,
        }
        .response()
        .unwrap(),
        Consent { layout, step, verified: true, person, scopes: &[] }.response().unwrap(),
    ] {
        let body = page.body().unwrap();
        assert_eq!(attribute(body, "policy", "href"), Some("https://app.example/privacy"));
        assert_eq!(attribute(body, "policy", "rel"), Some("noopener noreferrer"));
        assert!(!body.contains("id=\"terms\"") && !body.contains("javascript"), "{body}");
    }
}

#[test]
fn whoever_cannot_go_on_is_offered_the_way_back_to_the_app() {
    let site = site(&[]);
    let layout = site.layout_in(Language::English);
    let back = |app: Option<Client<'_>>| {
        let way = app.and_then(|app| app.way_back());
        let signed_out = SignedOut { layout, back: way.as_ref() }.response().unwrap();
        let error = Error::new(Code::StaleRequest, "").leading_back(way);
        let error = pages::Error { layout, error: &error, request_id: "r" }.response().unwrap();
        [error, signed_out].map(|page| page.body().unwrap().to_owned())
    };
    for body in back(Some(client("Notes"))) {
        assert_eq!(attribute(&body, "back", "href"), Some("https://app.example/"));
        assert!(body.contains("Back to <bdi>Notes</bdi>"), "{body}");
    }
    for body in back(None) {
        assert!(!body.contains("id=\"back\""), "{body}");
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
fn a_wrong_field_is_described_by_its_problem_in_the_hints_place_and_gets_the_focus() {
    let site = site(&[]);
    let layout = site.layout_in(Language::English);
    let problem = |field: &str, code| FieldProblem { field: field.into(), code, detail: "".into() };
    let fields = Error::fields(vec![problem("name", "too_long"), problem("password", "too_short")]);
    let page = SignUp {
        layout,
        step: step("r"),
        username: "alice",
        email: "",
        asks_username: Needed::Required,
        asks_email: Needed::Optional,
        name: "x",
        min_length: 15,
        work: None,
        ticket: None,
        error: Some(&fields),
    };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 400);
    let body = page.body().unwrap();
    assert_eq!(attribute(body, "username", "aria-describedby"), Some("username-hint"));
    assert_eq!(attribute(body, "name", "aria-describedby"), Some("name-problem"));
    assert_eq!(attribute(body, "password", "aria-describedby"), Some("password-problem"));
    assert!(body.contains("Use at least 15 characters.") && !body.contains("password-hint"), "{body}");
    let field = body.split("<input id=\"name\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(field.contains("aria-invalid=\"true\"") && field.contains(" autofocus"), "{field}");
    assert_eq!(body.matches(" autofocus").count(), 1);
}

#[test]
fn a_password_is_never_echoed_and_a_username_is_kept() {
    let site = site(&[]);
    let (layout, taken) = (site.layout_in(Language::English), Error::new(Code::UsernameTaken, ""));
    let page = SignUp {
        layout,
        step: step("r"),
        username: "alice",
        email: "",
        asks_username: Needed::Required,
        asks_email: Needed::Optional,
        name: "",
        min_length: 15,
        work: None,
        ticket: None,
        error: Some(&taken),
    };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 409);
    let body = page.body().unwrap();
    assert_eq!((attribute(body, "password", "value"), attribute(body, "username", "value")), (None, Some("alice")));
}

#[test]
fn too_many_attempts_are_told_without_calling_a_field_wrong() {
    let site = site(&[]);
    let (layout, many) = (site.layout_in(Language::English), Error::too_many(840, ""));
    let page = SignIn {
        layout,
        step: step("r"),
        username: "alice",
        registration: true,
        addresses: false,
        forgot: None,
        error: Some(&many),
    };
    let page = page.response().unwrap();
    assert_eq!(page.status(), 429);
    let body = page.body().unwrap();
    assert!(body.contains("Try again in 14 minutes.") && !body.contains("aria-invalid=\"true\""), "{body}");
}

#[test]
fn an_address_in_the_place_of_a_username_is_told_from_its_text_alone() {
    let site = site(&[]);
    let (layout, wrong) = (site.layout_in(Language::English), Error::new(Code::InvalidCredentials, ""));
    for (username, is_address) in [("alice@example.com", true), ("@", true), ("alice\u{ff20}x", true), ("alice", false)]
    {
        let page = SignIn {
            layout,
            step: step("r"),
            username,
            registration: true,
            addresses: false,
            forgot: None,
            error: Some(&wrong),
        };
        let page = page.response().unwrap();
        let body = page.body().unwrap();
        assert_eq!(body.contains("Use a username, not an e-mail address."), is_address, "{username}");
        assert_eq!(attribute(body, "password", "aria-invalid").is_none(), is_address, "{username}");
        assert_eq!((page.status(), body.matches(" autofocus").count()), (401, 1), "{username}");
    }
}
