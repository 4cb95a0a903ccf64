//! `/consent`: asks the signed-in person whether an app may have access.

use oauth::{Action, Code, Error, Granted, Reason, Resources, Trust};
use store::{Stage, audit};
use web::pages::{Consent, Permission, Person};
use web::{Request, Response};

use crate::app::App;
use crate::person;
use crate::step::{asked_for, remembers};

pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    let under_way = flow::find(&app.requests, app.site.visit(request)?, request.now()).await?;
    let stored = &under_way.stored;
    let Some(signed_in) = person::fully_signed_in(app, request).await? else { return Ok(under_way.back()) };
    let registered = app.clients.known(&stored.request.client_id, request.now()).await?;
    let trust = registered.map_or(Trust::Unverified, |registered| registered.client.trust);
    let scope = asked_for(stored);
    let resources = app.resources.known(request.now()).await?;
    let token = under_way.token(&app.site, Consent::PATH, &signed_in.subject(under_way.id()));
    Consent {
        layout: under_way.layout(&app.site, request),
        step: under_way.step(&token),
        verified: trust >= Trust::Verified,
        person: Person { username: signed_in.user.called(request.now()), name: signed_in.user.name.as_deref() },
        scopes: &permissions(&resources, &Granted { scope, resources: stored.request.resources.clone() }),
    }
    .response()
}

/// The sentence for each scope, as its resource declares it.
fn permissions<'a>(resources: &'a Resources, asked: &'a Granted) -> Vec<Permission<'a>> {
    let mut permissions = Vec::new();
    for word in asked.scope.iter() {
        let sentences = resources.sentences(word, asked);
        if sentences.is_empty() {
            permissions.push(Permission { word, sentence: None });
        }
        permissions.extend(sentences.into_iter().map(|sentence| Permission { word, sentence: Some(sentence) }));
    }
    permissions
}

pub(crate) async fn decide(app: &App, request: &Request) -> Result<Response, Error> {
    let visit = app.site.visit(request)?;
    let Some(signed_in) = person::fully_signed_in(app, request).await? else {
        return Ok(flow::page("/authorize", &visit.request));
    };
    let form = app.site.form(request, &signed_in.subject(&visit.request))?;
    let under_way = flow::find(&app.requests, visit, request.now()).await?;
    let stage = match form.required("decision")? {
        "allow" => Stage::Consented { user: signed_in.user.id.clone() },
        "deny" => Stage::Denied,
        _ => return Err(Error::parameter("decision", "unsupported", "Use allow or deny.")),
    };
    // An earlier decision stands: `/authorize` gives the same answer again.
    let decided = app.requests.decide(under_way.id(), &stage, request.now()).await?;
    let event = request.event_of(Action::ConsentGiven, &signed_in.user.id);
    let event = event.by_client(&under_way.stored.request.client_id);
    // The same answer may be sent again. That is no other event.
    let is_first = matches!(under_way.stored.stage, Stage::Started);
    match (decided && is_first, stage) {
        (false, _) => {}
        (true, Stage::Denied) => audit::log(&event.refused(Reason::Denied)),
        (true, _) => {
            remember(app, request, &signed_in.user.id, &under_way.stored).await?;
            app.audit.record(event, request.now()).await;
        }
    }
    Ok(under_way.back())
}

async fn remember(app: &App, request: &Request, user: &str, stored: &store::StoredRequest) -> Result<(), Error> {
    let asked = &stored.request;
    let registered = app.clients.known(&asked.client_id, request.now()).await?;
    let registered = registered.ok_or_else(|| Error::new(Code::StaleRequest, "the client no longer exists"))?;
    if remembers(stored, &registered.client) {
        app.consents.add((user, &asked.client_id), &asked_for(stored), &asked.resources, request.now()).await?;
    }
    Ok(())
}
