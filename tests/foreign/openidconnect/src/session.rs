//! The client's side of the protocol of `stage.rs`: JSON documents, one per line.

use std::fmt::Debug;
use std::io::BufRead;

use oauth2::reqwest::blocking::Client;
use oauth2::reqwest::redirect::Policy;
use oauth2::url::Url;
use serde_json::{Value, json};

/// The redirect URI of the app. Nothing listens there; the browser stops when it is redirected there.
pub const CALLBACK: &str = "https://app.example/callback";
/// The post-logout redirect URI.
pub const BYE: &str = "https://app.example/bye";
/// A resource of the service.
pub const NOTES: &str = "https://notes.example/api";
/// A scope of that resource.
pub const READ: &str = "notes:read";

/// Any error of the library.
pub type Failure = Box<dyn std::error::Error>;

/// A running service, and alice.
pub struct Session {
    pub issuer: String,
    /// Its signing algorithm.
    pub algorithm: String,
    /// Her `sub`.
    pub alice: String,
    /// The HTTP client of the libraries. It does not follow redirects, as their documentation demands.
    pub http: Client,
    flows: Vec<String>,
}

/// An app as an operator registered it.
pub struct App {
    pub id: String,
    pub secret: Option<String>,
}

/// The parameters that the app received by a redirect.
pub struct Reply(Url);

impl Session {
    pub fn start() -> Result<Self, Failure> {
        let service = ask(&json!({"ask": "service"}))?;
        let text = |name: &str| service[name].as_str().unwrap_or_default().to_owned();
        let flows = service["flows"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            issuer: text("issuer"),
            algorithm: text("algorithm"),
            alice: text("alice"),
            http: Client::builder().redirect(Policy::none()).build()?,
            flows: flows.map(str::to_owned).collect(),
        })
    }

    /// Runs the requested flows and reports the result of each.
    pub fn run(&self, flow: impl Fn(&Self, &str) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut verdicts = serde_json::Map::new();
        for name in &self.flows {
            let verdict = flow(self, name).map_or_else(|failure| told(&*failure), |()| "ok".to_owned());
            verdicts.insert(name.clone(), Value::String(verdict));
        }
        println!("{}", json!({"ask": "report", "verdicts": verdicts}));
        Ok(())
    }

    /// Registers an app as an operator, with this metadata in addition to that of every app.
    pub fn register(&self, metadata: Value) -> Result<App, Failure> {
        let mut all = json!({
            "client_name": "App", "redirect_uris": [CALLBACK], "post_logout_redirect_uris": [BYE],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": format!("openid profile email offline_access {READ}"),
        });
        for (name, value) in metadata.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let client = ask(&json!({"ask": "operator", "order": {"action": "create_client", "client": all}}))?;
        let id = client["client_id"].as_str().ok_or_else(|| client.to_string())?.to_owned();
        Ok(App { id, secret: client["client_secret"].as_str().map(str::to_owned) })
    }

    /// Sends alice to a URL in a new browser, where her decision is `allow` or `deny`.
    pub fn browse(&self, url: &Url, decision: &str) -> Result<Reply, Failure> {
        let arrival = ask(&json!({"ask": "browse", "url": url.as_str(), "decision": decision}))?;
        Ok(Reply(Url::parse(arrival["url"].as_str().unwrap_or_default())?))
    }
}

impl Reply {
    /// A parameter; empty if there is none.
    pub fn parameter(&self, name: &str) -> String {
        let found = self.0.query_pairs().find(|(parameter, _)| parameter == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// The URL without its parameters.
    pub fn address(&self) -> &str {
        self.0.as_str().split('?').next().unwrap_or_default()
    }
}

/// Fails unless both are equal.
pub fn same<T: PartialEq + Debug>(one: T, other: T) -> Result<(), Failure> {
    if one == other { Ok(()) } else { Err(format!("{one:?} is not {other:?}").into()) }
}

/// Fails unless `result` is an error whose message contains `error`.
pub fn refused<T>(result: Result<T, impl Into<Failure>>, error: &str) -> Result<(), Failure> {
    match result.map_err(|failure| told(&*failure.into())) {
        Ok(_) => Err(format!("it took what should be {error}").into()),
        Err(words) if words.contains(error) => Ok(()),
        Err(words) => Err(format!("{words} is not {error}").into()),
    }
}

fn told(mut failure: &dyn std::error::Error) -> String {
    let mut text = failure.to_string();
    while let Some(cause) = failure.source() {
        text = format!("{text}: {cause}");
        failure = cause;
    }
    text
}

fn ask(question: &Value) -> Result<Value, Failure> {
    println!("{question}");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
