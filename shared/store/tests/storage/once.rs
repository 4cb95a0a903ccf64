//! Secrets that can be used once.

use futures_util::future::join_all;
use oauth::Time;
use store::{Change, Forgetful, Found, OnceKind, OneTime, Presented, Registering, Sessions, SignOut};

use crate::addresses::Trial;
use crate::engine::START;

/// Registers somebody, and returns the secret that proves the address.
async fn pending(trial: &Trial) -> OneTime {
    let (registered, secret) = trial.register(Some("alice"), "alice@example.com", START).await;
    assert!(matches!(registered, Registering::Begun(_)), "{registered:?}");
    secret
}

async fn find(trial: &Trial, kind: OnceKind, presented: Presented<'_>, now: Time) -> bool {
    matches!(trial.once.find(kind, presented, now).await.expect("no fault"), Found::Secret(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_100_parallel_wrong_codes_ten_are_compared_and_then_the_right_one_is_refused_while_the_link_still_works() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    let (handle, code) = (secret.handle(), secret.code());
    let guesses = (0..100).map(|_| trial.once.find(OnceKind::Address, Presented::Handle(&handle, "0000-0000"), START));
    for guess in join_all(guesses).await {
        assert!(matches!(guess.expect("no fault"), Found::Wrong));
    }
    let items = trial.engine.dump().await;
    let counter = items.iter().find(|item| crate::addresses::is_at(item, "LIMIT#ONCE#")).expect("a counter");
    let times = (1..=10).filter(|place| counter[&format!("last{place}")].as_n().is_ok_and(|at| at != "0")).count();
    assert_eq!(times, 10);
    assert!(!find(&trial, OnceKind::Address, Presented::Handle(&handle, &code), START).await);
    assert!(find(&trial, OnceKind::Address, Presented::Link(secret.link()), START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_parallel_uses_of_a_right_code_one_succeeds() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    let opened = trial.open(&secret, START).await;
    let uses = (0..50).map(|_| trial.users.complete(&opened, None, START));
    let done = join_all(uses).await.into_iter().filter(|used| matches!(used, Ok(true))).count();
    assert_eq!(done, 1);
    assert!(!find(&trial, OnceKind::Address, Presented::Link(secret.link()), START).await, "it is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hour_has_more_than_ten_wrong_codes_wherever_it_begins() {
    let trial = Trial::start().await;
    let wrong = async |seconds: u64| {
        let secret = trial.register(None, "alice@example.com", START.plus(seconds)).await.1;
        for _ in 0..5 {
            let code = Presented::Handle(&secret.handle(), "0000-0000");
            assert!(!find(&trial, OnceKind::Address, code, START.plus(seconds)).await);
        }
        secret
    };
    wrong(0).await;
    let secret = wrong(3500).await;
    let (handle, code) = (secret.handle(), secret.code());
    for (seconds, is_right) in [(3599, false), (3600, true)] {
        let right = Presented::Handle(&handle, &code);
        assert_eq!(find(&trial, OnceKind::Address, right, START.plus(seconds)).await, is_right, "after {seconds} s");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hour_has_more_than_three_mails_to_an_address_and_no_day_more_than_ten() {
    let trial = Trial::start().await;
    let sends = async |seconds: u64| {
        let registering = trial.register(None, "alice@example.com", START.plus(seconds)).await.0;
        !matches!(registering, Registering::TooManyMails)
    };
    let mut sent: Vec<u64> = Vec::new();
    for at in (0..60).flat_map(|half_hour| [half_hour * 1800 + 1700, half_hour * 1800 + 1701]) {
        if sends(at).await {
            sent.push(at);
        }
    }
    assert!(sent.windows(4).all(|some| some[3] - some[0] >= 3600), "{sent:?}");
    assert!(sent.windows(11).all(|some| some[10] - some[0] >= 86_400), "{sent:?}");
    assert!(sent.len() > 10, "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_count_over_all_secrets_of_a_person() {
    let trial = Trial::start().await;
    let (first, second) = (pending(&trial).await, trial.register(None, "alice@example.com", START).await.1);
    for _ in 0..10 {
        assert!(!find(&trial, OnceKind::Address, Presented::Handle(&first.handle(), "0000-0000"), START).await);
    }
    let right = second.code();
    assert!(!find(&trial, OnceKind::Address, Presented::Handle(&second.handle(), &right), START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_leaves_older_ones_valid_and_a_right_code_is_not_counted() {
    let trial = Trial::start().await;
    let (first, second) = (pending(&trial).await, trial.register(None, "alice@example.com", START).await.1);
    for _ in 0..20 {
        for secret in [&first, &second] {
            let typed = secret.code().to_lowercase().replace('-', " ");
            assert!(find(&trial, OnceKind::Address, Presented::Handle(&secret.handle(), &typed), START).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_secret_and_one_of_another_kind_are_refused() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    let (link, handle, code) = (secret.link(), secret.handle(), secret.code());
    let by_code = Presented::Handle(&handle, &code);
    assert!(find(&trial, OnceKind::Address, by_code, START.plus(599)).await);
    assert!(!find(&trial, OnceKind::Address, by_code, START.plus(600)).await);
    assert!(find(&trial, OnceKind::Address, Presented::Link(link), START.plus(86_399)).await);
    assert!(!find(&trial, OnceKind::Address, Presented::Link(link), START.plus(86_400)).await);
    for kind in [OnceKind::Reset, OnceKind::Keep] {
        assert!(!find(&trial, kind, Presented::Link(link), START).await);
        assert!(!find(&trial, kind, by_code, START).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_useless_where_the_request_did_not_begin() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    let (name, code, link) = (secret.name(), secret.code(), secret.link());
    for handle in [name.clone(), format!("{name}."), format!("{name}.{link}"), format!(".{name}"), link.to_owned()] {
        assert!(!find(&trial, OnceKind::Address, Presented::Handle(&handle, &code), START).await, "{handle}");
    }
    assert!(!find(&trial, OnceKind::Address, Presented::Browser(&name, &["a cookie"], &code), START).await);
    assert!(!find(&trial, OnceKind::Address, Presented::Link(&name), START).await);
    assert!(!find(&trial, OnceKind::Address, Presented::Link(&code), START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_the_table_contains_neither_the_code_nor_the_link_nor_the_handle() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    let dump = format!("{:?}", trial.engine.dump().await);
    let handle = secret.handle();
    let (_, keeper) = handle.split_once('.').expect("a keeper");
    let code = secret.code();
    for secret in [secret.link(), keeper, &*code, &code.replace('-', "")] {
        assert!(!dump.contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_works_once_and_only_while_the_password_and_the_address_are_those_that_it_was_sent_for() {
    let trial = Trial::start().await;
    let secret = pending(&trial).await;
    assert!(trial.users.complete(&trial.open(&secret, START).await, None, START).await.expect("no fault"));
    let id = trial.users.id_of_email("alice@example.com", START).await.expect("no fault").expect("alice");
    let (alice, password) = (trial.user(&id, START).await.expect("alice"), trial.users.password(&id, START).await);
    let password = password.expect("no fault").expect("a password");
    let mut sent = Vec::new();
    for _ in 0..2 {
        let secret = OneTime::new(OnceKind::Reset).expect("a secret");
        let found = Forgetful { user: &alice, email: alice.email(START).expect("an address"), password: &password };
        let mail = trial.mail().await;
        trial.users.forgot("alice", Some(found), (&secret, mail), START).await.expect("no fault");
        match trial.once.find(OnceKind::Reset, Presented::Link(secret.link()), START).await.expect("no fault") {
            Found::Secret(opened) => sent.push(opened),
            Found::Wrong => panic!("the link is wrong"),
        }
    }
    let sessions = Sessions::new(&trial.engine.table);
    let reset = async |opened| {
        let change = Change::Reset { proven: &password, hash: "new", secret: opened };
        let out = SignOut { stays: None, change, mail: None };
        sessions.sign_out(alice.clone(), &out, START.plus(1)).await.expect("no fault")
    };
    let done = join_all((0..50).map(|_| reset(&sent[0]))).await;
    assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
    assert!(!reset(&sent[1]).await, "another password has been set");
    let changed = trial.users.password(&id, START).await.expect("no fault").expect("a password");
    assert_eq!(changed.hash, "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_nobody_writes_as_much_and_its_secret_does_nothing() {
    let trial = Trial::start().await;
    let secret = OneTime::new(OnceKind::Reset).expect("a secret");
    let mail = trial.mail().await;
    trial.users.forgot("nobody", None, (&secret, mail), START).await.expect("no fault");
    let items = trial.engine.dump().await;
    assert_eq!(items.len(), 3);
    assert!(!items.iter().any(|item| crate::addresses::is_at(item, "MAIL#")), "no mailer finds it");
    assert!(find(&trial, OnceKind::Reset, Presented::Link(secret.link()), START).await);
}
