//! The authorization code flow (OAuth 2.1 section 4.1, RFC 7636, RFC 9207), and attacks on it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::login::claims;
use support::browser::{CALLBACK, CHALLENGE, VERIFIER, authorize};
use support::party::{NOTES, Party, TASKS, post_form, reply};
use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_consents_and_the_app_gets_tokens() {
    let party = Party::start().await;
    let reply = party.ask(&mut party.browser(), &[("scope", "openid profile"), ("nonce", "n-1")]).await;
    assert_eq!((reply["state"].as_str(), reply["iss"].as_str()), ("a state", party.service.stack.url()));
    let answer = party.redeem(&reply["code"]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    let tokens = answer.json();
    assert_eq!((&tokens["token_type"], &tokens["scope"]), (&json!("Bearer"), &json!("openid profile")));
    let access = claims(tokens["access_token"].as_str().expect("a token"));
    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!((&id["aud"], &id["nonce"], &id["sub"]), (&json!(party.client_id), &json!("n-1"), &access["sub"]));
    for same in ["sid", "auth_time", "acr"] {
        assert!(id[same] == access[same] && !id[same].is_null(), "{same}: {id} {access}");
    }
    assert_eq!((&id["amr"], &id["acr"]), (&json!(["pwd"]), &json!("1")));
    assert!(id["at_hash"].is_string(), "{id}");
    assert_eq!((&id["name"], &id["preferred_username"]), (&json!("Alice A."), &json!("alice")));
    assert_eq!(access["client_id"], json!(party.client_id));
    let refreshed = party.refresh(tokens["refresh_token"].as_str().expect("a refresh token")).await.json();
    let again = claims(refreshed["id_token"].as_str().expect("an ID token"));
    assert_eq!((&again["sub"], &again["auth_time"], &again["nonce"]), (&id["sub"], &id["auth_time"], &Value::Null));
    assert_eq!(again["name"], id["name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_minimal_id_tokens_gets_the_profile_from_userinfo() {
    let party =
        Party::with(json!({"id_token_claims": "minimal", "token_endpoint_auth_method": "client_secret_post"}), &[])
            .await;
    let tokens = party.redeem(&party.code(&[("scope", "openid profile")]).await).await.json();
    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert!(id["name"].is_null() && id["preferred_username"].is_null(), "{id}");
    let seen = party.service.get_as("/userinfo", tokens["access_token"].as_str().expect("a token")).await.json();
    assert_eq!(seen["name"], json!("Alice A."));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_gets_an_unverified_address() {
    let party = Party::start().await;
    let claims_parameter = r#"{"userinfo":{"email":null,"email_verified":null},"id_token":{"email":null}}"#;
    let more = [("scope", "openid email"), ("claims", claims_parameter)];
    let tokens = party.redeem(&party.code(&more).await).await.json();
    for document in [
        claims(tokens["id_token"].as_str().expect("an ID token")),
        claims(tokens["access_token"].as_str().expect("a token")),
        party.service.get_as("/userinfo", tokens["access_token"].as_str().expect("a token")).await.json(),
    ] {
        assert!(document["email"].is_null() && document["email_verified"].is_null(), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_redemptions_of_one_code_one_succeeds_and_its_session_ends() {
    let party = Party::start().await;
    let code = party.code(&[("scope", "openid")]).await;
    let answers = join_all((0..200).map(|_| party.redeem(&code))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(200), count(400)), (1, 199), "{:?}", answers.iter().find(|answer| answer.status > 400));
    assert!(party.service.stack.instances("TokenFunction") >= 2, "over several processes");
    let tokens = answers.iter().find(|answer| answer.status == 200).expect("one").json();
    let refreshed = party.refresh(tokens["refresh_token"].as_str().expect("a token")).await;
    assert_eq!((refreshed.status, &refreshed.json()["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_a_code_gets_nothing_and_disturbs_nobody() {
    let party = Party::start().await;
    let code = party.code(&[("scope", "openid")]).await;
    let (other, _) = party
        .service
        .client(json!({
            "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"],
        }))
        .await;
    let wrong = "x".repeat(43);
    for fields in [
        vec![("code_verifier", wrong.as_str())],
        vec![("code_verifier", CHALLENGE)],
        vec![("redirect_uri", "https://evil.example/cb")],
    ] {
        let answer = party.redeem_with(&code, &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")), "{fields:?}");
    }
    let stolen = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("client_id", other.as_str()),
    ];
    assert_eq!(post_form(&party.service, "/token", &stolen).await.json()["error"], json!("invalid_grant"));
    assert_eq!(party.redeem_with(&code, &[("code_verifier", "")]).await.json()["error"], json!("invalid_grant"));
    let tokens = party.redeem(&code).await;
    assert_eq!(tokens.status, 200, "the owner of the code is not disturbed: {tokens:?}");
    // The same thieves try again after the code was used. They do not end the owner's session.
    assert_eq!(party.redeem_with(&code, &[("code_verifier", &wrong)]).await.status, 400);
    assert_eq!(post_form(&party.service, "/token", &stolen).await.status, 400);
    let refresh_token = tokens.json()["refresh_token"].as_str().expect("a token").to_owned();
    assert_eq!(party.refresh(&refresh_token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn redeeming_a_code_twice_ends_its_session_at_once() {
    let party = Party::start().await;
    let code = party.code(&[("scope", "openid")]).await;
    let tokens = party.redeem(&code).await.json();
    assert_eq!(party.redeem(&code).await.json()["error"], json!("invalid_grant"));
    let token = tokens["access_token"].as_str().expect("a token");
    assert_eq!(party.service.get_as("/userinfo", token).await.status, 401);
    let seen = party.post("/introspect", &[("token", token)]).await;
    assert_eq!(seen.json(), json!({"active": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_expires_although_its_item_is_still_stored() {
    let party = Party::with(json!({"token_endpoint_auth_method": "none"}), &[("CodeSeconds", "1")]).await;
    let code = party.code(&[("scope", "openid")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(party.redeem(&code).await.json()["error"], json!("invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_codes_browsers_and_other_sessions() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let token = party.service.sign_in("alice", PASSWORD).await.json()["access_token"].as_str().expect("it").to_owned();
    let change = json!({"current_password": PASSWORD, "password": "another lantern on the pier"});
    let request = party.service.request("POST", "/me/password").bearer_auth(&token).json(&change);
    assert_eq!(party.service.send(request).await.status, 204);
    assert_eq!(party.redeem(&code).await.json()["error"], json!("invalid_grant"));
    let silent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&silent)["error"], "login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_redirected_before_the_client_and_the_redirect_uri_are_verified() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let client_id = party.client_id.clone();
    for (client_id, more) in [
        ("nobody", vec![]),
        ("", vec![]),
        (client_id.as_str(), vec![("redirect_uri", "https://evil.example/callback")]),
        (client_id.as_str(), vec![("redirect_uri", "https://notes.example/callback/")]),
        (client_id.as_str(), vec![("redirect_uri", "https://notes.example/callback?x=1")]),
        (client_id.as_str(), vec![("redirect_uri", "https://notes.example/callback"), ("redirect_uri", CALLBACK)]),
        (client_id.as_str(), vec![("request_uri", "urn:ietf:params:oauth:request_uri:made-up")]),
        ("first-party", vec![]),
    ] {
        let answer = browser.get(&authorize(client_id, &more)).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{client_id} {more:?}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/html") && answer.text.contains("<h1"), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_parameter_is_reported_to_the_app_unless_it_identifies_the_app_or_its_uri() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let address = authorize(&party.client_id, &[("scope", "openid")]);
    let query = address.split_once('?').expect("a query").1;
    for (name, is_told) in
        [("scope", true), ("state", true), ("response_type", true), ("code_challenge", true), ("request_uri", true)]
            .into_iter()
            .chain([("client_id", false), ("redirect_uri", false)])
    {
        let times = if name == "request_uri" { 2 } else { 1 };
        let repeated = vec![format!("{name}=x"); times].join("&");
        let got = browser.get(&format!("{address}&{repeated}")).await;
        let request = browser.request("POST", "/authorize").header("content-type", "application/x-www-form-urlencoded");
        let posted = browser.send(request.body(format!("{query}&{repeated}&utm_source=x"))).await;
        assert!(!posted.header("location").contains("utm_source"), "{posted:?}");
        let posted = browser.get(posted.header("location")).await;
        for answer in [got, posted] {
            if is_told {
                let reply = reply(&answer);
                assert_eq!(
                    (reply["error"].as_str(), reply["iss"].as_str()),
                    ("invalid_request", party.service.stack.url())
                );
                assert!(reply["error_description"].starts_with(&format!("{name}: ")), "{reply:?}");
                assert_eq!(reply.contains_key("state"), name != "state", "{reply:?}");
            } else {
                assert_eq!((answer.status, answer.header("location")), (400, ""), "{name}: {answer:?}");
            }
        }
    }
    let tracked = browser.get(&format!("{address}&utm_source=a&utm_source=b")).await;
    assert!(tracked.header("location").starts_with("/sign-in?"), "what nobody reads may come twice: {tracked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn openid_requests_and_pushed_requests_must_name_their_redirect_uri() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let without = |scope| authorize(&party.client_id, &[("redirect_uri", ""), ("scope", scope)]);
    let openid = browser.get(&without("openid email")).await;
    assert_eq!((openid.status, openid.header("location")), (400, ""), "{openid:?}");
    assert!(openid.text.contains("redirect_uri"), "{openid:?}");
    let oauth = browser.get(&without("email")).await;
    assert!(oauth.header("location").starts_with("/sign-in?"), "OAuth alone can do without: {oauth:?}");
    let pushed = [("response_type", "code"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    for scope in ["openid", "email"] {
        let answer = party.post("/par", &[&pushed[..], &[("scope", scope)]].concat()).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")), "{answer:?}");
        assert!(answer.text.contains("redirect_uri: "), "{answer:?}");
    }
    let twice = [("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK)];
    assert_eq!(party.post("/par", &[&pushed[..], &twice].concat()).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_reported_to_the_app_with_state_and_issuer() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let long = "n".repeat(2049);
    for (more, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "admin"), "invalid_scope"),
        (("scope", "account"), "invalid_scope"),
        (("resource", "https://unknown.example"), "invalid_target"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("max_age", "soon"), "invalid_request"),
        (("claims", "[]"), "invalid_request"),
        (("request", "a.b.c"), "request_not_supported"),
        (("id_token_hint", "a.b.c"), "invalid_request"),
        (("nonce", long.as_str()), "invalid_request"),
    ] {
        let answer = browser.get(&authorize(&party.client_id, &[more])).await;
        let reply = reply(&answer);
        assert_eq!(reply["error"], error, "{more:?}");
        assert_eq!((reply["state"].as_str(), reply["iss"].as_str()), ("a state", party.service.stack.url()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_for_the_requested_resource_and_has_only_its_scopes() {
    let party = Party::start().await;
    let more = [("scope", "openid notes:read tasks"), ("resource", NOTES), ("resource", TASKS)];
    let answer = party.redeem_with(&party.code(&more).await, &[("resource", TASKS)]).await.json();
    let token = claims(answer["access_token"].as_str().expect("a token"));
    assert_eq!((&token["aud"], &token["scope"]), (&json!(TASKS), &json!("tasks")));
    assert!(token["username"].is_null() && token["roles"].is_null(), "this resource asks for no claims: {token}");
    let refresh = async |token: &str, resource: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("resource", resource)];
        party.post("/token", &fields).await
    };
    let first = answer["refresh_token"].as_str().expect("a token").to_owned();
    let refused = refresh(&first, "https://elsewhere.example").await;
    assert_eq!(refused.json()["error"], json!("invalid_target"));
    let notes = refresh(&first, NOTES).await.json();
    let token = claims(notes["access_token"].as_str().expect("a token"));
    assert_eq!(
        (&token["aud"], &token["scope"], &notes["expires_in"]),
        (&json!(NOTES), &json!("notes:read"), &json!(120))
    );
    assert_eq!(party.service.get_as("/userinfo", notes["access_token"].as_str().expect("it")).await.status, 401);
    let home = refresh(notes["refresh_token"].as_str().expect("a token"), party.service.stack.url()).await.json();
    let seen = party.service.get_as("/userinfo", home["access_token"].as_str().expect("a token")).await;
    assert_eq!(seen.status, 200, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn form_post_sends_the_response_in_a_form() {
    let party = Party::start().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let page = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("response_mode", "form_post")])).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains(&format!("action=\"{CALLBACK}\"")) && page.header("location").is_empty());
    assert_eq!(page.value_of_hidden("iss"), party.service.stack.url());
    assert_eq!(party.redeem(&page.value_of_hidden("code")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_app_can_use_any_loopback_port_and_its_own_scheme() {
    let metadata = json!({
        "token_endpoint_auth_method": "none", "application_type": "native", "grant_types": ["authorization_code"],
        "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]/cb", "com.example.notes:/cb", "https://notes.example/app"],
    });
    let party = Party::with(metadata, &[]).await;
    for uri in
        ["http://127.0.0.1:51823/cb", "http://[::1]:8080/cb", "com.example.notes:/cb", "https://notes.example/app"]
    {
        let mut browser = party.browser();
        let id = browser.begin_with(&party.client_id, &[("scope", "openid"), ("redirect_uri", uri)]).await;
        let signed_in = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
        assert_eq!(signed_in.status, 303, "{signed_in:?}");
        browser.get(signed_in.header("location")).await;
        browser.fill("/consent", &id, &[("decision", "allow")]).await;
        let back = browser.get(&format!("/authorize?request={id}")).await;
        let location = back.header("location");
        assert!(location.starts_with(&format!("{uri}?code=")), "{location}");
        let code = location.split_once("code=").and_then(|(_, rest)| rest.split('&').next()).expect("a code");
        assert_eq!(party.redeem_with(code, &[("redirect_uri", uri)]).await.status, 200);
    }
    for uri in ["http://127.0.0.1:51823/other", "http://localhost:51823/cb", "com.example.notes:/other"] {
        let answer = party.browser().get(&authorize(&party.client_id, &[("redirect_uri", uri)])).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_are_for_the_client_itself() {
    let party = Party::with(
        json!({"token_endpoint_auth_method": "client_secret_post", "scope": "notes:read", "redirect_uris": [],
               "grant_types": ["client_credentials"]}),
        &[],
    )
    .await;
    let answer = party.post("/token", &[("grant_type", "client_credentials"), ("resource", NOTES)]).await;
    let token = answer.json();
    let payload = claims(token["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")));
    assert_eq!((&payload["sub"], &payload["aud"]), (&json!(party.client_id), &json!(NOTES)));
    assert!(payload["sid"].is_null() && token["refresh_token"].is_null() && token["id_token"].is_null(), "{token}");
    let other = party.post("/token", &[("grant_type", "client_credentials"), ("resource", TASKS), ("scope", "tasks")]);
    assert_eq!(other.await.json()["error"], json!("invalid_scope"));
    let code =
        party.post("/token", &[("grant_type", "authorization_code"), ("code", "x"), ("code_verifier", VERIFIER)]);
    assert_eq!(code.await.json()["error"], json!("unauthorized_client"));
    let token = token["access_token"].as_str().expect("a token");
    assert_eq!(party.post("/introspect", &[("token", token)]).await.json()["active"], json!(true));
    assert_eq!(party.post("/revoke", &[("token", token)]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn public_clients_cannot_use_client_credentials() {
    let service = Service::start().await;
    for fields in [
        vec![("grant_type", "client_credentials"), ("client_id", "first-party")],
        vec![("grant_type", "authorization_code"), ("client_id", "first-party"), ("code", "x")],
    ] {
        let answer = post_form(&service, "/token", &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("unauthorized_client")));
    }
    let seen = post_form(&service, "/introspect", &[("client_id", "first-party"), ("token", "x")]).await;
    assert_eq!((seen.status, &seen.json()["error"]), (401, &json!("invalid_client")));
}
