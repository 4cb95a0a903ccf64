//! Mails: sealed, sent by one mailer at a time, and forgotten when they were sent.

use oauth::{Config, Language, Mail, Message};
use store::{Aws, Bounce, Bounces, Lease, Leased, Outbox, Seal, Table};

use crate::engine::{Engine, START};
use crate::kms;

struct Trial {
    engine: Engine,
    outbox: Outbox,
}

impl Trial {
    async fn start() -> Self {
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
        Self { engine, outbox }
    }

    /// Posts a mail, and returns its id.
    async fn post(&self) -> String {
        let sealed = self.outbox.seal(&mail(), START).await.expect("no fault");
        self.outbox.post(sealed).await.expect("no fault");
        let items = self.engine.dump().await;
        let mut pks = items.iter().map(|item| item["pk"].as_s().expect("a text"));
        pks.find_map(|pk| Outbox::id(pk)).expect("a mail").to_owned()
    }

    async fn lease(&self, id: &str, seconds: u64) -> Leased {
        self.outbox.lease(id, START.plus(seconds)).await.expect("no fault")
    }

    async fn mine(&self, id: &str, seconds: u64) -> Lease {
        match self.lease(id, seconds).await {
            Leased::Mine(lease, leased) => {
                assert!(*leased == mail(), "it is the mail that was posted");
                lease
            }
            Leased::Held | Leased::Done => panic!("the mail could not be leased"),
        }
    }
}

fn mail() -> Mail {
    let message = Message::VerifyAddress { code: "CODE-1234".to_owned(), link: "https://id.example/v".to_owned() };
    Mail { to: "alice@example.com".to_owned(), language: Language::German, message }
}

#[tokio::test]
async fn a_mail_is_sent_by_one_mailer_at_a_time_and_only_once() {
    let trial = Trial::start().await;
    let id = trial.post().await;
    let lease = trial.mine(&id, 0).await;
    assert!(matches!(trial.lease(&id, 1).await, Leased::Held));
    trial.outbox.mark_sent(&lease, START.plus(2)).await.expect("no fault");
    assert!(matches!(trial.lease(&id, 100).await, Leased::Done));
}

#[tokio::test]
async fn a_mail_whose_mailer_vanished_or_gave_it_back_is_sent_by_the_next_one() {
    let trial = Trial::start().await;
    let id = trial.post().await;
    let vanished = trial.mine(&id, 0).await;
    let second = trial.mine(&id, 61).await;
    trial.outbox.mark_sent(&vanished, START.plus(62)).await.expect("no fault");
    assert!(matches!(trial.lease(&id, 63).await, Leased::Held), "the lease had passed to the second mailer");
    trial.outbox.release(&second, START.plus(63)).await.expect("no fault");
    let third = trial.mine(&id, 64).await;
    trial.outbox.mark_failed(&third, START.plus(65)).await.expect("no fault");
    assert!(matches!(trial.lease(&id, 200).await, Leased::Done));
}

#[tokio::test]
async fn a_mail_shows_nothing_in_the_table_and_only_its_own_key_opens_it() {
    let trial = Trial::start().await;
    let id = trial.post().await;
    let dump = format!("{:?}", trial.engine.dump().await);
    assert!(!dump.contains("alice") && !dump.contains("CODE-1234"), "{dump}");
    for (name, value) in &trial.engine.dump().await[0] {
        if !["pk", "sk"].contains(&name.as_str()) {
            trial.engine.set("MAIL#other", "MAIL", name, value.clone()).await;
        }
    }
    assert!(trial.outbox.lease("other", START).await.is_err());
    let lease = trial.mine(&id, 0).await;
    trial.outbox.mark_sent(&lease, START).await.expect("no fault");
    let items = trial.engine.dump().await;
    let sent = items.iter().find(|item| item.contains_key("sent_at")).expect("it is marked");
    assert!(!sent.contains_key("secret") && !sent.contains_key("data_key"), "{sent:?}");
}

#[tokio::test]
async fn a_mail_that_nobody_sent_for_three_days_is_not_sent_any_more() {
    let trial = Trial::start().await;
    let id = trial.post().await;
    assert!(matches!(trial.lease(&id, 3 * 86_400).await, Leased::Done));
    assert!(matches!(trial.lease("unknown", 0).await, Leased::Done));
}

#[tokio::test]
async fn of_twenty_mailers_one_gets_the_mail() {
    let trial = Trial::start().await;
    let id = trial.post().await;
    let leases = futures_util::future::join_all((0..20).map(|_| trial.lease(&id, 0))).await;
    let count = |kind: fn(&Leased) -> bool| leases.iter().filter(|leased| kind(leased)).count();
    assert_eq!((count(|it| matches!(it, Leased::Mine(..))), count(|it| matches!(it, Leased::Held))), (1, 19));
}

#[tokio::test]
async fn mail_is_off_without_a_sender() {
    let trial = Trial::start().await;
    assert!(trial.outbox.is_on());
    let config = Config::from_pairs([("MAIL".to_owned(), String::new())]);
    let aws = crate::engine::aws(&trial.engine.url);
    assert!(!Outbox::read(&trial.engine.table, Seal::new(&aws, "key"), &config).is_on());
}

#[tokio::test]
async fn an_address_that_bounces_is_marked_for_ninety_days() {
    let engine = Engine::start().await;
    let bounces = Bounces::new(&engine.table);
    bounces.mark("Alice@Example.com", Bounce::Bounced, START).await.expect("no fault");
    let found = async |address, seconds| bounces.of(address, START.plus(seconds)).await.expect("no fault");
    assert_eq!(found("alice@example.com", 9).await.expect("it is marked").reason, Bounce::Bounced);
    assert_eq!(found("bob@example.com", 9).await, None);
    bounces.mark("alice@example.com", Bounce::Complained, START.plus(10)).await.expect("no fault");
    let mark = found("alice@example.com", 11).await.expect("it is marked");
    assert_eq!((mark.reason, mark.at), (Bounce::Complained, START.plus(10)));
    assert_eq!(found("alice@example.com", 91 * 86_400).await, None);
}
