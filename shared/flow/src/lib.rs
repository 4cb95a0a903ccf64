//! A stored authorization request, for the pages of several functions: find it in this browser, show one of its pages,
//! return to `/authorize`. And whoever visits such a page: their browser, and who is signed in there.
//!
//! Only `/authorize` decides what a request needs next. A page does one thing and returns there, never to another page.

mod device;
mod letter;
mod mailed;
mod unreachable;
mod visitor;

use oauth::{Authentication, Code, Error, Time, WayBack};
use store::{Browsers, Proven, Requests, Spent, StoredRequest, Visitor};
use web::pages::{Client, Layout, Step};
use web::{Cookie, Request, Response, Site, Visit};

pub use device::{remember, trust};
pub use letter::letter;
pub use mailed::{FormParts, MailVisit};
pub use unreachable::unreachable;
pub use visitor::{Browser, SignedIn, signed_in};

/// An authorization request in progress, in the browser that it belongs to.
#[derive(Debug)]
pub struct UnderWay<'r> {
    id: String,
    /// The cookie value that identifies the browser.
    browser: &'r str,
    /// The request and its progress.
    pub stored: StoredRequest,
}

/// The request that belongs to a page visit, if it is in progress in this browser. The error for a request whose time is
/// over has the way back to its app.
pub async fn find<'r>(requests: &Requests, visit: Visit<'r>, now: Time) -> Result<UnderWay<'r>, Error> {
    let Some((stored, browser)) = requests.find(&visit.request, &visit.browsers, now).await? else {
        let late = requests.find_late(&visit.request, &visit.browsers).await?;
        let stale = Error::new(Code::StaleRequest, "no such request in this browser");
        return Err(stale.leading_back(late.as_ref().and_then(way_back)));
    };
    Ok(UnderWay { id: visit.request, browser, stored })
}

impl UnderWay<'_> {
    /// The id that its pages contain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The cookie value that identifies its browser.
    pub fn browser(&self) -> &str {
        self.browser
    }

    /// The CSRF token for the form at `path` about `subject`.
    pub fn token(&self, site: &Site, path: &str, subject: &str) -> String {
        site.token(self.browser, path, subject)
    }

    /// The layout of a page in response to `request`, in the language that the app requests or the browser prefers.
    pub fn layout<'s>(&self, site: &'s Site, request: &Request) -> Layout<'s> {
        site.layout(request, self.stored.request.ui_locales.as_deref())
    }

    /// What all pages of the request show and contain.
    pub fn step<'a>(&'a self, token: &'a str) -> Step<'a> {
        Step { request: self.id(), token, client: client(&self.stored) }
    }

    /// Returns to `/authorize`, which decides what comes next.
    pub fn back(&self) -> Response {
        page("/authorize", self.id())
    }
}

/// The app that sent the request, as shown on its pages.
fn client(stored: &StoredRequest) -> Client<'_> {
    Client {
        name: &stored.client_name,
        redirect_uri: &stored.request.reply.redirect_uri,
        uri: stored.client_uri.as_deref(),
        policy_uri: stored.policy_uri.as_deref(),
        tos_uri: stored.tos_uri.as_deref(),
    }
}

/// Who must prove their second factor for a request, after their password. Whoever has signed in since then counts instead.
pub fn half_way<'a>(stored: &'a StoredRequest, signed_in: Option<&SignedIn>) -> Option<&'a Proven> {
    let since = |proven: &Proven| signed_in.is_some_and(|it| it.session.authenticated_since(proven.authentication.at));
    stored.proven.as_ref().filter(|proven| !since(proven))
}

/// The way back to the app that sent the request, for a page that says that the person cannot continue.
pub fn way_back(stored: &StoredRequest) -> Option<WayBack> {
    client(stored).way_back()
}

/// Redirects to the page at `path` of the request with this id.
pub fn page(path: &str, id: &str) -> Response {
    Response::see_other(format!("{path}?request={id}"))
}

/// A sign-in of a browser.
pub struct Entry<'a> {
    /// The person's id.
    pub user: &'a str,
    /// How they have authenticated.
    pub authentication: &'a Authentication,
    /// Whether they trust the device, so that their password was sufficient.
    pub is_trusted: bool,
    /// What the sign-in uses up.
    pub spent: Spent,
}

/// Signs a person in to this browser with a new cookie. `None`: what the authentication depends on has changed in the
/// meantime.
pub async fn enter(
    at: (&Site, &Browsers),
    request: &Request,
    user: &str,
    authentication: &Authentication,
) -> Result<Option<Cookie>, Error> {
    enter_by(at, request, Entry { user, authentication, is_trusted: false, spent: Spent::default() }).await
}

/// The same, by an entry that may use something up. `None` also if that was used up in the meantime.
pub async fn enter_by(
    (site, browsers): (&Site, &Browsers),
    request: &Request,
    entry: Entry<'_>,
) -> Result<Option<Cookie>, Error> {
    let Entry { user, authentication, is_trusted, spent } = entry;
    let visitor = Visitor { old: site.session(request), user_agent: request.user_agent(), spent, is_trusted };
    let secret = browsers.begin(user, authentication, visitor, request.now()).await?;
    Ok(secret.map(|secret| site.keep_session(&secret, browsers.max_age())))
}
