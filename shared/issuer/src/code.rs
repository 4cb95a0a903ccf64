//! From an authorization code to tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Client, Code, Error, GrantType, Time};
use store::{CodeGrant, Redeemed, Redemption, Session, StoredCode, random};

use crate::refresh::RefreshToken;
use crate::token::{Extras, Issuer, TokenResponse};

/// A request to redeem a code, from a client that is who it says.
#[derive(Debug)]
pub struct CodeExchange<'a> {
    /// As presented.
    pub code: &'a str,
    /// Who presents it.
    pub client: &'a Client,
    /// RFC 7636 section 4.5.
    pub code_verifier: &'a str,
    /// The redirect URI of the authorization request, if the client tells it.
    pub redirect_uri: Option<&'a str>,
    /// The resource that the access token is to be for.
    pub resources: Vec<&'a str>,
    /// The program that redeems it, as it calls itself.
    pub user_agent: Option<String>,
}

impl Issuer {
    /// Turns a code into a session and its first tokens.
    ///
    /// Who does not know the verifier changes nothing, so that a stolen code harms nobody. Who does, and comes with a
    /// code that was used, ends what it became: one of the two holders is a thief.
    pub async fn redeem(&self, exchange: CodeExchange<'_>, now: Time) -> Result<TokenResponse, Error> {
        let invalid = |detail| Error::new(Code::InvalidGrant, detail);
        let stored = self.codes.find(exchange.code, now).await?.ok_or_else(|| invalid("unknown code"))?;
        let grant = &stored.grant;
        prove(grant, &exchange)?;
        self.refuse_used(&stored, now).await?;
        if grant.redeemable_until <= now.seconds() {
            return Err(invalid("the code has expired"));
        }
        let session = self.session(grant, exchange.user_agent.clone(), now)?;
        let target = self.target(&session, &exchange.resources)?;
        let token = RefreshToken::first(&session.user, &session.sid)?;
        let refreshable = exchange.client.may(GrantType::RefreshToken);
        let extras = Extras { refresh_token: refreshable.then(|| token.text()), nonce: grant.nonce.as_deref() };
        // Everything that can fail comes before the code is used up.
        let response = self.respond(&session, (&target, &session.scope), extras, now).await?;
        let redemption =
            Redemption { code: exchange.code, session: &session, first: token.hashes(), epoch: grant.user.epoch };
        if self.codes.redeem(&redemption, now).await? == Redeemed::Done {
            return Ok(response);
        }
        if let Some(stored) = self.codes.find(exchange.code, now).await? {
            self.refuse_used(&stored, now).await?;
        }
        Err(invalid("the person may not come in any more"))
    }

    async fn refuse_used(&self, stored: &StoredCode, now: Time) -> Result<(), Error> {
        let Some(sid) = &stored.session else { return Ok(()) };
        self.sessions.end(&stored.grant.user.id, sid, now).await?;
        Err(Error::new(Code::InvalidGrant, "a used code came back; its session has ended"))
    }

    fn session(&self, grant: &CodeGrant, user_agent: Option<String>, now: Time) -> Result<Session, Error> {
        Ok(Session {
            user: grant.user.id.clone(),
            sid: random::id(now)?,
            client_id: grant.client_id.clone(),
            scope: grant.scope.clone(),
            resources: grant.resources.clone(),
            claims: grant.claims.clone(),
            amr: grant.amr.clone(),
            browser: Some(grant.browser.clone()),
            username: grant.user.username.clone(),
            roles: grant.user.roles.clone(),
            user_agent,
            auth_time: grant.auth_time,
            used_at: now,
            idle_end: now.plus(self.settings.refresh_idle_seconds).seconds(),
            max_end: now.plus(self.settings.refresh_max_seconds).seconds(),
        })
    }
}

/// Whether the code is this client's, and the client the one that asked for it.
fn prove(grant: &CodeGrant, exchange: &CodeExchange<'_>) -> Result<(), Error> {
    let invalid = |detail| Err(Error::new(Code::InvalidGrant, detail));
    if grant.client_id != exchange.client.client_id {
        return invalid("another client's code");
    }
    if challenge_of(exchange.code_verifier).is_none_or(|challenge| challenge != grant.code_challenge) {
        return invalid("the code_verifier does not fit");
    }
    // RFC 6749 wants the redirect URI here; OAuth 2.1 does not any more, since PKCE proves more. A wrong one is wrong.
    match exchange.redirect_uri.is_none_or(|uri| uri == grant.redirect_uri) {
        true => Ok(()),
        false => invalid("another redirect_uri"),
    }
}

/// S256 of a verifier; `None` for what is not one (RFC 7636 section 4.1).
fn challenge_of(verifier: &str) -> Option<String> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let fits = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    fits.then(|| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_a_verifier_is_that_of_the_rfcs_own_example() {
        // RFC 7636 appendix B
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier).as_deref(), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        for text in ["short", &"a".repeat(42), &"a".repeat(129), &format!("{}=", "a".repeat(43))] {
            assert_eq!(challenge_of(text), None, "{text}");
        }
    }
}
