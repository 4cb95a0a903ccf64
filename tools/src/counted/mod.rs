//! Counts the DynamoDB and KMS usage of every operation, on the wire of a stack with the real functions.

mod journey;
mod meter;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use local::template::Function;
use local::{Options, Stack};
use serde_json::json;

pub use meter::Count;
use meter::Meter;
use support::Service;
use support::party::{Party, SCOPE};
use support::service::options;

/// The counted operations, in the order of the page, with the functions that they invoke. The processes of these
/// functions are warm.
pub const WARM: &[(&str, &[&str])] = &[
    ("`POST /register`", &["register"]),
    ("`POST /login`", &["login"]),
    ("`GET /me`", &["account"]),
    ("`GET /me/sessions`", &["account"]),
    ("`POST /me/password`", &["account"]),
    ("`GET /authorize`, nobody is signed in", &["authorize"]),
    ("`GET /sign-in`", &["login"]),
    ("`POST /sign-in`", &["login"]),
    ("`GET /authorize` after it, on to the consent", &["authorize"]),
    ("`GET /consent`", &["authorize"]),
    ("`POST /consent`", &["authorize"]),
    ("`GET /authorize` after it, on to the app", &["authorize"]),
    ("`GET /authorize`, signed in and agreed before", &["authorize"]),
    ("`POST /token`, code", &["token"]),
    ("`POST /token`, refresh", &["token"]),
    ("`POST /token`, client credentials", &["token"]),
    ("`POST /introspect`, access token", &["token"]),
    ("`POST /introspect`, refresh token", &["token"]),
    ("`POST /revoke`, access token", &["token"]),
    ("`POST /revoke`, refresh token", &["token"]),
    ("`GET /userinfo`", &["userinfo"]),
    ("`GET /end_session`, with an ID token", &["authorize"]),
    ("`POST /clients`", &["clients"]),
    ("`GET /protected`, a new token", &["authorizer", "protected"]),
    ("`GET /protected`, a token seen before", &["protected"]),
    ("`GET /.well-known/openid-configuration`", &["discovery"]),
    ("`GET /.well-known/jwks.json`", &["discovery"]),
    ("`GET /revocations`", &["discovery"]),
    ("`RotateFunction`, nothing due", &["rotate"]),
    ("`RotateFunction`, a rotation", &["rotate"]),
];

/// The counted first requests of processes, which have no key, client or revocation cached.
pub const FIRST: &[(&str, &[&str])] = &[
    ("first `POST /login`", &["login"]),
    ("first `GET /me`", &["account"]),
    ("first `GET /protected`", &["authorizer", "discovery", "discovery", "protected"]),
    ("first `POST /token`, client credentials", &["token"]),
    ("first `GET /userinfo`", &["userinfo"]),
];

/// CPU of each function's processes so far, in nanoseconds.
pub type Cpu = BTreeMap<String, u64>;

/// How to count.
pub struct Course<'a> {
    /// A template other than the repository's.
    pub template: Option<PathBuf>,
    /// How long each call of DynamoDB and KMS is delayed, for [`Count::trips`].
    pub hold: Duration,
    /// Maximum number of rounds, each with another person.
    pub rounds: usize,
    /// Whether there were enough rounds.
    pub enough: &'a dyn Fn(&Ledger) -> bool,
    /// Reads the CPU usage.
    pub cpu: fn() -> Cpu,
}

/// The counts of all rounds, by operation.
#[derive(Default)]
pub struct Ledger {
    entries: BTreeMap<&'static str, Vec<(Count, Cpu)>>,
    /// Memory of each function, in MB.
    pub memory: BTreeMap<String, u64>,
}

impl Ledger {
    /// The usage of an operation: the minimum of all rounds, because a cache may expire at any moment.
    pub fn count(&self, operation: &str) -> Count {
        let counts = self.times(operation).iter().map(|(count, _)| *count);
        counts.min_by_key(|count| (count.calls + count.kms, count.trips)).unwrap_or_default()
    }

    /// Median CPU of an operation in a function, in milliseconds. `None` if it was not measured.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn cpu(&self, operation: &str, function: &str) -> Option<f64> {
        let times = self.times(operation).iter();
        let mut times: Vec<u64> = times.filter_map(|(_, cpu)| cpu.get(function).copied()).collect();
        times.sort_unstable();
        times.get(times.len() / 2).map(|time| *time as f64 / 1e6)
    }

    fn times(&self, operation: &str) -> &[(Count, Cpu)] {
        self.entries.get(operation).unwrap_or_else(|| panic!("{operation} was not done"))
    }
}

/// The first columns of a row, which are the same on every machine.
pub struct Begin<'a>(pub &'a Ledger, pub (&'static str, &'static [&'static str]));

impl fmt::Display for Begin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ledger, (operation, functions)) = self;
        let Count { calls, reads, writes, kms, .. } = ledger.count(operation);
        write!(f, "| {operation} | {} | {calls} | {reads} | {writes} | {kms} |", functions.join(", "))
    }
}

/// Performs all operations and counts.
///
/// # Panics
/// Where the stack does not start or answers something unexpected: nothing can be counted then.
pub async fn count(course: &Course<'_>) -> Ledger {
    // The embedded engine, whose figures follow the rules, whatever engine the other tests use.
    let embedded = Options { dynamodb_endpoint: None, kms_endpoint: None, ..options() };
    let engine = Stack::start(embedded).await.expect("the engine starts");
    let meter = Meter::new(course.hold);
    let party = party(course, &meter, &engine).await;
    let functions = party.service.stack.template().functions.values();
    let memory = functions.map(|function| (package(function), function.memory)).collect();
    let mut counter = Counter { meter, cpu: course.cpu, ledger: Ledger { memory, ..Ledger::default() } };
    for round in 0..course.rounds {
        journey::round(&party, &mut counter, round).await;
        if (course.enough)(&counter.ledger) {
            break;
        }
    }
    party.service.stack.stop().await;
    engine.stop().await;
    counter.ledger
}

/// A function's directory, crate and binary.
fn package(function: &Function) -> String {
    function.code_uri.file_name().and_then(|name| name.to_str()).expect("a name").to_owned()
}

/// A service on the engine of another stack, with the meter between them, one process per function, and an app.
async fn party(course: &Course<'_>, meter: &Meter, engine: &Stack) -> Party {
    let mut options = options().over(engine);
    options.dynamodb_endpoint = Some(meter.before(engine.dynamodb_upstream()).await);
    options.kms_endpoint = Some(meter.before(engine.kms_upstream()).await);
    // One address and one person do all of it within a second or two. Counting somebody who did the same a moment ago costs
    // another write unit; with high limits a moment is short.
    let parameters = [
        ("ClientRegistration", "open"),
        ("AccountsPerAddress", "1000000"),
        ("AuthorizationsPerAddress", "1000000"),
        ("ClientsPerAddress", "1000000"),
        ("ClientsPerHour", "1000000"),
        ("SignInsPerMinute", "1000"),
    ];
    options.parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let options = Options { instances: 1, template: course.template.clone().unwrap_or(options.template), ..options };
    let grants = ["authorization_code", "refresh_token", "client_credentials"];
    let app = json!({"token_endpoint_auth_method": "client_secret_post", "grant_types": grants, "scope": SCOPE});
    Party::on(Service::with_options(options).await, app).await
}

/// Counts one operation at a time.
struct Counter {
    meter: Meter,
    cpu: fn() -> Cpu,
    ledger: Ledger,
}

impl Counter {
    /// Performs an operation and records its usage.
    async fn of<T>(&mut self, operation: &'static str, done: impl Future<Output = T>) -> T {
        self.meter.take();
        let before = (self.cpu)();
        let outcome = done.await;
        let mut used = (self.cpu)();
        used.retain(|function, cpu| {
            *cpu -= before.get(function).copied().unwrap_or_default();
            *cpu > 0
        });
        self.ledger.entries.entry(operation).or_default().push((self.meter.take(), used));
        outcome
    }
}
