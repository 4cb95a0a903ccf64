//! What metadata becomes a client, and which client.

use oauth::Code;
use serde_json::json;

use super::*;

fn rules() -> Rules {
    let scopes = ["openid", "profile", "email", "offline_access", "notes:read", "account"];
    Rules { issuer: Url::parse("https://id.example").unwrap(), scopes: scopes.into_iter().collect() }
}

fn read(metadata: &Value, trust: Trust) -> Result<Client, Error> {
    let given = Given { client_id: "c", issued_at: 7, trust };
    rules().read(metadata.as_object().unwrap().clone(), given, Unknown::Ignored)
}

fn problems(metadata: &Value, trust: Trust) -> Vec<String> {
    let error = read(metadata, trust).expect_err("problems");
    let problem = |problem: &oauth::FieldProblem| format!("{}: {}", problem.field, problem.code);
    error.field_problems().iter().map(problem).collect()
}

/// Metadata of a web client with these members besides.
fn web(members: &Value) -> Value {
    let mut metadata = json!({"redirect_uris": ["https://app.example/cb"]});
    metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    metadata
}

#[test]
fn what_is_left_out_takes_the_defaults_of_the_rfc() {
    let client = read(&web(&json!({})), Trust::Unverified).unwrap();
    assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.scope.to_string(), "email offline_access openid profile");
    assert_eq!((client.client_id.as_str(), client.client_id_issued_at, client.trust), ("c", 7, Trust::Unverified));
}

#[test]
fn everything_that_is_kept_can_be_said() {
    let client = read(
        &json!({
            "redirect_uris": ["https://app.example/cb", "https://app.example/cb"],
            "post_logout_redirect_uris": ["https://app.example/bye"],
            "token_endpoint_auth_method": "client_secret_post", "application_type": "web",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "scope": "openid notes:read", "client_name": " Notes ", "client_uri": "https://app.example/",
            "policy_uri": "https://app.example/privacy", "tos_uri": "https://app.example/terms",
            "contacts": ["ops@app.example"], "require_pushed_authorization_requests": true, "default_max_age": 3600,
            "id_token_signed_response_alg": "ES256", "subject_type": "public", "dpop_bound_access_tokens": false,
        }),
        Trust::Unverified,
    )
    .unwrap();
    assert_eq!(client.redirect_uris, ["https://app.example/cb"]);
    assert_eq!(client.post_logout_redirect_uris, ["https://app.example/bye"]);
    assert_eq!(
        (client.client_name.as_deref(), client.client_uri.as_deref()),
        (Some("Notes"), Some("https://app.example/"))
    );
    assert_eq!(client.scope.to_string(), "notes:read openid");
    assert_eq!((client.require_pushed_authorization_requests, client.default_max_age), (true, Some(3600)));
}

#[test]
fn a_client_has_no_say_in_what_it_is_given() {
    let smuggled = web(&json!({
        "client_id": "first-party", "client_id_issued_at": 1, "trust": "first_party", "client_secret": "mine",
        "registration_access_token": "mine", "expires_at": 1, "version": 9, "secret": "bWluZQ",
    }));
    let client = read(&smuggled, Trust::Unverified).unwrap();
    assert_eq!(client, read(&web(&json!({})), Trust::Unverified).unwrap());
}

#[test]
fn what_an_operator_mistypes_is_refused() {
    let metadata = web(&json!({"redirect_uri": "https://app.example/cb", "client_name": null}));
    let given = Given { client_id: "c", issued_at: 7, trust: Trust::Verified };
    let error = rules().read(metadata.as_object().unwrap().clone(), given, Unknown::Refused).unwrap_err();
    assert_eq!((error.field_problems()[0].field.as_str(), error.field_problems().len()), ("redirect_uri", 1));
}

#[test]
fn every_wrong_member_is_named_at_once() {
    let metadata = json!({
        "redirect_uris": ["https://app.example/cb", "http://app.example/cb"], "token_endpoint_auth_method": "tls_client_auth",
        "grant_types": ["implicit"], "client_name": 1, "contacts": "ops", "default_max_age": -1,
        "require_pushed_authorization_requests": "yes", "application_type": "mobile",
    });
    assert_eq!(
        problems(&metadata, Trust::Verified),
        [
            "token_endpoint_auth_method: unknown",
            "grant_types: unknown",
            "redirect_uris[1]: scheme",
            "application_type: unknown",
            "client_name: wrong_type",
            "contacts: wrong_type",
            "require_pushed_authorization_requests: wrong_type",
            "default_max_age: wrong_type",
        ]
    );
}

#[test]
fn a_redirect_uri_that_is_wrong_is_not_missed_as_well() {
    assert_eq!(problems(&json!({"redirect_uris": ["x"]}), Trust::Verified), ["redirect_uris[0]: malformed"]);
    assert_eq!(problems(&json!({"redirect_uris": "x"}), Trust::Verified), ["redirect_uris: wrong_type"]);
}

#[test]
fn the_rfc_has_a_word_of_its_own_for_redirect_uris() {
    let code = |metadata: Value| read(&metadata, Trust::Verified).unwrap_err().code();
    assert_eq!(code(json!({})), Code::InvalidRedirectUri);
    assert_eq!(code(json!({"redirect_uris": ["x"], "client_name": 1})), Code::InvalidRedirectUri);
    assert_eq!(code(web(&json!({"client_name": 1}))), Code::InvalidClientMetadata);
}

#[test]
fn grants_and_what_they_need_go_together() {
    for (metadata, problem) in [
        (json!({}), "redirect_uris: missing"),
        (json!({"redirect_uris": []}), "redirect_uris: missing"),
        (web(&json!({"grant_types": []})), "grant_types: missing"),
        (web(&json!({"grant_types": ["refresh_token"]})), "grant_types: inconsistent"),
        (web(&json!({"grant_types": ["password"]})), "grant_types: unknown"),
        (web(&json!({"response_types": ["token"]})), "response_types: unknown"),
        (web(&json!({"response_types": ["code id_token"]})), "response_types: unknown"),
        (web(&json!({"grant_types": ["client_credentials"], "scope": "notes:read"})), "redirect_uris: inconsistent"),
        (json!({"grant_types": ["client_credentials"]}), "scope: missing"),
        (json!({"grant_types": ["client_credentials"], "scope": " "}), "scope: missing"),
        (
            json!({"grant_types": ["client_credentials"], "scope": "notes:read", "response_types": ["code"]}),
            "response_types: inconsistent",
        ),
        (
            json!({"grant_types": ["client_credentials"], "scope": "notes:read", "token_endpoint_auth_method": "none"}),
            "grant_types: inconsistent",
        ),
        (web(&json!({"token_endpoint_auth_method": "private_key_jwt"})), "jwks: missing"),
        (web(&json!({"jwks_uri": "https://app.example/jwks"})), "jwks_uri: not_offered"),
        (web(&json!({"userinfo_signed_response_alg": "RS256"})), "userinfo_signed_response_alg: not_offered"),
        (web(&json!({"id_token_signed_response_alg": "none"})), "id_token_signed_response_alg: not_offered"),
        (web(&json!({"subject_type": "pairwise"})), "subject_type: not_offered"),
    ] {
        assert!(problems(&metadata, Trust::Verified).contains(&problem.to_owned()), "{metadata}: {problem}");
    }
    let service = json!({"grant_types": ["client_credentials"], "scope": "notes:read"});
    assert_eq!(read(&service, Trust::Verified).unwrap().grant_types, [GrantType::ClientCredentials]);
}

#[test]
fn what_a_client_may_ask_for_depends_on_who_answers_for_it() {
    let service = json!({"grant_types": ["client_credentials"], "scope": "notes:read"});
    assert_eq!(problems(&service, Trust::Unverified), ["grant_types: not_allowed"]);
    let account = web(&json!({"scope": "openid account"}));
    for trust in [Trust::Unverified, Trust::Verified] {
        assert_eq!(problems(&account, trust), ["scope: not_allowed"]);
    }
    assert!(read(&account, Trust::FirstParty).is_ok());
    for scope in ["openid admin", "Openid", "notes:*"] {
        assert_eq!(problems(&web(&json!({ "scope": scope })), Trust::FirstParty), ["scope: unknown"], "{scope}");
    }
    assert_eq!(problems(&web(&json!({"scope": "a\"b"})), Trust::FirstParty), ["scope: malformed"]);
}

#[test]
fn web_applications_use_https_and_native_ones_what_rfc_8252_offers() {
    let uris = json!(["https://app.example/cb", "http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"]);
    for native in [json!({"redirect_uris": uris, "application_type": "native"}), json!({ "redirect_uris": uris })] {
        assert_eq!(read(&native, Trust::Unverified).unwrap().redirect_uris.len(), 4);
    }
    let expected = ["redirect_uris[1]: scheme", "redirect_uris[2]: scheme", "redirect_uris[3]: scheme"];
    assert_eq!(problems(&json!({"redirect_uris": uris, "application_type": "web"}), Trust::Unverified), expected);
}

#[test]
fn a_client_that_nobody_answers_for_does_not_borrow_another_sites_standing() {
    let pages = json!({"client_uri": "https://bank.example/", "tos_uri": "https://app.example/terms"});
    let client = read(&web(&pages), Trust::Unverified).unwrap();
    assert_eq!((client.client_uri, client.tos_uri.as_deref()), (None, Some("https://app.example/terms")));
    assert!(read(&web(&pages), Trust::Verified).unwrap().client_uri.is_some());
    let native = json!({"redirect_uris": ["http://127.0.0.1/cb"], "client_uri": "https://127.0.0.1/"});
    assert_eq!(read(&native, Trust::Unverified).unwrap().client_uri, None);
}

#[test]
fn sizes_are_bounded() {
    let uris: Vec<_> = (0..=MAX_URIS).map(|number| format!("https://app.example/{number}")).collect();
    assert!(read(&json!({"redirect_uris": uris[1..]}), Trust::Verified).is_ok());
    assert!(
        problems(&json!({ "redirect_uris": uris }), Trust::Verified).contains(&"redirect_uris: too_many".to_owned())
    );
    assert_eq!(problems(&web(&json!({"contacts": vec!["a@b.example"; 6]})), Trust::Verified), ["contacts: too_many"]);
    assert_eq!(problems(&web(&json!({"grant_types": vec!["x"; 17]})), Trust::Verified), ["grant_types: too_many"]);
    assert_eq!(problems(&web(&json!({"scope": "a".repeat(1025)})), Trust::Verified), ["scope: malformed"]);
}
