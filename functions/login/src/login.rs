//! `POST /login`: exchanges a username and a password for tokens of the first-party client.

use mint::Authorization;
use oauth::{Action, Authentication, Client, Code, Error, FIRST_PARTY, Granted, Scopes, scope};
use store::{Person, Session, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::proof::{Credentials, verify};

/// The body of the request.
struct Body {
    username: String,
    password: String,
    scope: Option<String>,
    keeps_account: bool,
}

pub(crate) async fn login(app: &App, request: &Request) -> Result<Response, Error> {
    let body = parse(request)?;
    let asked = body.scope.as_deref().filter(|scope| !scope.trim().is_empty());
    let scope = Scopes::granted(asked.or(Some(scope::ACCOUNT)), scope::FIRST_PARTY)?;
    let credentials =
        Credentials { username: &body.username, password: &body.password, keeps_account: body.keeps_account };
    // The resources are needed later, so they are read in parallel.
    let (proof, _) = tokio::join!(verify(app, credentials, request, None), app.resources.known(request.now()));
    let proof = proof?;
    let (response, ()) = tokio::join!(
        Box::pin(begin(app, request, scope, proof.user, proof.authentication)),
        app.limits.give_back(proof.attempt)
    );
    response
}

/// Begins a session of the first-party client. The tokens are issued first, so that a failure leaves no session behind.
async fn begin(
    app: &App,
    request: &Request,
    scope: Scopes,
    user: User,
    authentication: Authentication,
) -> Result<Response, Error> {
    let now = request.now();
    let session = Session::beginning(Person::of(user, now), FIRST_PARTY, authentication, app.lifetime, now)?;
    let session = Session { scope, user_agent: request.user_agent(), ..session };
    let resources = app.resources.known(now).await?;
    let target = resources.target(&[], &Granted { scope: session.scope.clone(), resources: Vec::new() })?;
    let scope = resources.scope_at(&target, &session.scope);
    let response =
        app.mint.issue(&Authorization::of_session(&session, &Client::first_party(), target, scope), now).await?;
    let Some(token) = app.sessions.begin(&session).await? else {
        return Err(Error::new(Code::InvalidCredentials, "the password has just been changed"));
    };
    let event = request.event_of(Action::SignIn, &session.user).by_client(FIRST_PARTY).of_session(&session.sid);
    app.audit.record(event, now).await;
    Response::json(200, &response.with_refresh_token(Some(&token)))
}

fn parse(request: &Request) -> Result<Body, Error> {
    let text = |text: &str| Ok::<_, Vec<Problem>>(text.to_owned());
    let mut fields = request.json()?;
    let username = fields.required("username", text);
    let password = fields.required("password", text);
    let scope = fields.optional("scope", text);
    let keeps_account = fields.flag("keep_account");
    let (username, password, scope, keeps_account) = fields.finish((username, password, scope, keeps_account))?;
    Ok(Body { username, password, scope, keeps_account })
}
