//! Tokens in which no person takes part (RFC 6749 section 4.4).

use oauth::{Client, Error, Time};

use crate::token::{Authorization, Issuer, TokenResponse};

impl Issuer {
    /// An access token for the client itself. `sub` is its own id.
    pub async fn client_credentials(
        &self,
        client: &Client,
        scope: Option<&str>,
        resources: &[&str],
        now: Time,
    ) -> Result<TokenResponse, Error> {
        let granted = self.settings.resources.grant(client, scope, resources)?;
        let target = self.settings.resources.target(resources, &granted)?;
        let authorization = Authorization {
            subject: &client.client_id,
            client_id: &client.client_id,
            scope: &self.settings.resources.scope_at(&target, &granted.scope).without_person(),
            target: &target,
            session: None,
        };
        self.issue(&authorization, now).await
    }
}
