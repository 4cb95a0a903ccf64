//! Second factors.

use futures_util::future::join_all;
use oauth::{Authentication, Scopes, Time};
use store::{
    Attempt, Aws, BrowserLifetime, Browsers, Confirmation, FactorSet, Factors, Limits, Person, Proof, RefreshLifetime,
    Seal, SecretHash, Session, Sessions, Spent, User, Users, Visitor, recovery_hash,
};

use crate::engine::{Engine, START, environment_with_kms};
use crate::kms;

const SECRET: &[u8] = b"12345678901234567890";
const CODES: [&str; 3] = ["0000000000000000", "1111111111111111", "2222222222222222"];

struct Trial {
    engine: Engine,
    factors: Factors,
    users: Users,
    alice: String,
}

impl Trial {
    async fn start() -> Self {
        let (engine, kms) = (Engine::start().await, kms::start().await);
        let aws = Aws::open(&environment_with_kms(&engine.url, &kms)).expect("the variables are there");
        let factors = Factors::new(&engine.table, Seal::new(&aws, "key"));
        let users = Users::new(&engine.table);
        let alice = engine.user("alice").await.id;
        Self { engine, factors, users, alice }
    }

    /// The same, with a confirmed app whose step 1 was used, and recovery codes.
    async fn enrolled() -> Self {
        let trial = Self::start().await;
        assert!(trial.enrol(SECRET, START).await);
        assert!(trial.confirm(&trial.set(START).await, 1, START).await);
        trial
    }

    async fn user(&self) -> User {
        self.users.by_id(&self.alice, START).await.expect("no fault").expect("alice")
    }

    async fn set(&self, now: Time) -> FactorSet {
        self.factors.of(&self.alice, now).await.expect("no fault")
    }

    async fn enrol(&self, secret: &[u8], now: Time) -> bool {
        self.factors.enrol(&self.user().await, &self.set(now).await, secret, now).await.expect("no fault")
    }

    fn hashes(&self) -> Vec<SecretHash> {
        CODES.iter().map(|code| recovery_hash(&self.alice, code)).collect()
    }

    async fn confirm(&self, set: &FactorSet, step: u64, now: Time) -> bool {
        let hashes = self.hashes();
        let codes = (set.codes_left() == 0).then_some(&*hashes);
        let confirmation = Confirmation { enrolling: set.enrolling.as_ref().expect("an app"), step, codes, mail: None };
        self.factors.confirm(&self.user().await, (set, confirmation), now).await.expect("no fault")
    }

    /// Whether a session begins with what it uses up.
    async fn begins(&self, spent: Spent) -> bool {
        let person = Person::of(self.user().await, START);
        let authentication = self.by_password().await;
        let lifetime = RefreshLifetime { idle: 60, max: 60, grace: 0 };
        let session = Session::beginning(person, "app", authentication, lifetime, START).expect("a session");
        let session = Session { scope: Scopes::default(), ..session };
        let sessions = Sessions::new(&self.engine.table);
        sessions.begin_with(&session, spent).await.expect("no fault").is_some()
    }

    async fn by_password(&self) -> Authentication {
        Authentication::by_password(self.user().await.epoch, START, START)
    }

    async fn has_second_factor(&self, now: Time) -> bool {
        let (user, set) = (self.user().await, self.set(now).await);
        assert_eq!(user.has_second_factor(now), set.has_second_factor(), "the profile and the factors differ");
        set.has_second_factor()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_a_factor_only_after_its_first_code() {
    let trial = Trial::start().await;
    assert!(trial.enrol(SECRET, START).await);
    assert!(!trial.has_second_factor(START).await);
    let set = trial.set(START).await;
    let enrolling = set.enrolling.as_ref().expect("an app");
    assert_eq!(**trial.factors.new_secret(&trial.alice, enrolling).await.expect("it opens"), *SECRET);
    assert!(trial.confirm(&set, 7, START).await);
    assert!(trial.has_second_factor(START).await);
    let set = trial.set(START).await;
    assert_eq!((set.enrolling.is_none(), set.codes_left(), set.password.is_some()), (true, 3, true));
    let secret = trial.factors.secret(&trial.alice, set.totp.as_ref().expect("an app")).await;
    assert_eq!(**secret.expect("it opens"), *SECRET);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_app_replaces_one_that_waits_and_none_replaces_one_that_is_confirmed() {
    let trial = Trial::start().await;
    assert!(trial.enrol(SECRET, START).await);
    let old = trial.set(START).await;
    assert!(trial.enrol(b"another secret of 20", START).await);
    assert!(!trial.confirm(&old, 7, START).await, "it was replaced");
    let new = trial.set(START).await;
    assert!(trial.confirm(&new, 7, START).await);
    assert!(!trial.confirm(&new, 8, START).await, "it is confirmed");
    assert!(!trial.enrol(SECRET, START).await);
    let late = trial.factors.enrol(&trial.user().await, &old, SECRET, START).await;
    assert!(!late.expect("no fault"), "the one that was read was confirmed in the meantime");
    assert!(trial.has_second_factor(START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_waits_an_hour_for_its_first_code() {
    let trial = Trial::start().await;
    assert!(trial.enrol(SECRET, START).await);
    let set = trial.set(START.plus(3599)).await;
    assert!(trial.set(START.plus(3600)).await.enrolling.is_none());
    assert!(!trial.confirm(&set, 7, START.plus(3600)).await);
    assert!(trial.enrol(SECRET, START.plus(3600)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_parallel_uses_of_a_step_one_succeeds_and_earlier_steps_are_refused() {
    let trial = Trial::enrolled().await;
    let set = trial.set(START).await;
    let totp = set.totp.as_ref().expect("an app");
    let step = |step| trial.factors.use_step(&trial.alice, totp, step, START);
    assert!(!trial.begins(step(1)).await, "it confirmed the app");
    let begun = join_all((0..50).map(|_| trial.begins(step(9)))).await;
    assert_eq!(begun.into_iter().filter(|begun| *begun).count(), 1);
    assert!(!trial.begins(step(8)).await);
    assert!(trial.begins(step(10)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_parallel_uses_of_a_recovery_code_one_succeeds() {
    let trial = Trial::enrolled().await;
    let code = |code| trial.factors.use_code(&trial.alice, &recovery_hash(&trial.alice, code));
    let begun = join_all((0..50).map(|_| trial.begins(code(CODES[1])))).await;
    assert_eq!(begun.into_iter().filter(|begun| *begun).count(), 1);
    assert_eq!(trial.set(START).await.codes_left(), 2);
    assert!(!trial.begins(code("3333333333333333")).await);
    assert!(!trial.begins(trial.factors.use_code("somebody else", &trial.hashes()[0])).await);
    assert!(trial.begins(code(CODES[0])).await && trial.begins(code(CODES[2])).await);
    assert!(!trial.begins(code(CODES[0])).await, "the list is empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_uses_up_a_step_begins_once() {
    let trial = Trial::enrolled().await;
    let set = trial.set(START).await;
    let browsers = Browsers::new(&trial.engine.table, BrowserLifetime { idle: 60, max: 60 });
    for expected in [true, false] {
        let spent = trial.factors.use_step(&trial.alice, set.totp.as_ref().expect("an app"), 9, START);
        let visitor = Visitor { spent, ..Visitor::default() };
        let begun = browsers.begin(&trial.alice, &trial.by_password().await, visitor, START).await;
        assert_eq!(begun.expect("no fault").is_some(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_recovery_codes_end_the_old_ones_and_of_parallel_renewals_one_succeeds() {
    let trial = Trial::enrolled().await;
    let (user, set) = (trial.user().await, trial.set(START).await);
    let new = [recovery_hash(&trial.alice, "4444444444444444")];
    let renewals =
        join_all((0..20).map(|_| trial.factors.renew_codes((&user, &set), (Proof::SignIn, &new), None, START))).await;
    assert_eq!(renewals.into_iter().filter(|renewed| matches!(renewed, Ok(true))).count(), 1);
    assert!(!trial.begins(trial.factors.use_code(&trial.alice, &trial.hashes()[0])).await);
    assert!(trial.begins(trial.factors.use_code(&trial.alice, &new[0])).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_allows_new_recovery_codes_is_used_up_by_them() {
    let trial = Trial::enrolled().await;
    let new = [recovery_hash(&trial.alice, "4444444444444444")];
    let renew = async |set: &FactorSet, proof| {
        let user = trial.user().await;
        trial.factors.renew_codes((&user, set), (proof, &new), None, START).await.expect("no fault")
    };
    let set = trial.set(START).await;
    assert!(trial.begins(trial.factors.use_code(&trial.alice, &trial.hashes()[0])).await);
    assert!(!renew(&set, Proof::Code(trial.hashes()[0])).await, "the code was used after it was looked up");
    let set = trial.set(START).await;
    for (step, allowed) in [(1, false), (2, true), (2, false)] {
        assert_eq!(renew(&set, Proof::Step(step)).await, allowed, "{step}");
    }
    let used = trial.factors.use_step(&trial.alice, set.totp.as_ref().expect("an app"), 2, START);
    assert!(!trial.begins(used).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_removal_of_an_app_takes_the_recovery_codes_with_it_and_uses_up_its_proof() {
    for (proof, allowed) in [
        (Proof::SignIn, true),
        (Proof::Step(1), false),
        (Proof::Step(2), true),
        (Proof::Code(recovery_hash("somebody else", CODES[0])), false),
    ] {
        let trial = Trial::enrolled().await;
        let (user, set) = (trial.user().await, trial.set(START).await);
        let removed = trial.factors.remove_totp((&user, &set), proof, None).await.expect("no fault");
        assert_eq!(removed, allowed);
        assert_eq!(trial.has_second_factor(START).await, !allowed);
        assert_eq!(trial.set(START).await.recovery.is_some(), !allowed);
    }
    let trial = Trial::enrolled().await;
    let (user, set) = (trial.user().await, trial.set(START).await);
    assert!(trial.begins(trial.factors.use_code(&trial.alice, &trial.hashes()[0])).await);
    for (place, allowed) in [(0, false), (1, true)] {
        let proof = Proof::Code(trial.hashes()[place]);
        assert_eq!(trial.factors.remove_totp((&user, &set), proof, None).await.expect("no fault"), allowed);
    }
    assert!(!trial.has_second_factor(START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_leaves_counts_until_then_and_can_be_kept_until_then() {
    let trial = Trial::enrolled().await;
    let end = START.plus(100).seconds();
    let leaves = async || {
        let (user, set) = (trial.user().await, trial.set(START).await);
        trial.factors.let_totp_leave((&user, &set), end, None).await.expect("no fault")
    };
    let stays = async |now| {
        let (user, set) = (trial.user().await, trial.set(START).await);
        trial.factors.keep_totp((&user, &set), now).await.expect("no fault")
    };
    assert!(!stays(START).await);
    assert!(leaves().await);
    assert!(!leaves().await, "it leaves already, and not later");
    assert!(trial.has_second_factor(START.plus(99)).await);
    assert!(!stays(START.plus(100)).await);
    assert!(stays(START.plus(99)).await);
    assert!(trial.has_second_factor(START.plus(100)).await);
    assert!(leaves().await);
    assert!(!trial.has_second_factor(START.plus(100)).await);
    assert_eq!(trial.set(START.plus(100)).await.codes_left(), 0);
    let totp = trial.set(START).await.totp.expect("an app");
    assert!(!trial.begins(trial.factors.use_step(&trial.alice, &totp, 9, START.plus(100))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_app_has_left_another_one_can_be_added_and_removed() {
    let trial = Trial::enrolled().await;
    let (user, set) = (trial.user().await, trial.set(START).await);
    let later = START.plus(200);
    assert!(trial.factors.let_totp_leave((&user, &set), START.plus(100).seconds(), None).await.expect("no fault"));
    assert!(trial.enrol(SECRET, later).await);
    assert!(trial.confirm(&trial.set(later).await, 9, later).await);
    assert!(trial.has_second_factor(later).await);
    assert_eq!(trial.set(later).await.codes_left(), 3);
    let (user, set) = (trial.user().await, trial.set(later).await);
    assert!(trial.factors.remove_totp((&user, &set), Proof::SignIn, None).await.expect("no fault"));
    assert!(!trial.has_second_factor(START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_everywhere_stops_what_began_before_it() {
    let trial = Trial::enrolled().await;
    let (user, set) = (trial.user().await, trial.set(START).await);
    let password = set.password.as_ref().expect("a password");
    assert!(trial.engine.change_password(&user, password, "new", START).await);
    assert!(!trial.factors.remove_totp((&user, &set), Proof::SignIn, None).await.expect("no fault"));
    let end = START.plus(100).seconds();
    assert!(!trial.factors.let_totp_leave((&user, &set), end, None).await.expect("no fault"));
    assert!(!trial.factors.reset(&user, None, START).await.expect("no fault"));
    assert!(trial.has_second_factor(START).await);
    assert!(trial.factors.reset(&trial.user().await, None, START).await.expect("no fault"));
    assert!(!trial.has_second_factor(START).await);
    assert_eq!(trial.set(START).await.codes_left(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_the_table_contains_neither_the_secret_nor_a_recovery_code() {
    let trial = Trial::enrolled().await;
    let dump = format!("{:?}", trial.engine.dump().await);
    let secret = format!("{SECRET:?}");
    for text in ["12345678901234567890", &secret[1..secret.len() - 1], CODES[0], CODES[1], CODES[2]] {
        assert!(!dump.contains(text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_second_factors_are_limited_for_each_person_and_right_ones_are_given_back() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    for _ in 0..20 {
        let counted = limits.factor("alice", START).await.expect("no fault").counted().expect("room");
        limits.give_back(counted).await;
    }
    let attempts = join_all((0..50).map(|_| limits.factor("alice", START))).await;
    let counted = attempts.into_iter().filter(|attempt| matches!(attempt, Ok(Attempt::Counted(_)))).count();
    assert_eq!(counted, 5);
    assert!(matches!(limits.factor("bob", START).await, Ok(Attempt::Counted(_))));
    assert!(matches!(limits.proof("alice", START).await, Ok(Attempt::Counted(_))));
}
