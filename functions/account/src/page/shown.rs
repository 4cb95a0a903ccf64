//! What the account page lists: browsers and programs in which the person is signed in, apps with access, and what happened
//! lately.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;
use oauth::{Error, FIRST_PARTY, Granted, Resources, Scopes, SecurityEvent, Time};
use store::{BrowserSession, Consent, FactorSet, Recorded, Session, Tally, Totp, User};
use web::pages::{self, Device, Permission, Presence, SecondFactors};

use crate::app::App;
use crate::events;

/// How many events the page shows.
const EVENTS: usize = 10;

/// What is stored about a person's sign-ins and apps.
pub(super) struct Contents {
    browsers: Vec<BrowserSession>,
    sessions: Vec<Session>,
    /// By client.
    access: BTreeMap<String, Access>,
    resources: Arc<Resources>,
    /// The last events, newest first.
    events: Vec<Recorded>,
    /// The names of apps by their ids, as far as they still exist.
    names: BTreeMap<String, String>,
    /// Refused attempts to sign in.
    refused: Tally,
    factors: FactorSet,
}

/// What one app may do.
struct Access {
    name: String,
    granted: Granted,
    since: Time,
}

impl Contents {
    pub(super) async fn read(app: &App, user: &User, now: Time) -> Result<Self, Error> {
        let (factors, browsers, sessions, consents, resources, events, refused) = tokio::try_join!(
            Box::pin(app.factors.of(&user.id, now)),
            Box::pin(app.browsers.of(&user.id, now)),
            Box::pin(app.sessions.of(&user.id, now)),
            Box::pin(app.consents.of(&user.id, now)),
            Box::pin(app.resources.known(now)),
            Box::pin(app.audit.of(Some(&user.id), EVENTS, None, now)),
            Box::pin(events::refused(app, user, now)),
        )?;
        let kept = |browser: &BrowserSession| user.welcomes(browser.authentication.rests_on.epoch);
        let browsers = browsers.into_iter().filter(kept).collect();
        let sessions: Vec<_> = sessions.into_iter().filter(|session| session.is_kept_by(user)).collect();
        let mut access = access(&sessions, &consents);
        let clients: BTreeSet<&str> = access.keys().map(String::as_str).chain(apps_in(&events)).collect();
        let names = clients.into_iter().map(|client_id| name(app, client_id, now));
        let names: BTreeMap<String, String> = try_join_all(names).await?.into_iter().flatten().collect();
        for (client_id, access) in &mut access {
            names.get(client_id).unwrap_or(client_id).clone_into(&mut access.name);
        }
        Ok(Self { browsers, sessions, access, resources, events, names, refused, factors })
    }

    /// When the password was set.
    pub(super) fn password_changed_at(&self) -> Option<Time> {
        self.factors.password.as_ref().map(|password| password.changed_at)
    }

    /// The second factors.
    pub(super) fn second(&self) -> SecondFactors {
        let app = match self.factors.totp.as_ref().map(Totp::leaves_at) {
            None => Presence::Absent,
            Some(None) => Presence::Present,
            Some(Some(end)) => Presence::Until(Time::from_seconds(end)),
        };
        SecondFactors { app, codes_left: self.factors.codes_left() }
    }

    /// Browsers, each with the apps that are used there, and sessions that began in none of them. The browser with the id
    /// `own` comes first, the others by last use.
    pub(super) fn devices(&self, own: &str) -> Vec<Device<'_>> {
        let of_browser = |browser: &BrowserSession| {
            let id = browser.id.clone();
            self.sessions.iter().filter(move |session| session.browser.as_deref() == Some(id.as_str()))
        };
        let browsers = self.browsers.iter().map(|browser| Device {
            id: &browser.id,
            user_agent: browser.user_agent.as_deref(),
            is_this: browser.id == own,
            apps: of_browser(browser)
                .filter_map(|session| self.name_of(session))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            used_at: of_browser(browser).map(|session| session.used_at).fold(browser.used_at(), Time::max),
        });
        let alone = |session: &&Session| {
            !self.browsers.iter().any(|browser| session.browser.as_deref() == Some(browser.id.as_str()))
        };
        let sessions = self.sessions.iter().filter(alone).map(|session| Device {
            id: &session.sid,
            user_agent: session.user_agent.as_deref(),
            is_this: false,
            apps: self.name_of(session).into_iter().collect(),
            used_at: session.used_at,
        });
        let mut devices: Vec<_> = browsers.chain(sessions).collect();
        devices.sort_by_key(|device| (!device.is_this, std::cmp::Reverse(device.used_at)));
        devices
    }

    /// The apps, by name.
    pub(super) fn apps(&self) -> Vec<pages::App<'_>> {
        let mut apps: Vec<_> = self.access.iter().map(|(client_id, access)| self.app(client_id, access)).collect();
        apps.sort_by_key(|app| app.name.to_lowercase());
        apps
    }

    /// What happened lately.
    pub(super) fn events(&self) -> Vec<pages::Event<'_>> {
        let name = |event: &SecurityEvent| self.names.get(event.client_id.as_deref()?).map(String::as_str);
        let events = self.events.iter().map(|Recorded { event, at, .. }| (event, *at));
        events.map(|(event, at)| pages::Event { event, app: name(event), at }).collect()
    }

    /// How often somebody was refused, and when last.
    pub(super) fn refused(&self) -> Option<(u64, Time)> {
        Some((self.refused.count, self.refused.last?)).filter(|(count, _)| *count > 0)
    }

    fn app<'a>(&'a self, id: &'a str, access: &'a Access) -> pages::App<'a> {
        let mut permissions = Vec::new();
        for word in access.granted.scope.iter() {
            let sentences = self.resources.sentences(word, &access.granted);
            if sentences.is_empty() {
                permissions.push(Permission { word, sentence: None });
            }
            permissions.extend(sentences.into_iter().map(|sentence| Permission { word, sentence: Some(sentence) }));
        }
        pages::App { id, name: &access.name, permissions, since: access.since }
    }

    /// The name of a session's app. The first-party client is no app of its own.
    fn name_of(&self, session: &Session) -> Option<&str> {
        self.access.get(&session.client_id).map(|access| access.name.as_str())
    }
}

/// The clients in events. The first-party client is no app of its own.
fn apps_in(events: &[Recorded]) -> impl Iterator<Item = &str> {
    events.iter().filter_map(|recorded| recorded.event.client_id.as_deref()).filter(|id| *id != FIRST_PARTY)
}

/// The id of a client and its name, if it exists.
async fn name(app: &App, client_id: &str, now: Time) -> Result<Option<(String, String)>, Error> {
    let registered = app.clients.known(client_id, now).await?;
    Ok(registered.map(|registered| (client_id.to_owned(), registered.client.display_name().to_owned())))
}

/// What each app may do, by consents and by sessions, under its id.
fn access(sessions: &[Session], consents: &[Consent]) -> BTreeMap<String, Access> {
    let mut apps = BTreeMap::new();
    for consent in consents {
        let resources = consent.agreed().iter().filter_map(|word| word.split_once(' ')).map(|(resource, _)| resource);
        let resources: BTreeSet<_> = resources.filter(|resource| !resource.is_empty()).map(str::to_owned).collect();
        add(
            &mut apps,
            &consent.client_id,
            (&consent.scopes(), &resources.into_iter().collect::<Vec<_>>()),
            consent.agreed_at,
        );
    }
    for session in sessions.iter().filter(|session| session.client_id != FIRST_PARTY) {
        add(&mut apps, &session.client_id, (&session.scope, &session.resources), session.authentication.at);
    }
    apps
}

fn add(apps: &mut BTreeMap<String, Access>, id: &str, (scope, resources): (&Scopes, &[String]), since: Time) {
    let access = apps.entry(id.to_owned()).or_insert_with(|| Access {
        name: id.to_owned(),
        granted: Granted { scope: Scopes::default(), resources: Vec::new() },
        since,
    });
    access.granted.scope.extend(scope.iter());
    for resource in resources {
        if !access.granted.resources.contains(resource) {
            access.granted.resources.push(resource.clone());
        }
    }
    access.since = access.since.min(since);
}
