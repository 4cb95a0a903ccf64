//! Spring Boot with Spring Security: a website whose people sign in, and an API that verifies access tokens.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::site::{AUDIENCE, CLIENT_ID, SECRET, Site, is_wanted};
use crate::program::folder;
use crate::snippets::block_of;

async fn spring(audience: &str) -> Option<Site> {
    let program = folder().join("spring/target/spring-1.jar");
    if !is_wanted("Spring Security", &[&program]) {
        return None;
    }
    let mut site = Site::new(&[("AccessTokenSeconds", "62")], ("/login/oauth2/code/gatewright", "/login")).await;
    let mut command = Command::new("java");
    command.args(["-XX:TieredStopAtLevel=1", "-jar"]).arg(program).arg(format!("--server.port={}", site.port));
    command.env("ISSUER", site.service.url()).env("AUDIENCE", audience);
    command.env("CLIENT_ID", CLIENT_ID).env("CLIENT_SECRET", SECRET);
    site.start(command).await;
    Some(site)
}

#[test]
fn the_pages_show_the_program() {
    for (page, language, first_line, file) in [
        ("frameworks.md", "yaml", "# application.yaml", "spring/src/main/resources/application.yaml"),
        ("frameworks.md", "java", "package app;", "spring/src/main/java/app/SignIn.java"),
        ("verify.md", "java", "package app;", "spring/src/main/java/app/Api.java"),
        ("frameworks.md", "go", "// Package app", "go/app/app.go"),
        ("verify.md", "go", "// Package notes", "go/notes/verify.go"),
    ] {
        let source = std::fs::read_to_string(folder().join(file)).expect("the file");
        assert_eq!(block_of(page, language, first_line), source, "docs/{page} shows tests/foreign/{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spring_security_works_as_documented() {
    let Some(mut site) = spring(AUDIENCE).await else { return };
    let page = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let first = page(&site.visit("/").await.text);
    assert_eq!(first["name"], "Alice Liddell", "{first}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let second = page(&site.visit("/").await.text);
    assert!(second["token"].is_string() && second["token"] != first["token"], "it refreshed: {second}");
    let form = vec![("_csrf".to_owned(), second["csrf"].as_str().expect("a token").to_owned())];
    let away = site.go("/logout", Some(form)).await;
    assert!(away.url.starts_with(&format!("{}/login", site.address)), "{away:?}");
    assert!(!site.visit("/login").await.text.contains("Alice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn spring_security_verifies_access_tokens_as_documented() {
    for (audience, of_good) in [(AUDIENCE, 200), ("https://elsewhere.example", 401)] {
        let Some(site) = spring(audience).await else { return };
        let (good, other) = (site.token("notes:read").await, site.token("notes:write").await);
        let of_other = if of_good == 200 { 403 } else { 401 };
        for (token, status) in [(good.as_str(), of_good), (&other, of_other), ("a.b.c", 401)] {
            let request = reqwest::Client::new().get(format!("{}/notes", site.address)).bearer_auth(token);
            assert_eq!(request.send().await.expect("an answer").status(), status, "{audience} {token}");
        }
    }
}
