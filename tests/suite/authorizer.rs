//! Revoked tokens are refused at the authorizer within the documented bound: the gateway's result cache, the age of the
//! authorizer's list, and the second for which the published list is cached.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use support::{Answer, PASSWORD, Service};

/// How long `GET /revocations` is cached by the service, in seconds, plus a second for a busy machine.
const PUBLISHED: u64 = 1 + 1;

/// The tokens of a session.
struct Session {
    access: String,
    refresh: String,
}

impl Session {
    async fn begin(service: &Service) -> Self {
        let body = service.sign_in("alice", PASSWORD).await.json();
        let text = |name: &str| body[name].as_str().expect("a token").to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    fn id(&self) -> String {
        super::login::claims(&self.access)["sid"].as_str().expect("a session").to_owned()
    }
}

async fn service(seconds: &str) -> Service {
    let service =
        Service::with_parameters(&[("RevocationSeconds", seconds), ("AuthorizerCacheSeconds", seconds)]).await;
    let registered = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(registered.status, 201);
    service
}

async fn opens(service: &Service, session: &Session) -> bool {
    let answer = service.get_as("/protected", &session.access).await;
    assert!(matches!(answer.status, 200 | 403), "{answer:?}");
    answer.status == 200
}

/// Waits until `session` is refused, at most for the bound, and checks that it stays refused.
async fn assert_refused_within(service: &Service, session: &Session, bound: u64) {
    let begin = Instant::now();
    while opens(service, session).await {
        assert!(begin.elapsed() < Duration::from_secs(bound), "still let through");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for _ in 0..5 {
        assert!(!opens(service, session).await);
    }
}

async fn revoke(service: &Service, token: &str) -> Answer {
    let form = service.request("POST", "/revoke").header("content-type", "application/x-www-form-urlencoded");
    service.send(form.body(format!("client_id=first-party&token={token}"))).await
}

async fn end(service: &Service, by: &Session, ended: &Session) -> Answer {
    let request = service.request("DELETE", &format!("/me/sessions/{}", ended.id()));
    service.send(request.header("authorization", format!("Bearer {}", by.access))).await
}

async fn change_password(service: &Service, by: &Session) -> Answer {
    let body: Value = json!({"current_password": PASSWORD, "password": "a heron under the south bridge"});
    let request = service.request("POST", "/me/password").header("authorization", format!("Bearer {}", by.access));
    service.send(request.json(&body)).await
}

/// Revokes in every possible way, one after the other, and keeps one session to the end.
async fn every_way_is_refused(seconds: &str, bound: u64) {
    let service = service(seconds).await;
    let stays = Session::begin(&service).await;
    let (signed_out, ended, single, other) = (
        Session::begin(&service).await,
        Session::begin(&service).await,
        Session::begin(&service).await,
        Session::begin(&service).await,
    );
    for session in [&stays, &signed_out, &ended, &single, &other] {
        assert!(opens(&service, session).await);
    }

    assert_eq!(revoke(&service, &signed_out.refresh).await.status, 200);
    assert_refused_within(&service, &signed_out, bound).await;

    assert_eq!(end(&service, &stays, &ended).await.status, 204);
    assert_refused_within(&service, &ended, bound).await;

    assert_eq!(revoke(&service, &single.access).await.status, 200);
    assert_refused_within(&service, &single, bound).await;

    assert!(opens(&service, &other).await);
    let changed = change_password(&service, &stays).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_refused_within(&service, &other, bound).await;
    assert!(opens(&service, &stays).await, "the session that changed the password stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_at_once_without_caches() {
    every_way_is_refused("0", PUBLISHED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_within_the_bound_with_caches() {
    every_way_is_refused("2", 2 + 2 + PUBLISHED).await;
}
