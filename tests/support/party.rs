//! An app, a person and the service: everything that a code flow needs.

use std::collections::BTreeMap;

use local::Options;
use serde_json::{Value, json};

use super::browser::{Browser, CALLBACK, VERIFIER, authorize, form};
use super::service::{Answer, PASSWORD, Service, options};

/// An API that the apps in tests use.
pub const NOTES: &str = "https://notes.example/api";
/// Another API.
pub const TASKS: &str = "https://tasks.example/api";
/// All scopes that the app registers.
pub const SCOPE: &str = "openid profile email offline_access notes:read notes:write tasks";

/// A running service with an app that an operator vouches for, and the person alice.
pub struct Party {
    pub service: Service,
    pub client_id: String,
    pub secret: String,
}

/// The parameters of a response to the app.
pub type Reply = BTreeMap<String, String>;

impl Party {
    /// A confidential app.
    pub async fn start() -> Self {
        Self::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &[]).await
    }

    /// An app with this metadata in addition to the defaults, on a service with these parameters.
    pub async fn with(metadata: Value, parameters: &[(&str, &str)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::on(Service::with_options(Options { parameters, ..options() }).await, metadata).await
    }

    /// An app on a running service that has no declared APIs yet.
    pub async fn on(service: Service, metadata: Value) -> Self {
        let party = Self::without_alice(service, metadata).await;
        let registered = party.service.post(
            "/register",
            json!({"username": "alice", "password": PASSWORD, "name": "Alice A.", "email": "alice@people.example"}),
        );
        assert_eq!(registered.await.status, 201);
        party
    }

    /// The same, without the person.
    pub async fn without_alice(service: Service, metadata: Value) -> Self {
        declare(&service).await;
        let mut client = json!({
            "client_name": "Notes", "redirect_uris": [CALLBACK], "scope": SCOPE,
            "grant_types": ["authorization_code", "refresh_token"],
            "post_logout_redirect_uris": ["https://notes.example/bye"],
        });
        for (name, value) in metadata.as_object().expect("an object") {
            client[name] = value.clone();
        }
        let (client_id, secret) = service.client(client).await;
        Self { service, client_id, secret }
    }

    /// A new browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(&self.service)
    }

    /// Completes a request as alice, who consents to everything, and returns the response to the app.
    pub async fn ask(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Reply {
        let mut answer = browser.get(&authorize(&self.client_id, more)).await;
        for _ in 0..8 {
            let location = answer.header("location").to_owned();
            answer = match location.split_once("?request=") {
                Some(("/sign-in", id)) => {
                    browser.fill("/sign-in", id, &[("username", "alice"), ("password", PASSWORD)]).await
                }
                Some(("/consent", id)) => browser.fill("/consent", id, &[("decision", "allow")]).await,
                Some(("/authorize", _)) => browser.get(&location).await,
                _ => return reply(&answer),
            };
        }
        panic!("it goes in circles: {answer:?}")
    }

    /// The code of a completed request.
    pub async fn code(&self, more: &[(&str, &str)]) -> String {
        let reply = self.ask(&mut self.browser(), more).await;
        reply.get("code").unwrap_or_else(|| panic!("no code: {reply:?}")).clone()
    }

    /// Exchanges a code.
    pub async fn redeem(&self, code: &str) -> Answer {
        self.redeem_with(code, &[]).await
    }

    /// Exchanges a code, with these parameters replacing or extending the usual ones.
    pub async fn redeem_with(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
        ];
        let kept = usual.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        self.post("/token", &kept.chain(more).copied().collect::<Vec<_>>()).await
    }

    /// The tokens of a completed flow.
    pub async fn tokens(&self, scope: &str) -> Value {
        let answer = self.redeem(&self.code(&[("scope", scope)]).await).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Posts a form to an endpoint of the back channel, authenticated as the app.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("client_id", &self.client_id));
        if !self.secret.is_empty() {
            fields.push(("client_secret", &self.secret));
        }
        post_form(&self.service, path, &fields).await
    }
}

/// Posts a form to an endpoint of the back channel.
pub async fn post_form(service: &Service, path: &str, fields: &[(&str, &str)]) -> Answer {
    service.send(with_form(service.request("POST", path), fields)).await
}

/// Adds a form to a request.
pub fn with_form(request: reqwest::RequestBuilder, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    request.header("content-type", "application/x-www-form-urlencoded").body(form(fields))
}

/// Declares the APIs of the tests.
pub async fn declare(service: &Service) {
    let notes = json!({
        "action": "put_resource", "resource": NOTES, "access_token_seconds": 120, "claims": ["roles"],
        "scopes": {"notes:read": "read your notes", "notes:write": "change your notes"},
    });
    let tasks = json!({"action": "put_resource", "resource": TASKS, "scopes": {"tasks": "see your tasks"}});
    for order in [notes, tasks] {
        service.operator(order).await.expect("it is declared");
    }
}

/// The parameters in the redirect of a response.
pub fn reply(answer: &Answer) -> Reply {
    let location = answer.header("location");
    assert!(answer.status == 303 && location.starts_with("https://notes.example/"), "not back at the app: {answer:?}");
    let query = location.split_once('?').map_or("", |(_, query)| query);
    let url = reqwest::Url::parse(&format!("https://notes.example/?{query}")).expect("a query");
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

impl Answer {
    /// The value of a page's hidden field.
    pub fn value_of_hidden(&self, field: &str) -> String {
        let value =
            self.text.split(&format!("name=\"{field}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_else(|| panic!("no {field}: {self:?}")).to_owned()
    }
}
