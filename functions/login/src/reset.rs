//! `/password/reset`, as JSON and as a page: sets a new password for somebody who presents the code or the link of a mail.
//!
//! The write ends every session and browser sign-in of the person, and tells them. Nobody is signed in by it: the next page
//! is the sign-in page, which asks for whatever the account needs.

use credentials::NewPassword;
use flow::MailVisit;
use oauth::{Action, Code, Error, FieldProblem, Message, Parameters, Reason};
use store::{Change, Found, OnceKind, Opened, Password, Presented, Purpose, SealedMail, SignOut, User, audit};
use web::pages::{Account, Done, Mailed, News, Task};
use web::{Problem, Request, Response};

use crate::app::App;

/// `POST /password/reset` with a JSON body: the token of a link, or a handle and a code.
pub(crate) async fn reset(app: &App, request: &Request) -> Result<Response, Error> {
    let text = |text: &str| Ok::<_, Vec<Problem>>(text.to_owned());
    let mut fields = request.json()?;
    let by_link = fields.peek("token").is_some();
    let (first, code) = if by_link {
        (fields.required("token", text), Some(String::new()))
    } else {
        (fields.required("handle", text), fields.required("code", text))
    };
    let password = fields.required("password", text);
    let (first, code, password) = fields.finish((first, code, password))?;
    let presented = if by_link { Presented::Link(&first) } else { Presented::Handle(&first, &code) };
    set(app, request, presented, &password).await?;
    Ok(Response::empty(204))
}

/// The page. It changes nothing, so that a scanner that opens links uses nothing up.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = MailVisit::opened(&app.site, &app.requests, request).await?;
    visit.presented("")?;
    page(app, request, &visit, None)
}

/// The form of the page.
pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let (visit, form) = MailVisit::sent(&app.site, &app.requests, request).await?;
    match set_by_form(app, request, &visit, &form).await {
        Ok(()) => {
            let (layout, sign_in) = (visit.layout(&app.site, request), visit.sign_in());
            Done { layout, news: News::Reset, sign_in: sign_in.as_deref() }.response()
        }
        Err(error) if Mailed::shows(&error) => Ok(page(app, request, &visit, Some(&error))?.refusing(&error, request)),
        Err(error) => Err(error),
    }
}

async fn set_by_form(app: &App, request: &Request, visit: &MailVisit<'_>, form: &Parameters) -> Result<(), Error> {
    let field = |name| form.optional(name).unwrap_or_default();
    set(app, request, visit.presented(field("code"))?, field("password")).await
}

/// Whose password was reset.
struct Person {
    id: String,
    /// When the account ends, in epoch seconds, unless its owner keeps it.
    end: Option<u64>,
}

/// Sets the password. A password that cannot be used leaves the secret valid.
async fn set(app: &App, request: &Request, presented: Presented<'_>, password: &str) -> Result<(), Error> {
    let done = replace(app, request, presented, password).await;
    match &done {
        Ok(person) => {
            let event = request.event_of(Action::PasswordReset, &person.id);
            app.audit.record_until(event, person.end, request.now()).await;
        }
        Err(error) if error.code() == Code::InvalidCode => {
            audit::log(&request.event(Action::PasswordReset).refused(Reason::WrongCode));
        }
        Err(_) => {}
    }
    done.map(drop)
}

/// Replaces the password.
async fn replace(app: &App, request: &Request, presented: Presented<'_>, password: &str) -> Result<Person, Error> {
    let now = request.now();
    let Found::Secret(secret) = app.once.find(OnceKind::Reset, presented, now).await? else {
        return Err(wrong("unknown, used or expired"));
    };
    let (user, stored) = whose(app, &secret, request).await?;
    let password = check(app, request, &user, password)?;
    app.breaches.refuse(&password).await?;
    let hash = password.hash().map_err(|error| Error::fault("hashing").because(error))?;
    let mail = notice(app, request, &user).await?;
    let change = Change::Reset { proven: &stored, hash: hash.as_str(), secret: &secret };
    let out = SignOut { stays: None, change, mail: mail.as_ref() };
    let person = Person { id: user.id.clone(), end: user.expires_at };
    let done = app.sessions.sign_out(user, &out, now).await?;
    if done { Ok(person) } else { Err(wrong("used in the meantime")) }
}

/// The person, and the password that the secret replaces.
async fn whose(app: &App, secret: &Opened, request: &Request) -> Result<(User, Password), Error> {
    let Purpose::Reset { user, .. } = &secret.purpose else { return Err(wrong("for nobody")) };
    let now = request.now();
    let (person, password) =
        tokio::join!(Box::pin(app.users.by_id(user, now)), Box::pin(app.users.password(user, now)));
    let person = person?.filter(User::may_return);
    person.zip(password?).ok_or_else(|| wrong("the account is closed"))
}

fn check(app: &App, request: &Request, user: &User, password: &str) -> Result<NewPassword, Error> {
    let email = user.email(request.now()).map(|email| email.address.as_str());
    let context: Vec<&str> = user.username.as_deref().into_iter().chain(email).collect();
    app.policy.check(password, &context).map_err(|problems| Error::fields(FieldProblem::of("password", problems)))
}

/// The mail that tells the person.
async fn notice(app: &App, request: &Request, user: &User) -> Result<Option<SealedMail>, Error> {
    let message = Message::PasswordChanged { account: app.site.address(Account::PATH) };
    app.outbox.notice(user.email(request.now()), (app.site.language(request), message), request.now()).await
}

fn wrong(detail: &'static str) -> Error {
    Error::new(Code::InvalidCode, detail)
}

fn page(app: &App, request: &Request, visit: &MailVisit<'_>, error: Option<&Error>) -> Result<Response, Error> {
    let (parts, layout) = (visit.form(&app.site, Mailed::RESET), visit.layout(&app.site, request));
    let min_length = app.policy.min_length();
    let page = Mailed { layout, task: Task::Reset, form: parts.form(), min_length, error };
    Ok(visit.shown(&app.site, page.response()?))
}
