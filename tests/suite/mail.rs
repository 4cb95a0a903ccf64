//! Mail end to end: the outbox in the table, its stream, the mailer, and the stand-in for SES.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use support::Service;
use support::outbox::{FROM, inbox, item, mails, post, verification};

const ON: [(&str, &str); 2] = [("MailFrom", FROM), ("ServiceName", "Acme")];

/// The event of a batch with these mails, as the stream sends it.
fn batch(ids: &[&str]) -> Value {
    let record = |id: &&str| {
        json!({
            "eventName": "INSERT", "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": id, "Keys": {"pk": {"S": format!("MAIL#{id}")}, "sk": {"S": "MAIL"}}},
        })
    };
    json!({"Records": ids.iter().map(record).collect::<Vec<_>>()})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_in_the_table_is_sent_once_and_its_content_is_forgotten() {
    let service = Service::with_parameters(&ON).await;
    post(&service.stack, "1", &verification("Alice@example.com")).await;
    let mail = mails(&service, 1).await.remove(0);
    assert_eq!((&mail["from"], &mail["to"]), (&json!(FROM), &json!(["Alice@example.com"])));
    assert_eq!(mail["subject"], "Bestätigen Sie Ihre E-Mail-Adresse");
    assert_eq!(mail["link"], "https://id.example/verify?token=t");
    for form in ["text", "html"] {
        let text = mail[form].as_str().expect("a text");
        assert!(text.contains("ABCD-1234") && text.contains("Acme"), "{text}");
    }
    let raw = mail["raw"].as_str().expect("a text");
    assert!(raw.contains("Message-ID: <1@id.example>") && raw.contains("Auto-Submitted: auto-generated"), "{raw}");
    let sent = item(&service.stack, "1").await;
    assert!(sent.get("sent_at").is_some() && sent.get("secret").is_none() && sent.get("data_key").is_none(), "{sent}");
    service.stack.invoke("MailerFunction", batch(&["1"])).await.expect("an answer");
    assert_eq!(inbox(&service).await.len(), 1, "a record that comes again sends nothing");
    let logs = service.stop().await;
    assert!(!logs.contains("Alice") && !logs.contains("ABCD-1234"), "{logs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_ses_does_not_take_is_sent_once_when_it_does() {
    let service = Service::with_parameters(&ON).await;
    service.stack.let_ses_send(false).await.expect("an answer");
    post(&service.stack, "1", &verification("alice@example.com")).await;
    post(&service.stack, "2", &verification("bob@example.com")).await;
    while item(&service.stack, "1").await["tries"]["N"] != "2" {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(inbox(&service).await.is_empty());
    service.stack.let_ses_send(true).await.expect("an answer");
    mails(&service, 2).await;
    post(&service.stack, "3", &verification("carol@example.com")).await;
    let to: Vec<_> = mails(&service, 3).await.iter().map(|mail| mail["to"][0].clone()).collect();
    assert_eq!((to.len(), &to[0]), (3, &json!("carol@example.com")), "each one once: {to:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consumers_send_a_mail_once_and_the_one_without_it_asks_for_it_again() {
    let service = Service::with_parameters(&ON).await;
    let ids: Vec<String> = (0..5).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mail = verification("alice@example.com");
    join_all(ids.iter().map(|id| post(&service.stack, id, &mail))).await;
    let answers = join_all((0..4).map(|_| service.stack.invoke("MailerFunction", batch(&ids)))).await;
    for answer in answers {
        assert!(answer.expect("an answer")["batchItemFailures"].is_array());
    }
    mails(&service, 5).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(inbox(&service).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_can_never_be_sent_does_not_hold_up_the_others() {
    let service = Service::with_parameters(&ON).await;
    post(&service.stack, "1", &verification("no address at all")).await;
    post(&service.stack, "2", &verification("bob@example.com")).await;
    let mails = mails(&service, 1).await;
    assert_eq!(mails[0]["to"], json!(["bob@example.com"]));
    assert!(item(&service.stack, "1").await.get("failed_at").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn hard_bounces_and_complaints_mark_the_address() {
    let service = Service::with_parameters(&ON).await;
    let bounce = json!({
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "Alice@example.com"}]},
    });
    let event = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": bounce.to_string()}}]});
    let report = service.stack.invoke("MailerFunction", event).await.expect("an answer");
    assert_eq!(report["marked"], 1);
    let scan = json!({"TableName": service.stack.table_name()});
    let dump = service.stack.dynamodb("Scan", &scan).await.expect("an answer").to_string();
    assert!(dump.contains("BOUNCE#") && dump.contains("bounced"), "{dump}");
    assert!(!dump.to_lowercase().contains("alice"), "only a hash of the address: {dump}");
    let refused = service.stack.invoke("MailerFunction", json!({"action": "send"})).await.expect_err("a refusal");
    assert!(refused.to_string().contains("invalid_request"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sender_no_mail_is_sent_and_nothing_waits() {
    let service = Service::start().await;
    post(&service.stack, "1", &verification("alice@example.com")).await;
    let report = service.stack.invoke("MailerFunction", batch(&["1"])).await.expect("an answer");
    assert_eq!(report["batchItemFailures"], json!([]));
    assert!(inbox(&service).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_is_a_page_for_this_machine_only() {
    let service = Service::with_parameters(&ON).await;
    post(&service.stack, "1", &verification("alice@example.com")).await;
    let id = mails(&service, 1).await[0]["id"].as_str().expect("an id").to_owned();
    let page = service.get("/_local/mail").await;
    assert!(page.status == 200 && page.text.contains("alice@example.com"), "{page:?}");
    let html = service.get(&format!("/_local/mail/{id}.html")).await;
    assert!(html.text.contains("ABCD-1234") && html.header("content-security-policy").contains("default-src 'none'"));
    let foreign = service.request("GET", "/_local/mail").header("sec-fetch-site", "cross-site");
    assert_eq!(service.send(foreign).await.status, 403);
}
