//! The back channel of clients: authentication, pushed requests, introspection, revocation.

use futures_util::future::join_all;
use serde_json::{Value, json};

use support::browser::{Browser, CALLBACK, CHALLENGE, authorize};
use support::forger::{Forger, jwk};
use support::party::{NOTES, Party, SCOPE, post_form, reply, with_form};
use support::{Answer, PASSWORD};

const PROOF: &str = "client_assertion_type";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn assert_invalid_client(answer: &Answer, why: &str) {
    assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("invalid_client")), "{why}: {answer:?}");
    assert!(answer.header("www-authenticate").starts_with("Basic"), "{answer:?}");
}

/// A client without a person that authenticates by `method`.
async fn machine(method: &str, more: &Value) -> Party {
    let mut metadata = json!({
        "token_endpoint_auth_method": method, "grant_types": ["client_credentials"], "scope": "notes:read",
        "redirect_uris": [],
    });
    for (name, value) in more.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    Party::with(metadata, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_authenticates_only_by_its_registered_method() {
    let party = machine("client_secret_basic", &json!({})).await;
    let (id, secret) = (party.client_id.as_str(), party.secret.as_str());
    let grant = [("grant_type", "client_credentials"), ("resource", NOTES)];
    let basic = async |id: &str, secret: &str, fields: &[(&str, &str)]| {
        let request = party.service.request("POST", "/token").basic_auth(id, Some(secret));
        party.service.send(with_form(request, fields)).await
    };
    assert_eq!(basic(id, secret, &grant).await.status, 200);
    let named = [grant[0], grant[1], ("client_id", id)];
    assert_eq!(basic(id, secret, &named).await.status, 200, "naming itself twice is no contradiction");
    for (id, secret) in [(id, "wrong"), (id, ""), ("nobody", secret), ("", secret), ("first-party", "x")] {
        assert_invalid_client(&basic(id, secret, &grant).await, id);
    }
    assert_invalid_client(&basic(id, secret, &[grant[0], ("client_id", "first-party")]).await, "two ids");
    let other = party.post("/token", &grant).await;
    assert_invalid_client(&other, "client_secret_post");
    let told = "The secret is correct, but this client is registered for client_secret_basic";
    assert!(other.text.contains(told) && other.header("www-authenticate").contains(told), "{other:?}");
    let unknown = basic("nobody", secret, &grant).await;
    for (id, secret) in [(id, "wrong"), ("first-party", secret), ("nobody", secret)] {
        let fields = [grant[0], ("client_id", id), ("client_secret", secret)];
        let guessed = post_form(&party.service, "/token", &fields).await;
        let both =
            [&guessed, &unknown].map(|answer| (answer.text.clone(), answer.header("www-authenticate").to_owned()));
        assert_eq!(both[0], both[1], "without the secret nobody learns the method, or that there is such a client");
    }
    assert_invalid_client(&post_form(&party.service, "/token", &named).await, "nothing");
    let both = basic(id, secret, &[grant[0], ("client_id", id), ("client_secret", secret)]).await;
    assert_eq!((both.status, &both.json()["error"]), (400, &json!("invalid_request")), "two proofs at once");
    let bearer = with_form(party.service.request("POST", "/token").bearer_auth("x"), &grant);
    assert_invalid_client(&party.service.send(bearer).await, "another scheme");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_its_secret_by_the_wrong_method_learns_the_right_one() {
    let party = machine("client_secret_post", &json!({})).await;
    let grant = [("grant_type", "client_credentials"), ("resource", NOTES)];
    assert_eq!(party.post("/token", &grant).await.status, 200);
    for (secret, told) in [(party.secret.as_str(), true), ("wrong", false)] {
        let request = party.service.request("POST", "/token").basic_auth(&party.client_id, Some(secret));
        let answer = party.service.send(with_form(request, &grant)).await;
        assert_invalid_client(&answer, "client_secret_basic");
        assert_eq!(answer.text.contains("registered for client_secret_post"), told, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_an_empty_secret_counts_as_a_public_client() {
    let party = Party::with(json!({"token_endpoint_auth_method": "none"}), &[]).await;
    let code = party.code(&[("scope", "openid")]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", support::browser::VERIFIER),
        ("redirect_uri", CALLBACK),
    ];
    let call = async |id: &str, path: &str, fields: &[(&str, &str)]| {
        let request = party.service.request("POST", path).basic_auth(id, Some(""));
        party.service.send(with_form(request, fields)).await
    };
    let tokens = call(&party.client_id, "/token", &fields).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_invalid_client(&call(&party.client_id, "/introspect", &[("token", "x")]).await, "a public client");
    let (confidential, _) = party.service.client(json!({"redirect_uris": [CALLBACK]})).await;
    assert_invalid_client(&call(&confidential, "/revoke", &[("token", "x")]).await, "a client with a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_kid_and_alg_authenticates_its_client() {
    let (forger, other) = (Forger::start().await, Forger::start().await);
    let mut bare = jwk(&forger.key);
    for name in ["kid", "alg", "use"] {
        bare.as_object_mut().expect("a key").remove(name);
    }
    let ec = json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
    let party = machine("private_key_jwt", &json!({"jwks": {"keys": [ec, bare]}})).await;
    let now = forger.claims()["iat"].as_u64().expect("now");
    let present = async |forger: &Forger, header: Value, times: Value| {
        let mut claims = json!({"iss": party.client_id, "sub": party.client_id, "aud": party.service.stack.url(),
            "exp": now + 60, "jti": format!("{header} {times}")});
        for (name, value) in times.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        let assertion = forger.sign(&header, &claims);
        let fields = [("grant_type", "client_credentials"), ("resource", NOTES), (PROOF, JWT_BEARER)];
        post_form(&party.service, "/token", &[&fields[..], &[("client_assertion", &assertion)]].concat()).await
    };
    for header in [json!({"alg": "RS256"}), json!({"alg": "RS256", "kid": "a name of the library's own"})] {
        assert_eq!(present(&forger, header.clone(), json!({})).await.status, 200, "{header}");
        assert_invalid_client(&present(&other, header, json!({})).await, "another key");
    }
    assert_invalid_client(&present(&forger, json!({"alg": "ES256"}), json!({})).await, "an algorithm of another key");
    // Clocks run ahead, and many libraries write fractions.
    #[expect(clippy::cast_precision_loss, reason = "a time of this century")]
    let fraction = now as f64 + 0.25;
    for (times, is_good) in [
        (json!({"iat": fraction, "nbf": fraction, "exp": fraction + 60.0}), true),
        (json!({"iat": now + 8, "nbf": now + 8}), true),
        (json!({"iat": now + 60}), false),
        (json!({"nbf": now + 60}), false),
        (json!({"exp": -1.5}), false),
    ] {
        let answer = present(&forger, json!({"alg": "RS256"}), times.clone()).await;
        assert_eq!(answer.status, if is_good { 200 } else { 401 }, "{times}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_assertion_is_accepted_once_from_its_client_and_for_this_service() {
    let forger = Forger::start().await;
    let party = machine("private_key_jwt", &json!({"jwks": {"keys": [jwk(&forger.key)]}})).await;
    let (id, issuer) = (party.client_id.clone(), party.service.stack.url().to_owned());
    let now = forger.claims()["iat"].as_u64().expect("now");
    let claims = |changes: Value| {
        let mut claims =
            json!({"iss": id, "sub": id, "aud": issuer, "iat": now, "exp": now + 60, "jti": changes.to_string()});
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
            if value.is_null() {
                claims.as_object_mut().expect("an object").remove(name);
            }
        }
        claims
    };
    let present = async |assertion: &str| {
        let grant = [("grant_type", "client_credentials"), ("resource", NOTES)];
        let proof = [(PROOF, JWT_BEARER), ("client_assertion", assertion)];
        post_form(&party.service, "/token", &[&grant[..], &proof[..]].concat()).await
    };
    let header = json!({"alg": "RS256", "kid": "forged"});
    for good in
        [json!({}), json!({"aud": format!("{issuer}/token")}), json!({"aud": [issuer, "x"]}), json!({"iat": null})]
    {
        let answer = present(&forger.sign(&header, &claims(good.clone()))).await;
        assert_eq!(answer.status, 200, "{good}: {answer:?}");
    }
    for header in [json!({"alg": "RS256"}), json!({"alg": "RS256", "typ": "JWT"})] {
        let answer = present(&forger.sign(&header, &claims(json!({"jti": header.to_string()})))).await;
        assert_eq!(answer.status, 200, "{header}: {answer:?}");
    }
    for bad in [
        json!({"aud": "https://other.example"}),
        json!({"aud": null}),
        json!({"iss": "somebody"}),
        json!({"sub": "first-party"}),
        json!({"exp": now - 60}),
        json!({"exp": null}),
        json!({"exp": now + 7200}),
        json!({"nbf": now + 600}),
        json!({"jti": null}),
        json!({"jti": ""}),
    ] {
        assert_invalid_client(&present(&forger.sign(&header, &claims(bad.clone()))).await, &bad.to_string());
    }
    for header in [
        json!({"alg": "RS256", "kid": "another"}),
        json!({"alg": "none", "kid": "forged"}),
        json!({"alg": "HS256", "kid": "forged"}),
        json!({"alg": "RS256", "kid": "forged", "typ": "at+jwt"}),
        json!({"alg": "RS256", "kid": "forged", "crit": ["x"]}),
    ] {
        let assertion = forger.sign(&header, &claims(json!({"jti": format!("{header}!")})));
        assert_invalid_client(&present(&assertion).await, &header.to_string());
    }
    let replayed = forger.sign(&header, &claims(json!({"jti": "once"})));
    let answers = join_all((0..16).map(|_| present(&replayed))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_secret_takes_effect_at_once() {
    let party = machine("client_secret_post", &json!({})).await;
    let grant = [("grant_type", "client_credentials"), ("resource", NOTES)];
    assert_eq!(party.post("/token", &grant).await.status, 200);
    let order = json!({"action": "rotate_secret", "client_id": party.client_id});
    let secret =
        party.service.operator(order).await.expect("a secret")["client_secret"].as_str().expect("it").to_owned();
    let fields = [grant[0], grant[1], ("client_id", party.client_id.as_str()), ("client_secret", secret.as_str())];
    assert_eq!(post_form(&party.service, "/token", &fields).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_is_complete_and_can_be_used_once() {
    let party = Party::start().await;
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
        ("state", "pushed"),
    ];
    let pushed = party.post("/par", &request).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let uri = pushed.json()["request_uri"].as_str().expect("a URI").to_owned();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:") && pushed.json()["expires_in"] == json!(90));
    let address = format!("/authorize?client_id={}&request_uri={uri}&scope=openid+email&state=x", party.client_id);
    let mut browser = party.browser();
    let answer = browser.get(&address).await;
    let id = answer.header("location").split_once("/sign-in?request=").expect("a page").1.to_owned();
    let signed_in = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    browser.get(signed_in.header("location")).await;
    let consent = browser.get(&format!("/consent?request={id}")).await;
    assert!(!consent.text.contains("e-mail"), "what was not pushed does not count: {consent:?}");
    let agreed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    let back = reply(&browser.get(agreed.header("location")).await);
    assert_eq!(back["state"], "pushed");
    assert_eq!(party.redeem(&back["code"]).await.json()["scope"], json!("openid"));
    let spent = browser.get(&address).await;
    assert_eq!((spent.status, spent.header("location")), (400, ""), "{spent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_a_request_are_reported_when_it_is_pushed() {
    let party = Party::start().await;
    let good = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    for (change, error) in [
        (("redirect_uri", "https://evil.example"), "invalid_request"),
        (("scope", "admin"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request", "a.b.c"), "request_not_supported"),
    ] {
        let fields: Vec<_> = good.iter().filter(|(name, _)| *name != change.0).copied().chain([change]).collect();
        let answer = party.post("/par", &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)), "{change:?}");
    }
    assert_invalid_client(&post_form(&party.service, "/par", &good).await, "no client");
    let pushed = party.post("/par", &good).await.json()["request_uri"].as_str().expect("a URI").to_owned();
    let other = json!({"redirect_uris": [CALLBACK], "require_pushed_authorization_requests": true, "scope": SCOPE});
    let (other, _) = party.service.client(other).await;
    let stolen = format!("/authorize?client_id={other}&request_uri={pushed}");
    assert_eq!(party.browser().get(&stolen).await.status, 400, "another client's");
    let own = format!("/authorize?client_id={}&request_uri={pushed}", party.client_id);
    assert_eq!(party.browser().get(&own).await.status, 303, "and the thief has not used it up");
    let direct = party.browser().get(&authorize(&other, &[("scope", "openid")])).await;
    assert_eq!(reply(&direct)["error"], "invalid_request", "this client must push");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_and_the_back_end_of_the_resource_may_introspect_a_token() {
    let party = Party::start().await;
    let tokens = party.tokens("openid profile").await;
    let (access, refresh) =
        (tokens["access_token"].as_str().expect("it"), tokens["refresh_token"].as_str().expect("it"));
    let seen = party.post("/introspect", &[("token", access), ("token_type_hint", "refresh_token")]).await.json();
    assert_eq!(
        (&seen["active"], &seen["token_type"], &seen["client_id"], &seen["scope"], &seen["username"]),
        (&json!(true), &json!("Bearer"), &json!(party.client_id), &json!("openid profile"), &json!("alice"))
    );
    let seen = party.post("/introspect", &[("token", refresh)]).await.json();
    assert_eq!((&seen["active"], &seen["scope"]), (&json!(true), &json!("openid profile")));
    let (other, secret) = party
        .service
        .client(json!({
            "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_post",
        }))
        .await;
    let id_token = tokens["id_token"].as_str().expect("an ID token");
    for token in [access, refresh] {
        let fields = [("token", token), ("client_id", other.as_str()), ("client_secret", secret.as_str())];
        assert_eq!(post_form(&party.service, "/introspect", &fields).await.json(), json!({"active": false}));
        assert_eq!(post_form(&party.service, "/revoke", &fields).await.status, 200, "told nothing, changes nothing");
    }
    for token in [id_token, "made-up", "gwr_made-up", &format!("{access}x"), &refresh[..refresh.len() - 4]] {
        assert_eq!(party.post("/introspect", &[("token", token)]).await.json(), json!({"active": false}), "{token}");
    }
    assert_eq!(party.post("/introspect", &[("token", access)]).await.json()["active"], json!(true), "it still lives");
    let next = party.refresh(refresh).await.json()["refresh_token"].as_str().expect("it").to_owned();
    assert_eq!(party.post("/introspect", &[("token", refresh)]).await.json(), json!({"active": false}), "replaced");
    assert_eq!(party.post("/revoke", &[("token", &next)]).await.status, 200);
    for token in [access, &next] {
        assert_eq!(party.post("/introspect", &[("token", token)]).await.json(), json!({"active": false}), "at once");
    }
}

/// One secret of every kind.
async fn secrets(party: &Party, browser: &mut Browser<'_>) -> [(&'static str, String); 10] {
    let reply = party.ask(browser, &[("scope", "openid offline_access")]).await;
    let tokens = party.redeem(&reply["code"]).await.json();
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let pushed = text(&party.post("/par", &request).await.json()["request_uri"]);
    let initial = party.service.operator(json!({"action": "initial_access_token"})).await.expect("a token");
    let under_way = browser.begin_with(&party.client_id, &[("scope", "openid"), ("prompt", "login")]).await;
    [
        ("access token", text(&tokens["access_token"])),
        ("refresh token", text(&tokens["refresh_token"])),
        ("ID token", text(&tokens["id_token"])),
        ("code", party.code(&[("scope", "openid")]).await),
        ("request_uri", pushed.rsplit(':').next().expect("a part").to_owned()),
        ("request", under_way),
        ("session cookie", browser.cookies["gatewright-session"].clone()),
        ("browser cookie", browser.own_name().1),
        ("client secret", party.secret.clone()),
        ("initial access token", text(&initial["initial_access_token"])),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_accepted_as_another_kind_at_the_back_channel() {
    let party = Party::start().await;
    for (kind, secret) in &secrets(&party, &mut party.browser()).await {
        let refused = |answer: &Answer, place: &str| assert!(answer.status >= 400, "{kind} as {place}: {answer:?}");
        if *kind != "code" {
            refused(&party.redeem(secret).await, "a code");
        }
        if *kind != "refresh token" {
            refused(&party.refresh(secret).await, "a refresh token");
        }
        if *kind != "access token" {
            refused(&party.service.get_as("/userinfo", secret).await, "an access token");
            refused(&party.service.get_as("/protected", secret).await, "a token before the authorizer");
        }
        refused(&party.service.get_as("/me", secret).await, "a first-party access token");
        if *kind != "client secret" {
            let fields = [("grant_type", "refresh_token"), ("client_id", &party.client_id), ("client_secret", secret)];
            refused(&post_form(&party.service, "/token", &fields).await, "a client secret");
        }
        let management = party.service.request("GET", &format!("/clients/{}", party.client_id)).bearer_auth(secret);
        refused(&party.service.send(management).await, "a registration access token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_accepted_as_another_kind_in_the_browser() {
    let party = Party::start().await;
    let mut browser = party.browser();
    for (kind, secret) in &secrets(&party, &mut browser).await {
        let refused = |answer: &Answer, place: &str| assert!(answer.status >= 400, "{kind} as {place}: {answer:?}");
        let uri = format!("urn:ietf:params:oauth:request_uri:{secret}");
        if *kind != "request_uri" {
            let address = format!("/authorize?client_id={}&request_uri={uri}", party.client_id);
            refused(&browser.get(&address).await, "a request_uri");
        }
        if *kind != "request" {
            refused(&browser.get(&format!("/authorize?request={secret}")).await, "a request");
        }
        if *kind != "session cookie" {
            let mut stranger = party.browser();
            stranger.cookies.insert("gatewright-session".into(), secret.clone());
            let silent = stranger.get(&authorize(&party.client_id, &[("prompt", "none"), ("scope", "openid")])).await;
            assert!(silent.header("location").contains("error=login_required"), "{kind} as a session: {silent:?}");
        }
    }
}
