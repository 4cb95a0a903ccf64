//! `grant_type=refresh_token` (RFC 6749 section 6, RFC 9700 section 4.14).

use issuer::{Refresh, TokenResponse};
use oauth::{Client, Error, Parameters, Time};

use crate::app::App;

pub(crate) async fn exchange(app: &App, client: &Client, form: &Parameters, now: Time) -> Result<TokenResponse, Error> {
    let refresh = Refresh {
        refresh_token: form.required("refresh_token")?,
        client_id: &client.client_id,
        scope: form.optional("scope"),
        resources: form.all("resource").collect(),
    };
    app.issuer.refresh(&refresh, now).await
}
