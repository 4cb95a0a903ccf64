//! Proof of a second factor by somebody who is signed in already, and new recovery codes.
//!
//! Wrong codes are counted for each person, together with those of sign-ins, before they are compared. A right one is given
//! back, and used up by the write that it allows.

use credentials::{RECOVERY_CODES, RecoveryCode, TotpSecret};
use oauth::{Action, Authentication, Code, Error, Level, Reason};
use serde_json::{Value, json};
use store::{Counted, FactorSet, Proof, SecretHash, User, audit, random, recovery_hash};
use web::Request;

use crate::app::App;
use crate::person::fresh;

/// What allows a change that needs a second factor: the code that was given, or a sign-in within the last minutes that used one.
/// `None`: nothing does.
pub(crate) async fn proof(
    app: &App,
    request: &Request,
    (user, factors, authentication): (&User, &FactorSet, &Authentication),
    code: Option<&str>,
) -> Result<Option<Proof>, Error> {
    let by_sign_in = authentication.level >= Level::TwoFactors && fresh(authentication, request.now()).is_ok();
    match code {
        Some(code) => prove(app, request, (user, factors), code).await.map(Some),
        None => Ok(by_sign_in.then_some(Proof::SignIn)),
    }
}

/// What the right code of a second factor proves. Fails with `invalid_code` if it is none; only such attempts count.
async fn prove(app: &App, request: &Request, (user, factors): (&User, &FactorSet), code: &str) -> Result<Proof, Error> {
    let counted = count(app, request, user).await?;
    let found = match find(app, request, (user, factors), code).await {
        Ok(found) => found.ok_or_else(|| wrong(request, user)),
        Err(error) => Err(error),
    };
    if found.as_ref().err().is_none_or(|error| error.code() != Code::InvalidCode) {
        app.limits.give_back(counted).await;
    }
    found
}

/// Counts an attempt at a second factor.
pub(crate) async fn count(app: &App, request: &Request, user: &User) -> Result<Counted, Error> {
    let counted = app.limits.factor(&user.id, request.now()).await?.counted();
    counted.inspect_err(|_| log(request, user, Reason::TooMany))
}

/// The error for a wrong code, which is logged.
pub(crate) fn wrong(request: &Request, user: &User) -> Error {
    log(request, user, Reason::WrongCode);
    Error::new(Code::InvalidCode, "wrong code of a second factor")
}

fn log(request: &Request, user: &User, reason: Reason) {
    audit::log(&request.event_of(Action::FactorProven, &user.id).refused(reason));
}

async fn find(
    app: &App,
    request: &Request,
    (user, factors): (&User, &FactorSet),
    code: &str,
) -> Result<Option<Proof>, Error> {
    if let Some(totp) = &factors.totp {
        let secret = TotpSecret::of(&app.factors.secret(&user.id, totp).await?);
        let step = secret.step_of(code, request.now().seconds()).filter(|step| totp.accepts(*step));
        if let Some(step) = step {
            return Ok(Some(Proof::Step(step)));
        }
    }
    let hash = RecoveryCode::read(code).map(|code| recovery_hash(&user.id, code.as_str()));
    let is_left = |hash: &SecretHash| factors.recovery.as_ref().is_some_and(|codes| codes.contains(hash));
    Ok(hash.filter(is_left).map(Proof::Code))
}

/// New recovery codes.
pub(crate) struct NewCodes(Vec<RecoveryCode>);

impl NewCodes {
    /// Ten of them.
    pub(crate) fn generate() -> Result<Self, Error> {
        let codes = (0..RECOVERY_CODES).map(|_| Ok(RecoveryCode::of(&random::bytes()?)));
        codes.collect::<Result<_, Error>>().map(Self)
    }

    /// What is stored of them.
    pub(crate) fn hashes(&self, user: &User) -> Vec<SecretHash> {
        self.0.iter().map(|code| recovery_hash(&user.id, code.as_str())).collect()
    }

    /// As people read them.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().map(|code| code.text().to_string()).collect()
    }

    /// The member of an answer.
    pub(crate) fn shown(&self) -> Value {
        json!({ "recovery_codes": self.texts() })
    }
}
