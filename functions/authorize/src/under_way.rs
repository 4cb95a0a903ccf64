//! An authorization request on its way to its answer. One that needs no page is answered at once and is never stored; any
//! other waits in the table between its pages.

use oauth::{Client, Code, Error};
use store::{CodeGrant, StoredRequest, new_secret};
use web::{Request, Response};

use crate::app::App;
use crate::browser::Browser;
use crate::reply::{self, Envelope};
use crate::step::{self, Step};

/// A request, and where it is.
pub(crate) struct UnderWay<'a> {
    pub(crate) request: StoredRequest,
    pub(crate) place: Place<'a>,
}

/// Where a request is.
pub(crate) enum Place<'a> {
    /// It has just begun, in this browser.
    Here(Browser<'a>),
    /// It lies in the table under this id.
    Table(&'a str),
}

/// Does what the request needs next: a page, or the answer to the client.
pub(crate) async fn advance(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    client: &Client,
) -> Result<Response, Error> {
    match step::next(app, request, &under_way.request, client).await? {
        Step::Page(page) => under_way.show(app, page.path()).await,
        Step::Code(grant) => under_way.grant(app, request, &grant).await,
        Step::Refusal(reason) => under_way.refuse(app, request, reason).await,
    }
}

impl UnderWay<'_> {
    async fn show(&self, app: &App, path: &str) -> Result<Response, Error> {
        match &self.place {
            Place::Table(id) => Ok(flow::page(path, id)),
            Place::Here(browser) => {
                let id = app.requests.begin(&self.request).await?;
                Ok(browser.shown(app, flow::page(path, &id)))
            }
        }
    }

    async fn grant(&self, app: &App, request: &Request, grant: &CodeGrant) -> Result<Response, Error> {
        let code = new_secret()?;
        match self.place {
            Place::Table(id) => {
                if !app.requests.redeem(id, &code, grant).await? {
                    return Err(Error::new(Code::StaleRequest, "the request has ended already"));
                }
            }
            Place::Here(_) => app.codes.issue(&code, grant).await?,
        }
        reply::code(app, self.envelope(app, request), &self.request.request.reply, &code)
    }

    async fn refuse(&self, app: &App, request: &Request, reason: Code) -> Result<Response, Error> {
        if let Place::Table(id) = self.place {
            app.requests.end(id).await?;
        }
        reply::refusal(app, self.envelope(app, request), &self.request.request.reply, reason)
    }

    /// What the person sees of an answer that goes by a page.
    fn envelope<'s>(&'s self, app: &'s App, request: &Request) -> Envelope<'s> {
        let layout = app.site.layout(request, self.request.request.ui_locales.as_deref());
        Envelope { layout, client_name: &self.request.client_name }
    }
}
