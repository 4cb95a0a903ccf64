//! Authorization codes: from a stored request to a session, once.

use futures_util::future::join_all;
use oauth::{Authentication, AuthorizationRequest, Client, Reply, RequestedClaims, ResponseMode, Scopes};
use store::{
    Answer, BrowserLifetime, Browsers, CodeGrant, Codes, Person, Redeemed, RefreshLifetime, Requests, Session,
    Sessions, Stage, StoredRequest, User, Users, Visitor,
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

    fn started() -> StoredRequest {
        StoredRequest::started(asked(), &Client::first_party(), BROWSER, START)
    }

    async fn answer(&self, id: &str, code: &str) -> bool {
        let answer = Answer { code, grant: &self.grant() };
        self.requests.answer((id, BROWSER), &Self::started(), answer, START).await.expect("no fault")
    }

    async fn begin(&self) -> String {
        self.requests.begin(&Self::started()).await.expect("no fault")
    }

    /// A trial with an issued code.
    async fn with_code() -> Self {
        let trial = Self::start().await;
        let id = trial.begin().await;
        assert!(trial.answer(&id, CODE).await);
        trial
    }

    fn grant(&self) -> CodeGrant {
        CodeGrant {
            client_id: "app".into(),
            redirect_uri: "https://app.example/cb".into(),
            code_challenge: Some("challenge".into()),
            user: Person::of(self.user.clone(), START),
            scope: Scopes::parse("openid").expect("a scope"),
            resources: Vec::new(),
            nonce: None,
            claims: RequestedClaims::default(),
            authentication: authentication(0),
            browser: "b".into(),
            browser_place: "place".into(),
            issued_at: START,
            redeemable_until: START.plus(60).seconds(),
        }
    }

    fn session(&self, epoch: u64) -> Session {
        let person = Person::of(self.user.clone(), START);
        let lifetime = RefreshLifetime { grace: 30, idle: 100, max: 300 };
        Session::beginning(person, "app", authentication(epoch), lifetime, START).expect("random")
    }

    /// Whether redeeming the code begins a session.
    async fn redeem(&self, session: &Session, seconds: u64) -> bool {
        let redeemed = self.codes.redeem(CODE, &self.grant(), session, START.plus(seconds)).await;
        matches!(redeemed.expect("no fault"), Redeemed::Begun(_))
    }

    async fn sessions(&self) -> usize {
        Sessions::new(&self.engine.table).of(&self.user.id, START).await.expect("no fault").len()
    }
}

/// An authentication as a signed-in browser has it.
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
        level: oauth::WantedLevels::default(),
        login_hint: None,
        ui_locales: None,
        claims: RequestedClaims::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_concurrent_redemptions_one_begins_a_session() {
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
async fn an_expired_code_is_kept_but_begins_no_session() {
    let trial = Trial::with_code().await;
    assert!(!trial.redeem(&trial.session(0), 60).await);
    assert!(trial.codes.find(CODE, START.plus(60)).await.expect("no fault").is_some());
    assert_eq!(trial.sessions().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_invalidates_unused_codes() {
    let trial = Trial::with_code().await;
    let users = Users::new(&trial.engine.table);
    let stored = users.password(&trial.user.id, START).await.expect("no fault").expect("a password");
    assert!(trial.engine.change_password(&trial.user, &stored, "new", START).await);
    assert!(!trial.redeem(&trial.session(0), 1).await);
    let profile = users.by_id(&trial.user.id, START).await.expect("no fault").expect("a person");
    assert!(profile.epoch == 1 && profile.welcomes(1) && !profile.welcomes(0));
    assert!(trial.redeem(&trial.session(1), 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_belongs_to_its_browser_is_decided_once_and_answered_once() {
    let trial = Trial::start().await;
    let id = trial.begin().await;
    let find = async |browsers: &[&str], seconds| {
        trial.requests.find(&id, browsers, START.plus(seconds)).await.expect("no fault").map(|(found, _)| found)
    };
    assert!(find(&["another"], 0).await.is_none() && find(&[], 0).await.is_none());
    assert!(find(&[BROWSER], 600).await.is_none(), "its time is over");
    let late = async |browser| trial.requests.find_late(&id, &[browser]).await.expect("no fault");
    assert!(late("another").await.is_none());
    assert_eq!(late(BROWSER).await.expect("it is kept for a while").request, asked());
    assert!(trial.requests.choose(&id, "u", START).await.expect("no fault"));
    assert!(!trial.requests.choose(&id, "v", START.plus(600)).await.expect("no fault"));
    let stage = Stage::Consented { user: "u".into() };
    assert!(trial.requests.decide(&id, &stage, START).await.expect("no fault"));
    assert!(trial.requests.decide(&id, &stage, START).await.expect("no fault"), "repeating a decision is allowed");
    assert!(!trial.requests.decide(&id, &Stage::Denied, START).await.expect("no fault"));
    let found = find(&["another", BROWSER], 0).await.expect("under way");
    assert_eq!((&found.stage, &found.request, found.chosen.as_deref()), (&stage, &asked(), Some("u")));
    assert!(!trial.requests.choose(&id, "v", START).await.expect("no fault"), "it was decided before");
    let codes = ["a", "b", "c", "d"];
    let ends = join_all(codes.map(|code| trial.answer(&id, code))).await;
    assert_eq!(ends.iter().filter(|end| **end).count(), 1);
    let answered = find(&[BROWSER], 0).await.expect("remembered");
    let winner = ends.iter().position(|end| *end).expect("one");
    assert_eq!(answered.code(&id, BROWSER).expect("no fault").as_deref().map(String::as_str), Some(codes[winner]));
    assert!(answered.code(&id, "another").is_err(), "only its browser opens it");
    assert!(!trial.requests.decide(&id, &Stage::Denied, START).await.expect("no fault"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_can_be_read_often_and_used_once() {
    let trial = Trial::start().await;
    let parameters = oauth::Parameters::from_pairs([("scope", "openid"), ("resource", "a"), ("resource", "b")]);
    let reference = trial.requests.push("app", &parameters.expect("parameters"), START).await.expect("no fault");
    let find = async |client, seconds| {
        trial.requests.find_pushed(&reference, client, START.plus(seconds)).await.expect("no fault")
    };
    assert!(find("another", 1).await.is_none());
    assert!(find("app", 90).await.is_none(), "expired, although it is still stored");
    let (found, name) = find("app", 1).await.expect("it waits");
    assert_eq!(found.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    assert!(find("app", 1).await.is_some(), "a reload does not use it up");
    assert!(trial.requests.find(&reference, &[BROWSER], START).await.expect("no fault").is_none(), "not another kind");
    let grant = trial.grant();
    let codes: Vec<_> = (0..16).map(|number| format!("code-{number}")).collect();
    let answers = codes.iter().map(|code| trial.requests.answer_pushed(&name, Answer { code, grant: &grant }, START));
    let answers = join_all(answers).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(true))).count(), 1);
    assert!(find("app", 1).await.is_none());
    trial.requests.refuse_pushed(&name, START).await.expect("what is spent stays so");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_with_one_pushed_request_one_is_answered() {
    let trial = Trial::start().await;
    let parameters = oauth::Parameters::from_pairs([("scope", "openid")]).expect("parameters");
    let reference = trial.requests.push("app", &parameters, START).await.expect("no fault");
    let (_, name) = trial.requests.find_pushed(&reference, "app", START).await.expect("no fault").expect("it waits");
    let pushed = StoredRequest { pushed: Some(name), ..Trial::started() };
    let tabs = [
        trial.requests.begin(&pushed).await.expect("no fault"),
        trial.requests.begin(&pushed).await.expect("no fault"),
    ];
    let grant = trial.grant();
    let answers = tabs.iter().enumerate().map(|(number, id)| {
        let code = ["one", "two"][number];
        trial.requests.answer((id, BROWSER), &pushed, Answer { code, grant: &grant }, START)
    });
    assert_eq!(join_all(answers).await.into_iter().filter(|answer| matches!(answer, Ok(true))).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_codes_end_with_the_consent_and_with_the_browser_sign_in() {
    let trial = Trial::with_code().await;
    Users::new(&trial.engine.table).end_codes(&trial.user.id, START.plus(1)).await.expect("no fault");
    assert!(!trial.redeem(&trial.session(0), 2).await);

    let trial = Trial::start().await;
    let browsers = Browsers::new(&trial.engine.table, BrowserLifetime { idle: 100, max: 300 });
    let by_password = Authentication::by_password(0, START, START);
    let cookie = browsers
        .begin(&trial.user.id, &by_password, Visitor::default(), START)
        .await
        .expect("no fault")
        .expect("welcome");
    let place = browsers.find(&cookie, START).await.expect("no fault").expect("signed in").place;
    let grant = CodeGrant { browser_place: place, ..trial.grant() };
    let redeem = async |code| {
        trial.codes.issue(code, &grant).await.expect("no fault");
        let redeemed = trial.codes.redeem(code, &grant, &trial.session(0), START).await;
        matches!(redeemed.expect("no fault"), Redeemed::Begun(_))
    };
    assert!(redeem("one").await);
    browsers.end(&cookie, START).await.expect("no fault");
    assert!(!redeem("two").await && browsers.find(&cookie, START).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sessions_that_codes_of_one_person_become_are_limited_for_each_minute() {
    let trial = Trial::start().await;
    let codes = Codes::new(&trial.engine.table).per_minute(3);
    let grant = CodeGrant { redeemable_until: START.plus(600).seconds(), ..trial.grant() };
    let redeem = async |code, now| {
        codes.issue(code, &grant).await.expect("no fault");
        codes.redeem(code, &grant, &trial.session(0), now).await.expect("no fault")
    };
    for code in ["one", "two"] {
        assert!(matches!(redeem(code, START).await, Redeemed::Begun(_)));
    }
    assert!(matches!(redeem("one", START).await, Redeemed::Refused), "a used code is no matter of the limit");
    assert!(matches!(redeem("three", START.plus(20)).await, Redeemed::TooMany { retry_after: 30 }));
    assert!(matches!(redeem("three", START.plus(30)).await, Redeemed::Begun(_)), "the code was not used up");
}
