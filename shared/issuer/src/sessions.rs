//! Sessions as the mint sees them: a sign-in begins one, a refresh carries it on, a reused token ends it.

use oauth::{Code, Error, Scopes, Time};
use store::{Proven, Rotated, Rotation, Session, TokenPlace, random};

use crate::refresh::RefreshToken;
use crate::token::{Authorization, Issuer, TokenResponse};

/// A sign-in from which a session is to begin.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// What was decided.
    pub authorization: Authorization<'a>,
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
}

impl Issuer {
    /// Begins a session and makes its first tokens. `None`: the password was changed meanwhile.
    pub async fn begin(&self, sign_in: SignIn<'_>, now: Time) -> Result<Option<TokenResponse>, Error> {
        let authorization = &sign_in.authorization;
        let session = Session {
            user: authorization.subject.to_owned(),
            sid: random::id(now)?,
            client_id: authorization.client_id.to_owned(),
            scope: authorization.scope.clone(),
            username: authorization.username.to_owned(),
            roles: authorization.roles.to_vec(),
            user_agent: sign_in.user_agent,
            auth_time: authorization.auth_time,
            used_at: now,
            idle_end: now.plus(self.settings.refresh_idle_seconds).seconds(),
            max_end: now.plus(self.settings.refresh_max_seconds).seconds(),
        };
        let token = RefreshToken::first(&session.user, &session.sid)?;
        // The signing key is needed before anything is written: a session that nobody holds a token of is of no use.
        let response = self.respond(&session, &session.scope, &token, now).await?;
        let begun = self.sessions.begin(&session, token.family_hash(), token.own_hash(), sign_in.proven).await?;
        Ok(begun.then_some(response))
    }

    /// Exchanges a refresh token for its successor and a new access token, or ends the family that it was copied from.
    pub async fn refresh(&self, refresh: &Refresh<'_>, now: Time) -> Result<TokenResponse, Error> {
        let invalid = |detail| Error::new(Code::InvalidGrant, detail);
        let presented = RefreshToken::parse(refresh.refresh_token).ok_or_else(|| invalid("not a refresh token"))?;
        let successor = presented.successor()?;
        let (user, sid) = (presented.user(), presented.sid());
        let rotation = Rotation {
            user: &user,
            sid: &sid,
            client_id: refresh.client_id,
            family: presented.family_hash(),
            presented: presented.own_hash(),
            successor: successor.own_hash(),
            sealed_successor: presented.seal(&successor)?,
            grace: self.settings.refresh_grace_seconds,
            idle: self.settings.refresh_idle_seconds,
        };
        let scope = self.narrowed(&rotation, refresh.scope, now).await?;
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
        self.respond(&session, scope.as_ref().unwrap_or(&session.scope), &successor, now).await
    }

    /// Ends the session that a refresh token belongs to (RFC 7009). `false`: a token of another kind. One that was made
    /// up, or that is not this client's, changes nothing.
    pub async fn revoke_refresh_token(&self, token: &str, client_id: &str, now: Time) -> Result<bool, Error> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(false) };
        let place = TokenPlace { user: &token.user(), sid: &token.sid() };
        self.sessions.end_family(place, token.family_hash(), client_id, now).await?;
        Ok(true)
    }

    /// The narrower scope, if one was asked for. It is looked at before the token is used up.
    async fn narrowed(&self, rotation: &Rotation<'_>, scope: Option<&str>, now: Time) -> Result<Option<Scopes>, Error> {
        let Some(scope) = scope.filter(|scope| !scope.trim().is_empty()) else { return Ok(None) };
        let asked = Scopes::parse(scope)?;
        match self.sessions.peek(rotation, now).await? {
            Some(session) if asked.is_subset(&session.scope) => Ok(Some(asked)),
            Some(_) => Err(Error::new(Code::InvalidScope, "more than the session was granted")),
            None => Err(Error::new(Code::InvalidGrant, "no such session")),
        }
    }

    async fn respond(
        &self,
        session: &Session,
        scope: &Scopes,
        refresh_token: &RefreshToken,
        now: Time,
    ) -> Result<TokenResponse, Error> {
        let authorization = Authorization {
            subject: &session.user,
            username: &session.username,
            roles: &session.roles,
            client_id: &session.client_id,
            scope,
            auth_time: session.auth_time,
        };
        self.issue(&authorization, &session.sid, refresh_token.text(), now).await
    }
}
