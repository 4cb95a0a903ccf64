//! Which metadata is accepted, and which client it yields.

use oauth::Code;
use serde_json::json;

use super::*;

fn rules() -> Rules {
    let config = Config::from_pairs([("SIGNING_ALGORITHMS".to_owned(), "ES256,RS256".to_owned())]);
    Rules {
        issuer: "https://id.example".to_owned(),
        origin: Url::parse("https://id.example").unwrap(),
        algorithms: SigningAlgorithms::read(&config).unwrap(),
        schemes: Schemes::default(),
    }
}

fn read_from(author: Author, metadata: &Value, trust: Trust) -> Result<Client, Error> {
    let scopes = ["openid", "profile", "email", "offline_access", "notes:read", "account"].into_iter().collect();
    let given = Given { client_id: "c", issued_at: 7, trust, scopes: &scopes };
    rules().read(metadata.as_object().unwrap().clone(), given, author)
}

/// The client for metadata that a client sends.
fn read(metadata: &Value, trust: Trust) -> Result<Client, Error> {
    read_from(Author::Client, metadata, trust)
}

fn named(error: &Error) -> Vec<String> {
    error.field_problems().iter().map(|problem| format!("{}: {}", problem.field, problem.code)).collect()
}

fn problems(metadata: &Value, trust: Trust) -> Vec<String> {
    named(&read(metadata, trust).expect_err("problems"))
}

/// The problems that an operator gets for the same metadata.
fn mistakes(metadata: &Value, trust: Trust) -> Vec<String> {
    named(&read_from(Author::Operator, metadata, trust).expect_err("mistakes"))
}

/// The metadata of a web client, with these members in addition.
fn web(members: &Value) -> Value {
    let mut metadata = json!({"redirect_uris": ["https://app.example/cb"]});
    metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    metadata
}

#[test]
fn absent_members_take_the_defaults_of_the_rfc() {
    let client = read(&web(&json!({})), Trust::Unverified).unwrap();
    assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(client.scope.to_string(), "email offline_access openid profile");
    assert_eq!((client.client_id.as_str(), client.client_id_issued_at, client.trust), ("c", 7, Trust::Unverified));
}

#[test]
fn every_stored_member_can_be_set() {
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
    assert_eq!(client.id_token_signed_response_alg, Some(Algorithm::ES256));
    assert_eq!((client.require_pushed_authorization_requests, client.default_max_age), (true, Some(3600)));
}

#[test]
fn a_client_cannot_choose_what_the_service_decides() {
    let smuggled = web(&json!({
        "client_id": "first-party", "client_id_issued_at": 1, "trust": "first_party", "client_secret": "mine",
        "registration_access_token": "mine", "expires_at": 1, "version": 9, "secret": "bWluZQ",
    }));
    let client = read(&smuggled, Trust::Unverified).unwrap();
    assert_eq!(client, read(&web(&json!({})), Trust::Unverified).unwrap());
}

#[test]
fn typing_errors_of_an_operator_are_reported() {
    let metadata = web(&json!({"redirect_uri": "https://app.example/cb", "client_name": null, "jwks_url": null}));
    assert_eq!(mistakes(&metadata, Trust::Verified), ["redirect_uri: unknown"]);
    let words = web(&json!({"grant_types": ["authorization_code", "password"], "scope": "openid notes:raed",
        "token_endpoint_auth_method": "basic", "client_uri": "app.example", "client_id": "mine"}));
    let expected = [
        "token_endpoint_auth_method: unknown",
        "grant_types: unknown",
        "client_uri: scheme",
        "scope: unknown",
        "client_id: read_only",
    ];
    assert_eq!(mistakes(&words, Trust::Verified), expected);
}

#[test]
fn an_operators_order_accepts_the_same_members_as_a_registration() {
    let metadata = web(&json!({
        "software_id": "x", "software_version": "1", "logo_uri": "https://app.example/logo.png", "client_name#ja": "ノート",
        "initiate_login_uri": "https://app.example/login", "default_acr_values": ["1"], "require_auth_time": true,
        "policy_uri": "", "tos_uri": "http://app.example/terms", "client_name": "", "jwks": null, "scope": null,
        "jwks_uri": "https://app.example/jwks", "contacts": [], "application_type": null,
    }));
    let client = read_from(Author::Operator, &metadata, Trust::Verified).unwrap();
    assert_eq!(client, read(&metadata, Trust::Verified).unwrap());
    assert_eq!(client, read(&web(&json!({})), Trust::Verified).unwrap(), "none of it is stored");
}

#[test]
fn every_invalid_member_is_reported_at_once() {
    let metadata = json!({
        "redirect_uris": ["https://app.example/cb", "http://app.example/cb"], "grant_types": ["implicit"],
        "client_name": 1, "contacts": "ops", "default_max_age": -1, "require_pushed_authorization_requests": "yes",
    });
    assert_eq!(
        problems(&metadata, Trust::Verified),
        [
            "grant_types: unknown",
            "redirect_uris[1]: scheme",
            "client_name: wrong_type",
            "contacts: wrong_type",
            "require_pushed_authorization_requests: wrong_type",
            "default_max_age: wrong_type",
        ]
    );
}

#[test]
fn unsupported_values_of_a_client_are_left_out() {
    let metadata = web(&json!({
        "grant_types": ["authorization_code", "implicit", "refresh_token", "password", "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "response_types": ["code", "token", "code id_token"], "scope": "openid mcp:tools notes:read account",
        "token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS256",
        "application_type": "mobile", "client_uri": "app.example", "tos_uri": "javascript:alert(1)",
        "jwks_uri": "https://app.example/jwks",
    }));
    let client = read(&metadata, Trust::Unverified).unwrap();
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
    assert_eq!(client.scope.to_string(), "notes:read openid");
    assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!((client.client_uri, client.tos_uri), (None, None));
    let public = web(&json!({"grant_types": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_method": "none"}));
    assert_eq!(read(&public, Trust::Verified).unwrap().grant_types, [GrantType::AuthorizationCode]);
}

#[test]
fn metadata_without_any_usable_value_is_refused() {
    for (metadata, problem) in [
        (web(&json!({"grant_types": ["password", "implicit"]})), "grant_types: unknown"),
        (web(&json!({"grant_types": ["refresh_token"]})), "grant_types: inconsistent"),
        (web(&json!({"response_types": ["token"]})), "response_types: unknown"),
        (web(&json!({"response_types": ["code id_token"]})), "response_types: unknown"),
        (web(&json!({"scope": "admin mcp:tools"})), "scope: unknown"),
        (web(&json!({"scope": "account"})), "scope: not_allowed"),
        (
            json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}),
            "grant_types: inconsistent",
        ),
    ] {
        assert!(problems(&metadata, Trust::Verified).contains(&problem.to_owned()), "{metadata}: {problem}");
    }
}

#[test]
fn an_invalid_redirect_uri_is_not_also_reported_as_missing() {
    assert_eq!(problems(&json!({"redirect_uris": ["x"]}), Trust::Verified), ["redirect_uris[0]: malformed"]);
    assert_eq!(problems(&json!({"redirect_uris": "x"}), Trust::Verified), ["redirect_uris: wrong_type"]);
}

#[test]
fn invalid_redirect_uris_have_their_own_error_code() {
    let code = |metadata: Value| read(&metadata, Trust::Verified).unwrap_err().code();
    assert_eq!(code(json!({})), Code::InvalidRedirectUri);
    assert_eq!(code(json!({"redirect_uris": ["x"], "client_name": 1})), Code::InvalidRedirectUri);
    assert_eq!(code(web(&json!({"client_name": 1}))), Code::InvalidClientMetadata);
}

#[test]
fn grants_require_what_they_depend_on() {
    for metadata in [json!({}), json!({"redirect_uris": []}), json!({"redirect_uris": null})] {
        assert_eq!(problems(&metadata, Trust::Verified), ["redirect_uris: missing"], "{metadata}");
    }
    assert_eq!(read(&web(&json!({"grant_types": []})), Trust::Verified).unwrap().grant_types.len(), 1);
    let machine = json!({"grant_types": ["client_credentials"], "response_types": ["code"], "redirect_uris": []});
    assert_eq!(mistakes(&machine, Trust::Verified), ["response_types: inconsistent"]);
    let machine = read(&machine, Trust::Verified).unwrap();
    assert_eq!((machine.grant_types.as_slice(), machine.scope.is_empty()), (&[GrantType::ClientCredentials][..], true));
}

#[test]
fn unsupported_protection_is_refused_and_never_silently_left_out() {
    for (name, value) in [
        ("dpop_bound_access_tokens", json!(true)),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
        ("require_signed_request_object", json!(true)),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("userinfo_encrypted_response_enc", json!("A128GCM")),
        ("userinfo_signed_response_alg", json!("RS256")),
        ("authorization_signed_response_alg", json!("RS256")),
        ("introspection_encrypted_response_alg", json!("RSA-OAEP")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("EdDSA")),
        ("subject_type", json!("pairwise")),
    ] {
        for author in [Author::Client, Author::Operator] {
            let error = read_from(author, &web(&json!({name: value})), Trust::Verified).unwrap_err();
            assert_eq!(named(&error), [format!("{name}: not_offered")]);
        }
        assert!(read(&web(&json!({name: null})), Trust::Verified).is_ok(), "{name}");
    }
    assert!(read(&web(&json!({"dpop_bound_access_tokens": false})), Trust::Verified).is_ok());
}

#[test]
fn only_an_operator_decides_whose_requests_must_have_a_challenge() {
    let metadata = web(&json!({"require_pkce": true}));
    assert_eq!(read_from(Author::Operator, &metadata, Trust::Verified).unwrap().require_pkce, Some(true));
    let loose = web(&json!({"require_pkce": false}));
    assert_eq!(read_from(Author::Operator, &loose, Trust::Verified).unwrap().require_pkce, Some(false));
    for metadata in [metadata, loose, web(&json!({"require_pkce": "yes"}))] {
        assert_eq!(read(&metadata, Trust::Verified).unwrap().require_pkce, None);
    }
}

#[test]
fn a_client_that_signs_sends_its_keys() {
    let signs = |more: Value| {
        let mut metadata = web(&json!({"token_endpoint_auth_method": "private_key_jwt"}));
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        problems(&metadata, Trust::Verified)
    };
    assert_eq!(signs(json!({})), ["jwks: missing"]);
    assert_eq!(signs(json!({"jwks_uri": "https://app.example/jwks"})), ["jwks_uri: not_offered"]);
    assert_eq!(signs(json!({"jwks": {"keys": []}})), ["jwks: no_key"]);
    let alg = json!({"token_endpoint_auth_signing_alg": "PS256"});
    assert!(signs(alg).contains(&"token_endpoint_auth_signing_alg: not_offered".to_owned()));
    let beside = read(&web(&json!({"jwks": {"keys": []}})), Trust::Verified).unwrap();
    assert_eq!(beside.jwks.as_deref(), Some(r#"{"keys":[]}"#), "keys are stored for other methods too");
}

#[test]
fn what_a_client_may_have_depends_on_who_vouches_for_it() {
    let service = json!({"grant_types": ["client_credentials"], "scope": "notes:read"});
    assert_eq!(problems(&service, Trust::Unverified), ["grant_types: not_allowed"]);
    assert_eq!(read(&service, Trust::Verified).unwrap().grant_types, [GrantType::ClientCredentials]);
    let account = web(&json!({"scope": "openid account"}));
    assert_eq!(mistakes(&account, Trust::Verified), ["scope: not_allowed"]);
    for trust in [Trust::Unverified, Trust::Verified] {
        assert_eq!(read(&account, trust).unwrap().scope.to_string(), "openid");
    }
    assert!(read(&account, Trust::FirstParty).unwrap().scope.contains("account"));
    for scope in ["openid admin", "Openid", "notes:*"] {
        assert_eq!(mistakes(&web(&json!({ "scope": scope })), Trust::FirstParty), ["scope: unknown"], "{scope}");
    }
    assert_eq!(problems(&web(&json!({"scope": "a\"b"})), Trust::FirstParty), ["scope: malformed"]);
}

#[test]
fn a_client_may_mix_redirect_uris_of_all_kinds_whatever_it_calls_itself() {
    let uris = json!(["https://app.example/cb", "http://localhost:4242", "http://[::1]/cb", "com.example.app:/cb"]);
    for kind in [json!("native"), json!("web"), Value::Null] {
        let metadata = json!({"redirect_uris": uris, "application_type": kind});
        assert_eq!(read(&metadata, Trust::Unverified).unwrap().redirect_uris.len(), 4, "{kind}");
    }
    let foreign = json!({"redirect_uris": ["http://app.example/cb"], "application_type": "web"});
    assert_eq!(problems(&foreign, Trust::Unverified), ["redirect_uris[0]: scheme"]);
}

#[test]
fn a_client_that_nobody_vouches_for_cannot_claim_the_reputation_of_another_site() {
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
