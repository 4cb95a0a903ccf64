//! The creation of a person: the fields are validated, and everything is stored in one write or not at all.
//!
//! Passwords follow NIST SP 800-63B-4 section 3.1.1, usernames follow RFC 8265. If mail is on, a person who gives an address
//! has to prove it before signing in, and the answer is the same whether or not the address has an owner: only the mail
//! differs. Without mail, an address is stored as unverified: it is not unique and cannot be used to sign in.

use credentials::{DisplayName, EmailAddress, NewPassword, PasswordHash, Username};
use oauth::{Action, Code, Error, Message, Reason, SignInWith};
use store::{Created, Email, NewUser, OneTime, Registering, User, audit};
use web::work::Account;
use web::{Fields, Problem, Request};

use crate::app::App;

/// The validated fields.
pub(crate) struct Registration {
    username: Option<Username>,
    password: NewPassword,
    name: Option<DisplayName>,
    email: Option<EmailAddress>,
}

/// The result of a registration.
pub(crate) enum Registered {
    /// The person can sign in.
    Created(Box<User>),
    /// A mail was sent to the address, which has to be proven, or which has an owner already.
    Sent,
}

impl Registration {
    /// Validates every field and reports every problem at once, including a username that is taken.
    pub(crate) async fn read(app: &App, mut fields: Fields, request: &Request) -> Result<Self, Error> {
        let context: Vec<String> =
            ["username", "email"].iter().filter_map(|field| fields.peek(field)).map(str::to_owned).collect();
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        let nameless = may_be_nameless(app.with, &fields);
        let name_of = |text: &str| Username::parse(text).map_err(one);
        let address_of = |text: &str| EmailAddress::parse(text).map_err(one);
        let username = match app.with {
            SignInWith::Email => Some(None),
            SignInWith::Both if nameless => fields.optional("username", name_of),
            SignInWith::Both | SignInWith::Username => fields.required("username", name_of).map(Some),
        };
        let email = match app.with {
            SignInWith::Email => fields.required("email", address_of).map(Some),
            SignInWith::Both | SignInWith::Username => fields.optional("email", address_of),
        };
        let password = fields.required("password", |text| app.policy.check(text, &context).map_err(Problem::all));
        let name = fields.optional("name", |text| DisplayName::parse(text).map_err(one));
        // If nothing else is wrong, the write that creates the person finds out.
        if let Some(Some(username)) = username.as_ref().filter(|_| fields.are_wrong())
            && is_taken(app, username, request).await?
        {
            fields.report("username", Problem::new(Code::UsernameTaken.word(), Code::UsernameTaken.text()));
        }
        let (username, password, name, email) = fields.finish((username, password, name, email))?;
        Ok(Self { username, password, name, email })
    }

    /// Creates the person unless the username is taken or reserved, or looks like one that is. The attempt is counted
    /// before the expensive part. `secret` proves the address, if there is one and mail is on.
    pub(crate) async fn create(&self, app: &App, request: &Request, secret: &OneTime) -> Result<Registered, Error> {
        app.strangers.count(request.source_ip(), request.now()).await?;
        if self.username.as_ref().is_some_and(|username| app.reserved.contains(username)) {
            return Err(Error::new(Code::UsernameTaken, "a reserved username"));
        }
        app.breaches.refuse(&self.password).await?;
        let password_hash = self.password.hash().map_err(|error| Error::fault("hashing").because(error))?;
        match self.email.as_ref().filter(|_| app.outbox.is_on()) {
            Some(email) => self.ask(app, request, (&password_hash, email), secret).await,
            None => self.begin(app, request, &password_hash).await,
        }
    }

    /// Creates a person who can sign in at once.
    async fn begin(&self, app: &App, request: &Request, password_hash: &PasswordHash) -> Result<Registered, Error> {
        match app.users.create(&self.new_user(password_hash), request.now()).await? {
            Created::User(user) => {
                app.audit.record(request.event_of(Action::Registration, &user.id), request.now()).await;
                Ok(Registered::Created(user))
            }
            Created::UsernameTaken => Err(taken()),
        }
    }

    fn new_user<'a>(&'a self, password_hash: &'a PasswordHash) -> NewUser<'a> {
        NewUser {
            username: self.username.as_ref().map(Username::as_str),
            found_by: self.username.as_ref().map(|username| username.forms().into()),
            name: self.name.as_ref().map(DisplayName::as_str),
            email: self.email.as_ref().map(EmailAddress::as_str),
            password_hash: Some(password_hash.as_str()),
        }
    }

    /// Creates a person who has to prove the address. After too many mails to it, nothing is stored, and the answer is
    /// the same.
    async fn ask(
        &self,
        app: &App,
        request: &Request,
        (password_hash, email): (&PasswordHash, &EmailAddress),
        secret: &OneTime,
    ) -> Result<Registered, Error> {
        let email = Email { address: email.as_str().to_owned(), canonical: email.canonical().to_owned() };
        let to_reader = |code, link| Message::VerifyAddress { code, link };
        let with = (&app.site, &app.users, &app.outbox);
        let letter = flow::letter(with, request, (&email, secret), to_reader).await?;
        match app.users.register(&self.new_user(password_hash), letter, request.now()).await? {
            Registering::Begun(user) => {
                // It is not stored: strangers can register with any address, and the account may end tomorrow.
                audit::log(&request.event_of(Action::Registration, &user.id).because(Reason::AddressUnproven));
                Ok(Registered::Sent)
            }
            Registering::TooManyMails => Ok(Registered::Sent),
            Registering::UsernameTaken => Err(taken()),
        }
    }
}

/// What makes the account, as it was sent.
pub(crate) fn account(fields: &Fields) -> Account {
    let sent = |field: &str| fields.peek(field).unwrap_or_default().to_owned();
    Account { username: sent("username"), email: sent("email") }
}

/// Whether a username may be left out: where people register with an address, too, and one was given.
fn may_be_nameless(with: SignInWith, fields: &Fields) -> bool {
    with == SignInWith::Both && fields.peek("email").is_some_and(|email| !email.is_empty())
}

/// Whether a name is taken. The answer tells who has an account, so asking counts like a registration, and beyond that limit
/// there is no answer.
async fn is_taken(app: &App, username: &Username, request: &Request) -> Result<bool, Error> {
    if app.reserved.contains(username) {
        return Ok(true);
    }
    match app.strangers.count(request.source_ip(), request.now()).await {
        Ok(()) => app.users.is_taken(username.forms().into(), request.now()).await,
        Err(error) if error.code() == Code::TooManyRequests => Ok(false),
        Err(error) => Err(error),
    }
}

/// Refuses if people may not create their own accounts.
pub(crate) fn must_be_open(app: &App) -> Result<(), Error> {
    if app.open { Ok(()) } else { Err(Error::new(Code::RegistrationClosed, "Registration is closed")) }
}

fn taken() -> Error {
    Error::new(Code::UsernameTaken, "username")
}

fn one(problem: credentials::Problem) -> Vec<Problem> {
    Problem::all([problem])
}
