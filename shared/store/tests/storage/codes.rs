//! Authorization codes: from a request under way to a session, once.

use futures_util::future::join_all;
use oauth::{Authentication, AuthorizationRequest, Client, Reply, RequestedClaims, ResponseMode, Scopes};
use store::{
    CodeGrant, Codes, Person, RefreshLifetime, Requests, Session, Sessions, Stage, StoredRequest, User, Users,
};

use crate::engine::{Engine, START};

const BROWSER: &str = "browser";
const CODE: &str = "a-code";

struct Trial {
    engine: Engine,
    requests: Requests,
    codes: Codes,
    user: User,
}

impl Trial {
    async fn start() -> Self {
        let engine = Engine::start().await;
        let user = engine.user("alice").await;
        Self { requests: Requests::new(&engine.table), codes: Codes::new(&engine.table), engine, user }
    }

    async fn begin(&self) -> String {
        self.requests
            .begin(&StoredRequest::started(asked(), &Client::first_party(), BROWSER, START))
            .await
            .expect("no fault")
    }

    /// A trial with a code that was handed out.
    async fn with_code() -> Self {
        let trial = Self::start().await;
        let id = trial.begin().await;
        assert!(trial.requests.redeem(&id, CODE, &trial.grant()).await.expect("no fault"));
        trial
    }

    fn grant(&self) -> CodeGrant {
        CodeGrant {
            client_id: "app".into(),
            redirect_uri: "https://app.example/cb".into(),
            code_challenge: Some("challenge".into()),
            user: Person::of(self.user.clone()),
            scope: Scopes::parse("openid").expect("a scope"),
            resources: Vec::new(),
            nonce: None,
            claims: RequestedClaims::default(),
            authentication: authentication(0),
            browser: "b".into(),
            redeemable_until: START.plus(60).seconds(),
        }
    }

    fn session(&self, epoch: u64) -> Session {
        let person = Person::of(self.user.clone());
        let lifetime = RefreshLifetime { grace: 30, idle: 100, max: 300 };
        Session::beginning(person, "app", authentication(epoch), lifetime, START).expect("random")
    }

    /// Whether a session begins.
    async fn redeem(&self, session: &Session, seconds: u64) -> bool {
        self.codes.redeem(CODE, session, START.plus(seconds)).await.expect("no fault").is_some()
    }

    async fn sessions(&self) -> usize {
        Sessions::new(&self.engine.table).of(&self.user.id, START).await.expect("no fault").len()
    }
}

/// A proof as a signed-in browser carries it.
fn authentication(epoch: u64) -> Authentication {
    Authentication::by_password(epoch, START, START).settled()
}

fn asked() -> AuthorizationRequest {
    AuthorizationRequest {
        client_id: "app".into(),
        reply: Reply { redirect_uri: "https://app.example/cb".into(), mode: ResponseMode::Query, state: None },
        code_challenge: Some("challenge".into()),
        scope: Scopes::parse("openid").expect("a scope"),
        resources: Vec::new(),
        nonce: None,
        prompt: Vec::new(),
        max_age: None,
        login_hint: None,
        ui_locales: None,
        claims: RequestedClaims::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_redemptions_at_once_one_begins_a_session() {
    let trial = Trial::with_code().await;
    let sessions: Vec<_> = (0..64).map(|_| trial.session(0)).collect();
    let outcomes = join_all(sessions.iter().map(|session| trial.redeem(session, 1))).await;
    assert_eq!(outcomes.iter().filter(|begun| **begun).count(), 1);
    assert_eq!(trial.sessions().await, 1);
    let stored = trial.codes.find(CODE, START).await.expect("no fault").expect("remembered");
    let winner = outcomes.iter().position(|begun| *begun).expect("one");
    assert_eq!(stored.session.as_ref(), Some(&sessions[winner].sid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_has_expired_still_lies_in_the_table_and_begins_nothing() {
    let trial = Trial::with_code().await;
    assert!(!trial.redeem(&trial.session(0), 60).await);
    assert!(trial.codes.find(CODE, START.plus(60)).await.expect("no fault").is_some());
    assert_eq!(trial.sessions().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_codes_that_are_on_their_way() {
    let trial = Trial::with_code().await;
    let users = Users::new(&trial.engine.table);
    let stored = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert!(users.change_password(&trial.user.id, &stored, "new", START).await.expect("no fault"));
    assert!(!trial.redeem(&trial.session(0), 1).await);
    let profile = users.by_id(&trial.user.id, START).await.expect("no fault").expect("a person");
    assert!(profile.epoch == 1 && profile.welcomes(1) && !profile.welcomes(0));
    assert!(trial.redeem(&trial.session(1), 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_belongs_to_its_browser_is_decided_once_and_ends_once() {
    let trial = Trial::start().await;
    let id = trial.begin().await;
    assert!(trial.requests.find(&id, "another", START).await.expect("no fault").is_none());
    assert!(trial.requests.find(&id, BROWSER, START.plus(600)).await.expect("no fault").is_none(), "its time is over");
    let stage = Stage::Consented { user: "u".into() };
    assert!(trial.requests.decide(&id, &stage, START).await.expect("no fault"));
    assert!(trial.requests.decide(&id, &stage, START).await.expect("no fault"), "the same answer again is no other");
    assert!(!trial.requests.decide(&id, &Stage::Denied, START).await.expect("no fault"));
    let found = trial.requests.find(&id, BROWSER, START).await.expect("no fault").expect("under way");
    assert_eq!((found.stage, found.request), (stage, asked()));
    let (codes, grant) = (["a", "b", "c", "d"], trial.grant());
    let ends = join_all(codes.map(|code| trial.requests.redeem(&id, code, &grant))).await;
    assert_eq!(ends.iter().filter(|end| matches!(end, Ok(true))).count(), 1);
    trial.requests.end(&id).await.expect("it has ended, and stays so");
    let other = trial.begin().await;
    trial.requests.end(&other).await.expect("no fault");
    assert!(!trial.requests.redeem(&other, "e", &grant).await.expect("no fault"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_is_there_once_for_its_own_client() {
    let trial = Trial::start().await;
    let parameters = oauth::Parameters::from_pairs([("scope", "openid"), ("resource", "a"), ("resource", "b")]);
    let reference = trial.requests.push("app", &parameters.expect("parameters"), START).await.expect("no fault");
    let take = |client, seconds| trial.requests.take_pushed(&reference, client, START.plus(seconds));
    assert!(take("another", 1).await.expect("no fault").is_none());
    assert!(take("app", 90).await.expect("no fault").is_none(), "expired, though it still lies there");
    let answers = join_all((0..16).map(|_| take("app", 1))).await;
    let found: Vec<_> = answers.into_iter().filter_map(|answer| answer.expect("no fault")).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].all("resource").collect::<Vec<_>>(), ["a", "b"]);
    assert!(trial.requests.find(&reference, BROWSER, START).await.expect("no fault").is_none(), "not another kind");
}
