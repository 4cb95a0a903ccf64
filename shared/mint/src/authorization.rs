//! What a grant decides: who may have tokens, for what, on the strength of which proof.

use jwt::PersonClaims;
use oauth::grant::Target;
use oauth::{Authentication, Client, Scopes, scope};
use store::Session;

use crate::person::id_token_claims;

/// Somebody's leave to have tokens.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Whom the tokens speak for: a person's id, or the client's own.
    pub subject: String,
    /// The client that gets them.
    pub client_id: String,
    /// What the access token allows.
    pub scope: Scopes,
    /// The resource that the access token is for.
    pub target: Target,
    /// The session (`sid`); absent where no person takes part.
    pub session: Option<String>,
    /// How the person proved who they are; absent where no person takes part.
    pub authentication: Option<Authentication>,
    /// The name that the person signs in with.
    pub username: Option<String>,
    /// The person's roles.
    pub roles: Vec<String>,
    /// What the ID token says, if there is to be one.
    pub id_token: Option<IdToken>,
}

/// What an ID token says besides what every one does.
#[derive(Clone, Debug, Default)]
pub struct IdToken {
    /// From the authorization request.
    pub nonce: Option<String>,
    /// What the client learns about the person.
    pub person: PersonClaims,
}

impl Authorization {
    /// Tokens of `session` for `target`, of those scopes that belong there. `OpenID` Connect requests get an ID token.
    pub fn of_session(session: &Session, client: &Client, target: Target, scope: Scopes) -> Self {
        let person = || id_token_claims(session, client);
        Self {
            subject: session.user.clone(),
            client_id: session.client_id.clone(),
            scope,
            target,
            session: Some(session.sid.clone()),
            authentication: Some(session.authentication.clone()),
            username: Some(session.username.clone()),
            roles: session.roles.clone(),
            id_token: session.scope.contains(scope::OPEN).then(|| IdToken { nonce: None, person: person() }),
        }
    }

    /// Tokens for a client on its own behalf: its id is the subject.
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
