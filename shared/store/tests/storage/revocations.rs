//! The list of revocations.

use oauth::Time;
use store::{LONGEST_TOKEN, Revocations, Revoked};

use crate::engine::Engine;

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_listed_for_the_longest_token_lifetime() {
    let engine = Engine::start().await;
    let revocations = Revocations::new(&engine.table);
    let revoked = Revoked::Session { sid: "s".into() };
    // The last second of an hour, so that the following seconds are in another partition.
    let at = Time::from_seconds(1_800_000_000 / 3600 * 3600 + 3599);
    revocations.add(&revoked, at).await.expect("no fault");
    for seconds in [0, 1, 1800, LONGEST_TOKEN - 1] {
        let list = revocations.list(at.plus(seconds)).await.expect("no fault");
        assert_eq!(list, std::slice::from_ref(&revoked), "{seconds} s later");
    }
    assert!(revocations.list(at.plus(LONGEST_TOKEN)).await.expect("no fault").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_found_in_whichever_hour_it_was_revoked() {
    let engine = Engine::start().await;
    let revocations = Revocations::new(&engine.table);
    let made = Time::from_seconds(1_800_000_000 / 3600 * 3600 + 3599);
    for (jti, later) in [("at once", 0), ("in the next hour", 1), ("at its end", 3600)] {
        let revoked = Revoked::Token { jti: jti.into() };
        assert!(!revocations.has_token(jti, made, made.plus(later)).await.expect("no fault"), "{jti}");
        revocations.add(&revoked, made.plus(later)).await.expect("no fault");
        for seconds in [later, 3600] {
            assert!(revocations.has_token(jti, made, made.plus(seconds)).await.expect("no fault"), "{jti}");
        }
    }
    revocations.add(&Revoked::Session { sid: "s".into() }, made).await.expect("no fault");
    assert!(!revocations.has_token("s", made, made).await.expect("no fault"), "a session is not a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_of_revocations_is_listed_completely() {
    let engine = Engine::start().await;
    let revocations = Revocations::new(&engine.table);
    let now = Time::from_seconds(1_800_000_000);
    let long = "x".repeat(900);
    for number in 0..70 {
        let adds = (0..10).map(|part| {
            let revoked = Revoked::Token { jti: format!("{long}-{number}-{part}") };
            let revocations = revocations.clone();
            async move { revocations.add(&revoked, now).await }
        });
        futures_util::future::try_join_all(adds).await.expect("no fault");
    }
    assert_eq!(revocations.list(now).await.expect("no fault").len(), 700);
}
