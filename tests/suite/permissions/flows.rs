//! Runs every flow of the service once, to record what the functions do. A new permission needs a flow here that uses
//! it.

use std::pin::Pin;

use futures_util::future::join_all;
use local::iam::Access;
use serde_json::{Value, json};

use crate::account::change_password;
use crate::account_page::{buttons, submit, visit};
use crate::deletion::delete_me;
use crate::events::{arrived, store};
use crate::login::{age_password, claims};
use crate::mailed::{Letter, forgot, person, register};
use crate::refresh::{Tokens, form, refresh, sign_in, sign_up, table};
use crate::second_factor;
use crate::totp::enrol;
use local::Options;
use support::browser::{Browser, CALLBACK, CHALLENGE};
use support::forger::{Forger, jwk};
use support::outbox;
use support::party::{NOTES, Party, declare, post_form};
use support::service::options;
use support::{Answer, PASSWORD, Service};

/// Without caches, so that everything is read.
const FRESH: [(&str, &str); 2] = [("RevocationSeconds", "0"), ("AuthorizerCacheSeconds", "0")];

/// Functions, by logical id, and their actions: one example of every use of a permission.
pub type Uses = Vec<(String, Access)>;

pub async fn recorded() -> Uses {
    let flows: Vec<Pin<Box<dyn Future<Output = Uses>>>> = vec![
        Box::pin(mail()),
        Box::pin(events()),
        Box::pin(keys()),
        Box::pin(people()),
        Box::pin(crowd()),
        Box::pin(mails()),
        Box::pin(returning()),
        Box::pin(second_factors()),
        Box::pin(app()),
        Box::pin(machine()),
        Box::pin(clients()),
        Box::pin(orders()),
        Box::pin(second_steps()),
    ];
    join_all(flows).await.concat()
}

/// Mails: one that SES takes, one for a mail server that cannot be reached, and an address that bounces.
async fn mail() -> Uses {
    let parameters = [("MailFrom", outbox::FROM)];
    let service = Service::with_parameters(&parameters).await;
    outbox::post(&service.stack, "1", &outbox::verification("alice@example.com")).await;
    outbox::mails(&service, 1).await;
    let complaint =
        json!({"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "a@b.example"}]}});
    let event = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": complaint.to_string()}}]});
    service.stack.invoke("MailerFunction", event).await.expect("the function answers");
    let password = json!({
        "KeyId": service.stack.template().keys[0].arn, "Plaintext": "c2VjcmV0",
        "EncryptionContext": {"gatewright:secret": "SMTP"},
    });
    let kms = service.stack.kms_upstream();
    let encrypted = kms.send("TrentService.Encrypt", password.to_string().into()).await.expect("an answer");
    let encrypted: Value = serde_json::from_slice(encrypted.body()).expect("JSON");
    let password = encrypted["CiphertextBlob"].as_str().expect("base64");
    let server = [("MailTransport", "smtp"), ("SmtpServer", "smtp://u@127.0.0.1:1"), ("SmtpPassword", password)];
    let over = Options {
        parameters: [&parameters[..], &server[..]]
            .concat()
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        kms_endpoint: Some(service.stack.kms_endpoint().to_owned()),
        operator: Some(service.stack.operator().clone()),
        ..options()
    };
    let by_smtp = Service::with_options(over).await;
    outbox::post(&by_smtp.stack, "1", &outbox::verification("alice@example.com")).await;
    while outbox::item(&by_smtp.stack, "1").await.get("released_at").is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    [service.stack.uses(), by_smtp.stack.uses()].concat()
}

/// An event that leaves.
async fn events() -> Uses {
    let service = Service::with_parameters(&[("Events", "on")]).await;
    store(&service, "sign_in", "1").await;
    arrived(&service, "sign_in", 1).await;
    service.stack.uses()
}

/// The life of a signing key: created on first use, published, rotated, withdrawn.
async fn keys() -> Uses {
    let service = Service::with_parameters(&FRESH).await;
    let keys = service.get("/.well-known/jwks.json").await.json();
    let rotate = async |event| service.stack.invoke("RotateFunction", event).await.expect("the function answers");
    rotate(json!({"action": "rotate"})).await;
    rotate(json!({"action": "withdraw", "kid": keys["keys"][0]["kid"]})).await;
    for path in ["/revocations", "/.well-known/openid-configuration"] {
        assert_eq!(service.get(path).await.status, 200, "{path}");
    }
    service.stack.uses()
}

/// A person from registration to the end of their sessions, through the JSON API. The sign-in creates the first key.
async fn people() -> Uses {
    let service = &Service::with_parameters(&FRESH).await;
    let first = sign_up(service, "alice").await;
    let taken = json!({"username": "alice", "password": "xq7 vw"});
    assert_eq!(
        service.post("/register", taken).await.problems().len(),
        2,
        "a name that is taken, told beside the rest"
    );
    assert_eq!(service.sign_in("alice", "not the right one at all").await.status, 401);
    sign_up(service, "mallory1").await; // earlier releases had another key for such a name
    let unknown = json!({"mfa_token": "unknown", "method": "totp", "code": "123456"});
    assert_eq!(service.post("/login/mfa", unknown).await.status, 401);
    let second = Tokens::of(&refresh(service, &first.refresh).await);
    age_password(service, claims(&first.access)["sub"].as_str().expect("an id")).await;
    let other = sign_in(service, "alice").await;
    let narrow =
        format!("grant_type=refresh_token&client_id=first-party&scope=account&refresh_token={}", other.refresh);
    let other = Tokens::of(&form(service, "/token", &narrow).await);
    let third = sign_in(service, "alice").await;
    for path in ["/me", "/me/events", "/me/export", "/me/sessions", "/protected"] {
        assert_eq!(service.get_as(path, &second.access).await.status, 200, "{path}");
    }
    let roles = json!({"action": "set_roles", "username": "alice", "roles": ["admin"]});
    service.operator(roles).await.expect("an operator's order");
    let ended = service.request("DELETE", &format!("/me/sessions/{}", third.sid())).bearer_auth(&second.access);
    assert_eq!(service.send(ended).await.status, 204);
    for token in [&other.access, &other.refresh] {
        assert_eq!(form(service, "/revoke", &format!("client_id=first-party&token={token}")).await.status, 200);
    }
    let new = "a foghorn on the south pier";
    assert_eq!(change_password(service, &second.access, PASSWORD, new).await.status, 204);
    assert_eq!(delete_me(service, &second.access, json!({"password": new})).await.status, 204);
    service.stack.uses()
}

/// People with addresses: registered, proven by code and by link, changed, kept, forgotten; a way back in; deleted.
async fn mails() -> Uses {
    let mail = [FRESH.as_slice(), &[("MailFrom", outbox::FROM)]].concat();
    let service = &Service::with_parameters(&mail).await;
    person(service, "alice", "alice@people.example").await;
    let known = json!({"email": "alice@people.example", "password": PASSWORD});
    assert_eq!(service.post("/register", known).await.status, 202);
    register(service, json!({"username": "bob", "email": "bob@people.example", "password": PASSWORD})).await;
    let new = "a foghorn on the south pier";
    let link = Letter::to(service, "bob@people.example", 1).await.token();
    let proof = json!({"token": link, "password": new});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
    let access = sign_in(service, "alice").await.access;
    for (number, address) in ["one@people.example", "two@people.example"].into_iter().enumerate() {
        let asked = json!({"email": address, "password": PASSWORD});
        let asked = service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&asked)).await;
        let letter = Letter::to(service, address, 1).await;
        let proof = match number {
            0 => json!({"handle": asked.json()["handle"], "code": letter.code()}),
            _ => json!({"token": letter.token(), "password": PASSWORD}),
        };
        assert_eq!(service.post("/email/verify", proof).await.status, 204);
    }
    let kept = Letter::with(service, "alice@people.example", "o…@people.example", 1).await;
    let mut browser = Browser::new(service);
    let csrf = browser.get(&kept.link()).await.token();
    let token = Letter::with(service, "alice@people.example", "t…@people.example", 1).await.token();
    let form = [("csrf", csrf.as_str()), ("token", token.as_str())];
    assert_eq!(browser.post("/email/keep", &form).await.status, 200);
    let asked = json!({"email": "three@people.example", "password": PASSWORD});
    let asked = service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&asked)).await;
    let code = Letter::to(service, "three@people.example", 1).await.code();
    let proof = json!({"handle": asked.json()["handle"], "code": code});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
    let stopped = service.request("DELETE", "/me/email").bearer_auth(&access);
    assert_eq!(service.send(stopped).await.status, 204);
    forgot(service, "nobody").await;
    reset(service, 1, PASSWORD).await;
    change_address(service, "bob", "four@people.example", PASSWORD).await; // and a reset stops it
    reset(service, 2, PASSWORD).await;
    change_address(service, "bob", "five@people.example", PASSWORD).await; // and so does an operator's reset
    service.operator(json!({"action": "reset_password", "username": "bob"})).await.expect("an operator's order");
    service.operator(json!({"action": "send_reset", "username": "bob"})).await.expect("an operator's order");
    service.operator(json!({"action": "delete_user", "username": "bob"})).await.expect("an operator's order");
    let access = sign_in(service, "alice").await.access;
    assert_eq!(change_password(service, &access, PASSWORD, new).await.status, 204);
    assert_eq!(delete_me(service, &access, json!({"password": new})).await.status, 204);
    service.stack.uses()
}

/// A person with a second factor: added, kept, removed later and at once, with new recovery codes.
async fn second_factors() -> Uses {
    let service = &Service::with_parameters(&FRESH).await;
    let access = sign_up(service, "alice").await.access;
    let (app, codes) = enrol(service, &access).await;
    for (method, code) in [("totp", app.code(1)), ("recovery_code", codes[1].clone())] {
        let token = service.sign_in("alice", PASSWORD).await.json()["mfa_token"].clone();
        let finish = json!({"mfa_token": token, "method": method, "code": code});
        assert_eq!(service.post("/login/mfa", finish).await.status, 200, "{method}");
    }
    let call = async |method, path, body| {
        let answer = service.send(service.request(method, path).bearer_auth(&access).json(&body)).await;
        assert!(answer.status < 300, "{answer:?}");
        answer
    };
    call("DELETE", "/me/totp", json!({})).await;
    call("POST", "/me/totp/keep", json!({})).await;
    let codes = call("POST", "/me/recovery-codes", json!({"code": codes[0]})).await.json();
    call("DELETE", "/me/totp", json!({"code": codes["recovery_codes"][0]})).await;
    service.stack.uses()
}

/// A person who deletes their account and keeps it, and an operator who keeps it. The pages say whether mails reach them.
async fn returning() -> Uses {
    let parameters = [("MailFrom", outbox::FROM), ("DeletionGraceDays", "7")];
    let service = &Service::with_parameters(&[FRESH.as_slice(), &parameters].concat()).await;
    person(service, "alice", "alice@people.example").await;
    assert_eq!(visit(service, "alice").await.get("/account").await.status, 200);
    for by_operator in [false, true] {
        let access = sign_in(service, "alice").await.access;
        assert_eq!(delete_me(service, &access, json!({"password": PASSWORD})).await.status, 202);
        if by_operator {
            service.operator(json!({"action": "enable", "username": "alice"})).await.expect("an operator's order");
        } else {
            let kept = json!({"username": "alice", "password": PASSWORD, "keep_account": true});
            assert_eq!(service.post("/login", kept).await.status, 200);
        }
    }
    service.stack.uses()
}

/// Resets bob's password by the reset mail with this number.
async fn reset(service: &Service, number: usize, password: &str) {
    let handle = forgot(service, "bob@people.example").await;
    let code = Letter::with(service, "bob@people.example", "/password/reset?token=", number).await.code();
    let reset = json!({"handle": handle, "code": code, "password": password});
    assert_eq!(service.post("/password/reset", reset).await.status, 204);
}

/// Begins a change of address.
async fn change_address(service: &Service, username: &str, address: &str, password: &str) {
    let login = json!({"username": username, "password": password, "scope": "account"});
    let access = service.post("/login", login).await.json()["access_token"].as_str().expect("a token").to_owned();
    let asked = json!({"email": address, "password": password});
    let asked = service.send(service.request("POST", "/me/email").bearer_auth(&access).json(&asked)).await;
    let proof = json!({"handle": asked.json()["handle"], "code": Letter::to(service, address, 1).await.code()});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
}

/// A person whose sessions and devices are too many.
async fn crowd() -> Uses {
    let service = Service::with_parameters(&[("SessionsPerPerson", "1")]).await;
    let alice = sign_up(&service, "alice").await.user();
    sign_in(&service, "alice").await;
    for number in 0..31 {
        let (pk, end) = (json!({"S": format!("DEVICE-OF#{alice}")}), json!({"N": "99999999999"}));
        let device = json!({"pk": pk, "sk": {"S": number.to_string()}, "since": {"N": "1"}, "expires_at": end});
        table(&service, "PutItem", json!({"Item": device})).await;
    }
    visit(&service, "alice").await;
    service.stack.uses()
}

/// People in a browser who sign in to an app and sign out again.
async fn app() -> Uses {
    let parameters = [FRESH.as_slice(), &[("BrowserIdleSeconds", "40")]].concat();
    let party = &Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &parameters).await;
    let mut browser = party.browser();
    let asked = [("scope", "openid profile"), ("claims", r#"{"id_token":{"name":null}}"#)];
    let code = party.ask(&mut browser, &asked).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    let token = |tokens: &Value, name: &str| tokens[name].as_str().expect("a token").to_owned();
    let tokens = party.refresh(&token(&tokens, "refresh_token")).await.json();
    assert_eq!(party.service.get_as("/userinfo", &token(&tokens, "access_token")).await.status, 200);
    for name in ["access_token", "refresh_token"] {
        assert_eq!(
            party.post("/introspect", &[("token", &token(&tokens, name))]).await.json()["active"],
            true,
            "{name}"
        );
    }
    assert_eq!(party.redeem(&code).await.status, 400, "a code comes back: what it began is revoked");
    // After a tenth of the idle time, the browser sign-in is extended.
    tokio::time::sleep(std::time::Duration::from_millis(4100)).await;
    let hint = token(&party.redeem(&pushed(party, &mut browser).await).await.json(), "id_token");
    let stranger = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "openid"});
    let (stranger, _) = party.service.client(stranger).await;
    let request = [
        ("client_id", stranger.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    assert_eq!(post_form(&party.service, "/par", &request).await.status, 201);
    party.ask(&mut browser, &[("scope", "openid"), ("prompt", "login")]).await; // replaces the previous sign-in
    let id = browser.begin_with(&party.client_id, &[("scope", "openid"), ("prompt", "consent")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(4100)).await; // this page extends it as well
    assert_eq!(browser.get(&format!("/sign-in/second-factor?request={id}")).await.status, 303, "nothing is missing");
    let agreed = browser.fill("/consent", &id, &[("decision", "allow")]).await;
    for _ in 0..2 {
        browser.get(agreed.header("location")).await; // a second click gets the same answer
    }
    let id = browser.begin_with(&party.client_id, &[("scope", "openid"), ("prompt", "login")]).await;
    let bob = [("username", "bob"), ("password", PASSWORD)];
    assert_eq!(browser.fill("/sign-up", &id, &bob).await.status, 303);
    let denied = browser.fill("/consent", &id, &[("decision", "deny")]).await;
    browser.get(denied.header("location")).await;
    let ended = browser.get(&format!("/end_session?id_token_hint={hint}")).await;
    assert_eq!(ended.status, 200, "a question: {ended:?}");
    let fields = [("csrf", ended.token()), ("decision", "sign_out".to_owned()), ("id_token_hint", hint)];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post("/end_session", &fields).await.status, 200);
    let own = sign_in(&party.service, "alice").await.access;
    assert_eq!(party.service.get_as("/me/consents", &own).await.status, 200);
    let forgotten = party.service.request("DELETE", &format!("/me/consents/{}", party.client_id)).bearer_auth(&own);
    assert_eq!(party.service.send(forgotten).await.status, 204);
    own_page(party).await;
    leave(party).await;
    party.service.stack.uses()
}

/// A person with second factors: through the JSON API, through the pages, and on a device that they trust.
async fn second_steps() -> Uses {
    let party = Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &FRESH).await;
    second_factor::use_all(&party).await;
    party.service.stack.uses()
}

/// The account page: an app, another browser, and a new password.
async fn own_page(party: &Party) {
    sign_up(&party.service, "carol").await;
    let mut browser = visit(&party.service, "carol").await;
    party.ask(&mut browser, &[("scope", "openid profile")]).await;
    let mut other = visit(&party.service, "carol").await;
    // After a tenth of the idle time, the browser sign-in is extended.
    tokio::time::sleep(std::time::Duration::from_millis(4100)).await;
    assert_eq!(other.get("/account").await.status, 200);
    let ended = buttons(&browser.get("/account").await, "device");
    submit(&mut other, "/account", &[("device", &ended[0])]).await;
    let new = [("current_password", PASSWORD), ("password", "a foghorn on the south pier")];
    assert_eq!(submit(&mut other, "/account/password", &new).await.status, 303);
}

/// People with browsers and consents are deleted: one by themselves, one by an operator.
async fn leave(party: &Party) {
    for by_operator in [false, true] {
        let mut browser = party.browser();
        party.ask(&mut browser, &[("scope", "openid profile")]).await;
        if by_operator {
            let order = json!({"action": "delete_user", "username": "alice"});
            party.service.operator(order).await.expect("an operator's order");
        } else {
            let own = sign_in(&party.service, "alice").await.access;
            assert_eq!(delete_me(&party.service, &own, json!({"password": PASSWORD})).await.status, 204);
            sign_up(&party.service, "alice").await;
        }
    }
}

/// The code of a pushed request.
async fn pushed(party: &Party, browser: &mut support::browser::Browser<'_>) -> String {
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid profile"),
    ];
    let answer = party.post("/par", &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let reference = answer.json()["request_uri"].as_str().expect("a reference").to_owned();
    party.ask(browser, &[("request_uri", &reference)]).await["code"].clone()
}

/// A client that authenticates with its own key. Its request creates the service's first key.
async fn machine() -> Uses {
    let service = Service::start().await;
    declare(&service).await;
    let key = Forger::start().await;
    let metadata = json!({
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt", "scope": "notes:read",
        "jwks": {"keys": [jwk(&key.key)]},
    });
    let (client_id, _) = service.client(metadata).await;
    let mut claims = key.claims();
    for (name, value) in [("iss", &client_id), ("sub", &client_id), ("aud", &service.url(""))] {
        claims[name] = json!(value);
    }
    claims["exp"] = json!(claims["iat"].as_u64().expect("a time") + 60);
    let assertion = key.sign(&json!({"alg": "RS256", "typ": "JWT", "kid": "forged"}), &claims);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    let answer = post_form(&service, "/token", &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    service.stack.uses()
}

/// Operator orders about people, clients and resources.
async fn orders() -> Uses {
    let service = Service::start().await;
    let order =
        async |order: Value| service.operator(order.clone()).await.unwrap_or_else(|why| panic!("{order}: {why}"));
    let alice = json!({"action": "put_user", "username": "alice", "password": PASSWORD});
    order(alice.clone()).await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
    order(alice).await;
    for action in ["show_user", "reset_password", "sign_out"] {
        order(json!({"action": action, "username": "alice"})).await;
    }
    let roles = json!({"action": "set_roles", "username": "alice", "roles": ["admin"]});
    order(roles.clone()).await;
    order(json!({"action": "put_user", "username": "mallory1", "password": PASSWORD})).await;
    for address in ["alice@people.example", "liddell@people.example"] {
        assert!(service.operator(json!({"action": "show_user", "email": address})).await.is_err());
        order(json!({"action": "put_user", "username": "alice", "email": address, "email_verified": true})).await;
    }
    declare(&service).await;
    order(json!({"action": "list_resources"})).await;
    order(json!({"action": "list_events", "username": "alice"})).await;
    order(json!({"action": "delete_resource", "resource": NOTES})).await;
    service.stack.uses()
}

/// Clients that operators or they themselves register, change and remove.
async fn clients() -> Uses {
    let parameters = [FRESH.as_slice(), &[("ClientRegistration", "open")]].concat();
    let service = Service::with_parameters(&parameters).await;
    let metadata = json!({"redirect_uris": [CALLBACK]});
    let (client_id, _) = service.client(metadata.clone()).await;
    let issued = service.operator(json!({"action": "initial_access_token"})).await.expect("a token");
    let vouched = service.register_client(&metadata, issued["initial_access_token"].as_str()).await;
    assert_eq!(vouched.status, 201, "{vouched:?}");
    let stranger: Answer = service.register_client(&metadata, None).await;
    assert_eq!(stranger.status, 201, "{stranger:?}");
    let stranger = stranger.json();
    let own = format!("/clients/{}", stranger["client_id"].as_str().expect("an id"));
    let token = stranger["registration_access_token"].as_str().expect("a token");
    for method in ["GET", "DELETE"] {
        assert!(service.send(service.request(method, &own).bearer_auth(token)).await.status < 300, "{method}");
    }
    service.operator(json!({"action": "delete_client", "client_id": client_id})).await.expect("it is gone");
    service.stack.uses()
}
