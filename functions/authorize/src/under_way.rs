//! An authorization request on its way to the response. A request that needs no page gets its response at once and is
//! never stored; any other is stored between its pages.
//!
//! A request that was answered with a code gets the same code again while the code can be redeemed, so that a second
//! click does not count as a second request.

use flow::Browser;
use oauth::{Client, Code, Error};
use store::{Answer, CodeGrant, StoredRequest, Target, new_secret};
use web::{Request, Response, pages};

use crate::app::App;
use crate::reply::{self, Envelope};
use crate::step::{self, Step};

/// A request and its place.
pub(crate) struct UnderWay<'a> {
    pub(crate) request: StoredRequest,
    pub(crate) place: Place<'a>,
}

/// Where a request is.
pub(crate) enum Place<'a> {
    /// It has just begun in this browser.
    Here(Browser<'a>),
    /// It is stored under this id and belongs to the browser with this cookie value.
    Table { id: String, browser: String },
}

/// Performs the next step of the request: a page, or the response to the client.
pub(crate) async fn advance(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    client: &Client,
) -> Result<Response, Error> {
    if let Some(answer) = under_way.answered(app, request).await? {
        return Ok(answer);
    }
    match step::next(app, request, &under_way.request, client).await? {
        Step::Page(page) => under_way.show(app, request, page.path()).await,
        Step::Code(grant) => under_way.grant(app, request, &grant).await,
        Step::Refusal(reason) => under_way.refuse(app, request, reason).await,
    }
}

impl UnderWay<'_> {
    async fn show(&self, app: &App, request: &Request, path: &str) -> Result<Response, Error> {
        match &self.place {
            Place::Table { id, .. } => Ok(flow::page(path, id)),
            Place::Here(browser) => {
                app.strangers.count(request.source_ip(), request.now()).await?;
                let id = app.requests.begin(&self.request).await?;
                Ok(browser.shown(&app.site, flow::page(path, &id)))
            }
        }
    }

    async fn grant(&self, app: &App, request: &Request, grant: &CodeGrant) -> Result<Response, Error> {
        if self.request.target == Target::Account {
            return Ok(Response::see_other(pages::Account::PATH));
        }
        let code = new_secret()?;
        let (answer, now) = (Answer { code: &code, grant }, request.now());
        if let Place::Here(_) = self.place {
            // A stored request was counted when it was stored.
            app.limits.code(&grant.user.id, now).await?;
        }
        let done = match (&self.place, &self.request.pushed) {
            (Place::Table { id, browser }, _) => app.requests.answer((id, browser), &self.request, answer, now).await?,
            (Place::Here(_), Some(pushed)) => app.requests.answer_pushed(pushed, answer, now).await?,
            (Place::Here(_), None) => app.codes.issue(&code, grant).await.map(|()| true)?,
        };
        if done {
            return reply::code(app, self.envelope(app, request), &self.request.request.reply, &code);
        }
        self.answered_meanwhile(app, request).await
    }

    /// The response that a concurrent click has produced.
    async fn answered_meanwhile(&self, app: &App, request: &Request) -> Result<Response, Error> {
        let ended = || Error::new(Code::StaleRequest, "the request has ended already");
        let Place::Table { id, browser } = &self.place else {
            return Err(Error::new(Code::InvalidRequestUri, "the pushed request is used up"));
        };
        let found = app.requests.find(id, &[browser], request.now()).await?;
        let place = Place::Table { id: id.clone(), browser: browser.clone() };
        let (request_now, _) = found.ok_or_else(ended)?;
        let again = UnderWay { request: request_now, place };
        Box::pin(again.answered(app, request)).await?.ok_or_else(ended)
    }

    /// The response that the client was sent, while its code can be redeemed. `None`: there was none yet.
    async fn answered(&self, app: &App, request: &Request) -> Result<Option<Response>, Error> {
        let Place::Table { id, browser } = &self.place else { return Ok(None) };
        let Some(code) = self.request.code(id, browser)? else { return Ok(None) };
        let now = request.now();
        let stored = app.codes.find(&code, now).await?;
        let is_live = stored.is_some_and(|code| code.session.is_none() && code.grant.redeemable_until > now.seconds());
        if is_live {
            reply::code(app, self.envelope(app, request), &self.request.request.reply, &code).map(Some)
        } else {
            let ended = Error::new(Code::StaleRequest, "the app has been answered already");
            Err(ended.leading_back(flow::way_back(&self.request)))
        }
    }

    async fn refuse(&self, app: &App, request: &Request, reason: Code) -> Result<Response, Error> {
        if let Some(pushed) = &self.request.pushed {
            app.requests.refuse_pushed(pushed, request.now()).await?;
        }
        reply::refusal(app, self.envelope(app, request), &self.request.request.reply, reason)
    }

    /// What the person sees of a response that is sent through a page.
    fn envelope<'s>(&'s self, app: &'s App, request: &Request) -> Envelope<'s> {
        let layout = app.site.layout(request, self.request.request.ui_locales.as_deref());
        Envelope { layout, client_name: &self.request.client_name }
    }
}
