//! Whoever visits a page: the browser, and the person who is signed in there.

use std::borrow::Cow;

use oauth::{Error, Level, Time};
use store::{BrowserSession, Browsers, User, Users, new_secret};
use web::{Request, Response, Site};

/// A browser and its identifying cookie, which is set with the first page.
#[derive(Debug)]
pub struct Browser<'a> {
    /// The value of the cookie.
    pub name: Cow<'a, str>,
    is_new: bool,
}

impl<'a> Browser<'a> {
    /// The browser that sent a request. A browser without a cookie gets a new name.
    pub fn of(site: &Site, request: &'a Request) -> Result<Self, Error> {
        Ok(match site.browser(request) {
            Some(name) => Self { name: name.into(), is_new: false },
            None => Self { name: new_secret()?.to_string().into(), is_new: true },
        })
    }

    /// Adds the cookie to a page if the name is new.
    #[must_use]
    pub fn shown(&self, site: &Site, page: Response) -> Response {
        if self.is_new { page.cookie(site.keep_browser(&self.name)) } else { page }
    }
}

/// A person with an active browser sign-in who may still sign in.
#[derive(Debug)]
pub struct SignedIn {
    /// The profile.
    pub user: User,
    /// The sign-in.
    pub session: BrowserSession,
}

impl SignedIn {
    /// Whether the person has a second factor that they have not proven here, and does not trust the device.
    pub fn lacks_second_factor(&self, now: Time) -> bool {
        let session = &self.session;
        session.authentication.level < Level::TwoFactors && !session.is_trusted && self.user.has_second_factor(now)
    }

    /// What a form about the request `id` is for. The person takes part: whoever signs in in another tab has not answered
    /// what this page asked somebody else.
    pub fn subject(&self, id: &str) -> String {
        format!("{id} {}", self.user.id)
    }
}

/// The person that the session cookie belongs to. The profile is read each time, so that a changed password or a
/// disabled account takes effect at once.
pub async fn signed_in(
    site: &Site,
    (browsers, users): (&Browsers, &Users),
    request: &Request,
) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = site.session(request) else { return Ok(None) };
    let Some(session) = browsers.find(cookie, request.now()).await? else { return Ok(None) };
    let user = users.by_id(&session.user, request.now()).await?;
    Ok(user.filter(|user| user.welcomes(session.authentication.rests_on.epoch)).map(|user| SignedIn { user, session }))
}
