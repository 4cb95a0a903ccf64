//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6): a code for a session.
//!
//! A client that does not hold the verifier changes nothing, so that a stolen code harms nobody. One that does, and comes
//! with a code that was used, ends what it became: one of the two holders is a thief.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Code, Error};
use store::{CodeGrant, RefreshToken, Session, StoredCode};

use super::{Commit, Exchange, Granted};

pub(crate) async fn grant<'a>(exchange: &Exchange<'a>) -> Result<Granted<'a>, Error> {
    let code = exchange.form.required("code")?;
    let stored = exchange.app.codes.find(code, exchange.now).await?.ok_or_else(|| invalid("unknown code"))?;
    prove(&stored.grant, exchange)?;
    refuse_used(exchange, &stored).await?;
    if stored.grant.redeemable_until <= exchange.now.seconds() {
        return Err(invalid("the code has expired"));
    }
    let session = session(exchange, &stored.grant)?;
    let authorization = exchange.authorize(&session, None)?.with_nonce(stored.grant.nonce.clone());
    let redemption = Redemption { code, grant: Box::new(stored.grant), session: Box::new(session) };
    Ok(Granted { authorization, commit: Commit::Code(redemption) })
}

/// A code that is to become a session.
pub(crate) struct Redemption<'a> {
    code: &'a str,
    grant: Box<CodeGrant>,
    session: Box<Session>,
}

/// Uses the code up: the session begins, and this is its first refresh token.
pub(crate) async fn redeem(exchange: &Exchange<'_>, redemption: &Redemption<'_>) -> Result<RefreshToken, Error> {
    let Redemption { code, grant, session } = redemption;
    if let Some(token) = exchange.app.codes.redeem(code, grant, session, exchange.now).await? {
        return Ok(token);
    }
    if let Some(stored) = exchange.app.codes.find(code, exchange.now).await? {
        refuse_used(exchange, &stored).await?;
    }
    Err(invalid("the person may not come in any more"))
}

async fn refuse_used(exchange: &Exchange<'_>, stored: &StoredCode) -> Result<(), Error> {
    let Some(sid) = &stored.session else { return Ok(()) };
    exchange.app.sessions.end(&stored.grant.user.id, sid, exchange.now).await?;
    Err(invalid("a used code came back; its session has ended"))
}

fn session(exchange: &Exchange<'_>, grant: &CodeGrant) -> Result<Session, Error> {
    let (person, authentication) = (grant.user.clone(), grant.authentication.clone());
    let session = Session::beginning(person, &grant.client_id, authentication, exchange.app.lifetime, exchange.now)?;
    Ok(Session {
        scope: grant.scope.clone(),
        resources: grant.resources.clone(),
        claims: grant.claims.clone(),
        browser: Some(grant.browser.clone()),
        user_agent: exchange.user_agent.clone(),
        ..session
    })
}

/// Whether the code is this client's, and the client the one that asked for it.
fn prove(grant: &CodeGrant, exchange: &Exchange<'_>) -> Result<(), Error> {
    if grant.client_id != exchange.client.client_id {
        return Err(invalid("another client's code"));
    }
    prove_key(grant.code_challenge.as_deref(), exchange.form.optional("code_verifier"))?;
    // RFC 6749 wants the redirect URI here; OAuth 2.1 does not any more, since PKCE proves more. A wrong one is wrong.
    if exchange.form.optional("redirect_uri").is_some_and(|uri| uri != grant.redirect_uri) {
        return Err(invalid("another redirect_uri"));
    }
    Ok(())
}

/// Whether the verifier fits the challenge (RFC 7636 section 4.6). A verifier without a challenge shows that somebody took
/// the challenge out of the request on its way (OAuth 2.1 section 7.5.1).
fn prove_key(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Error> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge_of(verifier).as_deref() == Some(challenge) => Ok(()),
        (Some(_), Some(_)) => Err(invalid("the code_verifier does not fit")),
        (Some(_), None) => {
            Err(Error::parameter("code_verifier", "missing", "The request for this code had a challenge.")
                .with_code(Code::InvalidGrant))
        }
        (None, Some(_)) => {
            Err(Error::parameter("code_verifier", "unexpected", "The request for this code had no challenge.")
                .with_code(Code::InvalidGrant))
        }
    }
}

/// S256 of a verifier; `None` for what is not one (RFC 7636 section 4.1).
fn challenge_of(verifier: &str) -> Option<String> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let fits = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    fits.then(|| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
}

fn invalid(detail: &'static str) -> Error {
    Error::new(Code::InvalidGrant, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_and_a_verifier_come_together_or_not_at_all() {
        let (challenge, verifier) =
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert!(prove_key(Some(challenge), Some(verifier)).is_ok() && prove_key(None, None).is_ok());
        for (challenge, verifier) in [
            (Some(challenge), None),
            (Some(challenge), Some(challenge)),
            (None, Some(verifier)),
            (Some(""), Some("short")),
        ] {
            assert_eq!(prove_key(challenge, verifier).unwrap_err().code(), Code::InvalidGrant);
        }
    }

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
