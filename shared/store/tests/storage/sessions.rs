//! Sessions and the rotation of their refresh tokens.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use oauth::{Authentication, Scopes, Time};
use store::{
    Person, RefreshLifetime, RefreshToken, Revocations, Revoked, Rotated, Rotation, Session, Sessions, User, Users,
};

use crate::engine::{Engine, START};

const LIFETIME: RefreshLifetime = RefreshLifetime { grace: 30, idle: 100, max: 300 };

struct Trial {
    engine: Engine,
    sessions: Sessions,
    user: User,
    /// The first refresh token of a session.
    first: RefreshToken,
    sid: String,
}

impl Trial {
    async fn start() -> Self {
        let engine = Engine::start().await;
        let user = engine.user("alice").await;
        let sessions = Sessions::new(&engine.table);
        let session = session(&user, by_password(START, 0));
        let first = sessions.begin(&session).await.expect("no fault").expect("it begins");
        Self { sid: session.sid, first, sessions, engine, user }
    }

    async fn begins(&self, changed_at: Time, epoch: u64) -> bool {
        let session = session(&self.user, by_password(changed_at, epoch));
        self.sessions.begin(&session).await.expect("no fault").is_some()
    }

    /// Rotates a token after `seconds`.
    async fn rotate(&self, presented: &RefreshToken, seconds: u64) -> Rotated {
        self.rotate_as(presented, "first-party", LIFETIME, seconds).await
    }

    async fn rotate_as(
        &self,
        presented: &RefreshToken,
        client_id: &str,
        lifetime: RefreshLifetime,
        seconds: u64,
    ) -> Rotated {
        let rotation = Rotation { presented, client_id, lifetime, seen: None };
        self.sessions.rotate(&rotation, START.plus(seconds)).await.expect("no fault")
    }

    /// The current token after `seconds`.
    async fn live(&self, presented: &RefreshToken, seconds: u64) -> RefreshToken {
        match self.rotate(presented, seconds).await {
            Rotated::Live(session, token) => {
                assert_eq!(session.sid, self.sid);
                token
            }
            other => panic!("{other:?}"),
        }
    }
}

fn session(user: &User, authentication: Authentication) -> Session {
    let session = Session::beginning(Person::of(user.clone(), START), "first-party", authentication, LIFETIME, START);
    Session { scope: Scopes::parse("account").expect("a scope"), ..session.expect("random") }
}

fn by_password(changed_at: Time, epoch: u64) -> Authentication {
    Authentication::by_password(epoch, changed_at, START)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_rotates_once_and_a_replay_within_the_grace_window_gets_the_current_token() {
    let trial = Trial::start().await;
    let second = trial.live(&trial.first, 0).await;
    assert_eq!(trial.live(&trial.first, 29).await.text(), second.text());
    assert!(matches!(trial.rotate(&trial.first, 30).await, Rotated::Reused));
    assert_ne!(trial.live(&second, 31).await.text(), second.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_twice_leads_to_the_current_one_within_its_own_window() {
    let trial = Trial::start().await;
    let second = trial.live(&trial.first, 0).await;
    let third = trial.live(&second, 10).await;
    let fourth = trial.live(&third, 20).await;
    for earlier in [&trial.first, &second, &third] {
        assert_eq!(trial.live(earlier, 29).await.text(), fourth.text());
    }
    assert!(matches!(trial.rotate(&trial.first, 30).await, Rotated::Reused), "its own window is over");
    assert_eq!(trial.live(&second, 39).await.text(), fourth.text());
    assert!(matches!(trial.rotate(&second, 40).await, Rotated::Reused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_rotates_too_often_has_to_wait_and_loses_nothing() {
    let trial = Trial::start().await;
    let mut token = trial.live(&trial.first, 0).await;
    for _ in 1..16 {
        token = trial.live(&token, 1).await;
    }
    assert!(matches!(trial.rotate(&token, 2).await, Rotated::Crowded { retry_after: 28 }));
    assert_eq!(trial.live(&trial.first, 3).await.text(), token.text(), "the oldest token still leads to it");
    let next = trial.live(&token, 30).await;
    assert_eq!(trial.live(&token, 31).await.text(), next.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grace_window_a_token_can_be_used_once() {
    let trial = Trial::start().await;
    let strict = RefreshLifetime { grace: 0, ..LIFETIME };
    let rotate = async |token: &RefreshToken| trial.rotate_as(token, "first-party", strict, 0).await;
    let Rotated::Live(_, second) = rotate(&trial.first).await else { panic!("the first is live") };
    let Rotated::Live(..) = rotate(&second).await else { panic!("the second is live") };
    assert!(matches!(rotate(&trial.first).await, Rotated::Reused) && matches!(rotate(&second).await, Rotated::Reused));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_concurrent_rotations_all_get_the_same_successor() {
    let trial = Trial::start().await;
    let tokens = join_all((0..64).map(|_| async { trial.live(&trial.first, 0).await.text() })).await;
    assert!(tokens.iter().all(|token| *token == tokens[0]) && tokens[0] != trial.first.text());
    assert_eq!(trial.sessions.of(&trial.user.id, START).await.expect("no fault").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_family_secret_or_as_another_client_nothing_changes() {
    let trial = Trial::start().await;
    let guess = RefreshToken::first(&trial.user.id, &trial.sid).expect("random");
    assert!(matches!(trial.rotate(&guess, 0).await, Rotated::Unknown));
    assert!(matches!(trial.rotate_as(&trial.first, "other", LIFETIME, 0).await, Rotated::Unknown));
    let of_family = trial.first.successor().expect("random");
    assert!(matches!(trial.rotate(&of_family, 0).await, Rotated::Reused));
    trial.live(&trial.first, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_its_idle_time_and_after_its_maximum_lifetime() {
    let trial = Trial::start().await;
    let second = trial.live(&trial.first, 99).await;
    let third = trial.live(&second, 198).await;
    assert!(matches!(trial.rotate(&third, 298).await, Rotated::Unknown), "idle for 100 seconds");
    let trial = Trial::start().await;
    let mut token = trial.live(&trial.first, 90).await;
    for seconds in [180, 270] {
        token = trial.live(&token, seconds).await;
    }
    assert!(matches!(trial.rotate(&token, 300).await, Rotated::Unknown), "300 seconds old");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_begins_with_a_password_that_has_changed() {
    let trial = Trial::start().await;
    let users = Users::new(&trial.engine.table);
    let old = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert!(trial.engine.change_password(&trial.user, &old, "new", START.plus(1)).await);
    assert!(!trial.begins(old.changed_at, 0).await);
    assert!(!trial.begins(START.plus(1), 0).await, "profile and password are of different times");
    assert!(trial.begins(START.plus(1), 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rehashing_a_password_does_not_count_as_a_change() {
    let trial = Trial::start().await;
    let users = Users::new(&trial.engine.table);
    let old = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert!(users.rehash_password(&trial.user.id, &old, "same").await.expect("no fault"));
    let new = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert_eq!((new.hash.as_str(), new.changed_at), ("same", old.changed_at));
    assert!(trial.begins(old.changed_at, 0).await);
    assert!(trial.engine.change_password(&trial.user, &new, "new", START.plus(1)).await);
    assert!(!users.rehash_password(&trial.user.id, &old, "late").await.expect("no fault"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_unknown_for_good() {
    let trial = Trial::start().await;
    trial.sessions.end(&trial.user.id, &trial.sid, START).await.expect("no fault");
    assert!(matches!(trial.rotate(&trial.first, 1).await, Rotated::Unknown));
    trial.sessions.end(&trial.user.id, &trial.sid, START.plus(2)).await.expect("ending twice is no fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_cannot_be_a_key_is_an_unknown_session_and_no_fault() {
    let trial = Trial::start().await;
    let too_long = ("u".repeat(2041), "a".repeat(1025)); // `SESSION#` and 2041 make 2049
    for (user, sid) in [(&trial.user.id, &String::new()), (&trial.user.id, &too_long.1), (&too_long.0, &trial.sid)] {
        assert_eq!(trial.sessions.find(user, sid, START).await.expect("no fault"), None);
        trial.sessions.end(user, sid, START).await.expect("no fault");
    }
    trial.live(&trial.first, 1).await;
}

/// Begins a session at `second` with this limit, and returns its id.
async fn begin_bounded(trial: &Trial, most: usize, second: u64) -> String {
    let begins = Session { used_at: START.plus(second), ..session(&trial.user, by_password(START, 0)) };
    trial.sessions.clone().at_most(most).begin(&begins).await.expect("no fault").expect("it begins");
    begins.sid
}

async fn ids(trial: &Trial) -> BTreeSet<String> {
    let sessions = trial.sessions.of(&trial.user.id, START).await.expect("no fault");
    sessions.into_iter().map(|session| session.sid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_session_is_too_many_the_one_unused_longest_ends_and_is_revoked() {
    let trial = Trial::start().await;
    let second = begin_bounded(&trial, 3, 1).await;
    let third = begin_bounded(&trial, 3, 2).await;
    trial.live(&trial.first, 3).await;
    let revoked = async || Revocations::new(&trial.engine.table).list(START).await.expect("no fault");
    assert_eq!(ids(&trial).await, [trial.sid.clone(), second.clone(), third.clone()].into());
    assert!(revoked().await.is_empty());
    let fourth = begin_bounded(&trial, 3, 4).await;
    assert_eq!(ids(&trial).await, [trial.sid.clone(), third, fourth].into(), "the first one was used last");
    assert_eq!(revoked().await, [Revoked::Session { sid: second }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn far_too_many_sessions_become_few_within_some_sign_ins() {
    let trial = Trial::start().await;
    for second in 1..120 {
        begin_bounded(&trial, 1000, second).await;
    }
    let counts = async |second| {
        begin_bounded(&trial, 50, second).await;
        ids(&trial).await.len()
    };
    assert_eq!((counts(200).await, counts(201).await, counts(202).await), (73, 50, 50));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_begin_at_the_same_moment_stay_near_the_limit() {
    let trial = Trial::start().await;
    join_all((0..20).map(|second| begin_bounded(&trial, 5, second))).await;
    begin_bounded(&trial, 5, 30).await;
    assert_eq!(ids(&trial).await.len(), 5, "the next sign-in ends what is too many");
}
