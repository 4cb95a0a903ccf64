//! The result of a grant: who gets tokens, for what, and how the person authenticated.

use jwt::PersonClaims;
use oauth::grant::Target;
use oauth::{Algorithm, Authentication, Client, Scopes, scope};
use store::Session;

use crate::person::id_token_claims;

/// Permission to issue tokens.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The subject of the tokens: a person's id, or the client's own.
    pub subject: String,
    /// The client that receives them.
    pub client_id: String,
    /// The scopes of the access token.
    pub scope: Scopes,
    /// The resource that the access token is for.
    pub target: Target,
    /// The session (`sid`); absent where no person takes part.
    pub session: Option<String>,
    /// How the person authenticated; absent where no person takes part.
    pub authentication: Option<Authentication>,
    /// The person's username.
    pub username: Option<String>,
    /// The person's roles.
    pub roles: Vec<String>,
    /// The contents of the ID token, if there is one.
    pub id_token: Option<IdToken>,
}

/// The members of an ID token that depend on the grant.
#[derive(Clone, Debug, Default)]
pub struct IdToken {
    /// The `nonce` of the authorization request.
    pub nonce: Option<String>,
    /// The claims about the person.
    pub person: PersonClaims,
    /// The algorithm that the client registered for.
    pub algorithm: Option<Algorithm>,
}

impl Authorization {
    /// Tokens of `session` for `target`, with the part of the scopes that applies there. `OpenID` Connect requests get
    /// an ID token.
    pub fn of_session(session: &Session, client: &Client, target: Target, scope: Scopes) -> Self {
        let id_token = || IdToken {
            nonce: None,
            person: id_token_claims(session, client),
            algorithm: client.id_token_signed_response_alg,
        };
        Self {
            subject: session.user.clone(),
            client_id: session.client_id.clone(),
            scope,
            target,
            session: Some(session.sid.clone()),
            authentication: Some(session.authentication.clone()),
            username: session.username.clone(),
            roles: session.roles.clone(),
            id_token: session.scope.contains(scope::OPEN).then(id_token),
        }
    }

    /// Tokens for a client on its own behalf, with its id as the subject.
    pub fn of_client(client: &Client, target: Target, scope: Scopes) -> Self {
        Self {
            subject: client.client_id.clone(),
            client_id: client.client_id.clone(),
            scope,
            target,
            session: None,
            authentication: None,
            username: None,
            roles: Vec::new(),
            id_token: None,
        }
    }

    /// The same with the `nonce` of the authorization request.
    #[must_use]
    pub fn with_nonce(mut self, nonce: Option<String>) -> Self {
        if let Some(id_token) = &mut self.id_token {
            id_token.nonce = nonce;
        }
        self
    }
}
