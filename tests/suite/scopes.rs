//! Scopes (RFC 6749 section 3.3, RFC 8707): which are left out, which resource they select, and the error if none
//! remains.

use serde_json::{Value, json};

use crate::login::claims;
use support::Service;
use support::browser::{Browser, CALLBACK, authorize};
use support::party::{NOTES, Party, SCOPE, TASKS, declare, post_form, reply};
use support::service::options;

fn access(tokens: &Value) -> Value {
    claims(tokens["access_token"].as_str().unwrap_or_else(|| panic!("no token: {tokens}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_a_client_cannot_have_are_left_out_and_the_response_says_so() {
    let party = Party::start().await;
    let scope = ("scope", "openid phone notes:read admin account tasks");
    let tokens = party.redeem(&party.code(&[scope, ("resource", NOTES)]).await).await.json();
    assert_eq!((&tokens["scope"], &access(&tokens)["scope"]), (&json!("notes:read"), &json!("notes:read")), "{tokens}");
    assert!(tokens["id_token"].is_string(), "openid was granted: {tokens}");
    let pushed =
        party.post("/par", &[scope, ("response_type", "code"), ("redirect_uri", CALLBACK), ("nonce", "n")]).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let offline = party.code(&[("scope", "offline_access openid")]).await;
    assert_eq!(party.redeem(&offline).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_no_scope_remains_the_error_explains_each_scope() {
    let party = Party::start().await;
    for (more, told) in [
        (
            vec![("scope", "phone admin")],
            vec!["The scope phone does not exist", "The scope admin does not exist", "An operator declares scopes"],
        ),
        (vec![("scope", "account")], vec!["not registered for account"]),
        (
            vec![("scope", "tasks"), ("resource", NOTES)],
            vec!["tasks belongs to", TASKS, "Name it in the parameter resource"],
        ),
    ] {
        let reply = reply(&party.browser().get(&authorize(&party.client_id, &more)).await);
        assert_eq!(reply["error"], "invalid_scope", "{more:?}");
        for told in told {
            assert!(reply["error_description"].contains(told), "{told}: {reply:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_selects_its_api_and_the_token_also_works_at_userinfo_and_nowhere_else() {
    let party = Party::start().await;
    let tokens = party.tokens("openid profile notes:read").await;
    let issuer = party.service.stack.url();
    let token = access(&tokens);
    assert_eq!(token["aud"], json!([NOTES, format!("{issuer}/userinfo")]));
    assert_eq!((&token["scope"], &tokens["expires_in"]), (&json!("notes:read openid profile"), &json!(120)));
    let bearer = tokens["access_token"].as_str().expect("a token");
    let userinfo = party.service.get_as("/userinfo", bearer).await;
    assert_eq!((userinfo.status, &userinfo.json()["name"]), (200, &json!("Alice A.")), "{userinfo:?}");
    assert_eq!(party.service.get_as("/protected", bearer).await.status, 403, "another API of the issuer's audience");
    let refreshed = party.refresh(tokens["refresh_token"].as_str().expect("a token")).await.json();
    assert_eq!(access(&refreshed)["aud"], token["aud"]);
    let alone = access(&party.tokens("notes:read").await);
    assert_eq!(
        (&alone["aud"], &alone["scope"]),
        (&json!(NOTES), &json!("notes:read")),
        "without openid it does not work at userinfo"
    );
    let home = access(&party.tokens("openid profile").await);
    assert_eq!(home["aud"], json!(issuer));
    let slash = format!("{issuer}/");
    let code = party.code(&[("scope", "openid"), ("resource", slash.as_str())]).await;
    let with_slash = party.redeem_with(&code, &[("resource", slash.as_str())]).await.json();
    assert_eq!(access(&with_slash)["aud"], json!(issuer), "as libraries that parse URLs write an origin");
    let both =
        party.redeem_with(&party.code(&[("scope", "openid notes:read tasks")]).await, &[("resource", TASKS)]).await;
    assert_eq!((&access(&both.json())["aud"], &both.json()["scope"]), (&json!(TASKS), &json!("tasks")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_needs_no_resource_and_no_scope() {
    let machine = |scope: &str| {
        json!({"token_endpoint_auth_method": "client_secret_post", "redirect_uris": [], "scope": scope,
            "grant_types": ["client_credentials"]})
    };
    let party = Party::with(machine("notes:read tasks"), &[]).await;
    let ask = async |more: &[(&str, &str)]| {
        let fields = [&[("grant_type", "client_credentials")], more].concat();
        party.post("/token", &fields).await.json()
    };
    let tokens = ask(&[("scope", "tasks phone")]).await;
    assert_eq!((&access(&tokens)["aud"], &tokens["scope"]), (&json!(TASKS), &json!("tasks")));
    let refused = ask(&[("scope", "phone")]).await;
    assert_eq!(refused["error"], "invalid_scope");
    assert!(
        refused["error_description"].as_str().expect("a text").starts_with("scope: The scope phone does not exist")
    );
    let (id, secret) = party.service.client(machine("")).await;
    let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let tokens = post_form(&party.service, "/token", &fields).await.json();
    assert_eq!((tokens.get("scope"), access(&tokens).get("scope")), (None, None), "{tokens}");
    let seen = [("token", tokens["access_token"].as_str().expect("a token")), fields[1], fields[2]];
    let seen = post_form(&party.service, "/introspect", &seen).await.json();
    assert_eq!((&seen["active"], seen.get("scope")), (&json!(true), None), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_refuses_scopes_that_were_not_granted_except_offline_access() {
    let party =
        Party::with(json!({"token_endpoint_auth_method": "client_secret_post", "scope": "openid email tasks"}), &[])
            .await;
    let tokens = party.tokens("openid tasks offline_access").await;
    let refresh = async |token: &Value, scope: &str| {
        let token = token["refresh_token"].as_str().expect("a token");
        party.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    };
    let more = refresh(&tokens, "openid email").await;
    assert_eq!((more.status, &more.json()["error"]), (400, &json!("invalid_scope")));
    assert!(more.json()["error_description"].as_str().expect("a text").contains("email"), "{more:?}");
    let same = refresh(&tokens, "openid tasks offline_access").await;
    assert_eq!(same.status, 200, "{same:?}");
    let fewer = refresh(&same.json(), "openid").await.json();
    assert_eq!((&access(&fewer)["aud"], &fewer["scope"]), (&json!(party.service.stack.url()), &json!("openid")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_registered_itself_may_request_more_than_it_registered() {
    let parameters = vec![("ClientRegistration".to_owned(), "open".to_owned())];
    let service = Service::with_options(local::Options { parameters, ..options() }).await;
    declare(&service).await;
    let metadata = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "notes:read",
        "grant_types": ["authorization_code", "refresh_token"]});
    let client = service.register_client(&metadata, None).await.json();
    let id = client["client_id"].as_str().expect("an id").to_owned();
    let party = Party::on(service, json!({"token_endpoint_auth_method": "none"})).await;
    for scope in ["notes:read", "notes:read notes:write"] {
        let mut browser = Browser::new(&party.service);
        let more = [("scope", scope), ("resource", NOTES)];
        let answer = browser.get(&authorize(&id, &more)).await;
        let page = answer.header("location").split_once("?request=").expect("a page").1.to_owned();
        browser.fill("/sign-in", &page, &[("username", "alice"), ("password", support::PASSWORD)]).await;
        let consent = browser.get(&format!("/consent?request={page}")).await;
        assert_eq!(
            consent.text.contains("change your notes"),
            scope.contains("write"),
            "people are asked: {consent:?}"
        );
        browser.fill("/consent", &page, &[("decision", "allow")]).await;
        let code = reply(&browser.get(&format!("/authorize?request={page}")).await)["code"].clone();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", id.as_str()),
            ("code_verifier", support::browser::VERIFIER),
            ("redirect_uri", CALLBACK),
        ];
        assert_eq!(post_form(&party.service, "/token", &fields).await.json()["scope"], json!(scope));
    }
    let account = reply(&Browser::new(&party.service).get(&authorize(&id, &[("scope", "account")])).await);
    assert_eq!(account["error"], "invalid_scope");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_advertised_scopes_are_those_that_registrations_and_requests_accept() {
    let parameters = vec![("ClientRegistration".to_owned(), "open".to_owned())];
    let service = Service::with_options(local::Options { parameters, ..options() }).await;
    declare(&service).await;
    for document in ["/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"] {
        let advertised = service.get(document).await.json()["scopes_supported"].as_array().cloned().expect("scopes");
        let mut advertised: Vec<_> = advertised.iter().map(|scope| scope.as_str().expect("a word")).collect();
        advertised.sort_unstable();
        let metadata = json!({"redirect_uris": [CALLBACK], "scope": advertised.join(" "),
            "token_endpoint_auth_method": "none"});
        let client = service.register_client(&metadata, None).await.json();
        assert_eq!(client["scope"], json!(advertised.join(" ")), "{document}");
        let id = client["client_id"].as_str().expect("an id");
        let more = [("scope", advertised.as_slice().join(" "))];
        let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = Browser::new(&service).get(&authorize(id, &more)).await;
        assert!(answer.header("location").starts_with("/sign-in?"), "{document}: {answer:?}");
    }
    assert!(SCOPE.split(' ').count() > 4, "there are scopes of APIs, too");
}
