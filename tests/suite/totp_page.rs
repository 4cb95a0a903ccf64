//! Authenticator apps and recovery codes on the account page, and attacks on its forms.

use serde_json::json;
use support::authenticator::Authenticator;
use support::browser::Browser;
use support::{Answer, PASSWORD, Service};

use crate::account_page::{buttons, submit, visit};
use crate::refresh::{Tokens, sign_up, table};

const APP: &str = "/account/totp";
const CODES: &str = "/account/recovery-codes";

/// Lets the browsers of a person have signed in some time ago.
async fn age(service: &Service, tokens: &Tokens) {
    let query = json!({
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": format!("BROWSER#{}", tokens.user())}},
    });
    let browsers = table(service, "Query", query).await;
    for item in browsers["Items"].as_array().expect("items") {
        let update = json!({
            "Key": {"pk": item["pk"], "sk": item["sk"]}, "UpdateExpression": "SET auth_time = auth_time - :age",
            "ExpressionAttributeValues": {":age": {"N": "602000"}},
        });
        table(service, "UpdateItem", update).await;
    }
}

/// Presses the button that shows a new secret.
async fn begin(browser: &mut Browser<'_>) -> (Answer, Authenticator) {
    let page = submit(browser, APP, &[("step", "begin")]).await;
    assert_eq!(page.status, 200, "{page:?}");
    let app = app_of(&page);
    (page, app)
}

/// An app that reads the secret of a page.
fn app_of(page: &Answer) -> Authenticator {
    let secret = page.text.split("id=\"secret\" dir=\"ltr\">").nth(1).and_then(|rest| rest.split('<').next());
    Authenticator::with(secret.expect("a secret"))
}

/// Adds an app on the pages.
async fn add(browser: &mut Browser<'_>) {
    let (page, app) = begin(browser).await;
    assert_eq!(confirm(browser, &page, &app.code(0)).await.status, 200);
}

async fn confirm(browser: &mut Browser<'_>, page: &Answer, code: &str) -> Answer {
    let token = page.token();
    browser.post(APP, &[("csrf", &token), ("step", "confirm"), ("code", code)]).await
}

fn shown_codes(page: &Answer) -> Vec<String> {
    let list = page.text.split("id=\"codes\"").nth(1).expect("codes").split("</ul>").next().expect("an end");
    list.split("<code>").skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_adds_an_app_saves_the_codes_as_a_file_replaces_them_and_removes_the_app() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    let overview = browser.get("/account").await;
    assert!(overview.text.contains("Not set up") && overview.text.contains("id=\"set-up-totp\""), "{overview:?}");
    let (page, app) = begin(&mut browser).await;
    assert!(page.text.contains("<svg ") && page.header("cache-control") == "no-store", "{page:?}");
    let wrong = confirm(&mut browser, &page, "000000").await;
    assert!(wrong.status == 400 && wrong.element("code").contains("aria-invalid"), "{wrong:?}");
    assert!(wrong.text.contains("<svg "), "the picture stays");
    let added = confirm(&mut browser, &wrong, &app.code(0)).await;
    let codes = shown_codes(&added);
    assert!(added.status == 200 && codes.len() == 10 && added.header("cache-control") == "no-store", "{added:?}");

    let saved = [("csrf", added.token()), ("download", added.value_of_hidden("download"))];
    let saved: Vec<_> = saved.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let file = browser.post(CODES, &saved).await;
    assert_eq!(file.text, format!("{}\n", codes.join("\n")));
    assert!(file.header("content-disposition").starts_with("attachment;"), "{file:?}");
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");

    let overview = browser.get("/account").await;
    assert!(overview.text.contains("Recovery codes left: 10") && !overview.text.contains(&codes[0]), "{overview:?}");
    let wrong = submit(&mut browser, CODES, &[("code", "0000-0000-0000-0000")]).await;
    assert!(wrong.status == 400 && wrong.element("code").contains("aria-invalid"), "{wrong:?}");
    let renewed = shown_codes(&submit(&mut browser, CODES, &[("code", &codes[0])]).await);
    assert!(renewed.len() == 10 && !renewed.contains(&codes[1]), "{renewed:?}");
    let removed = submit(&mut browser, APP, &[("step", "remove"), ("code", &renewed[0])]).await;
    assert_eq!((removed.status, removed.header("location")), (303, "/account"), "{removed:?}");
    assert!(browser.get("/account").await.text.contains("Not set up"));
    let factors = service.get_as("/me/factors", &tokens.access).await.json();
    assert!(factors["totp"].is_null(), "{factors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_code_the_app_leaves_after_a_day_and_a_button_keeps_it() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    add(&mut browser).await;
    age(service, &tokens).await;
    let empty = submit(&mut browser, CODES, &[("code", " "), ("password", PASSWORD)]).await;
    assert!(empty.status == 400 && empty.element("code").contains("aria-invalid"), "{empty:?}");
    for _ in 0..2 {
        let remove = [("step", "remove"), ("code", ""), ("password", PASSWORD)];
        let removed = submit(&mut browser, APP, &remove).await;
        assert_eq!((removed.status, removed.header("location")), (303, "/account"), "{removed:?}");
    }
    let overview = browser.get("/account").await;
    assert!(overview.text.contains("Will be removed on") && buttons(&overview, "keep") == ["totp"], "{overview:?}");
    for _ in 0..2 {
        let kept = submit(&mut browser, "/account", &[("keep", "totp")]).await;
        assert_eq!(kept.status, 303, "{kept:?}");
    }
    let overview = browser.get("/account").await;
    assert!(!overview.text.contains("Will be removed on") && overview.text.contains("id=\"remove-totp\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_minutes_the_forms_ask_for_the_password() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    assert!(!browser.get(APP).await.text.contains("id=\"password\""));
    age(service, &tokens).await;
    assert!(browser.get(APP).await.text.contains("id=\"password\""));
    let refused = submit(&mut browser, APP, &[("step", "begin")]).await;
    assert!(refused.status == 401 && !refused.text.contains("<svg xmlns"), "{refused:?}");
    let wrong = submit(&mut browser, APP, &[("step", "begin"), ("password", "a foghorn on the pier")]).await;
    assert!(wrong.status == 401 && wrong.text.contains("This is not your current password."), "{wrong:?}");
    let begun = submit(&mut browser, APP, &[("step", "begin"), ("password", PASSWORD)]).await;
    assert!(begun.status == 200 && begun.text.contains("id=\"secret\""), "{begun:?}");
    let token = begun.token();
    let added =
        [("csrf", token.as_str()), ("step", "confirm"), ("code", &app_of(&begun).code(0)), ("password", PASSWORD)];
    assert_eq!(shown_codes(&browser.post(APP, &added).await).len(), 10);
    assert!(!browser.get(APP).await.text.contains("id=\"password\""), "the code was a sign-in");
    age(service, &tokens).await;
    for (path, fields) in [(APP, [("step", "remove"), ("code", "")]), (CODES, [("step", ""), ("code", "000000")])] {
        let refused = submit(&mut browser, path, &fields).await;
        assert!(refused.status == 401 && refused.text.contains("id=\"password\""), "{path}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_somebody_elses_page_changes_nothing_and_the_file_holds_nothing_but_codes() {
    let service = &Service::start().await;
    sign_up(service, "alice").await;
    sign_up(service, "bob-2").await;
    let (mut hers, mut his) = (visit(service, "alice").await, visit(service, "bob-2").await);
    add(&mut hers).await;
    for (path, fields) in [
        (APP, [("step", "begin"), ("code", "")]),
        (APP, [("step", "remove"), ("code", "")]),
        (CODES, [("download", "0000-0000-0000-0000"), ("code", "")]),
        ("/account", [("keep", "totp"), ("code", "")]),
    ] {
        let foreign = his.get(path).await.token();
        for token in ["", foreign.as_str()] {
            let sent = [fields[0], fields[1], ("csrf", token)];
            let refused = hers.post(path, &sent).await;
            assert_eq!(refused.status, 403, "{path} {fields:?}: {refused:?}");
        }
    }
    let content = "<script>alert(1)</script> 0000-0000-0000-0000 \r\nx: y 1111-1111-1111-1111";
    let file = submit(&mut hers, CODES, &[("download", content)]).await;
    assert_eq!(file.text, "0000-0000-0000-0000\n1111-1111-1111-1111\n");
    let page = submit(&mut hers, APP, &[("step", "begin")]).await;
    assert_eq!(page.status, 409, "{page:?}");
    let mut stranger = Browser::new(service);
    for path in [APP, CODES] {
        let answer = stranger.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/authorize?to=account"), "{answer:?}");
    }
}
