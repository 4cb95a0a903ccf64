//! Measures whether answers show who has an account: at `POST /login`, at the sign-in page, at `POST /password/forgot` and
//! at `POST /register` with an address.
//!
//! `cargo run -p tools --bin enumeration` sends 2,000 requests about people who exist and 2,000 about nobody to each, in
//! random order; `-- 200` sends fewer. Status, names of headers and length of the body must be equal. The times must have
//! medians within 1 % of each other, or no difference that Welch's t-test sees (|t| below 4.5); otherwise the command fails.

#![expect(clippy::print_stdout, reason = "a command that prints")]
#![expect(clippy::expect_used, reason = "the command ends when measuring fails")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};
use support::browser::{Browser, CALLBACK, form};
use support::{PASSWORD, Service};

/// How many requests about each person: fewer than the limits for one account and one mailbox.
const FOR_EACH: usize = 2;
const PARAMETERS: &[(&str, &str)] = &[
    ("MailFrom", "service@id.example"),
    ("GuessesPerAddress", "1000000"),
    ("AccountsPerAddress", "1000000"),
    ("AuthorizationsPerAddress", "1000000"),
];

/// What a caller sees of an answer, apart from its time.
type Form = (u16, Vec<String>, usize);

/// The answers about people who exist, or about nobody.
#[derive(Default)]
struct Seen {
    times: Vec<f64>,
    forms: Vec<Form>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let samples: usize = std::env::args().nth(1).map_or(2000, |number| number.parse().expect("a number of requests"));
    let service = Service::with_parameters(PARAMETERS).await;
    for number in 0..samples.div_ceil(FOR_EACH) {
        create(&service, number).await;
    }
    println!("{:<24} {:>11} {:>11} {:>8} {:>8}", "endpoint", "somebody ms", "nobody ms", "median %", "Welch t");
    let mut is_alike = true;
    for endpoint in ["/login", "/sign-in", "/password/forgot", "/register"] {
        let client = Client::new(&service).await;
        let (mut known, mut unknown) = (Seen::default(), Seen::default());
        for sample in 0..samples {
            for is_known in in_random_order(sample) {
                let address = address(is_known, sample / FOR_EACH);
                let (time, form) = client.ask(endpoint, &address).await;
                let seen = if is_known { &mut known } else { &mut unknown };
                seen.times.push(time.as_secs_f64() * 1000.0);
                seen.forms.push(form);
            }
        }
        is_alike &= are_alike(endpoint, &mut known, &mut unknown);
    }
    service.stop().await;
    if is_alike { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Somebody with a proven address.
async fn create(service: &Service, number: usize) {
    let person = json!({"action": "create_user", "username": format!("person-{number}"), "password": PASSWORD,
        "email": address(true, number), "email_verified": true});
    service.operator(person).await.expect("a person");
}

/// An address of somebody or of nobody, of the same length.
fn address(is_known: bool, number: usize) -> String {
    format!("{}{number:06}@people.example", if is_known { "person" } else { "nobody" })
}

/// Whoever is asked about first is heard by what follows, such as a mail that is being sent. So the order is random.
fn in_random_order(sample: usize) -> [bool; 2] {
    let mixed = (sample as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let first = mixed >> 63 == 1;
    [first, !first]
}

/// Somebody who tries addresses.
struct Client<'s> {
    browser: Browser<'s>,
    page: String,
    csrf: String,
}

impl<'s> Client<'s> {
    async fn new(service: &'s Service) -> Self {
        let metadata = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "openid"});
        let (client_id, _) = service.client(metadata).await;
        let mut browser = Browser::new(service);
        let page = format!("/sign-in?request={}", browser.begin(&client_id, "openid").await);
        let csrf = browser.get(&page).await.token();
        Self { browser, page, csrf }
    }

    /// The time of an answer until its last byte, and its form.
    async fn ask(&self, endpoint: &str, address: &str) -> (Duration, Form) {
        let wrong = "a foghorn on the south pier";
        let request = match endpoint {
            "/sign-in" => self.sign_in(address, wrong),
            _ => self.browser.request("POST", endpoint).json(&match endpoint {
                "/login" => json!({"username": address, "password": wrong}),
                "/register" => json!({"email": address, "password": wrong}),
                _ => json!({"username": address}),
            }),
        };
        let begun = Instant::now();
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), names(&answer));
        let length = answer.bytes().await.expect("a body").len();
        (begun.elapsed(), (status, headers, length))
    }

    fn sign_in(&self, address: &str, password: &str) -> reqwest::RequestBuilder {
        let cookies: Vec<_> = self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let fields = [("csrf", self.csrf.as_str()), ("username", address), ("password", password)];
        let request = self.browser.request("POST", &self.page).header("cookie", cookies.join("; "));
        request.header("content-type", "application/x-www-form-urlencoded").body(form(&fields))
    }
}

fn names(answer: &Response) -> Vec<String> {
    answer.headers().keys().map(ToString::to_string).collect()
}

/// Prints a line, and whether nobody can tell the answers apart.
fn are_alike(endpoint: &str, known: &mut Seen, unknown: &mut Seen) -> bool {
    let t = welch(&known.times, &unknown.times);
    let (one, other) = (median(&mut known.times), median(&mut unknown.times));
    let percent = (one / other - 1.0) * 100.0;
    println!("{endpoint:<24} {one:>11.2} {other:>11.2} {percent:>8.2} {t:>8.2}");
    let forms: Vec<&Form> = known.forms.iter().chain(&unknown.forms).collect();
    let is_one_form = forms.iter().all(|form| *form == forms[0]);
    if !is_one_form {
        println!("{endpoint}: the answers differ in status, headers or length: {}", differing(&forms));
    }
    is_one_form && (percent.abs() < 1.0 || t.abs() < 4.5)
}

/// The first form, and the first that differs from it.
fn differing(forms: &[&Form]) -> Value {
    json!([forms[0], forms.iter().find(|form| **form != forms[0])])
}

/// Welch's t of two samples.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let ((mean, variance), (other_mean, other_variance)) = (moments(one), moments(other));
    (mean - other_mean) / (variance / count(one) + other_variance / count(other)).sqrt()
}

/// Mean and variance of a sample.
fn moments(sample: &[f64]) -> (f64, f64) {
    let mean = sample.iter().sum::<f64>() / count(sample);
    let variance = sample.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count(sample) - 1.0);
    (mean, variance)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn count(sample: &[f64]) -> f64 {
    sample.len() as f64
}

fn median(sample: &mut [f64]) -> f64 {
    sample.sort_unstable_by(f64::total_cmp);
    sample[sample.len() / 2]
}
