//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6): exchanges a code for a session.
//!
//! A client without the code verifier changes nothing, so that a stolen code is useless. If a client with the verifier
//! presents a used code, the session of the first use ends, because one of the two parties must be a thief.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Code, Error, Reason};
use store::{CodeGrant, Redeemed, RefreshToken, Session, StoredCode};

use super::{Commit, Exchange, Granted};

pub(crate) async fn grant<'a>(exchange: &Exchange<'a>) -> Result<Granted<'a>, Error> {
    let code = exchange.form.required("code")?;
    let stored = exchange.app.codes.find(code, exchange.now).await?.ok_or_else(|| invalid("unknown code"))?;
    check_client(&stored.grant, exchange)?;
    refuse_used(exchange, &stored).await?;
    if stored.grant.redeemable_until <= exchange.now.seconds() {
        return Err(invalid("the code has expired"));
    }
    let session = session(exchange, &stored.grant)?;
    let authorization = exchange.authorize(&session, None)?.with_nonce(stored.grant.nonce.clone());
    let redemption = Redemption { code, grant: Box::new(stored.grant), session: Box::new(session) };
    Ok(Granted { authorization, commit: Commit::Code(redemption) })
}

/// A code to be redeemed for a session.
pub(crate) struct Redemption<'a> {
    code: &'a str,
    grant: Box<CodeGrant>,
    session: Box<Session>,
}

/// Redeems the code: begins the session and returns its first refresh token.
pub(crate) async fn redeem(exchange: &Exchange<'_>, redemption: &Redemption<'_>) -> Result<RefreshToken, Error> {
    let Redemption { code, grant, session } = redemption;
    let app = exchange.app;
    let (redeemed, ()) =
        tokio::join!(app.codes.redeem(code, grant, session, exchange.now), app.sessions.make_room(session));
    match redeemed? {
        Redeemed::Begun(token) => return Ok(token),
        Redeemed::TooMany { retry_after } => return Err(Error::too_many(retry_after, "sessions of one person")),
        Redeemed::Refused => {}
    }
    if let Some(stored) = exchange.app.codes.find(code, exchange.now).await? {
        refuse_used(exchange, &stored).await?;
    }
    Err(invalid("the person may no longer sign in"))
}

async fn refuse_used(exchange: &Exchange<'_>, stored: &StoredCode) -> Result<(), Error> {
    let Some(sid) = &stored.session else { return Ok(()) };
    let (sessions, user) = (&exchange.app.sessions, &stored.grant.user.id);
    let was_active = sessions.find(user, sid, exchange.now).await?.is_some();
    sessions.end(user, sid, exchange.now).await?;
    if was_active {
        exchange.record_reuse(user, sid, Reason::CodeReused).await;
    }
    Err(invalid("the code was used before; its session has been ended"))
}

fn session(exchange: &Exchange<'_>, grant: &CodeGrant) -> Result<Session, Error> {
    let (person, authentication) = (grant.user.clone(), grant.authentication.clone());
    let session = Session::beginning(person, &grant.client_id, authentication, exchange.app.lifetime, exchange.now)?;
    Ok(Session {
        scope: grant.scope.clone(),
        resources: grant.resources.clone(),
        claims: grant.claims.clone(),
        browser: Some(grant.browser.clone()),
        user_agent: exchange.request.user_agent(),
        ..session
    })
}

/// Checks that the code was issued to this client, and that this client sent the authorization request.
fn check_client(grant: &CodeGrant, exchange: &Exchange<'_>) -> Result<(), Error> {
    if grant.client_id != exchange.client.client_id {
        return Err(invalid("the code was issued to another client"));
    }
    check_challenge(grant.code_challenge.as_deref(), exchange.form.optional("code_verifier"))?;
    // RFC 6749 requires the redirect URI here. OAuth 2.1 does not, because PKCE is stronger. A wrong one is still an
    // error.
    if exchange.form.optional("redirect_uri").is_some_and(|uri| uri != grant.redirect_uri) {
        return Err(invalid("wrong redirect_uri"));
    }
    Ok(())
}

/// Checks the verifier against the challenge (RFC 7636 section 4.6). A verifier without a challenge means that somebody
/// removed the challenge from the request (OAuth 2.1 section 7.5.1).
fn check_challenge(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Error> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge_of(verifier).as_deref() == Some(challenge) => Ok(()),
        (Some(_), Some(_)) => Err(invalid("wrong code_verifier")),
        (Some(_), None) => {
            Err(Error::parameter("code_verifier", "missing", "The authorization request had a challenge.")
                .with_code(Code::InvalidGrant))
        }
        (None, Some(_)) => {
            Err(Error::parameter("code_verifier", "unexpected", "The authorization request had no challenge.")
                .with_code(Code::InvalidGrant))
        }
    }
}

/// The S256 challenge of a verifier. `None` if the verifier is malformed (RFC 7636 section 4.1).
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
    fn a_challenge_and_a_verifier_must_be_used_together() {
        let (challenge, verifier) =
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert!(check_challenge(Some(challenge), Some(verifier)).is_ok() && check_challenge(None, None).is_ok());
        for (challenge, verifier) in [
            (Some(challenge), None),
            (Some(challenge), Some(challenge)),
            (None, Some(verifier)),
            (Some(""), Some("short")),
        ] {
            assert_eq!(check_challenge(challenge, verifier).unwrap_err().code(), Code::InvalidGrant);
        }
    }

    #[test]
    fn the_challenge_matches_the_example_of_the_rfc() {
        // RFC 7636 appendix B
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier).as_deref(), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        for text in ["short", &"a".repeat(42), &"a".repeat(129), &format!("{}=", "a".repeat(43))] {
            assert_eq!(challenge_of(text), None, "{text}");
        }
    }
}
