//! Orders about an existing person.
//!
//! Once an order that ends something is acknowledged, everything that depended on the old state is invalid. Access tokens
//! end with their session at the authorizer. New roles reach the sessions, but access tokens keep theirs until they expire.

use credentials::{EmailAddress, Username};
use oauth::order::{PersonName, SetRoles, ToPerson};
use oauth::{Code, Error, Message, Scopes, Time};
use serde_json::{Value, json};
use store::{Asker, Change, Deletion, SignOut, Status, User};
use web::pages::Account;

use crate::app::App;
use crate::authority::Authority;
use crate::password::{self, RandomPassword};

/// Most roles of a person.
const MAX_ROLES: usize = 32;
/// Longest role, in bytes.
const MAX_ROLE: usize = 64;

pub(crate) async fn show(app: &App, order: ToPerson, now: Time) -> Result<Value, Error> {
    Ok(report(&find(app, &order.person()?, now).await?, now))
}

pub(crate) async fn set_roles(app: &App, order: SetRoles, now: Time) -> Result<Value, Error> {
    let (person, roles) = order.person_and_roles()?;
    check_roles(&roles)?;
    let id = find(app, &person, now).await?.id;
    give_roles(app, &id, &roles, now).await?;
    report_of(app, &id, now).await
}

/// A help desk must not gain more power than it has, so resetting the password of a person with roles needs `admin`.
pub(crate) fn may_reset(authority: Authority, user: &User) -> Result<(), Error> {
    if authority < Authority::Admin && !user.roles.is_empty() {
        return Err(Error::new(Code::AccessDenied, "this person has roles: the order needs the alias admin"));
    }
    Ok(())
}

pub(crate) async fn reset_password(
    app: &App,
    order: ToPerson,
    authority: Authority,
    now: Time,
) -> Result<Value, Error> {
    let user = find(app, &order.person()?, now).await?;
    may_reset(authority, &user)?;
    let random = RandomPassword::new(app)?;
    password::replace(app, &user, &random.password, now).await?;
    let mut report = report_of(app, &user.id, now).await?;
    report["password"] = json!(random.text);
    Ok(report)
}

/// Removes all second factors, for somebody who has lost them.
pub(crate) async fn reset_factors(app: &App, order: ToPerson, authority: Authority, now: Time) -> Result<Value, Error> {
    let user = find(app, &order.person()?, now).await?;
    may_reset(authority, &user)?;
    let message = Message::FactorRemoved { account: format!("{}{}", app.issuer, Account::PATH) };
    let mail = app.outbox.notice(user.email(now), (app.language, message), now).await?;
    if app.factors.reset(&user, mail, now).await? {
        report_of(app, &user.id, now).await
    } else {
        Err(Error::passing("the profile has just changed"))
    }
}

pub(crate) async fn sign_out(app: &App, order: ToPerson, now: Time) -> Result<Value, Error> {
    end_everything(app, order, Change::Nothing, now).await
}

pub(crate) async fn disable(app: &App, order: ToPerson, now: Time) -> Result<Value, Error> {
    end_everything(app, order, Change::Status(Status::Disabled), now).await
}

pub(crate) async fn enable(app: &App, order: ToPerson, now: Time) -> Result<Value, Error> {
    let user = find(app, &order.person()?, now).await?;
    must_be_proven(&user)?;
    let done =
        if user.expires_at.is_some() { keep(app, &user, now).await? } else { app.users.enable(&user.id).await? };
    if !done {
        return Err(Error::passing("the profile has just changed"));
    }
    report_of(app, &user.id, now).await
}

/// Keeps an account that was to be deleted. `false`: it has just changed.
async fn keep(app: &App, user: &User, now: Time) -> Result<bool, Error> {
    let name = name_of(user);
    let name = name.as_ref().map(|name| name.forms().into());
    app.users.keep_account(user, (name, None), None, now).await
}

/// Refuses to change the status of somebody who has not proven the address: that would let them sign in without a proof, now
/// or when they are enabled again.
fn must_be_proven(user: &User) -> Result<(), Error> {
    if user.status == Status::Unproven {
        return Err(Error::new(Code::AccessDenied, "nobody can sign in before the address is proven; use delete_user"));
    }
    Ok(())
}

/// Reports the person as they were.
pub(crate) async fn delete(app: &App, order: ToPerson, now: Time) -> Result<Value, Error> {
    let user = find(app, &order.person()?, now).await?;
    let report = report(&user, now);
    let name = name_of(&user);
    let forms = name.as_ref().map(|name| name.forms().into());
    let mail = app.tell(user.email(now), Message::AccountDeleted {}, now).await?;
    let deletion = Deletion { name: forms, by: Asker::Operator, mail: mail.as_ref(), end: None };
    if app.deletions.delete(user, deletion, now).await? {
        Ok(report)
    } else {
        Err(Error::passing("the profile has just changed"))
    }
}

/// The username of a person, if they have one.
fn name_of(user: &User) -> Option<Username> {
    user.username.as_deref().and_then(|name| Username::parse(name).ok())
}

async fn end_everything(app: &App, order: ToPerson, change: Change<'_>, now: Time) -> Result<Value, Error> {
    let user = find(app, &order.person()?, now).await?;
    let id = user.id.clone();
    if matches!(change, Change::Status(_)) {
        must_be_proven(&user)?;
    }
    if app.sessions.sign_out(user, &SignOut { stays: None, change, mail: None }, now).await? {
        report_of(app, &id, now).await
    } else {
        Err(Error::passing("the profile has just changed"))
    }
}

/// Sets the roles and copies them to the sessions, for future tokens.
pub(crate) async fn give_roles(app: &App, id: &str, roles: &[String], now: Time) -> Result<(), Error> {
    app.users.set_roles(id, roles).await?;
    app.sessions.set_roles(id, roles, now).await
}

pub(crate) fn check_roles(roles: &[String]) -> Result<(), Error> {
    let word = |role: &String| role.len() <= MAX_ROLE && Scopes::parse(role).is_ok_and(|words| words.contains(role));
    if roles.len() <= MAX_ROLES && roles.iter().all(word) {
        return Ok(());
    }
    let rule =
        format!("a role must be one word of at most {MAX_ROLE} characters, and a person has at most {MAX_ROLES}");
    Err(Error::new(Code::InvalidRequest, rule))
}

/// The person that an order is about.
pub(crate) async fn find(app: &App, person: &PersonName, now: Time) -> Result<User, Error> {
    let id = match person {
        PersonName::Username(username) => with_username(app, username, now).await?,
        PersonName::Email(email) => with_email(app, email, now).await?,
        PersonName::Id(id) => Some(id.clone()),
    };
    match id {
        Some(id) => app.users.by_id(&id, now).await?.ok_or_else(|| unknown(person)),
        None => Err(unknown(person)),
    }
}

async fn with_username(app: &App, username: &str, now: Time) -> Result<Option<String>, Error> {
    match Username::parse(username) {
        Ok(username) => app.users.id_of(username.forms().into(), now).await,
        Err(_) => Ok(None),
    }
}

async fn with_email(app: &App, email: &str, now: Time) -> Result<Option<String>, Error> {
    match EmailAddress::parse(email) {
        Ok(email) => app.users.id_of_email(email.canonical(), now).await,
        Err(_) => Ok(None),
    }
}

fn unknown(person: &PersonName) -> Error {
    let what = match person {
        PersonName::Username(_) => "nobody has this username",
        PersonName::Email(_) => "nobody has verified this e-mail address; identify the person by username or id",
        PersonName::Id(_) => "nobody has this id",
    };
    Error::new(Code::NotFound, what)
}

async fn report_of(app: &App, id: &str, now: Time) -> Result<Value, Error> {
    let user = app.users.by_id(id, now).await?.ok_or_else(|| unknown(&PersonName::Id(String::new())))?;
    Ok(report(&user, now))
}

/// The report on a person.
pub(crate) fn report(user: &User, now: Time) -> Value {
    let mut report = json!({
        "id": user.id, "username": user.username, "name": user.name, "roles": user.roles, "status": user.status,
        "created_at": user.created_at.seconds(),
    });
    if let Some(email) = user.email(now) {
        report["email"] = json!(email.address);
        report["email_verified"] = json!(true);
    }
    if let Some(email) = &user.unverified_email {
        report["unverified_email"] = json!(email);
    }
    if let Some(end) = user.expires_at {
        report["ends_at"] = json!(end);
    }
    report
}
