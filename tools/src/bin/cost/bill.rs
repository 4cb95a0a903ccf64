//! The cost of what was counted and measured.
//!
//! US dollars for us-east-1, on demand, first tier, without free quotas. docs/cost.md has the sources and dates. "a
//! million" means a million units, invocations, requests, calls or traces.

use std::fmt;

use tools::counted::{Ledger, WARM};

const READ: f64 = 0.125; // a million
const WRITE: f64 = 0.625; // a million
const INVOCATION: f64 = 0.20; // a million
const GIGABYTE_SECOND: f64 = 13.3334; // a million, arm64
const REQUEST: f64 = 1.00; // a million, HTTP API
const KMS: f64 = 3.00; // a million
const LOGGED: f64 = 0.50; // a gigabyte
const TRACE: f64 = 5.00; // a million

/// Assumed duration of a DynamoDB or KMS call from a function, in milliseconds.
const TRIP: f64 = 5.0;
/// Assumed CPU in milliseconds where it was not measured: of one password hash, and of everything else.
const HASH: f64 = 20.0;
const ELSE: f64 = 1.0;
/// Memory with which a function gets one whole CPU, in MB. With less it gets a proportional share.
const WHOLE_CPU: f64 = 1769.0;
/// Bytes of a line of the access log, and of Lambda's own log lines about an invocation (start and report, as JSON),
/// including the 26 bytes that CloudWatch adds to each. About successful requests the functions log security events only.
const ACCESS_LINE: f64 = 300.0;
const INVOCATION_LINES: f64 = 600.0;
const EVENT_LINE: f64 = 700.0;
/// The operations that are security events.
const EVENTS: &[&str] = &[
    "`POST /register`",
    "`POST /login`",
    "`POST /me/password`",
    "`POST /sign-in`",
    "`POST /consent`",
    "`POST /revoke`, refresh token",
    "`GET /end_session`, with an ID token",
    "`POST /clients`",
    "`RotateFunction`, a rotation",
    "first `POST /login`",
];

type Row = (&'static str, &'static [&'static str]);

/// The cost of a million operations.
#[derive(Clone, Copy, Default)]
struct Cost {
    table: f64,
    functions: f64,
    all: f64,
}

/// The columns of a row that differ between machines and days.
pub(crate) struct Rest<'a>(pub(crate) &'a Ledger, pub(crate) Row);

impl fmt::Display for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ledger, row) = self;
        let (cpu, measured) = cpu(ledger, *row);
        let Cost { table, functions, all } = cost(ledger, *row);
        let about = if measured { "" } else { "~" };
        let trips = ledger.count(row.0).trips;
        write!(f, " {trips} | {about}{cpu:.1} | {table:.2} | {functions:.2} | {all:.2} |")
    }
}

/// CPU in milliseconds, and whether all of it was measured.
fn cpu(ledger: &Ledger, (operation, functions): Row) -> (f64, bool) {
    let times = functions.iter().map(|function| ledger.cpu(operation, function));
    let assumed = assumed(operation);
    times.fold((0.0, true), |(sum, measured), time| (sum + time.unwrap_or(assumed), measured && time.is_some()))
}

fn assumed(operation: &str) -> f64 {
    match operation {
        "`POST /register`" | "`POST /login`" | "`POST /sign-in`" => HASH,
        "`POST /me/password`" => 2.0 * HASH,
        _ => ELSE,
    }
}

fn cost(ledger: &Ledger, row: Row) -> Cost {
    let (operation, functions) = row;
    let count = ledger.count(operation);
    let table = count.reads * READ + count.writes * WRITE;
    let durations = functions.iter().enumerate().map(|(index, function)| {
        let memory = memory(ledger, function);
        let cpu = ledger.cpu(operation, function).unwrap_or_else(|| assumed(operation));
        // The first function makes the calls. It is billed by the millisecond for all of its memory.
        let waits = if index == 0 { whole(count.trips) * TRIP } else { 0.0 };
        (cpu * WHOLE_CPU / memory + waits).ceil() / 1e3 * memory / 1024.0
    });
    let invocations = whole(functions.len());
    let functions = durations.sum::<f64>() * GIGABYTE_SECOND + invocations * INVOCATION;
    let requests = if operation.starts_with("`RotateFunction`") { 0.0 } else { 1.0 };
    let events = if EVENTS.contains(&operation) { 1.0 } else { 0.0 };
    let logged = (requests * ACCESS_LINE + invocations * INVOCATION_LINES + events * EVENT_LINE) / 1e3 * LOGGED;
    let all = table + functions + whole(count.kms) * KMS + requests * REQUEST + logged;
    Cost { table, functions, all }
}

#[expect(clippy::cast_precision_loss, reason = "small")]
fn memory(ledger: &Ledger, function: &str) -> f64 {
    ledger.memory[function] as f64
}

#[expect(clippy::cast_precision_loss, reason = "small")]
fn whole(count: usize) -> f64 {
    count as f64
}

/// A month with 10,000 people: the operations, how many million of each, and their cost.
pub(crate) fn month(ledger: &Ledger) -> Vec<String> {
    const PEOPLE: f64 = 0.01; // millions
    const SIGN_IN: &[&str] = &[
        "`GET /authorize`, nobody is signed in",
        "`GET /sign-in`",
        "`POST /sign-in`",
        "`GET /authorize` after it, on to the app",
        "`POST /token`, code",
    ];
    let of = |operation: &str| cost(ledger, *WARM.iter().find(|row| row.0 == operation).expect("a row")).all;
    let (signs_in, refreshes, calls) = (PEOPLE * 4.0, PEOPLE * 20.0 * 8.0, PEOPLE * 20.0 * 100.0);
    // Pessimistic: no process has cached a key, a client or the version of the declared APIs.
    let views = (whole(SIGN_IN.len()) * signs_in + refreshes) * 3.0 * READ;
    let lists = 2.0 * 30.0 * 8_640.0 / 1e6; // two processes that are never idle, every 10 seconds
    let decision = of("`GET /protected`, a new token") - of("`GET /protected`, a token seen before");
    let traced = 0.05 * (whole(SIGN_IN.len()) * signs_in + refreshes + calls + lists);
    let seconds = 20.0 * 10.0 * 3_600.0 / 1e6; // one a second in ten hours of 20 days
    let lines = [
        ("signing in on the hosted pages, 4 times", signs_in, signs_in * SIGN_IN.iter().copied().map(of).sum::<f64>()),
        ("refreshing, 8 times on 20 days", refreshes, refreshes * of("`POST /token`, refresh")),
        (
            "reading keys, clients and the version of the APIs again, each time",
            whole(SIGN_IN.len()) * signs_in + refreshes,
            views,
        ),
        ("100 calls of an API on 20 days, each with a new decision", calls, calls * decision),
        ("fetching revocations, 2 authorizers day and night", lists, lists * (of("`GET /revocations`") + 4.0 * READ)),
    ];
    let sum: f64 = lines.iter().map(|(_, _, dollars)| dollars).sum();
    let recorded = seconds + traced;
    let mut table = vec!["| what | million times | USD |".to_owned(), "|---|---|---|".to_owned()];
    table.extend(lines.iter().map(|(what, times, dollars)| format!("| {what} | {times:.2} | {dollars:.2} |")));
    table.push(format!("| in all | | {sum:.2} |"));
    table.push(format!(
        "| traces, if `Tracing` is `Active`: one a second and 5 % of the rest | {recorded:.2} | {:.2} |",
        recorded * TRACE
    ));
    table
}
