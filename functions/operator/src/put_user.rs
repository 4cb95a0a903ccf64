//! `create_user` and `put_user`. A `put_user` can be repeated: the report says whether the person was created, updated
//! or unchanged, and a repetition completes an interrupted order.

use credentials::{DisplayName, EmailAddress, NewPassword, Problem, Username};
use oauth::order::PutUser;
use oauth::{Code, Error, FieldProblem, Message, Time};
use serde_json::{Value, json};
use store::{Created, Email, NewUser, Status, User, random};

use crate::app::App;
use crate::password::{self, RandomPassword};
use crate::people::{check_roles, give_roles, report};

/// The validated members of an order.
struct Wanted {
    id: Option<String>,
    username: Username,
    password: Option<NewPassword>,
    name: Option<DisplayName>,
    /// An address that nobody has proven.
    email: Option<EmailAddress>,
    /// An address that the operator vouches for.
    vouched: Option<Email>,
    roles: Option<Vec<String>>,
}

pub(crate) async fn create(app: &App, order: PutUser, now: Time) -> Result<Value, Error> {
    Wanted::read(app, order)?.create(app, now).await
}

pub(crate) async fn put(app: &App, order: PutUser, now: Time) -> Result<Value, Error> {
    let wanted = Wanted::read(app, order)?;
    match app.users.id_of(wanted.username.forms().into(), now).await? {
        Some(id) => wanted.apply(app, &id, now).await,
        None => wanted.create(app, now).await,
    }
}

impl Wanted {
    /// Validates every member and reports every problem at once.
    fn read(app: &App, order: PutUser) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let context: Vec<&str> =
            [Some(order.username.as_str()), order.email.as_deref()].into_iter().flatten().collect();
        let password = order.password.as_deref().map(|text| app.policy.check(text, &context));
        let wanted = (
            noted(&mut problems, "username", Some(Username::parse(&order.username).map_err(one))),
            noted(&mut problems, "password", password),
            noted(&mut problems, "name", order.name.as_deref().map(|text| DisplayName::parse(text).map_err(one))),
            noted(&mut problems, "email", order.email.as_deref().map(|text| EmailAddress::parse(text).map_err(one))),
        );
        if order.id.as_deref().is_some_and(|id| !random::is_id(id)) {
            problems.extend(FieldProblem::of(
                "id",
                [Problem { code: "malformed", detail: "Use a UUID in lower case.".into() }],
            ));
        }
        if order.email_verified && order.email.is_none() {
            let detail = "There is no email to vouch for.".into();
            problems.extend(FieldProblem::of("email_verified", [Problem { code: "unexpected", detail }]));
        }
        check_roles(order.roles.as_deref().unwrap_or_default())?;
        match (wanted, problems.is_empty()) {
            ((Some(username), password, name, email), true) => {
                let (vouched, email) = if order.email_verified { (email, None) } else { (None, email) };
                let vouched = vouched.map(|email| stored(&email));
                Ok(Self { id: order.id, username, password, name, email, vouched, roles: order.roles })
            }
            _ => Err(Error::fields(problems)),
        }
    }

    async fn create(self, app: &App, now: Time) -> Result<Value, Error> {
        if let Some(email) = &self.vouched
            && app.users.id_of_email(&email.canonical, now).await?.is_some()
        {
            return Err(Error::parameter("email", "taken", "Another person has this address."));
        }
        let id = self.id.clone().map_or_else(|| random::id(now), Ok)?;
        let random = if self.password.is_none() { Some(RandomPassword::new(app)?) } else { None };
        let password = self.password.as_ref().or(random.as_ref().map(|random| &random.password));
        let password = password.ok_or_else(|| Error::fault("a new person has no password"))?;
        let hash = password::hash(password)?;
        let new = NewUser {
            username: Some(self.username.as_str()),
            found_by: Some(self.username.forms().into()),
            name: self.name.as_ref().map(DisplayName::as_str),
            email: self.email.as_ref().map(EmailAddress::as_str),
            password_hash: Some(hash.as_str()),
        };
        match app.users.create_as(&id, self.roles.as_deref().unwrap_or_default(), &new, now).await? {
            Created::User(user) => {
                self.vouch(app, &user, now).await?;
                Ok(outcome(("created", now), &find(app, &user.id, now).await?, random))
            }
            Created::UsernameTaken => Err(Error::new(Code::UsernameTaken, "the username or the id already exists")),
        }
    }

    /// Updates the person with this id. Absent members stay unchanged.
    async fn apply(&self, app: &App, id: &str, now: Time) -> Result<Value, Error> {
        if self.id.as_deref().is_some_and(|wanted| wanted != id) {
            return Err(Error::new(Code::UsernameTaken, format!("this username belongs to the person {id}")));
        }
        // First, because it can be refused.
        let mut changed = self.vouch(app, &find(app, id, now).await?, now).await?;
        let user = find(app, id, now).await?;
        changed |= self.set_profile(app, &user, now).await?;
        if let Some(roles) = self.roles.as_ref().filter(|roles| **roles != user.roles) {
            give_roles(app, id, roles, now).await?;
            changed = true;
        }
        if let Some(password) = &self.password
            && !password::is_current(app, id, password, now).await?
        {
            password::replace(app, &user, password, now).await?;
            changed = true;
        }
        let user = find(app, id, now).await?;
        Ok(outcome((if changed { "updated" } else { "unchanged" }, now), &user, None))
    }

    /// Writes the profile if it changes. Returns whether it did.
    async fn set_profile(&self, app: &App, user: &User, now: Time) -> Result<bool, Error> {
        let (name, email) = (user.name.as_deref(), user.unverified_email.as_deref());
        let is_proven = |email: &&EmailAddress| user.email(now).is_some_and(|it| it.canonical == email.canonical());
        let wanted_name = self.name.as_ref().map(DisplayName::as_str).or(name);
        let wanted_email = self.email.as_ref().filter(|email| !is_proven(email)).map(EmailAddress::as_str).or(email);
        let changes = (wanted_name, wanted_email) != (name, email);
        if changes {
            app.users.set_profile(&user.id, wanted_name, wanted_email).await?;
        }
        Ok(changes)
    }

    /// Gives the person the address that the order vouches for, and tells them at the one that it replaces. Returns whether
    /// they did not have it.
    async fn vouch(&self, app: &App, user: &User, now: Time) -> Result<bool, Error> {
        let Some(email) = self.vouched.as_ref().filter(|email| has_not(user, email, now)) else {
            return Ok(false);
        };
        let replaced = user.email(now).filter(|present| present.canonical != email.canonical);
        let message = Message::AddressChanged { new_address_masked: email.masked(), account: app.account() };
        let mail = app.tell(replaced, message, now).await?;
        if app.users.give_email(user, email, mail, now).await? {
            return Ok(true);
        }
        let detail = match user.status {
            Status::Active => "Another person has this address, or this person changed at the same moment.",
            Status::Disabled | Status::Unproven | Status::PendingDeletion => {
                "Only a person who may sign in can have a verified address."
            }
        };
        Err(Error::parameter("email", "taken", detail))
    }
}

/// Whether somebody has another address, or is about to have another.
fn has_not(user: &User, email: &Email, now: Time) -> bool {
    user.email(now) != Some(email) || user.next_email(now).is_some()
}

/// An address in the form in which the store keeps it.
fn stored(email: &EmailAddress) -> Email {
    Email { address: email.as_str().to_owned(), canonical: email.canonical().to_owned() }
}

async fn find(app: &App, id: &str, now: Time) -> Result<User, Error> {
    app.users.by_id(id, now).await?.ok_or_else(|| Error::fault("a username belongs to no person"))
}

fn outcome((word, now): (&str, Time), user: &User, random: Option<RandomPassword>) -> Value {
    let mut report = report(user, now);
    report["outcome"] = json!(word);
    if let Some(random) = random {
        report["password"] = json!(random.text);
    }
    report
}

/// The value, if it is present and valid. A problem is added to the list.
fn noted<T>(problems: &mut Vec<FieldProblem>, field: &str, value: Option<Result<T, Vec<Problem>>>) -> Option<T> {
    match value? {
        Ok(value) => Some(value),
        Err(wrong) => {
            problems.extend(FieldProblem::of(field, wrong));
            None
        }
    }
}

fn one(problem: Problem) -> Vec<Problem> {
    vec![problem]
}
