//! `grant_type=refresh_token` (RFC 6749 section 6, RFC 9700 section 4.14).

use issuer::{Refresh, TokenResponse};
use oauth::{Error, Time};
use web::Form;

use crate::app::App;

pub(crate) async fn exchange(app: &App, client_id: &str, form: &Form, now: Time) -> Result<TokenResponse, Error> {
    let refresh_token = form.required("refresh_token")?;
    app.issuer.refresh(&Refresh { refresh_token, client_id, scope: form.optional("scope") }, now).await
}
