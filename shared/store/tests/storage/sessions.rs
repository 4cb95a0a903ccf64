//! Sessions and the rotation of their refresh tokens.

use futures_util::future::join_all;
use oauth::{RequestedClaims, Scopes, Time};
use store::{Proven, Revocations, Rotated, Rotation, SecretHash, Session, Sessions, TokenHashes, User, Users};

use crate::engine::{Engine, START};

const FAMILY: SecretHash = SecretHash([1; 32]);
const SID: &str = "018f0000-0000-7000-8000-000000000002";

struct Trial {
    engine: Engine,
    sessions: Sessions,
    user: User,
}

impl Trial {
    /// A session whose live token is number 0.
    async fn start() -> Self {
        let engine = Engine::start().await;
        let user = engine.user("alice").await;
        let trial = Self { sessions: Sessions::new(&engine.table), engine, user };
        assert!(trial.begin(SID, START).await);
        trial
    }

    async fn begin(&self, sid: &str, changed_at: Time) -> bool {
        self.begin_on(sid, Proven { changed_at, epoch: 0 }).await
    }

    async fn begin_on(&self, sid: &str, proven: Proven) -> bool {
        let session = Session {
            user: self.user.id.clone(),
            sid: sid.to_owned(),
            client_id: "first-party".into(),
            scope: Scopes::parse("account").expect("a scope"),
            resources: Vec::new(),
            claims: RequestedClaims::default(),
            amr: Vec::new(),
            browser: None,
            username: "alice".into(),
            roles: Vec::new(),
            user_agent: None,
            auth_time: START,
            used_at: START,
            idle_end: START.plus(100).seconds(),
            max_end: START.plus(300).seconds(),
        };
        self.sessions.begin(&session, TokenHashes { family: FAMILY, own: token(0) }, proven).await.expect("no fault")
    }

    fn rotation(&self, from: u8, to: u8) -> Rotation<'_> {
        Rotation {
            user: &self.user.id,
            sid: SID,
            client_id: "first-party",
            family: FAMILY,
            presented: token(from),
            successor: token(to),
            sealed_successor: vec![to],
            grace: 30,
            idle: 100,
        }
    }

    /// Rotates number `from` into number `to` after `seconds`, and tells what became of it in a word.
    async fn rotate(&self, from: u8, to: u8, seconds: u64) -> String {
        word(&self.sessions.rotate(&self.rotation(from, to), START.plus(seconds)).await.expect("no fault"))
    }
}

fn token(number: u8) -> SecretHash {
    SecretHash([number + 100; 32])
}

fn word(rotated: &Rotated) -> String {
    match rotated {
        Rotated::Fresh(_) => "fresh".into(),
        Rotated::Replay(_, sealed) => format!("replay of {}", sealed[0]),
        Rotated::Reused => "reused".into(),
        Rotated::Unknown => "unknown".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_rotates_once_and_its_replay_gets_the_same_successor_within_the_grace() {
    let trial = Trial::start().await;
    assert_eq!(trial.rotate(0, 1, 0).await, "fresh");
    assert_eq!(trial.rotate(0, 2, 29).await, "replay of 1");
    assert_eq!(trial.rotate(0, 2, 30).await, "reused");
    assert_eq!(trial.rotate(1, 2, 31).await, "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_that_was_used_is_not_given_out_again() {
    let trial = Trial::start().await;
    assert_eq!((trial.rotate(0, 1, 0).await, trial.rotate(1, 2, 0).await), ("fresh".into(), "fresh".into()));
    assert_eq!(trial.rotate(0, 3, 1).await, "reused");
    assert_eq!(trial.rotate(1, 3, 1).await, "replay of 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_rotations_at_once_one_is_fresh_and_the_others_are_replays_of_it() {
    let trial = Trial::start().await;
    let rotations = (1..=64).map(|number| trial.rotate(0, number, 0));
    let words = join_all(rotations).await;
    let fresh: Vec<_> = words.iter().enumerate().filter(|(_, word)| *word == "fresh").collect();
    assert_eq!(fresh.len(), 1, "{words:?}");
    let replay = format!("replay of {}", fresh[0].0 + 1);
    assert_eq!(words.iter().filter(|word| **word == replay).count(), 63, "{words:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_the_family_secret_or_is_another_client_changes_nothing() {
    let trial = Trial::start().await;
    let guess = Rotation { family: SecretHash([9; 32]), ..trial.rotation(0, 1) };
    assert_eq!(word(&trial.sessions.rotate(&guess, START).await.expect("no fault")), "unknown");
    let other = Rotation { client_id: "other", ..trial.rotation(0, 1) };
    assert_eq!(word(&trial.sessions.rotate(&other, START).await.expect("no fault")), "unknown");
    assert_eq!(trial.rotate(7, 1, 0).await, "reused");
    assert_eq!(trial.rotate(0, 1, 0).await, "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_idles_and_in_any_case() {
    let trial = Trial::start().await;
    assert_eq!(trial.rotate(0, 1, 99).await, "fresh");
    assert_eq!(trial.rotate(1, 2, 198).await, "fresh");
    assert_eq!(trial.rotate(2, 3, 298).await, "unknown", "idle for 100 seconds");
    let trial = Trial::start().await;
    for (from, seconds) in [(0, 90), (1, 180), (2, 270)] {
        assert_eq!(trial.rotate(from, from + 1, seconds).await, "fresh");
    }
    assert_eq!(trial.rotate(3, 4, 300).await, "unknown", "300 seconds old");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_begins_on_a_password_that_was_changed() {
    let trial = Trial::start().await;
    let users = Users::new(&trial.engine.table);
    let old = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert!(users.change_password(&trial.user.id, &old, "new", START.plus(1)).await.expect("no fault"));
    assert!(!trial.begin("018f0000-0000-7000-8000-000000000003", old.changed_at).await);
    let half_old = Proven { changed_at: START.plus(1), epoch: 0 };
    assert!(!trial.begin_on("018f0000-0000-7000-8000-000000000003", half_old).await, "read before and after");
    assert!(trial.begin_on("018f0000-0000-7000-8000-000000000003", Proven { epoch: 1, ..half_old }).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_others_ends_hundreds_and_spares_one() {
    let trial = Trial::start().await;
    for number in 0..120 {
        assert!(trial.begin(&format!("018f0000-0000-7000-8000-{number:012}"), START).await || number == 2);
    }
    trial.sessions.end_others(&trial.user.id, Some(SID), START).await.expect("no fault");
    let left = trial.sessions.of(&trial.user.id, START).await.expect("no fault");
    assert_eq!(left.iter().map(|session| session.sid.as_str()).collect::<Vec<_>>(), [SID]);
    let revoked = Revocations::new(&trial.engine.table).list(START).await.expect("no fault");
    assert_eq!(revoked.len(), 119);
    assert_eq!(trial.rotate(0, 1, 1).await, "fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_unknown_for_good() {
    let trial = Trial::start().await;
    trial.sessions.end(&trial.user.id, SID, START).await.expect("no fault");
    assert_eq!(trial.rotate(0, 1, 1).await, "unknown");
    trial.sessions.end(&trial.user.id, SID, START.plus(2)).await.expect("ending twice is no fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_key_can_be_is_that_of_no_session_and_no_fault() {
    let trial = Trial::start().await;
    let longest = "a".repeat(1024);
    assert!(trial.begin(&longest, START).await, "the longest sort key that DynamoDB takes");
    assert!(trial.sessions.find(&trial.user.id, &longest, START).await.expect("no fault").is_some());
    let too_long = (&"u".repeat(2041), &"a".repeat(1025)); // `SESSION#` and 2041 make 2049
    for (user, sid) in [(&trial.user.id, &String::new()), (&trial.user.id, too_long.1), (too_long.0, &longest)] {
        assert_eq!(trial.sessions.find(user, sid, START).await.expect("no fault"), None);
        let rotation = Rotation { user, sid, ..trial.rotation(0, 1) };
        assert_eq!(word(&trial.sessions.rotate(&rotation, START).await.expect("no fault")), "unknown");
        trial.sessions.end(user, sid, START).await.expect("no fault");
    }
    assert_eq!(trial.rotate(0, 1, 1).await, "fresh");
}
