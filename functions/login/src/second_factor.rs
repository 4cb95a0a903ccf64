//! The second factor of a sign-in: a code of an authenticator app, or a recovery code.
//!
//! An attempt is counted for the person before the code is compared, over all methods, tokens and pages, and given back if
//! the code was right. Nobody without the password gets here, so strangers cannot use up the attempts of a person.

use credentials::{RecoveryCode, TotpSecret};
use oauth::{Action, Code, Error, Reason, Time};
use store::{Counted, FactorSet, Spent, User, audit, recovery_hash};
use web::Request;

use crate::app::App;

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// The code of an authenticator app.
    Totp,
    /// One of the codes for people who have lost their other factors.
    RecoveryCode,
}

/// A second factor as somebody presents it.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'a> {
    /// The person's id.
    pub(crate) user: &'a str,
    pub(crate) method: Method,
    pub(crate) code: &'a str,
}

/// A right code.
#[must_use]
pub(crate) struct Proof {
    /// Uses the code up, in the transaction that begins the sign-in.
    pub(crate) spent: Spent,
    /// To be given back: only wrong codes count.
    pub(crate) attempt: Counted,
    /// The person's factors, if the code is of an app that is about to be removed.
    pub(crate) leaving: Option<FactorSet>,
}

impl Method {
    /// Every method.
    const ALL: [Self; 2] = [Self::Totp, Self::RecoveryCode];

    /// The method in requests and responses.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The method with this word.
    pub(crate) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }

    /// Those that the person can use.
    pub(crate) fn of(factors: &FactorSet) -> Vec<Self> {
        let is_there = |method: &Self| match method {
            Self::Totp => factors.totp.is_some(),
            Self::RecoveryCode => factors.codes_left() > 0,
        };
        Self::ALL.into_iter().filter(is_there).collect()
    }
}

/// Verifies a code. Fails with `wrong_code`, or with `too_many_requests` after too many wrong ones.
pub(crate) async fn prove(app: &App, request: &Request, presented: Presented<'_>) -> Result<Proof, Error> {
    let (user, now) = (presented.user, request.now());
    let (attempt, factors) = tokio::join!(Box::pin(app.limits.factor(user, now)), Box::pin(app.factors.of(user, now)));
    let attempt = attempt?.counted().inspect_err(|_| log(request, user, Reason::TooMany))?;
    let checked = match factors {
        Ok(factors) => check(app, &factors, presented, now).await.map(|spent| spent.zip(Some(factors))),
        Err(error) => Err(error),
    };
    match checked {
        Ok(Some((spent, factors))) => {
            let leaves =
                presented.method == Method::Totp && factors.totp.as_ref().is_some_and(|app| app.leaves_at().is_some());
            Ok(Proof { spent, attempt, leaving: leaves.then_some(factors) })
        }
        Ok(None) => {
            log(request, user, Reason::WrongCode);
            Err(Error::new(Code::WrongCode, "second factor refused"))
        }
        Err(error) => {
            app.limits.give_back(attempt).await;
            Err(error)
        }
    }
}

/// What a right code uses up. Whether it was used before is found out by the transaction that uses it up.
async fn check(
    app: &App,
    factors: &FactorSet,
    Presented { user, method, code }: Presented<'_>,
    now: Time,
) -> Result<Option<Spent>, Error> {
    match method {
        Method::Totp => {
            let Some(totp) = &factors.totp else { return Ok(None) };
            let secret = app.factors.secret(user, totp).await?;
            let step = TotpSecret::of(&secret).step_of(code, now.seconds());
            Ok(step.map(|step| app.factors.use_step(user, totp, step, now)))
        }
        Method::RecoveryCode => {
            let hash = RecoveryCode::read(code).map(|code| recovery_hash(user, code.as_str()));
            let is_left = |hash: &_| factors.recovery.as_ref().is_some_and(|codes| codes.contains(hash));
            Ok(hash.filter(is_left).map(|hash| app.factors.use_code(user, &hash)))
        }
    }
}

/// Keeps an authenticator app that was about to be removed, because its owner has signed in with it. If the store fails here,
/// the person can still keep it on the account page.
pub(crate) async fn keep(app: &App, request: &Request, user: &User, leaving: Option<FactorSet>) {
    let Some(factors) = leaving else { return };
    match app.factors.keep_totp((user, &factors), request.now()).await {
        Ok(true) => app.audit.record(request.event_of(Action::FactorKept, &user.id), request.now()).await,
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "keeping an authenticator app failed"),
    }
}

/// Logs a refused code.
fn log(request: &Request, user: &str, reason: Reason) {
    audit::log(&request.event_of(Action::SignIn, user).refused(reason));
}
