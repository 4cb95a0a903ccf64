//! Verifiers of others check our tokens and our key set: four from npm, two from `PyPI`, one from crates.io.
//!
//! Known gaps of a library are listed in [`GAPS`]. The test fails if one no longer exists.

use std::collections::BTreeMap;
use std::io::Write;

use local::Stack;
use serde_json::{Value, json};

use super::program::{Program, say};
use super::stage::{PASSWORD, stack};

/// The verdict of each library on each case: `accepted`, or `refused: ` and the reason.
type Verdicts = BTreeMap<String, BTreeMap<String, String>>;

/// A case in which the verdict of a library is known to be wrong, because it lacks a feature.
struct Gap {
    library: &'static str,
    /// `None` means all.
    algorithm: Option<&'static str>,
    case: &'static str,
    why: &'static str,
}

const GAPS: &[Gap] = &[
    Gap { library: "jsonwebtoken", algorithm: Some("EdDSA"), case: GOOD, why: "it does not support EdDSA" },
    Gap { library: "jsonwebtoken", algorithm: Some("RS256"), case: TYPE, why: "it does not check typ" },
    Gap { library: "jsonwebtoken", algorithm: Some("ES256"), case: TYPE, why: "it does not check typ" },
    Gap { library: "PyJWT", algorithm: None, case: TYPE, why: "it does not check typ" },
    Gap { library: "joserfc", algorithm: None, case: TYPE, why: "it does not check the typ of a JWT" },
];

const GOOD: &str = "a good token";
const TYPE: &str = "a token where another type is wanted";

#[tokio::test(flavor = "multi_thread")]
async fn foreign_verifiers_accept_rs256_tokens_and_refuse_invalid_ones() {
    judged("RS256").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_verifiers_accept_es256_tokens_and_refuse_invalid_ones() {
    judged("ES256").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_verifiers_accept_eddsa_tokens_and_refuse_invalid_ones() {
    judged("EdDSA").await;
}

/// Runs every installed library on the tokens of a service that signs with `algorithm`.
async fn judged(algorithm: &'static str) {
    let stack = stack(&[("SigningAlgorithm", algorithm)]).await;
    let job = job(&stack, algorithm).await;
    for program in programs() {
        let text = job.to_string();
        let verdicts = tokio::task::spawn_blocking(move || judge(&program, &text)).await.expect("a judge ends");
        for (library, cases) in verdicts {
            assert_eq!(cases.len(), job["cases"].as_array().expect("cases").len(), "{library}: {cases:?}");
            for (case, verdict) in cases {
                check(&library, algorithm, &case, &verdict);
            }
        }
    }
    stack.stop().await;
}

fn check(library: &str, algorithm: &str, case: &str, verdict: &str) {
    let right = (case == GOOD) == (verdict == "accepted");
    let concerns =
        |gap: &&Gap| gap.library == library && gap.case == case && gap.algorithm.is_none_or(|only| only == algorithm);
    match GAPS.iter().find(concerns) {
        None => assert!(right, "{library}, {algorithm}, {case}: {verdict}"),
        Some(gap) => {
            assert!(!right, "{library}, {algorithm}, {case}: {verdict}. The gap ({}) is closed: remove it", gap.why);
            say(&format!("known gap: {library}, {algorithm}, {case}: {}", gap.why));
        }
    }
}

/// Tokens of two people, changed copies of them, and the configuration of the verifiers.
async fn job(stack: &Stack, algorithm: &str) -> Value {
    let issuer = stack.url();
    let (alice, bob) = (token(issuer, "alice").await, token(issuer, "bob").await);
    let jwks_url = format!("{issuer}/.well-known/jwks.json");
    let jwks: Value = reqwest::get(&jwks_url).await.expect("keys").json().await.expect("JSON");
    let parts: Vec<&str> = alice.split('.').collect();
    let foreign = bob.split('.').collect::<Vec<_>>();
    let exchanged = format!("{}.{}.{}", parts[0], foreign[1], parts[2]);
    let flipped = format!("{}.{}.{}", parts[0], parts[1], flip(parts[2]));
    let bare = format!("{}.{}.", parts[0], parts[1]);
    let elsewhere = "https://elsewhere.example";
    let case = |name: &str, token: &str, (issuer, audience, typ): (&str, &str, &str)| json!({"name": name, "token": token, "issuer": issuer, "audience": audience, "typ": typ});
    let told = (issuer, issuer, "at+jwt");
    json!({
        "algorithm": algorithm, "jwks_url": jwks_url, "jwks": jwks,
        "cases": [
            case(GOOD, &alice, told),
            case("the claims of somebody else", &exchanged, told),
            case("a signature with one bit flipped", &flipped, told),
            case("no signature", &bare, told),
            case("a token for another audience", &alice, (issuer, elsewhere, "at+jwt")),
            case("a token of another issuer", &alice, (elsewhere, issuer, "at+jwt")),
            case(TYPE, &alice, (issuer, issuer, "dpop+jwt")),
        ]
    })
}

/// Flips a bit of a signature. All six bits of the first character are significant.
pub fn flip(signature: &str) -> String {
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{first}{}", &signature[1..])
}

/// The verdicts of a program on a job. Empty if its libraries are not installed.
fn judge(program: &Program, job: &str) -> Verdicts {
    if !program.is_there() {
        return Verdicts::new();
    }
    let mut child = program.command().spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(job.as_bytes()).expect("it reads its job");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{:?}: {}", program.libraries, output.status);
    let verdicts: Verdicts = serde_json::from_slice(&output.stdout).expect("verdicts as JSON");
    let judged: Vec<_> = verdicts.keys().map(String::as_str).collect();
    assert_eq!(judged, program.libraries, "every library gave a verdict");
    verdicts
}

fn programs() -> [Program; 3] {
    [
        Program::node(&["aws-jwt-verify", "fast-jwt", "jose", "jsonwebtoken"], "verify.mjs"),
        Program::python(&["PyJWT", "joserfc"], "verify.py"),
        Program::own(&["jwt-simple"], "jwt-simple/target/debug/jwt-simple-verifier", None),
    ]
}

/// Registers a person and signs them in.
pub async fn token(url: &str, username: &str) -> String {
    let (http, person) = (reqwest::Client::new(), json!({"username": username, "password": PASSWORD}));
    let post = async |path: &str| {
        let answer = http.post(format!("{url}{path}")).json(&person).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.expect("JSON")
    };
    post("/register").await;
    post("/login").await["access_token"].as_str().unwrap_or_else(|| panic!("no token")).to_owned()
}
