//! `POST /login`: a username and a password become tokens for the first-party client.

use issuer::SignIn;
use oauth::{Code, Error, FIRST_PARTY, Scopes, scope};
use store::{Password, Proven, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::proof::{Offer, prove};

/// The body of the request.
struct Body {
    username: String,
    password: String,
    scope: Option<String>,
}

pub(crate) async fn login(app: &App, request: &Request) -> Result<Response, Error> {
    let body = parse(request)?;
    let asked = body.scope.as_deref().filter(|scope| !scope.trim().is_empty());
    let scope = Scopes::granted(asked.or(Some(scope::ACCOUNT)), scope::FIRST_PARTY)?;
    let offer = Offer { username: &body.username, password: &body.password };
    prove(app, offer, request, async |user, password| begin(app, request, &scope, (&user, &password)).await).await
}

/// Begins a session of the first-party client.
async fn begin(
    app: &App,
    request: &Request,
    scope: &Scopes,
    (user, password): (&User, &Password),
) -> Result<Response, Error> {
    let sign_in = SignIn {
        subject: &user.id,
        username: &user.username,
        roles: &user.roles,
        client_id: FIRST_PARTY,
        scope,
        proven: Proven { changed_at: password.changed_at, epoch: user.epoch },
        user_agent: request.user_agent(),
    };
    match app.issuer.begin(sign_in, request.now()).await? {
        Some(response) => Response::json(200, &response),
        None => Err(Error::new(Code::InvalidCredentials, "the password was changed at this very moment")),
    }
}

fn parse(request: &Request) -> Result<Body, Error> {
    let text = |text: &str| Ok::<_, Vec<Problem>>(text.to_owned());
    let mut fields = request.json()?;
    let username = fields.required("username", text);
    let password = fields.required("password", text);
    let scope = fields.optional("scope", text);
    let (username, password, scope) = fields.finish((username, password, scope))?;
    Ok(Body { username, password, scope })
}
