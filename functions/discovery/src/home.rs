//! `/`: a page for people who open the service's address, and a short document for programs.

use oauth::Error;
use serde::Serialize;
use web::pages::Home;
use web::{Request, Response};

use crate::app::App;

/// The documents for developers.
const DOCUMENTS: &[&str] = &[
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
    "/.well-known/jwks.json",
];

/// The document for programs.
#[derive(Serialize)]
struct Greeting<'a> {
    name: &'a str,
    issuer: &'a str,
    documents: Vec<String>,
}

pub(crate) fn home(app: &App, request: &Request) -> Result<Response, Error> {
    let issuer = &app.issuer;
    let response = if request.wants_page() {
        let layout = app.site.layout(request, request.query_parameters()?.optional("ui_locales"));
        Home { layout, issuer, documents: DOCUMENTS }.response()?
    } else {
        let documents = DOCUMENTS.iter().map(|path| format!("{issuer}{path}")).collect();
        Response::json(200, &Greeting { name: app.site.name(), issuer, documents })?
    };
    Ok(response.header("vary", "accept, accept-language"))
}
