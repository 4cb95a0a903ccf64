//! Apache with `mod_auth_openidc`: a website whose people sign in, and an API that verifies access tokens.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::site::{Site, is_wanted};
use crate::snippets::{Issuer, block_of};

const EXECUTABLE: &str = "/usr/sbin/apache2";
const MODULES: &str = "/usr/lib/apache2/modules";
/// What a page of the website says about its visitor.
const PAGE: &str =
    r#"<!--#echo var="REMOTE_USER" --> <!--#echo var="OIDC_CLAIM_name" --> <!--#echo var="OIDC_access_token" -->"#;

/// An Apache with this part of a configuration.
async fn apache(parameters: &[(&str, &str)], part: &str) -> Option<Site> {
    let module = format!("{MODULES}/mod_auth_openidc.so");
    if !is_wanted("mod_auth_openidc", &[Path::new(EXECUTABLE), Path::new(&module)]) {
        return None;
    }
    let mut site = Site::new(parameters, ("/redirect_uri", "/bye.shtml")).await;
    site.write("index.shtml", PAGE);
    site.write("notes.shtml", PAGE);
    site.write("bye.shtml", "bye");
    let folder = site.folder.path().display().to_string();
    let modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "mime", "auth_openidc"];
    let modules = modules.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n")).concat();
    let config = format!(
        "{modules}ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{}\nPidFile {folder}/pid\n\
         ErrorLog /dev/stderr\nDefaultRuntimeDir {folder}\nTypesConfig /dev/null\nDocumentRoot {folder}\n\
         DirectoryIndex index.shtml\n<Directory {folder}>\nOptions +Includes\nRequire all granted\n</Directory>\n\
         AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml\n{}",
        site.port,
        site.adapted(part)
    );
    let config = site.write("apache.conf", &config);
    let mut command = Command::new(EXECUTABLE);
    command.arg("-f").arg(config).arg("-DFOREGROUND");
    site.start(command).await;
    Some(site)
}

#[tokio::test(flavor = "multi_thread")]
async fn mod_auth_openidc_works_as_documented() {
    let part = block_of("frameworks.md", "apache", "# mod_auth_openidc");
    let Some(mut site) = apache(&[("AccessTokenSeconds", "62")], &part).await else { return };
    let there = site.visit("/").await;
    assert!(there.text.starts_with("alice Alice Liddell "), "{there:?}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let later = site.visit("/").await;
    assert!(later.text.starts_with("alice Alice Liddell ") && later.text != there.text, "it refreshed: {later:?}");
    let bye = site.visit(&format!("/redirect_uri?logout={}/bye.shtml", site.address)).await;
    assert_eq!(bye.text, "bye", "{bye:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn apache_verifies_access_tokens_as_documented() {
    let issuer = Issuer::start().await;
    let tokens = issuer.tokens().await;
    let trust = format!("OIDCCABundlePath {}\n", issuer.certificate.display());
    let part = block_of("verify.md", "apache", "# mod_auth_openidc").replace("https://id.example.com", &issuer.url);
    for (audience, scope, is_right) in [
        (issuer.url.as_str(), "account", true),
        ("https://elsewhere.example", "account", false),
        (&issuer.url, "notes:write", false),
    ] {
        let part = part.replace("https://notes.example.com", audience).replace("notes:read", scope);
        let Some(site) = apache(&[], &(part + &trust)).await else { return };
        for (token, is_good) in &tokens {
            let request = reqwest::Client::new().get(format!("{}/notes.shtml", site.address)).bearer_auth(token);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status() == 200, is_right && *is_good, "{audience} {scope} {token}");
        }
    }
}
