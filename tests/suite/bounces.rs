//! Addresses that mails do not reach: from the notification of SES through the mailer function to what the person sees, and what
//! strangers do not see.

use serde_json::{Value, json};
use support::browser::Browser;
use support::{Answer, PASSWORD, Service};

use crate::account_page::visit;
use crate::mailed::{MAIL, forgot, person};
use crate::refresh::sign_in;

const ALICE: &str = "alice@people.example";
const BOB: &str = "bob@people.example";

/// What SES reports about a mail to alice, in the form in which SNS hands it to the function.
pub(crate) fn notification(change: impl FnOnce(&mut Value)) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../../events/bounce.json")).expect("JSON");
    let text = event["Records"][0]["Sns"]["Message"].as_str().expect("a text");
    let mut message = serde_json::from_str(text).expect("JSON");
    change(&mut message);
    event["Records"][0]["Sns"]["Message"] = json!(message.to_string());
    event
}

/// Hands it to the function, and returns how many addresses were marked.
pub(crate) async fn report(service: &Service, event: Value) -> Value {
    service.stack.invoke("MailerFunction", event).await.expect("the function answers")["marked"].take()
}

/// Signs in on the page, for an account page that nobody is signed in to.
async fn signed_in(service: &Service, username: &str) -> Answer {
    let mut browser = Browser::new(service);
    let page = browser.get("/authorize?to=account").await;
    let id = page.header("location").strip_prefix("/sign-in?request=").expect("the sign-in page").to_owned();
    browser.fill("/sign-in", &id, &[("username", username), ("password", PASSWORD)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_mails_come_back_is_told_at_sign_in_and_on_the_account_page() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    person(service, "bob", BOB).await;
    let mut browser = visit(service, "alice").await;
    assert!(!browser.get("/account").await.text.contains("id=\"unreachable\""));
    assert_eq!(report(service, notification(|_| {})).await, 1);

    let page = browser.get("/account").await;
    assert!(page.text.contains("id=\"unreachable\"") && page.text.contains("come back"), "{page:?}");
    let told = signed_in(service, "alice").await;
    assert!(told.status == 200 && told.text.contains(ALICE) && told.text.contains("come back"), "{told:?}");
    assert!(told.text.contains("href=\"/account/email\""), "{told:?}");
    let next = told.element("continue");
    assert!(next.contains("href=\"/authorize?request="), "{next}");
    assert!(told.cookies().iter().any(|(name, value)| name == "gatewright-session" && !value.is_empty()));
    assert_eq!(signed_in(service, "bob").await.status, 303, "others go on");
    let access = sign_in(service, "alice").await.access;
    let export = service.get_as("/me/export", &access).await.json();
    assert_eq!(export["email_unreachable"]["reason"], "bounced", "{export}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_told_in_words_of_its_own_and_a_mailbox_that_is_full_not_at_all() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    let full = notification(|message| message["bounce"]["bounceType"] = json!("Transient"));
    assert_eq!(report(service, full).await, 0);
    assert_eq!(signed_in(service, "alice").await.status, 303);
    let complaint = notification(|message| {
        message["eventType"] = json!("Complaint");
        message["complaint"] = json!({"complainedRecipients": [{"emailAddress": "Alice@People.example"}]});
    });
    assert_eq!(report(service, complaint).await, 1);
    let told = signed_in(service, "alice").await;
    assert!(told.text.contains("reported as unwanted") && !told.text.contains("come back"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_the_password_learns_that_mails_to_an_address_come_back() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", ALICE).await;
    person(service, "bob", BOB).await;
    report(service, notification(|_| {})).await;
    let shape = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, names, answer.text.len())
    };
    let ask = async |path: &str, member: &str, value: &str| {
        let mut body = json!({"password": PASSWORD});
        body[member] = json!(value);
        if path == "/password/forgot" {
            body.as_object_mut().expect("an object").remove("password");
        }
        service.post(path, body).await
    };
    for (path, member) in [("/password/forgot", "username"), ("/register", "email")] {
        assert_eq!(shape(&ask(path, member, ALICE).await), shape(&ask(path, member, BOB).await), "{path}");
    }
    forgot(service, "alice").await;
    let mut browser = Browser::new(service);
    let page = browser.get("/authorize?to=account").await;
    let id = page.header("location").strip_prefix("/sign-in?request=").expect("the sign-in page").to_owned();
    let guess = |username| [("username", username), ("password", "a foghorn on the south pier")];
    let alice = browser.fill("/sign-in", &id, &guess("alice")).await;
    assert!(alice.status == 401 && !alice.text.contains("unreachable"), "{alice:?}");
    let token = alice.token();
    let forgotten = browser.get(&format!("/password/forgot?request={id}")).await;
    assert!(!forgotten.text.contains("come back") && token.len() > 20);
}
