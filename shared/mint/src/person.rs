//! The claims about a person that a client gets (OpenID Connect Core section 5.4): those of its scopes, and those that
//! it requested individually (section 5.5).
//!
//! An e-mail address that nobody has proven is never a claim: it appears in no token and no response. `email_verified` is
//! therefore `true` wherever there is an `email`.

use jwt::PersonClaims;
use oauth::claims::SUPPORTED;
use oauth::{Client, IdTokenClaims, Scopes, Time, scope};
use store::{Session, User};

/// What the service knows about a person.
struct Known<'a> {
    username: Option<&'a str>,
    name: Option<&'a str>,
    /// The proven address.
    email: Option<&'a str>,
}

/// The claims among those in `wanted`.
fn claims_of(known: &Known<'_>, wanted: impl Fn(&str) -> bool) -> PersonClaims {
    PersonClaims {
        name: known.name.filter(|_| wanted("name")).map(str::to_owned),
        preferred_username: known.username.filter(|_| wanted("preferred_username")).map(str::to_owned),
        email: known.email.filter(|_| wanted("email")).map(str::to_owned),
        email_verified: known.email.filter(|_| wanted("email") || wanted("email_verified")).map(|_| true),
    }
}

fn belongs_to(claim: &str, granted: &Scopes) -> bool {
    SUPPORTED.iter().any(|(known, scope)| *known == claim && granted.contains(scope))
}

/// The claims in the ID token for the client of `session`. They are all that its scopes allow, because most web
/// frameworks read nothing else, unless the client registered for minimal ID tokens.
pub(crate) fn id_token_claims(session: &Session, client: &Client) -> PersonClaims {
    let known =
        Known { username: session.username.as_deref(), name: session.name.as_deref(), email: session.email.as_deref() };
    let by_scope = |claim: &str| client.id_token_claims != IdTokenClaims::Minimal && belongs_to(claim, &session.scope);
    let by_name = |claim: &str| session.claims.id_token.iter().any(|asked| asked == claim);
    claims_of(&known, |claim| by_scope(claim) || by_name(claim))
}

/// The claims about `user` that the client of `session` gets with a token of `token_scope`.
pub fn userinfo(user: &User, session: &Session, token_scope: &Scopes, now: Time) -> PersonClaims {
    let email = user.email(now).map(|email| email.address.as_str());
    let known = Known { username: user.username.as_deref(), name: user.name.as_deref(), email };
    let by_name =
        |claim: &str| token_scope.contains(scope::OPEN) && session.claims.userinfo.iter().any(|it| it == claim);
    claims_of(&known, |claim| belongs_to(claim, token_scope) || by_name(claim))
}
