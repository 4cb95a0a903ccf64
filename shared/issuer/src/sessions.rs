//! Sessions as the mint sees them: a sign-in begins one, a refresh carries it on, a reused token ends it.

use oauth::{Code, Error, Granted, RequestedClaims, Scopes, Time};
use store::{Proven, Rotated, Rotation, Session, TokenHashes, TokenPlace, random};

use crate::refresh::RefreshToken;
use crate::token::{Extras, Issuer, TokenResponse};

/// A sign-in of the first-party client from which a session is to begin.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// Who signed in: their id.
    pub subject: &'a str,
    /// Their username, for resources to show.
    pub username: &'a str,
    /// Their roles.
    pub roles: &'a [String],
    /// Which client asked.
    pub client_id: &'a str,
    /// What was granted.
    pub scope: &'a Scopes,
    /// The password that it rests on.
    pub proven: Proven,
    /// The program that signs in, as it calls itself.
    pub user_agent: Option<String>,
}

/// A request to exchange a refresh token (RFC 6749 section 6), from a client that is who it says.
#[derive(Debug)]
pub struct Refresh<'a> {
    /// As presented.
    pub refresh_token: &'a str,
    /// The client that presents it.
    pub client_id: &'a str,
    /// A narrower scope for the new access token; the session keeps what it was granted.
    pub scope: Option<&'a str>,
    /// The resource that the new access token is to be for.
    pub resources: Vec<&'a str>,
}

impl Issuer {
    /// Begins a session and makes its first tokens. `None`: the password was changed meanwhile.
    pub async fn begin(&self, sign_in: SignIn<'_>, now: Time) -> Result<Option<TokenResponse>, Error> {
        let session = Session {
            user: sign_in.subject.to_owned(),
            sid: random::id(now)?,
            client_id: sign_in.client_id.to_owned(),
            scope: sign_in.scope.clone(),
            resources: Vec::new(),
            claims: RequestedClaims::default(),
            amr: vec!["pwd".to_owned()],
            browser: None,
            username: sign_in.username.to_owned(),
            roles: sign_in.roles.to_vec(),
            user_agent: sign_in.user_agent,
            auth_time: now,
            used_at: now,
            idle_end: now.plus(self.settings.refresh_idle_seconds).seconds(),
            max_end: now.plus(self.settings.refresh_max_seconds).seconds(),
        };
        let token = RefreshToken::first(&session.user, &session.sid)?;
        let extras = Extras { refresh_token: Some(token.text()), nonce: None };
        let home = self.settings.resources.home();
        // The signing key is needed before anything is written: a session that nobody holds a token of is of no use.
        let response = self.respond(&session, (home, &session.scope), extras, now).await?;
        let begun = self.sessions.begin(&session, token.hashes(), sign_in.proven).await?;
        Ok(begun.then_some(response))
    }

    /// Exchanges a refresh token for its successor and a new access token, or ends the family that it was copied from.
    pub async fn refresh(&self, refresh: &Refresh<'_>, now: Time) -> Result<TokenResponse, Error> {
        let invalid = |detail| Error::new(Code::InvalidGrant, detail);
        let presented = RefreshToken::parse(refresh.refresh_token).ok_or_else(|| invalid("not a refresh token"))?;
        let successor = presented.successor()?;
        let (user, sid) = (presented.user(), presented.sid());
        let TokenHashes { family, own } = presented.hashes();
        let rotation = Rotation {
            user: &user,
            sid: &sid,
            client_id: refresh.client_id,
            family,
            presented: own,
            successor: successor.hashes().own,
            sealed_successor: presented.seal(&successor)?,
            grace: self.settings.refresh_grace_seconds,
            idle: self.settings.refresh_idle_seconds,
        };
        let scope = self.narrowed(&rotation, refresh, now).await?;
        if !self.keys.exist(now).await? {
            return Err(invalid("no key was ever made, so no token was"));
        }
        self.keys.signer(now).await?; // a token must not be used up when nothing can be signed
        let (session, successor) = match self.sessions.rotate(&rotation, now).await? {
            Rotated::Fresh(session) => (session, successor),
            Rotated::Replay(session, sealed) => (session, presented.open(&sealed)?),
            Rotated::Reused => {
                self.sessions.end(&user, &sid, now).await?;
                return Err(invalid("a replaced token came back; its family has ended"));
            }
            Rotated::Unknown => return Err(invalid("no such session")),
        };
        let target = self.target(&session, &refresh.resources)?;
        let extras = Extras { refresh_token: Some(successor.text()), nonce: None };
        self.respond(&session, (&target, scope.as_ref().unwrap_or(&session.scope)), extras, now).await
    }

    /// Ends the session that a refresh token belongs to (RFC 7009). `false`: a token of another kind. One that was made
    /// up, or that is not this client's, changes nothing.
    pub async fn revoke_refresh_token(&self, token: &str, client_id: &str, now: Time) -> Result<bool, Error> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(false) };
        let place = TokenPlace { user: &token.user(), sid: &token.sid() };
        self.sessions.end_family(place, token.hashes().family, client_id, now).await?;
        Ok(true)
    }

    /// The session whose live refresh token this is (RFC 7662). `None`: a token of another kind. `Some(None)`: one that
    /// is good for nothing.
    pub async fn session_of(&self, token: &str, now: Time) -> Result<Option<Option<Session>>, Error> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(None) };
        let place = TokenPlace { user: &token.user(), sid: &token.sid() };
        self.sessions.with_live_token(place, token.hashes(), now).await.map(Some)
    }

    /// The resource that a token of `session` is to be for.
    pub(crate) fn target(&self, session: &Session, asked: &[&str]) -> Result<String, Error> {
        let granted = Granted { scope: session.scope.clone(), resources: session.resources.clone() };
        self.settings.resources.target(asked, &granted)
    }

    /// The narrower scope, if one was asked for. It and the resource are looked at before the token is used up.
    async fn narrowed(
        &self,
        rotation: &Rotation<'_>,
        refresh: &Refresh<'_>,
        now: Time,
    ) -> Result<Option<Scopes>, Error> {
        let scope = refresh.scope.filter(|scope| !scope.trim().is_empty()).map(Scopes::parse).transpose()?;
        if scope.is_none() && refresh.resources.is_empty() {
            return Ok(None);
        }
        let session = self.sessions.peek(rotation, now).await?;
        let session = session.ok_or_else(|| Error::new(Code::InvalidGrant, "no such session"))?;
        self.target(&session, &refresh.resources)?;
        match scope.as_ref().is_none_or(|scope| scope.is_subset(&session.scope)) {
            true => Ok(scope),
            false => Err(Error::new(Code::InvalidScope, "more than the session was granted")),
        }
    }
}
