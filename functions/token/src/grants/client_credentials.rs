//! `grant_type=client_credentials` (RFC 6749 section 4.4): tokens for a client on its own behalf, without a person.

use mint::Authorization;
use oauth::{Code, Error};

use super::{Commit, Exchange, Granted};

pub(crate) fn grant<'a>(exchange: &Exchange<'a>) -> Result<Granted<'a>, Error> {
    let (client, resources) = (exchange.client, &exchange.resources);
    if client.is_public() {
        return Err(Error::new(Code::UnauthorizedClient, "a public client cannot use client_credentials"));
    }
    let granted = resources.grant(client, exchange.form.optional("scope"), &exchange.resources())?;
    let target = resources.target(&exchange.resources(), &granted)?;
    let scope = resources.scope_at(&target, &granted.scope).without_person();
    Ok(Granted { authorization: Authorization::of_client(client, target, scope), commit: Commit::Nothing })
}
