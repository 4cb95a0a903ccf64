//! A simulated browser: it keeps cookies, follows no redirects by itself, and sends the forms of pages.

use std::collections::BTreeMap;

use super::service::{Answer, Service};

/// The redirect URI of the app in these tests. Nothing listens there.
pub const CALLBACK: &str = "https://notes.example/callback";
/// The PKCE pair of RFC 7636 appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// One browser.
pub struct Browser<'s> {
    service: &'s Service,
    http: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
}

impl<'s> Browser<'s> {
    /// A new browser.
    pub fn new(service: &'s Service) -> Self {
        Self::behind(service, &[])
    }

    /// A new browser behind something that adds these headers to each request.
    pub fn behind(service: &'s Service, headers: &[(&'static str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            (reqwest::header::HeaderName::from_static(name), value.parse().expect("the value of a header"))
        });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let http = http.default_headers(headers.collect()).build().expect("a client");
        Self { service, http, cookies: BTreeMap::new() }
    }

    /// The name and value of the cookie that identifies this browser.
    pub fn own_name(&self) -> (String, String) {
        let mut named = self.cookies.iter().filter(|(name, _)| name.contains("gatewright-browser"));
        let (name, value) = named.next().expect("it has been here");
        (name.clone(), value.clone())
    }

    /// Opens a URL of the service.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.http.get(self.service.url(path)).header("sec-fetch-site", "none");
        self.send(request).await
    }

    /// Submits a form as a page of the service does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.service.url("");
        self.post_with(path, fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await
    }

    /// Submits a form with only these headers.
    pub async fn post_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(form(fields))).await
    }

    /// A request without cookies, for the test to complete.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().expect("a method"), self.service.url(path))
    }

    /// Sends a request with the browser's cookies, and stores new ones.
    pub async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = self.service.send(request).await;
        for (name, value) in answer.cookies() {
            if value.is_empty() {
                self.cookies.remove(&name)
            } else {
                self.cookies.insert(name, value)
            };
        }
        answer
    }

    /// Begins an authorization request and returns its id.
    pub async fn begin(&mut self, client_id: &str, scope: &str) -> String {
        self.begin_with(client_id, &[("scope", scope)]).await
    }

    /// Begins an authorization request with more parameters.
    pub async fn begin_with(&mut self, client_id: &str, more: &[(&str, &str)]) -> String {
        let answer = self.get(&authorize(client_id, more)).await;
        let location = answer.header("location");
        let id = location.split_once("?request=").map(|(_, id)| id.to_owned());
        id.unwrap_or_else(|| panic!("not a page of the request: {answer:?}"))
    }

    /// Opens a page of a request, fills in its form and submits it.
    pub async fn fill(&mut self, path: &str, id: &str, fields: &[(&str, &str)]) -> Answer {
        let address = format!("{path}?request={id}");
        let page = self.get(&address).await;
        assert_eq!(page.status, 200, "{page:?}");
        let token = page.token();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
        self.post(&address, &fields).await
    }
}

/// The URL at which an authorization request begins.
pub fn authorize(client_id: &str, more: &[(&str, &str)]) -> String {
    let standard = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "a state"),
    ];
    let kept = standard.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let parameters: Vec<_> = kept.chain(more).copied().filter(|(_, value)| !value.is_empty()).collect();
    format!("/authorize?{}", form(&parameters))
}

/// Form-encodes fields.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        text.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

impl Answer {
    /// The cookies that the response sets, without their attributes.
    pub fn cookies(&self) -> Vec<(String, String)> {
        let pair = |cookie: &str| {
            let (name, value) = cookie.split(';').next()?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        self.set_cookies().iter().filter_map(|cookie| pair(cookie)).collect()
    }

    /// The `Set-Cookie` headers.
    pub fn set_cookies(&self) -> Vec<String> {
        let cookies = self.headers.get_all("set-cookie").iter();
        cookies.map(|cookie| cookie.to_str().expect("ASCII").to_owned()).collect()
    }

    /// The token of the page's form.
    pub fn token(&self) -> String {
        let value = self.text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_else(|| panic!("no form: {self:?}")).to_owned()
    }

    /// The value of a page's field; empty if it has none.
    pub fn value_of(&self, field: &str) -> String {
        let element = self.element(field);
        element.split(" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    /// The first tag of the element with this id.
    pub fn element(&self, id: &str) -> String {
        let at = self.text.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {self:?}"));
        let start = self.text[..at].rfind('<').expect("a tag");
        self.text[start..].split_inclusive('>').next().expect("a tag").to_owned()
    }
}
