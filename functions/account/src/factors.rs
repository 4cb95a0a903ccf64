//! `GET /me/factors`: what a person authenticates with. `POST /me/recovery-codes`: new recovery codes.

use oauth::{Action, Authentication, Code, Error, Message};
use serde_json::{Value, json};
use store::{FactorSet, User};
use web::pages::Account;
use web::{Request, Response};

use crate::app::App;
use crate::email::notice;
use crate::person::{Person, authorize};
use crate::proof::present;
use crate::second::{self, NewCodes};

pub(crate) async fn list(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    Response::json(200, &shown(&app.factors.of(&user.id, request.now()).await?))
}

/// The factors as JSON, without anything secret.
pub(crate) fn shown(factors: &FactorSet) -> Value {
    let FactorSet { password, totp, recovery, .. } = factors;
    let password = password.as_ref().map(|password| json!({ "changed_at": password.changed_at.seconds() }));
    let totp = totp.as_ref().map(|totp| json!({ "added_at": totp.added_at.seconds(), "leaves_at": totp.leaves_at() }));
    let recovery =
        recovery.as_ref().map(|codes| json!({ "left": codes.left(), "created_at": codes.created_at.seconds() }));
    json!({ "password": password, "totp": totp, "recovery_codes": recovery })
}

pub(crate) async fn new_codes(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let code = fields.optional("code", |text| Ok(text.to_owned()));
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (code, password) = fields.finish((code, password))?;
    present(app, request, &person, password.as_deref()).await?;
    let Person { user, session } = &person;
    Response::json(200, &renew(app, request, (user, &session.authentication), code.as_deref()).await?.shown())
}

/// Replaces the recovery codes of a person who proves a second factor.
pub(crate) async fn renew(
    app: &App,
    request: &Request,
    (user, authentication): (&User, &Authentication),
    code: Option<&str>,
) -> Result<NewCodes, Error> {
    let factors = app.factors.of(&user.id, request.now()).await?;
    if !factors.has_second_factor() {
        return Err(Error::new(Code::NoSecondFactor, "recovery codes stand in for a second factor"));
    }
    let proof = second::proof(app, request, (user, &factors, authentication), code).await?;
    let proof = proof.ok_or_else(|| Error::parameter("code", "missing", "Send a code of a second factor."))?;
    let codes = NewCodes::generate()?;
    let mail = notice(app, request, user, Message::RecoveryCodesReplaced { account: app.site.address(Account::PATH) });
    let (mail, hashes) = (mail.await?, codes.hashes(user));
    if !app.factors.renew_codes((user, &factors), (proof, &hashes), mail, request.now()).await? {
        return Err(Error::new(Code::InvalidCode, "the code was used, or the recovery codes have just been replaced"));
    }
    app.audit.record(request.event_of(Action::RecoveryCodesReplaced, &user.id), request.now()).await;
    Ok(codes)
}
