//! A visit of a page around the code or the link of a mail. The page may belong to an authorization request, but works
//! without one: people open links in other browsers, and a request may end before its mail arrives.

use oauth::{Code, Error, Parameters};
use store::{Presented, Requests};
use web::pages::{Form, Layout, SignIn};
use web::{Request, Response, Site};

use crate::{Browser, UnderWay, find};

/// The visit of such a page.
#[derive(Debug)]
pub struct MailVisit<'r> {
    browser: Browser<'r>,
    /// The values of all cookies that identify the browser.
    cookies: Vec<&'r str>,
    under_way: Option<UnderWay<'r>>,
    secret: Secret,
}

/// How the page refers to the secret.
#[derive(Debug)]
enum Secret {
    /// Not yet.
    None,
    /// By its name, in the browser in which the request began.
    Named(String),
    /// By the token of the link.
    Link(String),
}

/// The parts of a form that belong to a visit.
#[derive(Debug)]
pub struct FormParts {
    action: String,
    token: String,
    link: Option<String>,
}

impl FormParts {
    /// The form as pages take it.
    pub fn form(&self) -> Form<'_> {
        Form { action: &self.action, token: &self.token, link: self.link.as_deref() }
    }
}

impl<'r> MailVisit<'r> {
    /// The visit of a page that is opened.
    pub async fn opened(site: &Site, requests: &Requests, request: &'r Request) -> Result<Self, Error> {
        let query = request.query_parameters()?;
        let secret = match (query.optional("token"), query.optional("secret")) {
            (Some(token), _) => Secret::Link(token.to_owned()),
            (None, Some(name)) => Secret::Named(name.to_owned()),
            (None, None) => Secret::None,
        };
        Self::with(site, requests, request, secret).await
    }

    /// The visit of a page whose form was sent, and the form.
    pub async fn sent(site: &Site, requests: &Requests, request: &'r Request) -> Result<(Self, Parameters), Error> {
        let query = request.query_parameters()?;
        let name = query.optional("secret");
        let form = site.form(request, name.unwrap_or_default())?;
        let secret = match (form.optional("token"), name) {
            (Some(token), _) => Secret::Link(token.to_owned()),
            (None, Some(name)) => Secret::Named(name.to_owned()),
            (None, None) => Secret::None,
        };
        Ok((Self::with(site, requests, request, secret).await?, form))
    }

    async fn with(site: &Site, requests: &Requests, request: &'r Request, secret: Secret) -> Result<Self, Error> {
        let under_way = match site.visit(request) {
            Ok(visit) => match find(requests, visit, request.now()).await {
                Err(error) if error.code() != Code::StaleRequest => return Err(error),
                found => found.ok(),
            },
            Err(_) => None,
        };
        Ok(Self { browser: Browser::of(site, request)?, cookies: site.browsers(request), under_way, secret })
    }

    /// The authorization request that the page belongs to, if it is in progress.
    pub fn under_way(&self) -> Option<&UnderWay<'r>> {
        self.under_way.as_ref()
    }

    /// The cookie value that identifies the browser.
    pub fn browser(&self) -> &str {
        &self.browser.name
    }

    /// The secret, with a typed code if the page asks for it. Fails if the address of the page names none.
    pub fn presented<'a>(&'a self, code: &'a str) -> Result<Presented<'a>, Error> {
        match &self.secret {
            Secret::Link(token) => Ok(Presented::Link(token)),
            Secret::Named(name) => Ok(Presented::Browser(name, &self.cookies, code)),
            Secret::None => Err(Error::new(Code::InvalidCode, "the address names no secret")),
        }
    }

    /// Whether the page was opened with a link.
    pub fn is_by_link(&self) -> bool {
        matches!(self.secret, Secret::Link(_))
    }

    /// The layout of the page.
    pub fn layout<'s>(&self, site: &'s Site, request: &Request) -> Layout<'s> {
        match &self.under_way {
            Some(under_way) => under_way.layout(site, request),
            None => site.layout(request, None),
        }
    }

    /// The form of the page at `path`. The token of a link is in the form, not in its address.
    pub fn form(&self, site: &Site, path: &str) -> FormParts {
        let (name, link) = match &self.secret {
            Secret::None => (None, None),
            Secret::Named(name) => (Some(name.as_str()), None),
            Secret::Link(token) => (None, Some(token.clone())),
        };
        let token = site.token(&self.browser.name, path, name.unwrap_or_default());
        FormParts { action: self.address(path, name), token, link }
    }

    /// The address of a page about the secret with this name, for the same authorization request.
    pub fn address(&self, path: &str, secret: Option<&str>) -> String {
        let request = self.under_way.as_ref().map(|under_way| ("request", under_way.id()));
        let pairs = request.into_iter().chain(secret.map(|name| ("secret", name)));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", plain(value))).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// The sign-in page of the authorization request.
    pub fn sign_in(&self) -> Option<String> {
        self.under_way.as_ref().map(|under_way| format!("{}?request={}", SignIn::PATH, under_way.id()))
    }

    /// Adds the cookie of a browser that had none.
    pub fn shown(&self, site: &Site, page: Response) -> Response {
        self.browser.shown(site, page)
    }
}

/// A name as we generate them. Of any other text nothing remains that could end a parameter.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}
