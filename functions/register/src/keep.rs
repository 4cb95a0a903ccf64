//! `/email/keep`: stops a change of address, with the link of the mail to the present address. It works until the new
//! address counts, and no longer, so that whoever reads an old mailbox later does not have the account.

use flow::MailVisit;
use oauth::{Action, Error};
use store::{Found, OnceKind, Opened, Presented, Purpose, User};
use web::pages::{Done, Mailed, News, Task};
use web::{Request, Response};

use crate::app::App;
use crate::refusal::{logged, wrong};

/// The page. It changes nothing.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = MailVisit::opened(&app.site, &app.requests, request).await?;
    let error = find(app, request, visit.presented("")?).await.err();
    match error {
        Some(error) if Mailed::shows(&error) => Ok(page(app, request, &visit, Some(&error))?.refusing(&error, request)),
        Some(error) => Err(error),
        None => page(app, request, &visit, None),
    }
}

/// The form of the page.
pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let (visit, _) = MailVisit::sent(&app.site, &app.requests, request).await?;
    match logged(keep(app, request, visit.presented("")?).await, request, Action::AddressKept) {
        Ok(()) => Done { layout: visit.layout(&app.site, request), news: News::Kept, sign_in: None }.response(),
        Err(error) if Mailed::shows(&error) => Ok(page(app, request, &visit, Some(&error))?.refusing(&error, request)),
        Err(error) => Err(error),
    }
}

async fn keep(app: &App, request: &Request, presented: Presented<'_>) -> Result<(), Error> {
    let (opened, user) = find(app, request, presented).await?;
    if !app.users.keep_email(&user, Some(&opened), request.now()).await? {
        return Err(wrong("nothing to stop"));
    }
    app.audit.record(request.event_of(Action::AddressKept, &user.id), request.now()).await;
    Ok(())
}

/// The secret and the person. Only the link counts here.
async fn find(app: &App, request: &Request, presented: Presented<'_>) -> Result<(Opened, User), Error> {
    let now = request.now();
    let Found::Secret(opened) = app.once.find(OnceKind::Keep, presented, now).await? else {
        return Err(wrong("unknown, used or expired"));
    };
    let Purpose::Keep { user } = &opened.purpose else { return Err(wrong("for something else")) };
    let user = app.users.by_id(user, now).await?.ok_or_else(|| wrong("the account is gone"))?;
    Ok((opened, user))
}

fn page(app: &App, request: &Request, visit: &MailVisit<'_>, error: Option<&Error>) -> Result<Response, Error> {
    let (parts, layout) = (visit.form(&app.site, Mailed::KEEP), visit.layout(&app.site, request));
    let page = Mailed { layout, task: Task::Keep, form: parts.form(), min_length: 0, error };
    Ok(visit.shown(&app.site, page.response()?))
}
