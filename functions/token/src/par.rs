//! `POST /par` (RFC 9126): an authenticated client pushes its authorization request and then sends the browser to
//! `/authorize` with a reference to it.

use oauth::{AuthorizationRequest, Client, Error, Parameters, Reply, Trust, is_of_a_request};
use serde::Serialize;
use store::PUSHED_SECONDS;
use web::{Request, Response};

use crate::app::App;
use crate::client;

/// The prefix of `request_uri` values (section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Most bytes of the parameters of a pushed request. They fit into nine write units.
const MAX_PUSHED: usize = 8 * 1024;

#[derive(Serialize)]
struct Pushed {
    request_uri: String,
    expires_in: u64,
}

pub(crate) async fn push(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let (registered, resources) =
        tokio::join!(client::authenticate(app, request, &form), app.resources.known(request.now()));
    let (registered, resources) = (registered?, resources?);
    let client = &registered.client;
    if form.optional("request_uri").is_some() {
        return Err(Error::parameter("request_uri", "unsupported", "A pushed request cannot contain a request_uri."));
    }
    // FAPI 2.0 Security Profile section 5.3.2.2 requires it even if the client registered only one.
    form.required("redirect_uri")?;
    let reply = Reply::validate(&form, client)?;
    AuthorizationRequest::check(&form, client, (&resources, app.pkce), reply)?;
    let asked = Parameters::from_pairs(form.iter().filter(|(name, _)| is_of_a_request(name)))?;
    limit(app, request, client, &asked).await?;
    let reference = app.requests.push(&client.client_id, &asked, request.now()).await?;
    let pushed = Pushed { request_uri: format!("{PREFIX}{reference}"), expires_in: PUSHED_SECONDS };
    Response::json(201, &pushed)
}

/// Limits what a request costs, and how many there are for each address unless a client sends them that proved itself
/// and that somebody vouches for: it sends the requests of all its users from one address.
async fn limit(app: &App, request: &Request, client: &Client, asked: &Parameters) -> Result<(), Error> {
    if asked.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_PUSHED {
        return Err(Error::parameter("body", "too_long", "Send at most 8 KiB of parameters."));
    }
    if client.is_public() || client.trust == Trust::Unverified {
        app.strangers.count(request.source_ip(), request.now()).await?;
    }
    Ok(())
}
