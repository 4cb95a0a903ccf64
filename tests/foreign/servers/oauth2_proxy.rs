//! oauth2-proxy in front of an app that knows nobody.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::site::{Site, is_wanted};
use crate::program::folder;
use crate::snippets::block_of;

const PATHS: (&str, &str) = ("/oauth2/callback", "/");

/// A proxy with the configuration of the page, after a change.
async fn proxy(parameters: &[(&str, &str)], changed: impl Fn(String) -> String) -> Option<Site> {
    let executable = folder().join("oauth2-proxy/target/oauth2-proxy");
    if !is_wanted("oauth2-proxy", &[&executable]) {
        return None;
    }
    let mut site = Site::new(parameters, PATHS).await;
    let text =
        block_of("frameworks.md", "toml", "# oauth2-proxy.cfg").replace("http://127.0.0.1:8080/", "static://200");
    let config = site.write("oauth2-proxy.cfg", &changed(site.adapted(&text)));
    let mut command = Command::new(executable);
    command.arg("--config").arg(config).env("OAUTH2_PROXY_COOKIE_SECURE", "false");
    command.env("OAUTH2_PROXY_HTTP_ADDRESS", format!("127.0.0.1:{}", site.port));
    site.start(command).await;
    Some(site)
}

async fn who(site: &mut Site) -> Option<String> {
    let there = site.visit("/oauth2/userinfo").await;
    let user: Value = serde_json::from_str(&there.text).ok()?;
    user["preferredUsername"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth2_proxy_works_as_documented() {
    let brief = |text: String| text.replace("\"10m\"", "\"2s\"");
    let Some(mut site) = proxy(&[("AccessTokenSeconds", "4")], brief).await else { return };
    assert_eq!(who(&mut site).await, None);
    let there = site.visit("/oauth2/start?rd=/page").await;
    assert_eq!((there.status, there.url.ends_with("/page")), (200, true), "{there:?}");
    assert_eq!(who(&mut site).await.as_deref(), Some("alice"));
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(who(&mut site).await.as_deref(), Some("alice"), "it refreshed");
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
async fn oauth2_proxy_without_a_challenge_works_where_the_operator_allows_it() {
    let bare = |text: String| text.replace("code_challenge_method = \"S256\"\n", "");
    for (parameters, name) in [(&[("Pkce", "public-clients")][..], Some("alice")), (&[], None)] {
        let Some(mut site) = proxy(parameters, bare).await else { return };
        site.visit("/oauth2/start?rd=/").await;
        assert_eq!(who(&mut site).await.as_deref(), name);
    }
}

fn url_encoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://localhost", [("rd", text)]).expect("a URL").query().expect("one")[3..]
        .to_owned()
}
