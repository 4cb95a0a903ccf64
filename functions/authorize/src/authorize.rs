//! `/authorize` (OAuth 2.1 section 4.1, OpenID Connect Core section 3.1.2): the only dispatcher of the browser flow.
//! Requests begin here, and each of their pages returns here.

use oauth::{Code, Error, is_of_a_request};
use web::{Request, Response};

use crate::app::App;
use crate::preview::preview;
use crate::start::{start, to_account};
use crate::under_way::{Place, UnderWay, advance};

/// Longest parameters that fit into a URL, in bytes: API Gateway's limit for the URL and all headers is 10,240.
const MAX_POSTED: usize = 6000;

/// Begins a request, or continues a stored one, whose only parameter is its id. HEAD requests and prefetching browsers
/// change nothing.
pub(crate) async fn authorize(app: &App, request: &Request) -> Result<Response, Error> {
    if let Some(nothing) = preview(request)? {
        return Ok(nothing);
    }
    let parameters = request.query_as_sent()?;
    match (parameters.optional("client_id"), parameters.optional("request")) {
        (None, Some(_)) => {
            parameters.each_once()?;
            resume(app, request).await
        }
        (None, None) if parameters.optional("to") == Some("account") => {
            parameters.each_once()?;
            to_account(app, request).await
        }
        _ => start(app, request, parameters).await,
    }
}

/// A POST from another site arrives without cookies (`SameSite=Lax`). The redirect to a GET brings them along.
pub(crate) fn posted(request: &Request) -> Result<Response, Error> {
    let form = request.form_as_sent()?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form.iter().filter(|(name, _)| is_of_a_request(name)));
    let query = query.finish();
    if query.len() > MAX_POSTED {
        return Err(Error::parameter("body", "too_long", "Push a request of this length to the PAR endpoint."));
    }
    Ok(Response::see_other(format!("/authorize?{query}")))
}

/// Continues a stored request.
async fn resume(app: &App, request: &Request) -> Result<Response, Error> {
    let found = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    let registered = app.clients.known(&found.stored.request.client_id, request.now()).await?;
    let registered = registered.ok_or_else(|| Error::new(Code::StaleRequest, "the client no longer exists"))?;
    let place = Place::Table { id: found.id().to_owned(), browser: found.browser().to_owned() };
    advance(app, request, &UnderWay { request: found.stored, place }, &registered.client).await
}
