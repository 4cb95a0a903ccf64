//! Programs in Go: a website with go-oidc, an API that verifies access tokens with it, and a client with the MCP SDK.

use std::process::Command;

use super::site::is_wanted;
use crate::clients::{MCP, complete};
use crate::program::{Program, folder};
use crate::snippets::Issuer;

const EXECUTABLE: &str = "go/target/foreign";

fn program(library: &'static [&'static str; 1]) -> Option<Program> {
    let wanted = is_wanted(library[0], &[&folder().join(EXECUTABLE)]);
    wanted.then(|| Program::own(library, EXECUTABLE, Some(library[0])))
}

#[tokio::test(flavor = "multi_thread")]
async fn go_oidc_works_as_documented() {
    let Some(program) = program(&["go-oidc"]) else { return };
    complete(&program, "RS256", &["sign in", "refresh", "sign out"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn go_oidc_verifies_access_tokens_as_documented() {
    if program(&["verify"]).is_none() {
        return;
    }
    let program = || {
        let mut command = Command::new(folder().join(EXECUTABLE));
        command.arg("verify");
        command
    };
    Issuer::start().await.judged_by(program, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mcp_sdk_for_go_completes_its_flows() {
    let Some(program) = program(&["go-sdk"]) else { return };
    complete(&program, "RS256", MCP).await;
}
