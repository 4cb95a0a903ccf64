//! The browser that a page belongs to, known by a cookie that it gets with its first page.

use std::borrow::Cow;

use oauth::Error;
use store::new_secret;
use web::{Request, Response};

use crate::app::App;

/// What a browser is known by.
pub(crate) struct Browser<'a> {
    pub(crate) name: Cow<'a, str>,
    is_new: bool,
}

impl<'a> Browser<'a> {
    /// The browser that a request comes from; it gets a name if it has none.
    pub(crate) fn of(app: &App, request: &'a Request) -> Result<Self, Error> {
        Ok(match app.site.browser(request) {
            Some(name) => Self { name: name.into(), is_new: false },
            None => Self { name: new_secret()?.to_string().into(), is_new: true },
        })
    }

    /// A page for it, which brings a new name along.
    pub(crate) fn shown(&self, app: &App, page: Response) -> Response {
        if self.is_new { page.cookie(app.site.keep_browser(&self.name)) } else { page }
    }
}
