//! What may be told about a person (OpenID Connect Core section 5.4).

use jwt::PersonClaims;
use oauth::claims::SUPPORTED;
use oauth::{Scopes, scope};
use store::{Session, User};

/// Those claims about `user` that are `wanted`.
pub(crate) fn claims_of(user: &User, wanted: impl Fn(&str) -> bool) -> PersonClaims {
    let email = user.unverified_email.as_ref();
    PersonClaims {
        name: user.name.clone().filter(|_| wanted("name")),
        preferred_username: Some(user.username.clone()).filter(|_| wanted("preferred_username")),
        email: email.cloned().filter(|_| wanted("email")),
        email_verified: email.map(|_| false).filter(|_| wanted("email_verified")),
    }
}

/// What the client of `session` may learn about `user` with a token of `scope`: the claims of its scopes, and those
/// that it asked for one by one.
pub fn userinfo(user: &User, session: &Session, token_scope: &Scopes) -> PersonClaims {
    let belongs = |claim: &str| SUPPORTED.iter().find(|(known, _)| *known == claim).map(|(_, scope)| *scope);
    let by_scope = |claim: &str| belongs(claim).is_some_and(|scope| token_scope.contains(scope));
    let by_name =
        |claim: &str| token_scope.contains(scope::OPEN) && session.claims.userinfo.iter().any(|it| it == claim);
    claims_of(user, |claim| by_scope(claim) || by_name(claim))
}
