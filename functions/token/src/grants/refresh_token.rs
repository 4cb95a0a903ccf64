//! `grant_type=refresh_token` (RFC 6749 section 6, RFC 9700 section 4.14): exchanges a token for its successor, or ends
//! the family if the token was copied.

use oauth::{Code, Error, Reason, Scopes, scope};
use store::{Chain, RefreshToken, Rotated, Rotation};

use super::{Commit, Exchange, Granted};

pub(crate) async fn grant<'a>(exchange: &Exchange<'a>) -> Result<Granted<'a>, Error> {
    let (app, now) = (exchange.app, exchange.now);
    let presented = RefreshToken::parse(exchange.form.required("refresh_token")?);
    let presented = presented.ok_or_else(|| invalid("malformed refresh token"))?;
    let (scope, seen) = narrowed(exchange, &presented).await?;
    let client_id = &exchange.client.client_id;
    let rotation = Rotation { presented: &presented, client_id, lifetime: app.lifetime, seen: seen.as_ref() };
    let user = presented.user();
    let (rotated, user) = tokio::join!(app.sessions.rotate(&rotation, now), app.users.by_id(&user, now));
    let user = user?;
    match rotated? {
        Rotated::Live(mut session, token) => {
            let Some(user) = user.filter(|user| session.is_kept_by(user)) else {
                app.sessions.end(&session.user, &session.sid, now).await?;
                return Err(invalid("the person has signed out everywhere"));
            };
            session.email = user.email(now).map(|email| email.address.clone());
            Ok(Granted { authorization: exchange.authorize(&session, scope.as_ref())?, commit: Commit::Rotated(token) })
        }
        Rotated::Reused => {
            if app.sessions.end_family(&presented, client_id, now).await? {
                exchange.record_reuse(&presented.user(), &presented.sid(), Reason::RefreshTokenReused).await;
            }
            Err(invalid("a replaced token was used again; its family has been ended"))
        }
        Rotated::Crowded { retry_after } => Err(Error::too_many(retry_after, "refreshes of one session")),
        Rotated::Unknown => Err(invalid("no such session")),
    }
}

/// The narrower scope, if one is requested. Scope and resource are checked before the token is used up, so that a
/// mistake costs nothing.
async fn narrowed(exchange: &Exchange<'_>, presented: &RefreshToken) -> Result<(Option<Scopes>, Option<Chain>), Error> {
    let asked = exchange.form.optional("scope").filter(|scope| !scope.trim().is_empty());
    let asked = asked.map(Scopes::parse).transpose()?;
    if asked.is_none() && exchange.resources().is_empty() {
        return Ok((None, None));
    }
    let session = exchange.app.sessions.of_family(presented, &exchange.client.client_id, exchange.now).await?;
    let (session, seen) = session.ok_or_else(|| invalid("no such session"))?;
    let scope = asked.map(|asked| part_of(&session.scope, &asked)).transpose()?.filter(|scope| !scope.is_empty());
    exchange.authorize(&session, scope.as_ref())?;
    Ok((scope, Some(seen)))
}

/// The requested part of the granted scopes. A request for more is refused (RFC 6749 section 6), except for
/// `offline_access`, which libraries repeat even if it was not granted.
fn part_of(granted: &Scopes, asked: &Scopes) -> Result<Scopes, Error> {
    let asked =
        if granted.contains(scope::OFFLINE_ACCESS) { asked.clone() } else { asked.without(scope::OFFLINE_ACCESS) };
    let more: Vec<&str> = asked.iter().filter(|word| !granted.contains(word)).collect();
    if more.is_empty() {
        return Ok(asked);
    }
    let detail = format!("The user did not grant {}. Request it at /authorize.", more.join(" "));
    Err(Error::parameter("scope", "not_granted", detail).with_code(Code::InvalidScope))
}

fn invalid(detail: &'static str) -> Error {
    Error::new(Code::InvalidGrant, detail)
}
