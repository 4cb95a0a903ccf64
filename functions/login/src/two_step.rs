//! `/sign-in/second-factor`, the hosted page: asks for a code after the password.
//!
//! The page is for whoever has just proven their password for the request, or for the person who is signed in, if their
//! sign-in is older than their second factor or the app asks for more than it. One transaction uses up the code and the
//! proof and begins the sign-in. The page always returns to `/authorize`.

use flow::{Entry, SignedIn, UnderWay};
use oauth::{Authentication, Code, Error, Level, Parameters, Second, Time};
use store::{Proven, Spent, User};
use web::pages::{self, SecondFactor, SignIn};
use web::{Request, Response};

use crate::app::App;
use crate::arrival::{Arrival, arrive};
use crate::second_factor::{self, Method, Presented, Proof};

/// A person who has proven less than is needed.
struct Person {
    user: User,
    authentication: Authentication,
    /// Whether they have signed in on this device before.
    is_known: bool,
    /// What they have proven for the request. `None`: they are signed in.
    proven: Option<Proven>,
}

/// Whose turn it is.
enum Turn {
    /// This person's.
    Theirs(Box<Person>),
    /// Nobody's: the password must be proven again.
    SignIn,
    /// Nobody's: nothing is missing.
    Back,
}

impl Person {
    /// What the form is for. The person takes part, so that a form never finishes the sign-in of somebody else.
    fn subject(&self, id: &str) -> String {
        format!("{id} {}", self.user.id)
    }

    /// The authentication after the code was right. The time of an older sign-in stays that of the password: only a new
    /// password makes it younger.
    fn completed(&self, now: Time) -> Authentication {
        let at = if self.proven.is_some() { now } else { self.authentication.at };
        Authentication { at, ..self.authentication.clone().and(Second::OneTimePassword, now) }
    }

    /// What the sign-in uses up besides the code.
    fn spend(&self, id: &str, now: Time) -> Spent {
        self.proven.as_ref().map(|proven| proven.spend(id, now)).unwrap_or_default()
    }
}

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    match turn(app, request, &under_way).await? {
        Turn::Theirs(person) => {
            let asked = request.query_parameters()?.optional("method").and_then(Method::read);
            page(app, request, &under_way, (&person, asked, None)).await
        }
        Turn::SignIn => Ok(flow::page(SignIn::PATH, under_way.id())),
        Turn::Back => Ok(under_way.back()),
    }
}

pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    let person = match turn(app, request, &under_way).await? {
        Turn::Theirs(person) => person,
        Turn::SignIn => return Ok(flow::page(SignIn::PATH, under_way.id())),
        Turn::Back => return Ok(under_way.back()),
    };
    let form = app.site.form(request, &person.subject(under_way.id()))?;
    let method = form.optional("method").and_then(Method::read).unwrap_or(Method::Totp);
    match finish(app, request, &under_way, (&person, &form, method)).await {
        Err(error) if SecondFactor::shows(&error) => {
            let page = page(app, request, &under_way, (&person, Some(method), Some(&error))).await?;
            Ok(page.refusing(&error, request))
        }
        other => other,
    }
}

/// Finds out whose turn it is. Whoever has proven their password must still be welcome with it.
async fn turn(app: &App, request: &Request, under_way: &UnderWay<'_>) -> Result<Turn, Error> {
    let signed_in = flow::signed_in(&app.site, (&app.browsers, &app.users), request).await?;
    let Some(proven) = flow::half_way(&under_way.stored, signed_in.as_ref()).cloned() else {
        return Ok(signed_in.map_or(Turn::Back, |signed_in| older(signed_in, request)));
    };
    let user = app.users.by_id(&proven.user, request.now()).await?;
    let welcome = |user: &User| user.welcomes(proven.authentication.rests_on.epoch);
    Ok(match user.filter(|user| welcome(user) && user.has_second_factor(request.now())) {
        Some(user) => Turn::Theirs(Box::new(Person {
            user,
            authentication: proven.authentication.clone(),
            is_known: proven.is_on_known_device,
            proven: Some(proven),
        })),
        None => Turn::SignIn,
    })
}

/// The turn of somebody who is signed in.
fn older(SignedIn { user, session }: SignedIn, request: &Request) -> Turn {
    if session.authentication.level >= Level::TwoFactors || !user.has_second_factor(request.now()) {
        return Turn::Back;
    }
    Turn::Theirs(Box::new(Person { user, authentication: session.authentication, is_known: true, proven: None }))
}

/// Signs the person in, if the code is right.
async fn finish(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    (person, form, method): (&Person, &Parameters, Method),
) -> Result<Response, Error> {
    let now = request.now();
    let code = form.optional("code").unwrap_or_default();
    let Proof { spent, attempt, leaving } =
        second_factor::prove(app, request, Presented { user: &person.user.id, method, code }).await?;
    let authentication = person.completed(now);
    let spent = person.spend(under_way.id(), now).and(spent);
    let entry = Entry { user: &person.user.id, authentication: &authentication, is_trusted: false, spent };
    let trusts = form.optional("trust").is_some();
    let arrival = Arrival { user: &person.user, entry, is_known: person.is_known, trusts };
    let (arrived, ()) = tokio::join!(Box::pin(arrive(app, request, under_way, arrival)), app.limits.give_back(attempt));
    let used = || Error::new(Code::WrongCode, "used before, or what the sign-in rests on has changed");
    let response = arrived?.ok_or_else(used)?;
    second_factor::keep(app, request, &person.user, leaving).await;
    Ok(response)
}

async fn page(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    (person, asked, error): (&Person, Option<Method>, Option<&Error>),
) -> Result<Response, Error> {
    let methods = Method::of(&app.factors.of(&person.user.id, request.now()).await?);
    let method = asked.filter(|asked| methods.contains(asked)).or(methods.first().copied()).unwrap_or(Method::Totp);
    let other = methods.iter().copied().find(|other| *other != method);
    let token = under_way.token(&app.site, SecondFactor::PATH, &person.subject(under_way.id()));
    SecondFactor {
        layout: under_way.layout(&app.site, request),
        step: under_way.step(&token),
        method: method.into(),
        other: other.map(Into::into),
        error,
    }
    .response()
}

impl From<Method> for pages::CodeFrom {
    fn from(method: Method) -> Self {
        match method {
            Method::Totp => Self::App,
            Method::RecoveryCode => Self::RecoveryCodes,
        }
    }
}
