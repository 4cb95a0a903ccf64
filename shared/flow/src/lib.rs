//! A stored authorization request, as the pages of several functions see it: find it in this browser, show a page of it,
//! return to `/authorize`.
//!
//! What a request needs next is decided at `/authorize` alone. A page does its one thing and goes back there, never on to
//! another page.

use oauth::{Authentication, Code, Error, Time};
use store::{Browsers, Requests, StoredRequest};
use web::pages::{Client, Layout, Step};
use web::{Cookie, Request, Response, Site, Visit};

/// A request under way, in the browser that it belongs to.
#[derive(Debug)]
pub struct UnderWay<'r> {
    visit: Visit<'r>,
    /// What is asked for, and how far it has come.
    pub stored: StoredRequest,
}

/// The request that a page is visited for, if it is under way in this browser.
pub async fn find<'r>(requests: &Requests, visit: Visit<'r>, now: Time) -> Result<UnderWay<'r>, Error> {
    let stored = requests.find(&visit.request, visit.browser, now).await?;
    let stored = stored.ok_or_else(|| Error::new(Code::StaleRequest, "no such request in this browser"))?;
    Ok(UnderWay { visit, stored })
}

impl UnderWay<'_> {
    /// The id that its pages carry.
    pub fn id(&self) -> &str {
        &self.visit.request
    }

    /// The token for the form at `path` about `subject`.
    pub fn token(&self, site: &Site, path: &str, subject: &str) -> String {
        site.token(self.visit.browser, path, subject)
    }

    /// The layout of a page that answers `request`, in the language that the app asked for or that the browser prefers.
    pub fn layout<'s>(&self, site: &'s Site, request: &Request) -> Layout<'s> {
        site.layout(request, self.stored.request.ui_locales.as_deref())
    }

    /// What every page of it shows and carries.
    pub fn step<'a>(&'a self, token: &'a str) -> Step<'a> {
        Step { request: self.id(), token, client: client(&self.stored) }
    }

    /// Back to `/authorize`, which knows what comes next.
    pub fn back(&self) -> Response {
        page("/authorize", self.id())
    }
}

/// The app that a request comes from, as its pages name it.
fn client(stored: &StoredRequest) -> Client<'_> {
    Client {
        name: &stored.client_name,
        redirect_uri: &stored.request.reply.redirect_uri,
        uri: stored.client_uri.as_deref(),
        policy_uri: stored.policy_uri.as_deref(),
        tos_uri: stored.tos_uri.as_deref(),
    }
}

/// To the page at `path` of the request with this id.
pub fn page(path: &str, id: &str) -> Response {
    Response::see_other(format!("{path}?request={id}"))
}

/// Signs somebody in, in this browser, with a cookie that nobody has seen before. `None`: what the proof rests on was
/// changed meanwhile.
pub async fn enter(
    (site, browsers): (&Site, &Browsers),
    request: &Request,
    user: &str,
    authentication: &Authentication,
) -> Result<Option<Cookie>, Error> {
    let secret = browsers.begin(user, authentication, site.session(request), request.now()).await?;
    Ok(secret.map(|secret| site.keep_session(&secret, browsers.max_age())))
}
