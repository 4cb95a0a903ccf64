//! `POST /me/totp`, `POST /me/totp/confirm`, `DELETE /me/totp`, `POST /me/totp/keep`: an authenticator app as second factor.
//!
//! A new app counts once a code of it was given. Its removal takes effect at once for a person who has just proven a second
//! factor, and else after a day, in which the person can keep it: a stolen session and password alone do not remove it.

use credentials::TotpSecret;
use oauth::{Action, Authentication, Code, DAY, Error, Message, Time};
use serde_json::json;
use store::{Confirmation, FactorSet, Proof, SealedMail, User, random};
use web::pages::Account;
use web::{Request, Response};

use crate::app::App;
use crate::email::notice;
use crate::person::authorize;
use crate::proof::present;
use crate::second::{self, NewCodes};

/// How long an app stays that is removed without a second factor, in seconds.
const LEAVES_AFTER: u64 = DAY;
/// How events name an authenticator app.
const OBJECT: &str = "totp";

/// What an authenticator app needs to know.
pub(crate) struct NewApp {
    pub(crate) secret: String,
    pub(crate) uri: String,
    /// The URI as a QR code.
    pub(crate) qr: String,
}

pub(crate) async fn enrol(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (password,) = fields.finish((password,))?;
    present(app, request, &person, password.as_deref()).await?;
    let NewApp { secret, uri, qr } = begin(app, request, &person.user).await?;
    Response::json(200, &json!({ "secret": secret, "otpauth_uri": uri, "qr_svg": qr }))
}

pub(crate) async fn confirm(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let code = fields.required("code", |text| Ok(text.to_owned()));
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (code, password) = fields.finish((code, password))?;
    present(app, request, &person, password.as_deref()).await?;
    let codes = complete(app, request, &person.user, &code).await?;
    Response::json(200, &codes.map_or_else(|| json!({}), |codes| codes.shown()))
}

pub(crate) async fn remove(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let code = fields.optional("code", |text| Ok(text.to_owned()));
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (code, password) = fields.finish((code, password))?;
    present(app, request, &person, password.as_deref()).await?;
    match take_away(app, request, (&person.user, &person.session.authentication), code.as_deref()).await? {
        None => Ok(Response::empty(204)),
        Some(end) => Response::json(202, &json!({ "effective_at": end.seconds() })),
    }
}

pub(crate) async fn keep(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    if retain(app, request, &user).await? {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::NotFound, "no authenticator app is about to be removed"))
    }
}

/// Stores the secret of a new app, which replaces one that was not confirmed.
pub(crate) async fn begin(app: &App, request: &Request, user: &User) -> Result<NewApp, Error> {
    let bytes: [u8; TotpSecret::LENGTH] = random::bytes()?;
    let factors = app.factors.of(&user.id, request.now()).await?;
    if factors.totp.is_none() && app.factors.enrol(user, &factors, &bytes, request.now()).await? {
        described(app, request, user, &TotpSecret::of(&bytes))
    } else {
        Err(Error::new(Code::FactorExists, "an authenticator app is confirmed already"))
    }
}

/// The app that waits for its first code, if there is one.
pub(crate) async fn waiting(app: &App, request: &Request, user: &User) -> Result<Option<NewApp>, Error> {
    let factors = app.factors.of(&user.id, request.now()).await?;
    let Some(enrolling) = &factors.enrolling else { return Ok(None) };
    let secret = app.factors.new_secret(&user.id, enrolling).await?;
    described(app, request, user, &TotpSecret::of(&secret)).map(Some)
}

fn described(app: &App, request: &Request, user: &User, secret: &TotpSecret) -> Result<NewApp, Error> {
    let uri = secret.uri(app.site.name(), user.called(request.now()));
    let qr = TotpSecret::qr(&uri).ok_or_else(|| Error::fault("a URI is too long for a QR code"))?;
    Ok(NewApp { secret: secret.text().to_string(), uri: uri.to_string(), qr })
}

/// Confirms the app that waits for its first code. Returns recovery codes if the person had none left.
pub(crate) async fn complete(app: &App, request: &Request, user: &User, code: &str) -> Result<Option<NewCodes>, Error> {
    let factors = app.factors.of(&user.id, request.now()).await?;
    let step = first_step(app, request, (user, &factors), code).await?;
    let codes = if factors.codes_left() == 0 { Some(NewCodes::generate()?) } else { None };
    let hashes = codes.as_ref().map(|codes| codes.hashes(user));
    let mail = notice(app, request, user, Message::FactorAdded { account: app.site.address(Account::PATH) }).await?;
    let Some(enrolling) = &factors.enrolling else { return Err(changed()) };
    let confirmation = Confirmation { enrolling, step, codes: hashes.as_deref(), mail };
    if !app.factors.confirm(user, (&factors, confirmation), request.now()).await? {
        return Err(changed());
    }
    record(app, request, (user, Action::FactorAdded)).await;
    Ok(codes)
}

/// The step of the first code of a new app. Fails with `invalid_code`; only such attempts count.
async fn first_step(
    app: &App,
    request: &Request,
    (user, factors): (&User, &FactorSet),
    code: &str,
) -> Result<u64, Error> {
    let Some(enrolling) = &factors.enrolling else {
        return Err(Error::new(Code::InvalidCode, "no authenticator app waits for its first code"));
    };
    let counted = second::count(app, request, user).await?;
    let secret = app.factors.new_secret(&user.id, enrolling).await;
    let step = secret.map(|secret| TotpSecret::of(&secret).step_of(code, request.now().seconds()));
    if !matches!(step, Ok(None)) {
        app.limits.give_back(counted).await;
    }
    step?.ok_or_else(|| second::wrong(request, user))
}

/// Removes the app: at once, or at the instant that is returned.
pub(crate) async fn take_away(
    app: &App,
    request: &Request,
    (user, authentication): (&User, &Authentication),
    code: Option<&str>,
) -> Result<Option<Time>, Error> {
    let factors = app.factors.of(&user.id, request.now()).await?;
    let Some(totp) = &factors.totp else { return Err(Error::new(Code::NotFound, "no authenticator app")) };
    let proof = second::proof(app, request, (user, &factors, authentication), code).await?;
    match (proof, totp.leaves_at()) {
        (Some(proof), _) => remove_now(app, request, (user, &factors), proof).await.map(|()| None),
        (None, Some(end)) => Ok(Some(Time::from_seconds(end))),
        (None, None) => remove_later(app, request, (user, &factors)).await.map(Some),
    }
}

async fn remove_now(
    app: &App,
    request: &Request,
    (user, factors): (&User, &FactorSet),
    proof: Proof,
) -> Result<(), Error> {
    let mail = mail(app, request, user, None).await?;
    if !app.factors.remove_totp((user, factors), proof, mail).await? {
        return Err(changed());
    }
    record(app, request, (user, Action::FactorRemoved)).await;
    Ok(())
}

async fn remove_later(app: &App, request: &Request, (user, factors): (&User, &FactorSet)) -> Result<Time, Error> {
    let end = Time::from_seconds(request.now().plus(LEAVES_AFTER).seconds());
    let mail = mail(app, request, user, Some(end)).await?;
    if !app.factors.let_totp_leave((user, factors), end.seconds(), mail).await? {
        return Err(changed());
    }
    record(app, request, (user, Action::FactorLeaving)).await;
    Ok(end)
}

/// Keeps an app that is about to be removed. `false`: none is.
pub(crate) async fn retain(app: &App, request: &Request, user: &User) -> Result<bool, Error> {
    let factors = app.factors.of(&user.id, request.now()).await?;
    let kept = app.factors.keep_totp((user, &factors), request.now()).await?;
    if kept {
        record(app, request, (user, Action::FactorKept)).await;
    }
    Ok(kept)
}

/// The mail about a removal.
async fn mail(app: &App, request: &Request, user: &User, end: Option<Time>) -> Result<Option<SealedMail>, Error> {
    let account = app.site.address(Account::PATH);
    let message = match end {
        Some(effective_at) => Message::FactorLeaving { effective_at, keep: account },
        None => Message::FactorRemoved { account },
    };
    notice(app, request, user, message).await
}

async fn record(app: &App, request: &Request, (user, action): (&User, Action)) {
    app.audit.record(request.event_of(action, &user.id).about(OBJECT), request.now()).await;
}

/// Something changed in the meantime, such as the password, or another request came first.
fn changed() -> Error {
    Error::new(Code::InvalidCode, "the second factors have just been changed, or the code was used")
}
