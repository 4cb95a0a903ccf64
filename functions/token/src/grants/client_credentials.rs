//! `grant_type=client_credentials` (RFC 6749 section 4.4): a client on its own behalf.

use issuer::TokenResponse;
use oauth::{Client, Code, Error, Parameters, Time};

use crate::app::App;

pub(crate) async fn exchange(app: &App, client: &Client, form: &Parameters, now: Time) -> Result<TokenResponse, Error> {
    if client.is_public() {
        return Err(Error::new(Code::UnauthorizedClient, "a client that cannot prove who it is"));
    }
    let resources: Vec<&str> = form.all("resource").collect();
    app.issuer.client_credentials(client, form.optional("scope"), &resources, now).await
}
