//! `POST /register`.

use serde_json::json;

use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_registers_and_gets_an_id() {
    let service = Service::start().await;
    let answer =
        service.post("/register", json!({"username": "Alice", "password": PASSWORD, "name": "Alice A."})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    assert_eq!((body["username"].as_str(), body["name"].as_str()), (Some("Alice"), Some("Alice A.")));
    assert_eq!(body["id"].as_str().map(str::len), Some(36));
    assert_eq!(answer.header("location"), "/me");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    assert!(!answer.text.contains("lantern"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_username_is_taken_in_every_spelling() {
    let service = Service::start().await;
    assert_eq!(service.post("/register", json!({"username": "Ångström", "password": PASSWORD})).await.status, 201);
    // Upper case, decomposed, and the Ångström sign instead of the letter.
    for spelling in ["ångström", "ÅNGSTRÖM", "A\u{30a}ngstro\u{308}m", "\u{212b}ngström"] {
        let answer = service.post("/register", json!({"username": spelling, "password": PASSWORD})).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "username_taken"), "{spelling}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_looks_like_another_is_taken_and_does_not_sign_in_as_it() {
    let service = Service::start().await;
    assert_eq!(service.post("/register", json!({"username": "Scope1", "password": PASSWORD})).await.status, 201);
    assert_eq!(service.post("/register", json!({"username": "αας", "password": PASSWORD})).await.status, 201);
    assert_eq!(service.post("/register", json!({"username": "paypal", "password": PASSWORD})).await.status, 201);
    assert_eq!(service.post("/register", json!({"username": "КАТЕ", "password": PASSWORD})).await.status, 201);
    // Cyrillic letters, a letter for a digit, a sigma that is not at the end, capitals, and Latin letters after Cyrillic.
    for spelling in ["ѕсоре1", "scopel", "ΑΑΣ", "αασ", "sc0pe1", "paypaI", "РАУРАL", "kate", "KATE"] {
        let answer = service.post("/register", json!({"username": spelling, "password": PASSWORD})).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "username_taken"), "{spelling}");
    }
    for (name, status) in [
        ("SCOPE1", 200),
        (" scope1\u{a0}", 200),
        ("ΑΑΣ", 200),
        ("αασ", 200),
        ("ѕсоре1", 401),
        ("scopel", 401),
        ("kate", 401),
        ("кате", 200),
    ] {
        assert_eq!(service.sign_in(name, PASSWORD).await.status, status, "{name}");
    }
    assert_eq!(
        service.operator(json!({"action": "show_user", "username": "Scope1"})).await.expect("her")["username"],
        "Scope1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_names_and_those_that_look_like_them_are_for_operators() {
    let service = Service::start().await;
    for name in ["admin", "Admin", "аdmin", "support", "supp0rt", "no-reply"] {
        let answer = service.post("/register", json!({"username": name, "password": PASSWORD})).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "username_taken"), "{name}");
        let answer = service.post("/register", json!({"username": name, "password": "short"})).await;
        assert!(answer.problems().contains(&"username: username_taken".to_owned()), "{name}: {answer:?}");
    }
    let admin = json!({"action": "put_user", "username": "admin", "password": PASSWORD});
    assert_eq!(service.operator(admin).await.expect("a person")["outcome"], "created");
    assert_eq!(service.sign_in("admin", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_invalid_field_is_named_at_once() {
    let service = Service::start().await;
    let body =
        json!({"username": "a@b", "password": "short", "name": 7, "email": "nowhere", "role": "admin", "sub": "1"});
    let answer = service.post("/register", body).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"));
    let problems = answer.problems();
    for field in ["username", "password", "name", "email", "role", "sub"] {
        assert!(problems.iter().any(|problem| problem.starts_with(&format!("{field}: "))), "{field} in {problems:?}");
    }
    assert!(problems.contains(&"role: unknown".to_owned()) && problems.contains(&"name: wrong_type".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_easily_guessed_password_is_refused_with_advice() {
    let service = Service::with_parameters(&[("MinPasswordLength", "8")]).await;
    for (password, code) in [
        ("1234567", "password: too_short"),
        ("password123", "password: too_common"),
        ("margaret-h", "password: contains_context"),
    ] {
        let answer = service.post("/register", json!({"username": "margaret-h", "password": password})).await;
        assert!(answer.problems().contains(&code.to_owned()), "{password}: {answer:?}");
    }
    let long = "é".repeat(513);
    let answer = service.post("/register", json!({"username": "margaret-h", "password": long})).await;
    assert_eq!(answer.problems(), ["password: too_long"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_made_of_the_name_of_the_service_is_refused_wherever_one_is_set() {
    let bad = "quillfjord 48151 xq!";
    let service = Service::with_parameters(&[("ServiceName", "Quillfjord")]).await;
    let answer = service.post("/register", json!({"username": "alice", "password": bad})).await;
    assert_eq!(answer.problems(), ["password: contains_context"], "{answer:?}");
    let token = service.token_of("alice").await;
    let answer = crate::account::change_password(&service, &token, PASSWORD, bad).await;
    assert_eq!(answer.problems(), ["password: contains_context"], "{answer:?}");
    let refused = service.operator(json!({"action": "put_user", "username": "bob", "password": bad})).await;
    assert!(refused.expect_err("it is refused").contains("the name of this service"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_is_not_unique_and_signs_nobody_in() {
    let service = Service::start().await;
    for username in ["first", "second"] {
        let body = json!({"username": username, "password": PASSWORD, "email": "shared@example.com"});
        let answer = service.post("/register", body).await;
        assert_eq!(
            (answer.status, &answer.json()["unverified_email"]),
            (201, &json!("shared@example.com")),
            "{answer:?}"
        );
    }
    assert_eq!(service.sign_in("shared@example.com", PASSWORD).await.code(), "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_byte_of_a_long_password_counts() {
    let service = Service::start().await;
    let password = "x7".repeat(511) + "ab";
    assert_eq!(password.len(), 1024);
    assert_eq!(service.post("/register", json!({"username": "long", "password": password})).await.status, 201);
    let nearly = "x7".repeat(511) + "ac";
    assert_eq!(service.sign_in("long", &nearly).await.status, 401);
    assert_eq!(service.sign_in("long", &password).await.status, 200);
}
