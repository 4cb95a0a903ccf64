//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use issuer::{CodeExchange, TokenResponse};
use oauth::{Client, Error, Parameters};
use web::Request;

use crate::app::App;

pub(crate) async fn exchange(
    app: &App,
    client: &Client,
    form: &Parameters,
    request: &Request,
) -> Result<TokenResponse, Error> {
    let exchange = CodeExchange {
        code: form.required("code")?,
        client,
        code_verifier: form.required("code_verifier")?,
        redirect_uri: form.optional("redirect_uri"),
        resources: form.all("resource").collect(),
        user_agent: request.user_agent(),
    };
    app.issuer.redeem(exchange, request.now()).await
}
