//! `/authorize` (OAuth 2.1 section 4.1, OpenID Connect Core section 3.1.2): the one dispatcher. A request begins here, and
//! each of its pages returns here.

use oauth::{Code, Error, is_of_a_request};
use store::new_secret;
use web::{Request, Response};

use crate::app::App;
use crate::reply::{self, Envelope};
use crate::start::start;
use crate::step::{self, Step, find};

/// Longest parameters that fit into an address, in bytes: API Gateway's limit for it and all headers is 10,240.
const MAX_POSTED: usize = 6000;

/// Begins a request, or goes on with one: the latter carries its id alone.
pub(crate) async fn authorize(app: &App, request: &Request) -> Result<Response, Error> {
    let parameters = request.query_as_sent()?;
    match (parameters.optional("client_id"), parameters.optional("request")) {
        (None, Some(_)) => resume(app, request, parameters.each_once()?.required("request")?).await,
        _ => start(app, request, parameters).await,
    }
}

/// A POST from another site comes without cookies (`SameSite=Lax`); the GET that it becomes comes with them.
pub(crate) fn posted(request: &Request) -> Result<Response, Error> {
    let form = request.form_as_sent()?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form.iter().filter(|(name, _)| is_of_a_request(name)));
    let query = query.finish();
    match query.len() > MAX_POSTED {
        true => Err(Error::parameter("body", "too_long", "Push requests of this length to the PAR endpoint.")),
        false => Ok(Response::see_other(format!("/authorize?{query}"))),
    }
}

/// Goes on with a request that lies in the table; what ends it takes it out of there.
async fn resume(app: &App, request: &Request, id: &str) -> Result<Response, Error> {
    let stored = find(app, request, id).await?;
    let registered = app.clients.known(&stored.request.client_id, request.now()).await?;
    let registered = registered.ok_or_else(|| Error::new(Code::StaleRequest, "the client is gone"))?;
    let layout = app.site.layout(request, stored.request.ui_locales.as_deref());
    let (envelope, asked) = (Envelope { layout, client_name: &stored.client_name }, &stored.request.reply);
    match step::next(app, request, &stored, &registered.client).await? {
        Step::Page(path) => Ok(step::page(path, id)),
        Step::Code(grant) => {
            let code = new_secret()?;
            match app.requests.redeem(id, &code, &grant).await? {
                true => reply::code(app, envelope, asked, &code),
                false => Err(Error::new(Code::StaleRequest, "the request has ended already")),
            }
        }
        Step::Refusal(reason) => {
            app.requests.end(id).await?;
            reply::refusal(app, envelope, asked, reason)
        }
    }
}
