//! People who register with an address, prove it and change it.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Config, Language, Mail, Message, Time};
use store::{
    Aws, Change, Changed, Created, Email, Found, Letter, NewUser, Notice, Once, OnceKind, OneTime, Opened, Outbox,
    Presented, Registering, Seal, SealedMail, Sessions, SignOut, Status, Table, User, Users,
};

use crate::engine::{Engine, START, name_of, new_user};
use crate::kms;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A table, and what the mails in it are sealed with.
pub(crate) struct Trial {
    pub(crate) engine: Engine,
    outbox: Outbox,
    pub(crate) users: Users,
    pub(crate) once: Once,
}

impl Trial {
    pub(crate) async fn start() -> Self {
        let (engine, kms) = (Engine::start().await, kms::start().await);
        let variables = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &engine.url),
            ("AWS_ENDPOINT_URL_KMS", &kms),
            ("MAIL", "on"),
        ];
        let config = Config::from_pairs(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let aws = Aws::open(&config).expect("the variables are there");
        let outbox = Outbox::read(&Table::new(&aws, &engine.name), Seal::new(&aws, "key"), &config);
        let (users, once) = (Users::new(&engine.table), Once::new(&engine.table));
        Self { engine, outbox, users, once }
    }

    pub(crate) async fn mail(&self) -> SealedMail {
        let mail = Mail {
            to: "alice@example.com".to_owned(),
            language: Language::English,
            message: Message::AccountDeleted {},
        };
        self.outbox.seal(&mail, START).await.expect("no fault")
    }

    /// Registers somebody with an address.
    pub(crate) async fn register(&self, username: Option<&str>, address: &str, now: Time) -> (Registering, OneTime) {
        let secret = OneTime::new(OnceKind::Address).expect("a secret");
        let new = NewUser { username, found_by: username.map(name_of), ..new_user("nobody") };
        let letter = Letter { email: &email(address), secret: &secret, mail: self.mail().await };
        let registered = self.users.register(&new, letter, now).await;
        (registered.expect("no fault"), secret)
    }

    pub(crate) async fn open(&self, secret: &OneTime, now: Time) -> Opened {
        match self.once.find(OnceKind::Address, Presented::Link(secret.link()), now).await.expect("no fault") {
            Found::Secret(opened) => opened,
            Found::Wrong => panic!("the link is wrong"),
        }
    }

    /// Registers somebody and proves the address.
    async fn proven(&self, username: &str, address: &str) -> User {
        let (registered, secret) = self.register(Some(username), address, START).await;
        let Registering::Begun(user) = registered else { panic!("{registered:?}") };
        let opened = self.open(&secret, START).await;
        assert!(self.users.complete(&opened, None, START).await.expect("no fault"));
        self.user(&user.id, START).await.expect("the person")
    }

    pub(crate) async fn user(&self, id: &str, now: Time) -> Option<User> {
        self.users.by_id(id, now).await.expect("no fault")
    }

    async fn owner(&self, address: &str, now: Time) -> Option<String> {
        self.users.id_of_email(address, now).await.expect("no fault")
    }

    /// Asks for another address of `user`, and proves it.
    async fn change(&self, user: &User, address: &str, now: Time) -> (Changed, OneTime) {
        let (secret, keep) =
            (OneTime::new(OnceKind::Address).expect("a secret"), OneTime::new(OnceKind::Keep).expect("a secret"));
        let letter = Letter { email: &email(address), secret: &secret, mail: self.mail().await };
        let asked = self.users.ask(user, letter, false, now).await;
        assert!(asked.expect("no fault"));
        let opened = self.open(&secret, now).await;
        let notice = Notice { keep: &keep, mail: Some(self.mail().await) };
        (self.users.change_email(&opened, user, notice, now).await.expect("no fault"), keep)
    }
}

fn email(address: &str) -> Email {
    Email { address: address.to_owned(), canonical: address.to_lowercase() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_nobodys_until_its_address_is_proven() {
    let trial = Trial::start().await;
    let (registered, secret) = trial.register(Some("alice"), "Alice@example.com", START).await;
    let Registering::Begun(user) = registered else { panic!("{registered:?}") };
    assert_eq!((user.status, user.email(START)), (Status::Unproven, None));
    assert_eq!(trial.owner("alice@example.com", START).await, None);
    let opened = trial.open(&secret, START).await;
    assert!(trial.users.complete(&opened, None, START.plus(60)).await.expect("no fault"));
    let later = START.plus(400 * DAY);
    let user = trial.user(&user.id, later).await.expect("the account stays");
    assert_eq!(user.status, Status::Active);
    assert_eq!(user.email(later).map(|email| email.address.as_str()), Some("Alice@example.com"));
    assert_eq!(trial.owner("alice@example.com", later).await, Some(user.id.clone()));
    assert_eq!(trial.users.id_of(name_of("alice"), later).await.expect("no fault"), Some(user.id.clone()));
    assert!(trial.users.password(&user.id, later).await.expect("no fault").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_proves_ends_with_its_name_although_the_table_still_has_its_items() {
    let trial = Trial::start().await;
    let (registered, secret) = trial.register(Some("alice"), "alice@example.com", START).await;
    let Registering::Begun(user) = registered else { panic!("{registered:?}") };
    let opened = trial.open(&secret, START).await;
    let taken = trial.register(Some("alice"), "other@example.com", START.plus(DAY - 1)).await.0;
    assert!(matches!(taken, Registering::UsernameTaken), "{taken:?}");
    let end = START.plus(DAY);
    assert!(trial.user(&user.id, end).await.is_none());
    assert!(trial.users.password(&user.id, end).await.expect("no fault").is_none());
    assert!(!trial.users.complete(&opened, None, end).await.expect("no fault"), "too late");
    let created = trial.users.create(&new_user("alice"), end).await.expect("no fault");
    assert!(matches!(created, Created::User(_)), "the name is free: {created:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_registered_with_one_address_the_first_to_prove_it_has_it() {
    let trial = Trial::start().await;
    let (_, first) = trial.register(Some("mallory"), "alice@example.com", START).await;
    let (registered, second) = trial.register(Some("alice"), "Alice@example.com", START).await;
    let Registering::Begun(alice) = registered else { panic!("{registered:?}") };
    let (first, second) = (trial.open(&first, START).await, trial.open(&second, START).await);
    assert!(trial.users.complete(&second, Some("hers"), START).await.expect("no fault"));
    assert!(!trial.users.complete(&first, None, START).await.expect("no fault"));
    assert_eq!(trial.owner("alice@example.com", START).await, Some(alice.id.clone()));
    let password = trial.users.password(&alice.id, START.plus(2 * DAY)).await.expect("no fault").expect("a password");
    assert_eq!(password.hash, "hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_three_mails_in_an_hour_and_ten_in_a_day_and_registrations_beyond_write_nothing() {
    let trial = Trial::start().await;
    let mut sent = Vec::new();
    for hour in 0..5 {
        for _ in 0..4 {
            let registered = trial.register(None, "alice@example.com", START.plus(hour * HOUR)).await.0;
            sent.push(matches!(registered, Registering::Begun(_)));
        }
    }
    let expected = [true, true, true, false].repeat(3).into_iter().chain([true, false, false, false]);
    assert_eq!(sent, expected.chain([false; 4]).collect::<Vec<_>>());
    let users = trial.engine.dump().await.iter().filter(|item| is_at(item, "USER#")).count();
    assert_eq!(users, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_counts_after_a_day_and_the_former_one_until_then() {
    let trial = Trial::start().await;
    let alice = trial.proven("alice", "old@example.com").await;
    let (changed, _) = trial.change(&alice, "new@example.com", START).await;
    let from = START.plus(DAY);
    assert_eq!(changed, Changed::From(from.seconds()));
    let at = async |now| {
        let user = trial.user(&alice.id, now).await.expect("the person");
        let owners = (trial.owner("old@example.com", now).await, trial.owner("new@example.com", now).await);
        (user.email(now).map(|email| email.address.clone()), owners.0.is_some(), owners.1.is_some())
    };
    assert_eq!(at(START.plus(DAY - 1)).await, (Some("old@example.com".to_owned()), true, false));
    assert_eq!(at(from).await, (Some("new@example.com".to_owned()), false, true));
    let changed = trial.user(&alice.id, from).await.expect("the person");
    let (again, _) = trial.change(&changed, "third@example.com", from).await;
    assert_eq!(again, Changed::From(from.plus(DAY).seconds()), "another change begins at the new address");
    assert_eq!(at(from).await, (Some("new@example.com".to_owned()), false, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_can_be_stopped_by_the_former_address_until_it_counts_and_then_no_more() {
    let trial = Trial::start().await;
    let alice = trial.proven("alice", "old@example.com").await;
    let (_, keep) = trial.change(&alice, "new@example.com", START).await;
    let late = START.plus(DAY);
    let present = Presented::Link(keep.link());
    assert!(matches!(trial.once.find(OnceKind::Keep, present, late).await.expect("no fault"), Found::Wrong));
    let found = trial.once.find(OnceKind::Keep, present, START).await.expect("no fault");
    let Found::Secret(opened) = found else { panic!("the link is wrong") };
    let changing = trial.user(&alice.id, START).await.expect("the person");
    assert!(!trial.users.keep_email(&changing, Some(&opened), late).await.expect("no fault"));
    assert!(trial.users.keep_email(&changing, Some(&opened), START).await.expect("no fault"));
    assert!(!trial.users.keep_email(&changing, Some(&opened), START).await.expect("no fault"));
    assert_eq!(trial.owner("old@example.com", late).await, Some(alice.id.clone()));
    assert_eq!(trial.owner("new@example.com", late).await, None);
    let user = trial.user(&alice.id, late).await.expect("the person");
    assert_eq!(user.email(late).map(|email| email.address.as_str()), Some("old@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_the_address_of_somebody_else_or_their_own_once_more() {
    let trial = Trial::start().await;
    let (alice, bob) = (trial.proven("alice", "alice@example.com").await, trial.proven("bob", "bob@example.com").await);
    assert_eq!(trial.change(&bob, "alice@example.com", START).await.0, Changed::Refused);
    assert_eq!(trial.change(&bob, "BOB@example.com", START).await.0, Changed::Refused);
    let secret = OneTime::new(OnceKind::Address).expect("a secret");
    let letter = Letter { email: &email("new@example.com"), secret: &secret, mail: trial.mail().await };
    assert!(trial.users.ask(&bob, letter, false, START).await.expect("no fault"));
    let opened = trial.open(&secret, START).await;
    let keep = OneTime::new(OnceKind::Keep).expect("a secret");
    let stolen = trial.users.change_email(&opened, &alice, Notice { keep: &keep, mail: None }, START).await;
    assert_eq!(stolen.expect("no fault"), Changed::Refused, "a proof for one person is no proof for another");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_an_address_has_the_first_one_at_once() {
    let trial = Trial::start().await;
    let carol = trial.engine.user("carol").await;
    assert_eq!(trial.change(&carol, "carol@example.com", START).await.0, Changed::Now);
    assert_eq!(trial.owner("carol@example.com", START).await, Some(carol.id));
}

pub(crate) fn is_at(item: &std::collections::HashMap<String, AttributeValue>, prefix: &str) -> bool {
    item["pk"].as_s().is_ok_and(|pk| pk.starts_with(prefix))
}

/// Whoever knew the old password may have begun it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_stops_a_change_of_address_and_ends_proofs_that_were_not_used() {
    let trial = Trial::start().await;
    let alice = trial.proven("alice", "old@example.com").await;
    assert!(matches!(trial.change(&alice, "thief@example.com", START).await.0, Changed::From(_)));
    let unused = OneTime::new(OnceKind::Address).expect("a secret");
    let letter = Letter { email: &email("other@example.com"), secret: &unused, mail: trial.mail().await };
    assert!(trial.users.ask(&alice, letter, false, START).await.expect("no fault"));
    let (user, proven) = (
        trial.user(&alice.id, START).await.expect("her"),
        trial.users.password(&alice.id, START).await.expect("no fault").expect("a password"),
    );
    let change = Change::Password { proven: &proven, hash: "hers" };
    let out = SignOut { stays: None, change, mail: None };
    assert!(Sessions::new(&trial.engine.table).sign_out(user, &out, START).await.expect("no fault"));
    let late = START.plus(2 * DAY);
    assert_eq!(trial.owner("thief@example.com", late).await, None);
    assert_eq!(trial.owner("old@example.com", late).await, Some(alice.id.clone()));
    let user = trial.user(&alice.id, late).await.expect("her");
    assert_eq!(user.email(late).map(|email| email.address.as_str()), Some("old@example.com"));
    let opened = trial.open(&unused, START).await;
    let keep = OneTime::new(OnceKind::Keep).expect("a secret");
    let late_proof = trial.users.change_email(&opened, &user, Notice { keep: &keep, mail: None }, START).await;
    assert_eq!(late_proof.expect("no fault"), Changed::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_with_an_address_do_not_use_up_its_way_back_in() {
    let trial = Trial::start().await;
    let alice = trial.proven("alice", "alice@example.com").await;
    while matches!(trial.register(None, "alice@example.com", START).await.0, Registering::Begun(_)) {}
    let password = trial.users.password(&alice.id, START).await.expect("no fault").expect("a password");
    let (secret, email) = (OneTime::new(OnceKind::Reset).expect("a secret"), email("alice@example.com"));
    let mail = Some((trial.mail().await, &email));
    assert!(trial.users.order_reset((&alice, &password), &secret, mail, START).await.expect("no fault"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_has_one_limit_for_all_of_its_subaddresses_and_a_person_one_for_all_addresses() {
    let trial = Trial::start().await;
    let mut begun = 0;
    for number in 0..5 {
        let registered = trial.register(None, &format!("alice+{number}@example.com"), START).await.0;
        begun += usize::from(matches!(registered, Registering::Begun(_)));
    }
    assert_eq!(begun, 3);
    let bob = trial.proven("bob", "bob@example.com").await;
    let mut asked = 0;
    for number in 0..5 {
        let (email, secret) = (email(&format!("n{number}@example.com")), OneTime::new(OnceKind::Address).expect("one"));
        let letter = Letter { email: &email, secret: &secret, mail: trial.mail().await };
        asked += usize::from(trial.users.ask(&bob, letter, false, START).await.expect("no fault"));
    }
    assert_eq!(asked, 3);
}
