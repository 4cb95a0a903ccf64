//! `POST /login/mfa`: finishes a sign-in whose second factor was missing.

use oauth::{Authentication, Code, Error, Scopes, Second};
use store::{FactorSet, MFA_SECONDS, Spent, Unfinished, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::second_factor::{self, Method, Presented, Proof};
use crate::session::{Start, begin};

/// The body of the request.
struct Body {
    token: String,
    method: Method,
    code: String,
}

/// The refusal of a right password: it names the token and the methods with which the sign-in can be finished.
pub(crate) async fn required(
    app: &App,
    request: &Request,
    (user, factors): (&User, &FactorSet),
    (authentication, scope): (Authentication, Scopes),
) -> Result<Error, Error> {
    let token = app.mfa_tokens.issue(&user.id, authentication, scope, request.now()).await?;
    let methods: Vec<&str> = Method::of(factors).into_iter().map(Method::word).collect();
    Ok(Error::new(Code::MfaRequired, "the second factor is missing")
        .with_member("mfa_token", token.as_str())
        .with_member("methods", methods)
        .with_member("expires_in", MFA_SECONDS))
}

pub(crate) async fn finish(app: &App, request: &Request) -> Result<Response, Error> {
    let body = parse(request)?;
    let now = request.now();
    let unfinished = app.mfa_tokens.find(&body.token, now).await?.ok_or_else(stale)?;
    let presented = Presented { user: &unfinished.user, method: body.method, code: &body.code };
    let (proof, user, _) = tokio::join!(
        Box::pin(second_factor::prove(app, request, presented)),
        Box::pin(app.users.by_id(&unfinished.user, now)),
        app.resources.known(now)
    );
    let Proof { spent, attempt, leaving } = proof?;
    let start = Box::pin(start(app, request, (user, spent, leaving), unfinished));
    let (response, ()) = tokio::join!(start, app.limits.give_back(attempt));
    response
}

async fn start(
    app: &App,
    request: &Request,
    (user, code, leaving): (Result<Option<User>, Error>, Spent, Option<FactorSet>),
    unfinished: Unfinished,
) -> Result<Response, Error> {
    let now = request.now();
    let epoch = unfinished.authentication.rests_on.epoch;
    let user = user?.filter(|user| user.welcomes(epoch)).ok_or_else(stale)?;
    let spent = unfinished.spend(now).and(code);
    let authentication = unfinished.authentication.and(Second::OneTimePassword, now);
    let start = Start { user: user.clone(), authentication, scope: unfinished.scope, spent };
    let response = begin(app, request, start).await?.ok_or_else(stale)?;
    second_factor::keep(app, request, &user, leaving).await;
    Ok(response)
}

fn stale() -> Error {
    Error::new(Code::InvalidMfaToken, "no such sign-in, or what it rests on has changed")
}

fn parse(request: &Request) -> Result<Body, Error> {
    let text = |text: &str| Ok::<_, Vec<Problem>>(text.to_owned());
    let mut fields = request.json()?;
    let token = fields.required("mfa_token", text);
    let method = fields.required("method", method);
    let code = fields.required("code", text);
    let (token, method, code) = fields.finish((token, method, code))?;
    Ok(Body { token, method, code })
}

fn method(word: &str) -> Result<Method, Vec<Problem>> {
    let unknown = || Problem::new("unsupported", "Use one of the methods that were listed beside mfa_token.");
    Method::read(word).ok_or_else(|| vec![unknown()])
}
