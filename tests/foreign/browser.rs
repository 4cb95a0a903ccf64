//! A simulated browser with a person: it keeps cookies, follows redirects within the service and the apps that it knows,
//! fills in the pages of the service, and stops at a page of an app or where it is redirected elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Client, Method, Url, redirect};
use serde::{Deserialize, Serialize};

/// Most pages and redirects of one visit.
const MOST_STEPS: usize = 16;

/// A browser of one person.
pub struct Browser {
    issuer: Url,
    http: Client,
    /// Origins of apps that answer.
    apps: BTreeSet<String>,
    /// Names and values, by host: as in real browsers, the port makes no difference.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    person: (String, String),
}

/// What the person decides when an app requests access.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    #[default]
    Allow,
    Deny,
}

/// Where a visit ended.
#[derive(Debug, Serialize)]
pub struct Arrival {
    /// The URL of another site, or of a page of the service that leads no further.
    pub url: String,
    /// The fields of the form that was posted there, if any.
    pub form: Option<BTreeMap<String, String>>,
    /// The status of the last response, and what an app's page says.
    pub status: u16,
    pub text: String,
}

/// A response of the service, and its URL.
struct Page {
    url: Url,
    status: u16,
    location: Option<String>,
    text: String,
}

impl Browser {
    /// A new browser of a person with this username and password.
    pub fn new(issuer: &str, (username, password): (&str, &str)) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().expect("a client");
        let issuer = Url::parse(issuer).expect("a URL");
        let person = (username.to_owned(), password.to_owned());
        Self { issuer, http, apps: BTreeSet::new(), cookies: BTreeMap::new(), person }
    }

    /// Makes an app known by a URL of it.
    pub fn knows(&mut self, app: &str) {
        self.apps.insert(Url::parse(app).expect("a URL").origin().ascii_serialization());
    }

    /// Visits a URL, with the fields of a form if there are any, and completes the service's pages.
    pub async fn visit(&mut self, url: &str, form: Option<Vec<(String, String)>>, decision: Decision) -> Arrival {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let url = self.issuer.join(url).expect("an address");
        let mut page = self.send(method, url.clone(), &form.unwrap_or_default()).await;
        for _ in 0..MOST_STEPS {
            let next = match &page.location {
                Some(location) => page.url.join(location).expect("an address"),
                None => match self.answer(&page, decision) {
                    Some(fields) => {
                        page = self.send(Method::POST, page.url.clone(), &fields).await;
                        continue;
                    }
                    None => return page.end(),
                },
            };
            if !self.is_own(&next) && !self.apps.contains(&next.origin().ascii_serialization()) {
                return Arrival { url: next.into(), form: None, status: page.status, text: String::new() };
            }
            page = self.send(Method::GET, next, &[]).await;
        }
        panic!("{url} leads in circles")
    }

    /// What the person fills into the form of a page. `None` if the page has no form.
    fn answer(&self, page: &Page, decision: Decision) -> Option<Vec<(String, String)>> {
        let (username, password) = &self.person;
        let decision = match decision {
            Decision::Allow => "allow",
            Decision::Deny => "deny",
        };
        let typed = match page.url.path() {
            _ if page.status != 200 || !self.is_own(&page.url) => return None,
            "/sign-in" => vec![("username", username.as_str()), ("password", password)],
            "/consent" => vec![("decision", decision)],
            "/end_session" => vec![("decision", "sign_out")],
            _ => return None,
        };
        let hidden = page.hidden();
        let typed = typed.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        hidden.contains_key("csrf").then(|| hidden.into_iter().chain(typed).collect())
    }

    async fn send(&mut self, method: Method, url: Url, fields: &[(String, String)]) -> Page {
        let mut request = self.http.request(method.clone(), url.clone());
        let host = url.host_str().expect("a host").to_owned();
        if let Some(cookies) = self.cookies.get(&host) {
            let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        if method == Method::POST {
            let mut body = Url::parse("form:").expect("a URL");
            body.query_pairs_mut().extend_pairs(fields);
            request = request
                .header("origin", url.origin().ascii_serialization())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.query().unwrap_or_default().to_owned());
        }
        let answer = request.send().await.expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            self.keep(&host, cookie.to_str().expect("ASCII"));
        }
        let location = answer.headers().get("location").map(|location| location.to_str().expect("ASCII").to_owned());
        let (status, text) = (answer.status().as_u16(), answer.text().await.expect("a body"));
        assert!(status < 500 || !self.is_own(&url), "{method} {url}: {status} {text}");
        Page { url, status, location, text }
    }

    /// Whether a URL is one of the service.
    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.issuer.origin()
    }

    fn keep(&mut self, host: &str, cookie: &str) {
        let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let cookies = self.cookies.entry(host.to_owned()).or_default();
        if value.is_empty() || cookie.to_ascii_lowercase().contains("max-age=0") {
            cookies.remove(name)
        } else {
            cookies.insert(name.to_owned(), value.to_owned())
        };
    }
}

impl Page {
    /// A form that leads to another site is submitted, as its script does. Any other page ends the visit.
    fn end(self) -> Arrival {
        let text = self.text.clone();
        let action = self.text.split("<form method=\"post\" action=\"").nth(1).and_then(|rest| rest.split('"').next());
        match action.filter(|action| !action.starts_with('/')) {
            Some(action) => Arrival { url: action.to_owned(), form: Some(self.hidden()), status: self.status, text },
            None => Arrival { url: self.url.into(), form: None, status: self.status, text },
        }
    }

    /// Names and values of the hidden fields.
    fn hidden(&self) -> BTreeMap<String, String> {
        let fields = self.text.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |rest: &str| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            let (value, _) = rest.split_once('"')?;
            assert!(!value.contains('&'), "{name} is escaped: {value}");
            Some((name.to_owned(), value.to_owned()))
        };
        fields.filter_map(field).collect()
    }
}
