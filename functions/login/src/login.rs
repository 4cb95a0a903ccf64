//! `POST /login`: exchanges a username and a password for tokens of the first-party client.

use oauth::{Code, Error, Scopes, scope};
use store::{FactorSet, Spent};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::mfa;
use crate::proof::{Credentials, Proof, verify};
use crate::session::{Start, begin};

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
    let Proof { user, authentication, factors, attempt } = proof?;
    let start = Start { user, authentication, scope, spent: Spent::default() };
    let (response, ()) = tokio::join!(Box::pin(answer(app, request, start, &factors)), app.limits.give_back(attempt));
    response
}

/// The tokens, or a refusal if the second factor is missing.
async fn answer(app: &App, request: &Request, start: Start, factors: &FactorSet) -> Result<Response, Error> {
    if factors.has_second_factor() {
        let Start { user, authentication, scope, .. } = start;
        return Err(mfa::required(app, request, (&user, factors), (authentication, scope)).await?);
    }
    let changed = || Error::new(Code::InvalidCredentials, "the password has just been changed");
    begin(app, request, start).await?.ok_or_else(changed)
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
