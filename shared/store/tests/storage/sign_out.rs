//! Signing out everywhere: one write and one revocation, whatever the number of sessions.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use oauth::{Authentication, Time};
use store::{Change, Person, RefreshLifetime, Revocations, Revoked, Session, Sessions, SignOut, Status, User, Users};

use crate::engine::{Engine, START};

const LIFETIME: RefreshLifetime = RefreshLifetime { grace: 30, idle: 100, max: 300 };

struct Trial {
    engine: Engine,
    sessions: Sessions,
    users: Users,
    user: User,
}

impl Trial {
    async fn start() -> Self {
        let engine = Engine::start().await;
        let user = engine.user("alice").await;
        Self { sessions: Sessions::new(&engine.table).at_most(1000), users: Users::new(&engine.table), engine, user }
    }

    /// Begins a session at this epoch.
    async fn begin(&self, epoch: u64) -> Session {
        let authentication = Authentication::by_password(epoch, START, START);
        let session =
            Session::beginning(Person::of(self.user.clone(), START), "first-party", authentication, LIFETIME, START);
        let session = session.expect("random");
        self.sessions.begin(&session).await.expect("no fault").expect("it begins");
        session
    }

    async fn profile(&self) -> User {
        self.users.by_id(&self.user.id, START).await.expect("no fault").expect("a person")
    }

    async fn sign_out(&self, user: User, stays: Option<&Session>, now: Time) -> bool {
        let out = SignOut { stays, change: Change::Nothing, mail: None };
        self.sessions.sign_out(user, &out, now).await.expect("no fault")
    }

    /// The ids of the sessions whose items exist.
    async fn stored(&self) -> Vec<String> {
        let sessions = self.sessions.of(&self.user.id, START).await.expect("no fault");
        sessions.into_iter().map(|session| session.sid).collect()
    }

    async fn revoked(&self) -> Vec<Revoked> {
        Revocations::new(&self.engine.table).list(START).await.expect("no fault")
    }

    fn person(&self, before: u64, stays: Option<&Session>) -> Revoked {
        let (user, stays) = (self.user.id.clone(), stays.map(|session| session.sid.clone()));
        Revoked::Person { user, before, stays, until: START.seconds() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_hundreds_of_sessions_with_one_revocation() {
    let trial = Trial::start().await;
    let stays = trial.begin(0).await;
    for _ in 0..219 {
        trial.begin(0).await;
    }
    assert!(trial.sign_out(trial.user.clone(), Some(&stays), START).await);
    assert_eq!(trial.stored().await, std::slice::from_ref(&stays.sid));
    assert_eq!(trial.revoked().await, [trial.person(1, Some(&stays))]);
    let later = trial.begin(1).await;
    assert!(trial.sign_out(trial.profile().await, Some(&later), START).await);
    assert_eq!(trial.stored().await, std::slice::from_ref(&later.sid), "the session that stayed at first ends now");
    assert_eq!(trial.revoked().await, [trial.person(2, Some(&later))], "the entry of the same person is replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_of_the_sessions_signs_nobody_in() {
    let trial = Trial::start().await;
    let (stays, ended) = (trial.begin(0).await, trial.begin(0).await);
    assert!(trial.sign_out(trial.user.clone(), Some(&stays), START).await);
    let profile = trial.profile().await;
    assert!(stays.is_kept_by(&profile) && !ended.is_kept_by(&profile));
    assert!(trial.begin(1).await.is_kept_by(&profile), "a session that begins afterwards");
    // A session that has ended cannot end others, even if its item is still there.
    assert!(!trial.sign_out(profile, Some(&ended), START).await);
    assert_eq!(trial.revoked().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sessions_that_sign_each_other_out_at_once_at_most_one_stays() {
    let trial = Trial::start().await;
    let mut sessions = Vec::new();
    for _ in 0..8 {
        sessions.push(trial.begin(0).await);
    }
    let done = join_all(sessions.iter().map(|stays| trial.sign_out(trial.user.clone(), Some(stays), START))).await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "the others had ended by then");
    assert_eq!((trial.stored().await.len(), trial.profile().await.epoch), (1, 1));
    assert_eq!(trial.revoked().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_changed_since_it_was_read_is_read_again() {
    let trial = Trial::start().await;
    let session = trial.begin(0).await;
    trial.users.set_roles(&trial.user.id, &["admin".to_owned()]).await.expect("no fault");
    assert!(session.is_kept_by(&trial.profile().await), "new roles end no session");
    let out = SignOut { stays: None, change: Change::Status(Status::Disabled), mail: None };
    assert!(trial.sessions.sign_out(trial.user.clone(), &out, START).await.expect("no fault"));
    let profile = trial.profile().await;
    assert_eq!((profile.epoch, profile.status, profile.roles.len()), (2, Status::Disabled, 1));
    assert!(!session.is_kept_by(&profile) && trial.stored().await.is_empty());
    trial.users.enable(&trial.user.id).await.expect("no fault");
    assert!(!session.is_kept_by(&trial.profile().await), "enabling somebody revives nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_an_earlier_release_keeps_its_sessions() {
    let trial = Trial::start().await;
    let session = trial.begin(0).await;
    let pk = format!("USER#{}", trial.user.id);
    trial.engine.set(&pk, "PROFILE", "epoch", AttributeValue::N("7".to_owned())).await;
    trial.engine.remove(&pk, "PROFILE", "sessions_since").await;
    let profile = trial.profile().await;
    assert!(session.is_kept_by(&profile), "earlier releases removed sessions when they ended");
    assert!(trial.sign_out(profile, None, START).await);
    assert!(!session.is_kept_by(&trial.profile().await));
    assert_eq!(trial.revoked().await, [trial.person(8, None)]);
}
