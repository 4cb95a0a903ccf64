//! The collections that the function uses, and the events that it accepts.
//!
//! - `{}` or the event of a schedule: rotate the algorithms whose rotation is due.
//! - `{"action": "rotate"}`: rotate every algorithm now.
//! - `{"action": "withdraw", "kid": "…"}`: remove a key at once, because its private half may be compromised.

use mint::{SigningKeys, generate};
use oauth::{Action, Code, Config, Error, SecurityEvent, SigningAlgorithms, Time};
use serde_json::{Value, json};
use store::{Audit, Aws, KeyState, Keys, Ring, Seal, Table, Vault};
use web::{Invocation, Task};

use crate::plan::{Plan, Policy, Wish};

const USAGE: &str = r#"send {}, {"action":"rotate"} or {"action":"withdraw","kid":"..."}"#;

/// How often a change is tried again when others change the ring at the same time.
const TRIES: usize = 5;

pub(crate) struct App {
    audit: Audit,
    keys: Keys,
    vault: Vault,
    first: SigningKeys,
    policy: Policy,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let (keys, vault) = (Keys::new(&table), Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?)));
        let algorithms = SigningAlgorithms::read(config)?;
        Ok(Self {
            audit: Audit::read(&table, config)?,
            first: SigningKeys::new(keys.clone(), vault.clone(), algorithms.clone()),
            keys,
            vault,
            policy: Policy::new(config.parsed("KEY_ROTATION_DAYS")?, algorithms),
        })
    }

    async fn carry_out(&self, wish: &Wish, id: &str, now: Time) -> Result<Value, Error> {
        self.first.ring(now).await?; // creates the ring if there is none
        for _ in 0..TRIES {
            let ring = self.keys.ring(now).await?.ok_or_else(|| Error::fault("the key ring is missing"))?;
            let plan = Plan::make(&ring, wish, &self.policy, now)?;
            if !plan.changes() {
                return Ok(report(&ring, "nothing was due"));
            }
            if self.apply(plan, &ring, now).await? {
                self.audit.record(event(wish).in_request(id), now).await;
                let ring = self.keys.ring(now).await?.ok_or_else(|| Error::fault("the key ring is missing"))?;
                return Ok(report(&ring, "done"));
            }
        }
        Err(Error::new(Code::TemporarilyUnavailable, "concurrent changes of the key ring"))
    }

    async fn apply(&self, plan: Plan, ring: &Ring, now: Time) -> Result<bool, Error> {
        let mut keys = plan.keep;
        let mut new = Vec::new();
        for wanted in plan.wanted {
            let key = generate(wanted.algorithm, wanted.state, now)?;
            keys.push(key.public.clone());
            new.push(key);
        }
        self.vault.change(ring.version, keys, &new, &plan.gone).await
    }
}

impl Task for App {
    async fn handle(&self, invocation: Invocation) -> Result<Value, Error> {
        let wish = wish(&invocation.event).ok_or_else(|| Error::new(Code::InvalidRequest, USAGE))?;
        self.carry_out(&wish, &invocation.id, invocation.now).await
    }
}

/// What an event asks for. `None` for anything but exactly the events above, so that a typing error never causes a
/// rotation.
fn wish(event: &Value) -> Option<Wish> {
    let members = event.as_object()?;
    let scheduled = members.is_empty() || event["source"] == "aws.events";
    match (event["action"].as_str(), event["kid"].as_str(), members.len()) {
        _ if scheduled => Some(Wish::Schedule),
        (Some("rotate"), None, 1) => Some(Wish::Rotate),
        (Some("withdraw"), Some(kid), 2) => Some(Wish::Withdraw(kid.to_owned())),
        _ => None,
    }
}

fn event(wish: &Wish) -> SecurityEvent {
    match wish {
        Wish::Schedule | Wish::Rotate => SecurityEvent::of(Action::KeysRotated),
        Wish::Withdraw(kid) => SecurityEvent::of(Action::KeyWithdrawn).about(kid),
    }
}

fn report(ring: &Ring, outcome: &str) -> Value {
    let state = |state| match state {
        KeyState::Next => "next",
        KeyState::Current => "current",
        KeyState::Retired => "retired",
    };
    let keys = ring
        .keys
        .iter()
        .map(|key| json!({ "kid": key.kid, "alg": key.alg, "state": state(key.state), "since": key.since.seconds() }));
    json!({ "outcome": outcome, "version": ring.version, "keys": keys.collect::<Vec<_>>() })
}
