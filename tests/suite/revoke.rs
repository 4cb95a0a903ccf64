//! `POST /revoke` (RFC 7009), and races with it: after the acknowledgement, no token of the session is accepted.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::account::change_password;
use super::refresh::{Tokens, assert_refused, form, refresh, refusal, sign_in, sign_up, table};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::{Answer, PASSWORD, Service};

/// How many interleavings each of eight people tries.
const ROUNDS: usize = 40;

/// A revocation by the first-party client.
async fn revoke(service: &Service, token: &str) -> Answer {
    form(service, "/revoke", &format!("client_id=first-party&token={token}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_refresh_token_ends_its_session_and_no_other() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let other = sign_in(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    let answer = revoke(&service, &second.refresh).await;
    assert_eq!((answer.status, answer.text.as_str(), answer.header("cache-control")), (200, "{}", "no-store"));
    assert_eq!(answer.header("content-type"), "application/json", "some libraries read every answer as JSON");
    for tokens in [&first, &second] {
        assert_refused(&service, &tokens.refresh).await;
        assert_eq!(service.get_as("/me", &tokens.access).await.code(), "invalid_token");
    }
    Tokens::of(&refresh(&service, &other.refresh).await);
    for token in [&first.refresh, &second.refresh] {
        assert_eq!(revoke(&service, token).await.status, 200, "again");
    }
    // A token that was replaced long ago still identifies its session.
    let old = other.refresh.clone();
    assert_eq!(revoke(&service, &old).await.status, 200);
    assert_refused(&service, &old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_an_access_token_affects_only_that_token() {
    let service = Service::with_parameters(&[("RevocationSeconds", "0")]).await;
    let first = sign_up(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    assert_eq!(revoke(&service, &first.access).await.status, 200);
    assert_eq!(service.get_as("/me", &first.access).await.code(), "invalid_token");
    assert_eq!(service.get_as("/me", &second.access).await.status, 200);
    Tokens::of(&refresh(&service, &second.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_gets_the_same_answer_and_changes_nothing() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let good = revoke(&service, &sign_in(&service, "alice").await.refresh).await;
    let mut forged = tokens.refresh.clone();
    forged.replace_range(60..64, "AAAA"); // inside the family secret
    for token in ["x", "gwr_", &forged, &tokens.access[..tokens.access.len() - 4], &tokens.sid()] {
        let answer = revoke(&service, token).await;
        assert_eq!((answer.status, &answer.text), (good.status, &good.text), "{token}");
    }
    let wrong = [
        (format!("token={}", tokens.refresh), (401, "invalid_client")),
        (format!("token={}&client_id=somebody-else", tokens.refresh), (401, "invalid_client")),
        (format!("token={}&client_id=first-party&client_secret=x", tokens.refresh), (401, "invalid_client")),
        ("client_id=first-party".to_owned(), (400, "invalid_request")),
        (format!("client_id=first-party&token={0}&token={0}", tokens.refresh), (400, "invalid_request")),
    ];
    for (body, (status, error)) in wrong {
        assert_eq!(refusal(&form(&service, "/revoke", &body).await), (status, error.to_owned()), "{body}");
    }
    let hinted = format!("client_id=first-party&token_type_hint=access_token&token={}", tokens.refresh);
    let tokens = Tokens::of(&refresh(&service, &tokens.refresh).await);
    assert_eq!(service.get_as("/me", &tokens.access).await.status, 200);
    assert_eq!(form(&service, "/revoke", &hinted).await.status, 200);
    assert_refused(&service, &tokens.refresh).await; // a wrong hint makes no difference
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_revocations_contains_no_ids() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let before = service.get("/revocations").await;
    assert_eq!(before.status, 200, "{before:?}");
    revoke(&service, &tokens.refresh).await;
    tokio::time::sleep(Duration::from_millis(1100)).await; // the published list is refreshed every second
    let after = service.get("/revocations").await;
    assert_ne!(before.text, after.text);
    for id in [tokens.sid(), tokens.user()] {
        assert!(!after.text.contains(&id), "{}", after.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_one_transaction_and_a_503_if_it_fails() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let tokens = sign_up(service, "alice").await;
    for fault in [Fault::Error(500, "InternalServerError"), Fault::Cancelled("TransactionConflict")] {
        disturbed.store.plan(None, fault, usize::MAX);
        for token in [&tokens.refresh, &tokens.access] {
            let answer = revoke(service, token).await;
            assert_eq!(refusal(&answer), (503, "temporarily_unavailable".to_owned()));
            assert!(!answer.header("retry-after").is_empty());
        }
        disturbed.store.heal();
    }
    let tokens = Tokens::of(&refresh(service, &tokens.refresh).await);
    disturbed.store.take_seen();
    assert_eq!(revoke(service, &tokens.refresh).await.status, 200);
    assert_eq!(disturbed.store.take_seen(), ["TransactWriteItems", "PutItem"], "and the security event");
    assert_refused(service, &tokens.refresh).await;
    // After a lost reply, the retry is the same transaction.
    let tokens = sign_in(service, "alice").await;
    disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
    assert_eq!(revoke(service, &tokens.refresh).await.status, 200);
    assert_refused(service, &tokens.refresh).await;
}

/// Waits for a random time of up to `milliseconds`.
async fn wait(milliseconds: u64) {
    let mut random = [0; 2];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    let share = u64::from(u16::from_le_bytes(random));
    tokio::time::sleep(Duration::from_micros(milliseconds * 1000 * share / 65_536)).await;
}

/// Refreshes a family until it is refused. Returns the time of each successful refresh, and every token.
async fn follow(service: &Service, token: &str) -> (Vec<Instant>, Vec<String>) {
    let (mut sent, mut tokens) = (Vec::new(), vec![token.to_owned()]);
    wait(4).await;
    for _ in 0..100 {
        let now = Instant::now();
        let answer = refresh(service, tokens.last().expect("one")).await;
        if answer.status != 200 {
            assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
            return (sent, tokens);
        }
        sent.push(now);
        tokens.push(Tokens::of(&answer).refresh);
    }
    panic!("a family outlives its revocation")
}

/// Performs `end` and returns the time of its acknowledgement.
async fn acknowledged(end: impl Future<Output = Answer>) -> Instant {
    wait(16).await;
    let answer = end.await;
    assert!([200, 204].contains(&answer.status), "{answer:?}");
    Instant::now()
}

/// Checks a race: no refresh that was sent after the acknowledgement succeeded, and the session has ended. Returns
/// whether any refresh came before the end.
async fn judge(service: &Service, end: Instant, (sent, tokens): (Vec<Instant>, Vec<String>)) -> bool {
    assert!(sent.iter().all(|sent| *sent < end), "a refresh after the acknowledgement succeeded");
    for token in tokens.iter().rev().take(2) {
        assert_refused(service, token).await;
    }
    !sent.is_empty()
}

/// The item of a session, for restoring it, so that one sign-in is enough for many races.
async fn item(service: &Service, tokens: &Tokens) -> Value {
    let key = json!({"pk": {"S": format!("SESSION#{}", tokens.user())}, "sk": {"S": tokens.sid()}});
    table(service, "GetItem", json!({"Key": key, "ConsistentRead": true})).await["Item"].clone()
}

/// Repeats a race for one session.
async fn race(service: &Service, tokens: &Tokens, end: impl AsyncFn() -> Answer) {
    let item = item(service, tokens).await;
    let mut contested = 0;
    for _ in 0..ROUNDS {
        table(service, "PutItem", json!({"Item": item})).await;
        let (end, followed) = tokio::join!(acknowledged(end()), follow(service, &tokens.refresh));
        contested += usize::from(judge(service, end, followed).await);
    }
    assert!(contested > ROUNDS / 8, "only {contested} of the races were any");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_races_a_revocation_or_a_logout_never_outlives_it() {
    let service = &Service::start().await;
    let revocations = (0..4).map(|number| async move {
        let tokens = sign_up(service, &format!("revoked-{number}")).await;
        race(service, &tokens, async || revoke(service, &tokens.refresh).await).await;
    });
    // The session that signs the other out is not in the race. The access tokens of the other end with it.
    let logouts = (0..4).map(|number| async move {
        let username = format!("leaving-{number}");
        let keeper = sign_up(service, &username).await;
        let tokens = sign_in(service, &username).await;
        let path = format!("/me/sessions/{}", tokens.sid());
        let logout = || service.request("DELETE", &path).header("authorization", format!("Bearer {}", keeper.access));
        race(service, &tokens, async || service.send(logout()).await).await;
        Tokens::of(&refresh(service, &keeper.refresh).await);
    });
    tokio::join!(join_all(revocations), join_all(logouts));
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_that_race_a_password_change_never_outlive_it() {
    let service = &Service::start().await;
    let keeper = sign_up(service, "alice").await;
    let others = join_all((0..8).map(|_| sign_in(service, "alice"))).await;
    let mut items = Vec::new();
    for other in &others {
        items.push(item(service, other).await);
    }
    let mut password = PASSWORD.to_owned();
    for round in 0..15 {
        for item in &items {
            table(service, "PutItem", json!({"Item": item})).await;
        }
        let next = format!("{PASSWORD} {round}");
        let change = acknowledged(change_password(service, &keeper.access, &password, &next));
        let (end, followed) =
            tokio::join!(change, join_all(others.iter().map(|other| follow(service, &other.refresh))));
        for followed in followed {
            judge(service, end, followed).await;
        }
        password = next;
    }
    Tokens::of(&refresh(service, &keeper.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_with_the_old_password_that_races_its_change_leaves_no_living_session() {
    let service = &Service::start().await;
    let people = (0..8).map(|number| async move {
        let username = format!("person-{number}");
        let keeper = sign_up(service, &username).await;
        let change = change_password(service, &keeper.access, PASSWORD, "a foghorn on the south pier");
        let late = async {
            wait(150).await;
            service.sign_in(&username, PASSWORD).await
        };
        let (changed, one, two, three) =
            tokio::join!(change, service.sign_in(&username, PASSWORD), late, service.sign_in(&username, PASSWORD));
        assert_eq!(changed.status, 204, "{changed:?}");
        for answer in [one, two, three] {
            if answer.status == 200 {
                assert_refused(service, &Tokens::of(&answer).refresh).await;
            } else {
                assert_eq!(answer.code(), "invalid_credentials");
            }
        }
        let listed = service.get_as("/me/sessions", &keeper.access).await.json();
        assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(1), "{listed}");
    });
    join_all(people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_and_revoking_in_turns_cannot_fill_the_list() {
    let service = Service::start().await;
    let mut tokens = sign_up(&service, "alice").await;
    let mut rounds = 0;
    loop {
        assert_eq!(revoke(&service, &tokens.access).await.status, 200);
        let next = refresh(&service, &tokens.refresh).await;
        if next.status != 200 {
            break;
        }
        tokens = Tokens::of(&next);
        rounds += 1;
        assert!(rounds < 20, "the session ends before that");
    }
    assert_eq!(rounds, 10);
}
