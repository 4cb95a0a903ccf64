//! oauth2-proxy in front of an app that knows nobody.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::site::{Site, is_wanted};
use crate::program::folder;
use crate::snippets::block_of;
use crate::stage::EMAIL;

const PATHS: (&str, &str) = ("/oauth2/callback", "/");

/// A proxy with the configuration of the page, after a change, for a client with more metadata.
async fn proxy(parameters: &[(&str, &str)], metadata: Value, changed: impl Fn(String) -> String) -> Option<Site> {
    let executable = folder().join("oauth2-proxy/target/oauth2-proxy");
    if !is_wanted("oauth2-proxy", &[&executable]) {
        return None;
    }
    let mut site = Site::registered(parameters, PATHS, metadata).await;
    let text =
        block_of("frameworks.md", "toml", "# oauth2-proxy.cfg").replace("http://127.0.0.1:8080/", "static://200");
    let config = site.write("oauth2-proxy.cfg", &changed(site.adapted(&text)));
    let mut command = Command::new(executable);
    command.arg("--config").arg(config).env("OAUTH2_PROXY_COOKIE_SECURE", "false");
    command.env("OAUTH2_PROXY_HTTP_ADDRESS", format!("127.0.0.1:{}", site.port));
    site.start(command).await;
    Some(site)
}

/// The username and the address that the proxy passes on.
async fn who(site: &mut Site) -> Option<(String, String)> {
    let there = site.visit("/oauth2/userinfo").await;
    let user: Value = serde_json::from_str(&there.text).ok()?;
    let [name, email] = ["preferredUsername", "email"].map(|member| user[member].as_str().map(str::to_owned));
    name.zip(email)
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth2_proxy_works_as_documented() {
    let brief = |text: String| text.replace("\"10m\"", "\"2s\"");
    let Some(mut site) = proxy(&[("AccessTokenSeconds", "4")], json!({}), brief).await else { return };
    assert_eq!(who(&mut site).await, None);
    let there = site.visit("/oauth2/start?rd=/page").await;
    assert_eq!((there.status, there.url.ends_with("/page")), (200, true), "{there:?}");
    assert_eq!(who(&mut site).await, Some(alice()));
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(who(&mut site).await, Some(alice()), "it refreshed");
    }
    let away =
        format!("{}/end_session?client_id=notes-app&post_logout_redirect_uri={}/", site.service.url(), site.address);
    let away: String = url_encoded(&away);
    let there = site.visit(&format!("/oauth2/sign_out?rd={away}")).await;
    assert!(there.url.starts_with(&site.address), "{there:?}");
    assert_eq!(who(&mut site).await, None);
}

/// Its own default sends neither a nonce nor a challenge.
#[tokio::test(flavor = "multi_thread")]
async fn oauth2_proxy_with_its_defaults_works_where_the_operator_allows_it() {
    let bare = |text: String| text.replace("code_challenge_method = \"S256\"\n", "");
    let (all, one, none) = (&[("Pkce", "public-clients")][..], json!({"require_pkce": false}), json!({}));
    for (parameters, metadata, name) in
        [(all, none.clone(), Some(alice())), (&[], one, Some(alice())), (&[], none, None)]
    {
        let Some(mut site) = proxy(parameters, metadata, bare).await else { return };
        site.visit("/oauth2/start?rd=/").await;
        assert_eq!(who(&mut site).await, name);
    }
}

/// People without a verified address are known by their `sub`.
#[tokio::test(flavor = "multi_thread")]
async fn oauth2_proxy_works_for_people_without_an_address_as_documented() {
    let by_subject =
        |text: String| format!("{}\noidc_email_claim = \"sub\"\n", text.replace("profile email", "profile"));
    let Some(mut site) = proxy(&[], json!({}), by_subject).await else { return };
    site.visit("/oauth2/start?rd=/").await;
    let (name, subject) = who(&mut site).await.expect("she is signed in");
    assert_eq!((name.as_str(), subject.len()), ("alice", 36), "a UUID: {subject}");
}

fn alice() -> (String, String) {
    ("alice".to_owned(), EMAIL.to_owned())
}

fn url_encoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://localhost", [("rd", text)]).expect("a URL").query().expect("one")[3..]
        .to_owned()
}
