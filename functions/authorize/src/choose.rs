//! `/choose`: the person who is signed in continues, or signs in as somebody else
//! (`prompt=select_account`, OpenID Connect Core section 3.1.2.1).

use oauth::Error;
use web::pages::{Choose, Person};
use web::{Request, Response};

use crate::app::App;
use crate::person;

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    let Some(signed_in) = person::signed_in(app, request).await? else { return Ok(under_way.back()) };
    let token = under_way.token(&app.site, Choose::PATH, &signed_in.subject(under_way.id()));
    Choose {
        layout: under_way.layout(&app.site, request),
        step: under_way.step(&token),
        person: Person { username: signed_in.user.called(request.now()), name: signed_in.user.name.as_deref() },
    }
    .response()
}

/// Notes the choice. `/authorize` judges whether the sign-in is one that the request takes.
pub(crate) async fn choose(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = app.site.visit(request)?;
    let Some(signed_in) = person::signed_in(app, request).await? else {
        return Ok(flow::page("/authorize", &visit.request));
    };
    app.site.form(request, &signed_in.subject(&visit.request))?;
    let under_way = flow::find(&app.requests, visit, request.now()).await?;
    // Where it was decided before, `/authorize` gives the same answer again.
    app.requests.choose(under_way.id(), &signed_in.user.id, request.now()).await?;
    Ok(under_way.back())
}
