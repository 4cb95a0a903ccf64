//! Client libraries of others complete their flows as documented: they get the issuer and the registration, discover
//! everything else, and check all that they check by default.

use super::program::Program;
use super::stage::play;

/// The flows of every library, for every signing algorithm.
const SIGN_IN: &[&str] = &["sign in"];

const OPENID_CLIENT: &[&str] = &[
    "sign in",
    "client_secret_basic",
    "private_key_jwt",
    "a public client",
    "a pushed request",
    "an answer by form_post",
    "resources",
    "refresh",
    "client credentials",
    "introspection",
    "revocation",
    "single sign-on and logout",
    "registration",
    "registration by an initial access token",
    "the right secret by the other method",
    "a wrong secret",
    "a person who says no",
    "a code for the second time",
    "a code without its verifier",
    // The last one, because alice has a second factor from then on.
    "a step-up",
];

const OAUTH4WEBAPI: &[&str] = &[
    "sign in",
    "discovery",
    "client_secret_post",
    "private_key_jwt",
    "a public client",
    "a pushed request",
    "an answer by form_post",
    "resources",
    "refresh",
    "client credentials",
    "introspection",
    "revocation",
    "single sign-on and logout",
    "registration",
    "a wrong secret",
    "a person who says no",
    "a code for the second time",
    "a code without its verifier",
];

const AUTHLIB: &[&str] = &[
    "sign in",
    "client_secret_post",
    "private_key_jwt",
    "a public client",
    "resources",
    "refresh",
    "client credentials",
    "revocation",
    "a wrong secret",
    "a person who says no",
];

const OIDC_CLIENT_TS: &[&str] = &[
    "sign in",
    "refresh",
    "revocation",
    "logout",
    "a popup",
    "a frame on the same site",
    "a frame on another site",
    "a person who says no",
];

const OPENIDCONNECT: &[&str] = &[
    "sign in",
    "client_secret_post",
    "a public client",
    "refresh",
    "logout",
    "registration",
    "a wrong secret",
    "a person who says no",
];

const OAUTH2: &[&str] = &[
    "sign in",
    "client_secret_post",
    "a public client",
    "refresh",
    "client credentials",
    "revocation",
    "a wrong secret",
    "a code without its verifier",
];

pub const MCP: &[&str] = &["register, sign in and call", "step up after a 403", "refresh"];

#[tokio::test(flavor = "multi_thread")]
async fn the_mcp_sdk_for_typescript_completes_its_flows() {
    let program = Program::node(&["@modelcontextprotocol/sdk", "express", "jose"], "clients/mcp_sdk.mjs");
    complete(&program, "RS256", &[MCP, &["an editor with a scheme of its own"]].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mcp_sdk_for_python_completes_its_flows() {
    complete(&Program::python(&["mcp"], "clients/mcp_sdk.py"), "RS256", MCP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn auth_js_works_as_documented() {
    let program = Program::node(&["next-auth"], "clients/next_auth.mjs");
    complete(&program, "RS256", &["a person who says no", "sign in", "refresh", "sign out"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passport_openidconnect_works_as_documented() {
    complete(&passport(), "RS256", &["a person who says no", "sign in and out", "a request that nothing protects"])
        .await;
}

/// What its own documentation shows sends neither a nonce nor a challenge. The operator allows that for this client.
#[tokio::test(flavor = "multi_thread")]
async fn passport_openidconnect_with_its_defaults_works_for_a_client_that_needs_no_challenge() {
    complete(&passport(), "RS256", &["sign in without a nonce"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mozilla_django_oidc_works_as_documented_and_with_its_defaults() {
    let program = Program::python(&["mozilla-django-oidc"], "clients/django_client.py");
    let flows = ["a person who says no", "sign in and out", "its defaults"];
    complete(&program, "RS256", &flows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_client_completes_its_flows() {
    complete(&openid_client(), "RS256", OPENID_CLIENT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth4webapi_completes_its_flows() {
    complete(&oauth4webapi(), "RS256", OAUTH4WEBAPI).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authlib_completes_its_flows() {
    complete(&authlib(), "RS256", AUTHLIB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openidconnect_completes_its_flows() {
    complete(&openidconnect(), "RS256", OPENIDCONNECT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth2_completes_its_flows() {
    complete(&crates(&["oauth2"]), "RS256", OAUTH2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidc_client_ts_completes_its_flows() {
    let program = Program::node(&["oidc-client-ts"], "clients/oidc_client_ts.mjs").in_chromium();
    complete(&program, "RS256", OIDC_CLIENT_TS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_accept_tokens_signed_with_es256() {
    for program in [openid_client(), oauth4webapi(), authlib(), openidconnect()] {
        complete(&program, "ES256", SIGN_IN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_accept_tokens_signed_with_eddsa() {
    for program in [openid_client(), oauth4webapi(), authlib(), openidconnect()] {
        complete(&program, "EdDSA", SIGN_IN).await;
    }
}

fn passport() -> Program {
    Program::node(&["express", "express-session", "passport", "passport-openidconnect"], "clients/passport.mjs")
}

fn openid_client() -> Program {
    Program::node(&["openid-client"], "clients/openid_client.mjs")
}

fn oauth4webapi() -> Program {
    Program::node(&["oauth4webapi"], "clients/oauth4webapi.mjs")
}

fn authlib() -> Program {
    Program::python(&["Authlib"], "clients/authlib_client.py")
}

fn openidconnect() -> Program {
    crates(&["openidconnect"])
}

fn crates(library: &'static [&'static str; 1]) -> Program {
    Program::own(library, "openidconnect/target/debug/openidconnect-client", Some(library[0]))
}

/// Runs a program that must complete all of these flows with a service that signs with `algorithm`.
pub async fn complete(program: &Program, algorithm: &str, flows: &[&str]) {
    let parameters = &[("SigningAlgorithm", algorithm)];
    if !program.is_there() {
        return;
    }
    let verdicts = play(program, parameters, flows).await;
    let wrong: Vec<_> = verdicts.iter().filter(|(_, verdict)| *verdict != "ok").collect();
    let told = wrong.iter().map(|(flow, verdict)| format!("{flow}: {verdict}")).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{}, {parameters:?}:\n{told}", program.libraries.join(", "));
    let mut wanted: Vec<&str> = flows.to_vec();
    wanted.sort_unstable();
    assert_eq!(verdicts.keys().collect::<Vec<_>>(), wanted);
}
