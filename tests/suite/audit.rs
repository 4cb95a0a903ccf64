//! Security events: log lines, the history of a person and of the service, and who sees what of it.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::stream::{self, StreamExt};
use local::Options;
use serde_json::{Value, json};

use super::account::change_password;
use super::account_page::{buttons, submit, visit};
use super::bounces::{notification, report};
use super::deletion::{delete_me, traces};
use super::mailed::{Letter, forgot, person};
use super::refresh::{Tokens, assert_refused, refresh, sign_in, sign_up};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::party::Party;
use support::service::options;
use support::{PASSWORD, Service};

const OTHER: &str = "a foghorn on the south pier";
const MAIL: (&str, &str) = ("MailFrom", "service@id.example");

/// The events that a person sees, newest first.
async fn events(service: &Service, token: &str) -> Vec<Value> {
    let answer = service.get_as("/me/events", token).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json()["events"].as_array().expect("a list").clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().expect("a word")).collect()
}

/// How many attempts to sign in were refused, as the person sees it.
async fn refused(service: &Service, token: &str) -> u64 {
    service.get_as("/me/events", token).await.json()["refused_sign_ins"]["count"].as_u64().expect("a number")
}

/// Every stored item.
async fn dump(service: &Service) -> Vec<Value> {
    let scan = json!({"TableName": service.stack.table_name()});
    let table = service.stack.dynamodb("Scan", &scan).await.expect("an answer");
    table["Items"].as_array().expect("items").clone()
}

/// The stored events.
async fn stored(service: &Service) -> Vec<Value> {
    let is_event = |item: &Value| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("AUDIT#"));
    dump(service).await.into_iter().filter(is_event).collect()
}

/// A service whose functions log as they do in Lambda.
async fn logging() -> Service {
    let function_variables = vec![("AWS_LAMBDA_LOG_FORMAT".into(), "JSON".into())];
    Service::with_options(Options { function_variables, ..options() }).await
}

/// The fields of the events in log lines.
fn logged(lines: &str) -> Vec<Value> {
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(&line[line.find('{')?..]).ok());
    let events = lines.filter(|line| line["fields"]["message"] == "security event");
    events.map(|line| line["fields"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_their_own_events_and_nobody_elses() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let bob = sign_up(&service, "bob").await;
    let login = service.request("POST", "/login").header("user-agent", "Lighthouse/1.0");
    let login = login.json(&json!({"username": "alice", "password": PASSWORD}));
    let second = Tokens::of(&service.send(login).await);
    let ended = service.request("DELETE", &format!("/me/sessions/{}", first.sid())).bearer_auth(&second.access);
    assert_eq!(service.send(ended).await.status, 204);
    assert_eq!(change_password(&service, &second.access, PASSWORD, OTHER).await.status, 204);
    let hers = events(&service, &second.access).await;
    assert_eq!(actions(&hers), ["password_changed", "session_ended", "sign_in", "sign_in", "registration"]);
    let [_, session_ended, sign_in, ..] = hers.as_slice() else { panic!("{hers:?}") };
    assert_eq!(session_ended["session"], json!(first.sid()));
    for (member, value) in [
        ("outcome", json!("success")),
        ("user", json!(second.user())),
        ("session", json!(second.sid())),
        ("client_id", json!("first-party")),
        ("address", json!("127.0.0.1")),
        ("user_agent", json!("Lighthouse/1.0")),
    ] {
        assert_eq!(sign_in[member], value, "{sign_in}");
    }
    assert!(sign_in["request_id"].is_string() && sign_in["at"].is_u64() && sign_in["id"].is_string(), "{sign_in}");
    assert_eq!(actions(&events(&service, &bob.access).await), ["sign_in", "registration"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_page_by_page_and_need_the_scope_account() {
    let party = Party::start().await;
    let service = &party.service;
    let tokens = sign_in(service, "alice").await;
    for _ in 0..3 {
        sign_in(service, "alice").await;
    }
    let all = events(service, &tokens.access).await;
    assert_eq!(all.len(), 5);
    let from = all[1]["id"].as_str().expect("an id");
    let rest = events_from(service, &tokens.access, from).await;
    assert_eq!(rest["events"].as_array().expect("a list").as_slice(), &all[2..]);
    assert_eq!(rest["next"], Value::Null);
    let first = events_from(service, &tokens.access, "00000000-0000-7000-8000-000000000000").await;
    assert_eq!(first["events"], json!([]), "before everything");
    for nonsense in ["0", &"0".repeat(2000)] {
        let answer = service.get_as(&format!("/me/events?before={nonsense}"), &tokens.access).await;
        assert_eq!((answer.status, answer.problems()), (400, vec!["before: malformed".to_owned()]), "{answer:?}");
    }
    let app = party.tokens("openid").await;
    let answer = service.get_as("/me/events", app["access_token"].as_str().expect("it")).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "insufficient_scope"));
    assert_eq!(service.get("/me/events").await.status, 401);
}

/// Otherwise whoever has a token could fill the history.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_of_nobody_is_not_recorded() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    sign_in(&service, "alice").await;
    for _ in 0..3 {
        let end = service.request("DELETE", "/me/sessions").bearer_auth(&tokens.access);
        assert_eq!(service.send(end).await.status, 204);
    }
    let events = events(&service, &tokens.access).await;
    assert_eq!(actions(&events).iter().filter(|action| **action == "signed_out_everywhere").count(), 1, "{events:?}");
}

async fn events_from(service: &Service, token: &str, before: &str) -> Value {
    service.get_as(&format!("/me/events?before={before}"), token).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_does_in_a_browser_and_with_apps_is_in_their_history() {
    let party = Party::start().await;
    let service = &party.service;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid profile offline_access")]).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    assert_eq!(party.redeem(&code).await.status, 400, "the code comes back");
    let own = sign_in(service, "alice").await;
    let forgotten = service.request("DELETE", &format!("/me/consents/{}", party.client_id)).bearer_auth(&own.access);
    assert_eq!(service.send(forgotten).await.status, 204);
    let page = browser.get("/account").await;
    submit(&mut browser, "/account", &[("device", &buttons(&page, "device")[0])]).await;
    let all = events(service, &own.access).await;
    let expected = [
        "browser_signed_out",
        "consent_removed",
        "sign_in",
        "tokens_ended",
        "consent_given",
        "sign_in",
        "registration",
    ];
    assert_eq!(actions(&all), expected);
    assert_eq!(all[3]["reason"], "code_reused");
    for event in [&all[1], &all[3], &all[4], &all[5]] {
        assert_eq!(event["client_id"], json!(party.client_id), "{event}");
    }
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_refresh_token_and_a_sign_out_of_an_app_are_told_apart() {
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "0")]).await;
    let stolen = sign_up(&service, "alice").await;
    Tokens::of(&refresh(&service, &stolen.refresh).await);
    for _ in 0..3 {
        assert_refused(&service, &stolen.refresh).await;
    }
    let left = sign_in(&service, "alice").await;
    let own = sign_in(&service, "alice").await;
    for _ in 0..2 {
        let revoke = format!("client_id=first-party&token={}", left.refresh);
        assert_eq!(super::refresh::form(&service, "/revoke", &revoke).await.status, 200);
    }
    let all = events(&service, &own.access).await;
    assert_eq!(actions(&all), ["tokens_ended", "sign_in", "sign_in", "tokens_ended", "sign_in", "registration"]);
    assert_eq!((&all[0]["reason"], &all[3]["reason"]), (&json!("revoked"), &json!("refresh_token_reused")));
    assert_eq!((&all[0]["session"], &all[3]["session"]), (&json!(left.sid()), &json!(stolen.sid())));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_forgotten_passwords_leave_events() {
    let service = &Service::with_parameters(&[MAIL]).await;
    person(service, "alice", "alice@people.example").await;
    let handle = forgot(service, "alice").await;
    let wrong = json!({"handle": handle, "code": "AAAA-0000", "password": OTHER});
    assert_eq!(service.post("/password/reset", wrong).await.status, 400);
    let code = Letter::to(service, "alice@people.example", 2).await.code();
    let reset = json!({"handle": handle, "code": code, "password": OTHER});
    assert_eq!(service.post("/password/reset", reset).await.status, 204);
    let token = service.sign_in("alice", OTHER).await.json()["access_token"].as_str().expect("it").to_owned();
    let asked = json!({"email": "new@people.example", "password": OTHER});
    let asked = service.send(service.request("POST", "/me/email").bearer_auth(&token).json(&asked)).await;
    let code = Letter::to(service, "new@people.example", 1).await.code();
    let proof = json!({"handle": asked.json()["handle"], "code": code});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
    let effective_at = service.get_as("/me", &token).await.json()["next_email"]["effective_at"].clone();
    assert_eq!(service.send(service.request("DELETE", "/me/email").bearer_auth(&token)).await.status, 204);
    let all = events(service, &token).await;
    assert_eq!(
        actions(&all),
        ["address_kept", "address_changing", "sign_in", "password_reset", "address_proven"],
        "{all:?}"
    );
    assert!(effective_at.is_u64() && all[1]["effective_at"] == effective_at, "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_and_a_download_of_the_data_are_events_and_a_name_that_stays_is_none() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let rename = async |name: &str| {
        let patch = service.request("PATCH", "/me").bearer_auth(&tokens.access).json(&json!({"name": name}));
        assert_eq!(service.send(patch).await.status, 200);
    };
    rename("Alice").await;
    rename("Alice").await;
    assert_eq!(service.get_as("/me/export", &tokens.access).await.status, 200);
    let mut browser = visit(service, "alice").await;
    assert_eq!(submit(&mut browser, "/account/name", &[("name", "Alice Liddell")]).await.status, 303);
    assert_eq!(submit(&mut browser, "/account", &[("export", "json")]).await.status, 200);
    let all = events(service, &tokens.access).await;
    let expected =
        ["data_exported", "name_changed", "sign_in", "data_exported", "name_changed", "sign_in", "registration"];
    assert_eq!(actions(&all), expected);
    for event in [&all[0], &all[1], &all[3], &all[4]] {
        assert_eq!((&event["user"], &event["address"]), (&json!(tokens.user()), &json!("127.0.0.1")), "{event}");
        assert!(!event.to_string().contains("Alice"), "no name: {event}");
    }
    assert_eq!(all[3]["session"], json!(tokens.sid()));
    let page = browser.get("/account").await.text;
    assert!(page.contains("Data downloaded") && page.contains("Name changed"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_refused_sign_ins_of_strangers_add_no_item() {
    let service = &Service::start().await;
    let alice = sign_up(service, "alice").await;
    let (before, events_before) = (dump(service).await.len(), stored(service).await.len());
    let names = (0..1000).map(|number| if number % 2 == 0 { "alice" } else { "nobody" });
    let guesses = names.map(|name| service.sign_in(name, "not the right one at all"));
    let answers: Vec<_> = stream::iter(guesses).buffer_unordered(8).map(|answer| answer.status).collect().await;
    assert_eq!(answers.iter().filter(|status| [401, 429].contains(*status)).count(), 1000);
    assert_eq!(stored(service).await.len(), events_before);
    let more = dump(service).await.len() - before;
    assert!(more <= 2, "one item counts for the address and one for nobody's name: {more}");
    let counted = refused(service, &alice.access).await;
    assert!((10..60).contains(&counted), "those that were not throttled: {counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_are_counted_without_a_write_of_their_own_and_right_ones_are_not() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let told = service.get_as("/me/events", &tokens.access).await.json();
    assert_eq!(told["refused_sign_ins"], json!({"count": 0, "since": null, "last_at": null}), "{told}");
    for _ in 0..3 {
        assert_eq!(service.sign_in("alice", "not the right one at all").await.status, 401);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let tokens = sign_in(&service, "alice").await;
    let told = service.get_as("/me/events", &tokens.access).await.json()["refused_sign_ins"].clone();
    assert_eq!(told["count"], 3, "{told}");
    let last = told["last_at"].as_u64().expect("a time");
    assert!(last + 60 > now && last <= now + 1, "{told}");
    let mut browser = visit(&service, "alice").await;
    assert!(browser.get("/account").await.text.contains("Refused attempts to sign in: 3."), "the page says so, too");
    assert_eq!(refused(&service, &sign_up(&service, "bob").await.access).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_write_of_an_event_does_not_fail_a_sign_in() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    sign_up(service, "alice").await;
    disturbed.store.plan(Some("PutItem"), Fault::Error(500, "InternalServerError"), usize::MAX);
    let tokens = sign_in(service, "alice").await;
    disturbed.store.heal();
    assert_eq!(actions(&events(service, &tokens.access).await), ["sign_in", "registration"]);
    let logs = disturbed.service.stop().await;
    assert!(logs.contains("storing a security event failed"), "{logs}");
    assert_eq!(logs.matches("security event ").count() - 1, 3, "every event is a log line: {logs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_one_log_line_with_its_members() {
    let service = logging().await;
    let tokens = sign_up(&service, "alice").await;
    assert_eq!(service.sign_in("alice", "not the right one at all").await.status, 401);
    assert_eq!(service.sign_in("not a name but a password", "x").await.status, 401);
    service.operator(json!({"action": "show_user", "username": "alice"})).await.expect("a report");
    let (user, stored) = (tokens.user(), stored(&service).await.len());
    let lines = logged(&service.stop().await);
    let told: Vec<_> = lines.iter().map(|line| (&line["action"], &line["outcome"], &line["reason"])).collect();
    let expected = [
        ("registration", "success", Value::Null),
        ("sign_in", "success", Value::Null),
        ("sign_in", "refused", json!("wrong_password")),
        ("sign_in", "refused", json!("unknown_person")),
        ("order", "success", Value::Null),
    ];
    for (action, outcome, reason) in &expected {
        assert!(told.contains(&(&json!(action), &json!(outcome), reason)), "{action}: {lines:#?}");
    }
    assert_eq!((lines.len(), stored), (expected.len(), 2));
    for line in lines.iter().filter(|line| line["reason"] != "unknown_person") {
        assert_eq!(line["user"], json!(user), "{line}");
        assert!(line["request_id"].is_string(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_contains_a_password_a_code_a_token_or_a_cookie() {
    let service = Service::with_parameters(&[MAIL]).await;
    person(&service, "alice", "alice@people.example").await;
    let handle = forgot(&service, "alice").await;
    let letter = Letter::to(&service, "alice@people.example", 2).await;
    let reset = json!({"token": letter.token(), "password": OTHER});
    assert_eq!(service.post("/password/reset", reset).await.status, 204);
    let first = Tokens::of(&service.sign_in("alice", OTHER).await);
    assert_eq!(service.sign_in(OTHER, OTHER).await.status, 401, "the password in the wrong field");
    assert_eq!(change_password(&service, &first.access, "wrong wrong wrong", PASSWORD).await.status, 401);
    assert_eq!(change_password(&service, &first.access, OTHER, PASSWORD).await.status, 204);
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    let mut browser = visit(&service, "alice").await;
    let cookies: Vec<String> = browser.cookies.values().cloned().collect();
    submit(&mut browser, "/account", &[("device", "all")]).await;
    let events = json!(stored(&service).await).to_string();
    assert!(events.matches("AUDIT#").count() >= 5, "{events}");
    let logs = service.stop().await;
    assert!(logs.contains("security event"), "{logs}");
    let mut secrets = vec![PASSWORD.to_owned(), OTHER.to_owned(), handle, letter.code(), letter.token()];
    secrets.extend([&first, &second].into_iter().flat_map(|tokens| [tokens.access.clone(), tokens.refresh.clone()]));
    secrets.extend(cookies.into_iter().filter(|cookie| cookie.len() > 8));
    for secret in secrets {
        assert!(!events.contains(&secret) && !logs.contains(&secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_events_of_a_person_and_those_of_the_service() {
    let service = Service::start().await;
    let alice = sign_up(&service, "alice").await;
    sign_up(&service, "bob").await;
    let order =
        async |order: Value| service.operator(order.clone()).await.unwrap_or_else(|why| panic!("{order}: {why}"));
    order(json!({"action": "set_roles", "username": "alice", "roles": ["admin"]})).await;
    order(json!({"action": "put_resource", "resource": "https://notes.example/api"})).await;
    order(json!({"action": "put_resource", "resource": "https://notes.example/api"})).await;
    assert!(service.operator(json!({"action": "sign_out", "username": "nobody"})).await.is_err());
    service.stack.invoke("RotateFunction", json!({"action": "rotate"})).await.expect("a rotation");
    let hers = order(json!({"action": "list_events", "username": "alice"})).await;
    let hers = hers["events"].as_array().expect("a list");
    assert_eq!(actions(hers), ["order", "sign_in", "registration"]);
    assert_eq!((&hers[0]["order"], &hers[0]["user"]), (&json!("set_roles"), &json!(alice.user())));
    assert!(hers[0]["request_id"].is_string() && hers[0].get("address").is_none(), "{hers:?}");
    let by_id = order(json!({"action": "list_events", "id": alice.user(), "before": hers[1]["id"]})).await;
    assert_eq!(actions(by_id["events"].as_array().expect("a list")), ["registration"]);
    let own = order(json!({"action": "list_events"})).await;
    let own = own["events"].as_array().expect("a list");
    assert_eq!(actions(own), ["keys_rotated", "order"], "what changed nothing or was refused is a log line");
    assert_eq!((&own[1]["order"], &own[1]["object"]), (&json!("put_resource"), &json!("https://notes.example/api")));
    let read = service.stack.invoke("OperatorFunction:read", json!({"action": "list_events", "username": "bob"})).await;
    assert!(read.is_ok(), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_deletion_one_event_is_left_which_does_not_say_where_the_person_was() {
    let service = Service::start().await;
    for (name, by_operator) in [("alice", false), ("bob", true)] {
        let tokens = sign_up(&service, name).await;
        if by_operator {
            service.operator(json!({"action": "delete_user", "username": name})).await.expect("it is done");
        } else {
            assert_eq!(delete_me(&service, &tokens.access, json!({"password": PASSWORD})).await.status, 204);
        }
        let left = service.operator(json!({"action": "list_events", "id": tokens.user()})).await.expect("a list");
        let [last] = left["events"].as_array().expect("a list").as_slice() else { panic!("one: {left}") };
        assert_eq!(last["action"], "account_deleted");
        assert!(last.get("address").is_none() && last.get("user_agent").is_none(), "{last}");
        assert_eq!(last.get("order").is_some(), by_operator);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_end_as_configured_and_with_zero_days_none_is_stored() {
    let service = Service::with_parameters(&[("AuditDays", "7")]).await;
    sign_up(&service, "alice").await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    for event in stored(&service).await {
        let end: u64 = event["expires_at"]["N"].as_str().and_then(|end| end.parse().ok()).expect("an end");
        assert!((now + 7 * 86_400 - 60..=now + 7 * 86_400).contains(&end), "{event}");
    }
    let service = Service::with_parameters(&[("AuditDays", "0")]).await;
    let tokens = sign_up(&service, "alice").await;
    assert!(events(&service, &tokens.access).await.is_empty() && stored(&service).await.is_empty());
    assert!(service.stop().await.contains("security event"), "the log has them");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_page_shows_the_last_ten_events_in_words() {
    let party = Party::start().await;
    let service = &party.service;
    let mut browser = visit(service, "alice").await;
    let code = party.ask(&mut browser, &[("scope", "openid profile")]).await["code"].clone();
    assert_eq!(party.redeem(&code).await.status, 200);
    let page = browser.get("/account").await;
    for words in ["Recent activity", "Signed in", "Account created", "Gave an app access", "127.0.0.1", " UTC"] {
        assert!(page.text.contains(words), "{words}: {page:?}");
    }
    assert!(page.text.contains("<bdi>Notes</bdi>"), "the app's name: {page:?}");
    for _ in 0..12 {
        sign_in(service, "alice").await;
    }
    let page = browser.get("/account").await;
    assert_eq!(page.text.matches(">Signed in<").count(), 10, "{page:?}");
    assert!(!page.text.contains("Account created"), "it is the oldest");
    let german = browser.request("GET", "/account").header("accept-language", "de");
    assert!(browser.send(german).await.text.contains("Letzte Aktivitäten"));
}

/// The export is complete if whatever names the person in the table is in it. What a reader must not get back are secrets
/// and their hashes; what is left out besides ends within a day.
#[tokio::test(flavor = "multi_thread")]
async fn the_export_contains_everything_that_the_table_has_about_the_person() {
    let (present, next) = ("alice@people.example", "liddell@new.example");
    let metadata = json!({"token_endpoint_auth_method": "client_secret_post"});
    let party = Party::without_alice(Service::with_parameters(&[MAIL]).await, metadata).await;
    let service = &party.service;
    person(service, "alice", present).await;
    let tokens = sign_in(service, "alice").await;
    change_address(service, &tokens.access, next).await;
    let mut browser = visit(service, "alice").await;
    let code = party.ask(&mut browser, &[("scope", "openid profile offline_access")]).await["code"].clone();
    assert_eq!(party.redeem(&code).await.status, 200);
    assert_eq!(service.sign_in("alice", "not the right one at all").await.status, 401);
    let patch = service.request("PATCH", "/me").bearer_auth(&tokens.access).json(&json!({"name": "Alice Liddell"}));
    assert_eq!(service.send(patch).await.status, 200);
    service.operator(json!({"action": "set_roles", "username": "alice", "roles": ["keeper"]})).await.expect("roles");
    let tokens = sign_in(service, "alice").await;
    assert_eq!(report(service, notification(|_| {})).await, 1, "a mail to the present address came back");
    // The download is an event, too, which the next one contains.
    let stored = about(service, &[&tokens.user(), present, next, "Alice Liddell", "\"alice\"", "#alice"]).await;
    let export = service.get_as("/me/export", &tokens.access).await.json();
    let told = texts(&export);
    let mut kinds = BTreeSet::new();
    for item in stored {
        let pk = item["pk"]["S"].as_str().expect("a key");
        let kind = pk.split_inclusive('#').next().expect("a kind").to_owned();
        if ["CODE#", "REQUEST#", "REVOKED#", "ONCE#", "LIMIT#"].contains(&kind.as_str()) {
            assert!(item["expires_at"].is_object(), "{item}");
            continue;
        }
        kinds.insert(kind);
        for (name, value) in item.as_object().expect("an item") {
            let known = is_secret(name) || value_texts(value).iter().all(|text| told.contains(text.as_str()));
            assert!(known, "{name} of {pk} is not in the export: {value}\n{export:#}");
        }
    }
    let expected =
        ["AUDIT#", "BOUNCE#", "BROWSER#", "CONSENT#", "DEVICE-OF#", "EMAIL#", "FACTOR#", "NAME#", "SESSION#", "USER#"];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!((&export["profile"]["email"], &export["profile"]["email_verified"]), (&json!(present), &json!(true)));
    assert_eq!(export["profile"]["next_email"]["email"], next);
    assert_eq!(export["email_unreachable"]["reason"], "bounced");
    assert_eq!(export["refused_sign_ins"]["count"], 1);
}

/// Proves another address, which replaces the present one after a day.
async fn change_address(service: &Service, token: &str, address: &str) {
    let asked = json!({"email": address, "password": PASSWORD});
    let asked = service.send(service.request("POST", "/me/email").bearer_auth(token).json(&asked)).await;
    let code = Letter::to(service, address, 1).await.code();
    let proof = json!({"handle": asked.json()["handle"], "code": code});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
}

/// The stored items that contain one of these words, and the marks of addresses, whose keys are hashes.
async fn about(service: &Service, words: &[&str]) -> Vec<Value> {
    assert!(!traces(service, words).await.is_empty());
    let is_mark = |item: &Value| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("BOUNCE#"));
    let names = |item: &Value| is_mark(item) || words.iter().any(|word| item.to_string().contains(word));
    dump(service).await.into_iter().filter(names).collect()
}

/// Attributes that only the service understands: keys, versions, secrets and their hashes, and what has the same content as
/// another member in the export.
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 25] = [
        "pk",
        "sk",
        "v",
        "hash",
        "family",
        "current",
        "chain",
        "writer",
        "epoch",
        "sessions_since",
        "stays",
        "rests_on",
        "codes_ended_at",
        "place",
        "revoked",
        "t",
        "d",
        "m",
        "n",
        "first",
        "last",
        "before",
        "folded",
        "user",
        "idle_end",
    ];
    SECRET.contains(&name)
}

/// All texts and numbers in a document, without fractions of seconds.
fn texts(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => text.split(' ').chain([text.as_str()]).map(str::to_owned).collect(),
        Value::Number(number) => [number.to_string()].into(),
        Value::Bool(_) | Value::Null => BTreeSet::new(),
    }
}

/// The texts and numbers of a stored value. Times are stored in milliseconds and shown in seconds.
fn value_texts(value: &Value) -> Vec<String> {
    let Some((kind, content)) = value.as_object().and_then(|value| value.iter().next()) else { return Vec::new() };
    match (kind.as_str(), content) {
        ("S", Value::String(text)) => vec![text.clone()],
        ("N", Value::String(number)) if number.len() == 13 => vec![number[..10].to_owned()],
        ("N", Value::String(number)) => vec![number.clone()],
        ("SS", Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        ("L", Value::Array(items)) => items.iter().flat_map(value_texts).collect(),
        ("M", Value::Object(members)) => {
            members.iter().filter(|(name, _)| !is_secret(name)).flat_map(|(_, value)| value_texts(value)).collect()
        }
        _ => Vec::new(),
    }
}
