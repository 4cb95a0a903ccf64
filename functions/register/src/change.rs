//! A proven address becomes that of an account: at once if the account has none, or if whoever asked for it had just proven a
//! second factor; else after a day. The present address gets a mail, with a link that stops a change that waits.

use credentials::PasswordHash;
use oauth::{Action, Error, HOUR, Message, Reason};
use store::{Changed, Notice, OnceKind, OneTime, Opened, Purpose, SealedMail, Status, User, audit};
use web::Request;
use web::pages::{Account, Mailed, News};

use crate::app::App;
use crate::refusal::wrong;

/// Changes the address of the person with the id `user`.
pub(crate) async fn change(
    app: &App,
    request: &Request,
    (opened, user): (&Opened, &str),
    password: &str,
) -> Result<News, Error> {
    let now = request.now();
    let user = app.users.by_id(user, now).await?.filter(|user| user.status == Status::Active);
    let user = user.ok_or_else(|| wrong("the account is closed"))?;
    if !opened.is_at_home {
        verify(app, request, opened, (&user.id, password)).await?;
    }
    let keep = OneTime::new(OnceKind::Keep)?;
    let mail = notice(app, request, (&user, opened), &keep).await?;
    let (action, from, news) = match app.users.change_email(opened, &user, Notice { keep: &keep, mail }, now).await? {
        Changed::Now => (Action::AddressChanged, None, News::Changed),
        Changed::From(from) => (Action::AddressChanging, Some(from), News::WillChange),
        Changed::Refused => return Err(wrong("used, or the address has an owner")),
    };
    app.audit.record(request.event_of(action, &user.id).taking_effect(from), now).await;
    Ok(news)
}

/// Verifies the password of the account. Only whoever holds the link gets this far, so the answer can say what is wrong.
async fn verify(app: &App, request: &Request, opened: &Opened, (user, password): (&str, &str)) -> Result<(), Error> {
    let now = request.now();
    let refused = |reason| audit::log(&request.event_of(Action::AddressChanging, user).refused(reason));
    if !app.once.guess(opened, now).await? {
        refused(Reason::TooMany);
        return Err(Error::too_many(HOUR, "too many wrong passwords for one link"));
    }
    let stored = app.users.password(user, now).await?;
    let hash = stored.and_then(|stored| PasswordHash::parse(&stored.hash).ok());
    if hash.is_some_and(|hash| hash.verify(password)) {
        return Ok(());
    }
    refused(Reason::WrongPassword);
    Err(Error::parameter("password", "wrong", "This is not the password of the account. The link still works."))
}

/// The mail to the present address.
async fn notice(
    app: &App,
    request: &Request,
    (user, opened): (&User, &Opened),
    keep: &OneTime,
) -> Result<Option<SealedMail>, Error> {
    let now = request.now();
    let Purpose::Change { email, at_once, .. } = &opened.purpose else { return Ok(None) };
    let message = if *at_once {
        Message::AddressChanged { new_address_masked: email.masked(), account: app.site.address(Account::PATH) }
    } else {
        Message::AddressChanging {
            new_address_masked: email.masked(),
            effective_at: now.plus(store::CHANGE_SECONDS),
            cancel: app.site.address(&format!("{}?token={}", Mailed::KEEP, keep.link())),
        }
    };
    app.outbox.notice(user.email(now), (app.site.language(request), message), now).await
}
