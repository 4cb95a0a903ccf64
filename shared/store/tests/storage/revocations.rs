//! The list of revocations.

use oauth::resource::Resource;
use oauth::{Config, Time};
use store::{LONGEST_TOKEN, Resources, Retention, Revocations, Revoked, Sessions};

use crate::engine::{Engine, START};
use crate::resources::api;

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
async fn a_revocation_is_kept_as_long_as_the_longest_token_that_is_configured() {
    let engine = Engine::start().await;
    let resources = Resources::new(&engine.table, "https://id.example");
    let config = Config::from_pairs([("ACCESS_TOKEN_SECONDS".to_owned(), "900".to_owned())]);
    let retention = || Retention::read(&config, &resources).expect("a number");
    let revocations = Revocations::new(&engine.table).revoking(retention());
    let sessions = Sessions::new(&engine.table).revoking(retention());
    // The longest token lasts 900 seconds at first, then 1800.
    for (sid, at, kept) in [("first", START, 960), ("second", START.plus(2000), 1860)] {
        sessions.end("nobody", sid, at).await.expect("no fault");
        let listed = async |seconds| revocations.list(at.plus(seconds)).await.expect("no fault").len();
        assert_eq!((listed(kept - 1).await, listed(kept).await), (1, 0), "{sid}");
        let longer = Resource { access_token_seconds: Some(1800), ..api("longer", "read") };
        resources.declare(&longer, START.plus(1)).await.expect("no fault");
    }
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
