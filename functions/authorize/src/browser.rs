//! The browser that a page belongs to, identified by a cookie that is set with the first page.

use std::borrow::Cow;

use oauth::Error;
use store::new_secret;
use web::{Request, Response};

use crate::app::App;

/// A browser and its identifying cookie.
pub(crate) struct Browser<'a> {
    pub(crate) name: Cow<'a, str>,
    is_new: bool,
}

impl<'a> Browser<'a> {
    /// The browser that sent a request. A browser without a cookie gets a new name.
    pub(crate) fn of(app: &App, request: &'a Request) -> Result<Self, Error> {
        Ok(match app.site.browser(request) {
            Some(name) => Self { name: name.into(), is_new: false },
            None => Self { name: new_secret()?.to_string().into(), is_new: true },
        })
    }

    /// Adds the cookie to a page if the name is new.
    pub(crate) fn shown(&self, app: &App, page: Response) -> Response {
        if self.is_new { page.cookie(app.site.keep_browser(&self.name)) } else { page }
    }
}
