//! Writes every hosted page, in each of its states, as HTML files into a folder: for translators and for a look at the
//! design without a service.
//!
//! ```text
//! cargo run -p web --example pages -- FOLDER
//! ```

use std::path::Path;

use oauth::{Action, Code, Config, Error, FieldProblem, Language, Reason, SecurityEvent, Time};
use web::pages::{
    self, Account, App, AppStep, AuthenticatorApp, ChangeEmail, ChangeName, ChangePassword, Choose, Client, Consent,
    DeleteAccount, Deleted, Device, Done, Event, Forgot, Form, FormPost, Home, Layout, Mailed, Needed,
    NewRecoveryCodes, News, NextEmail, Permission, Person, Presence, RecoveryCodes, SecondFactors, SignIn, SignOut,
    SignUp, SignedOut, Step, Task, Undelivered, Unreachable,
};
use web::{Response, Site};

/// The secret of an authenticator app.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// An image in the place of a QR code.
const QR: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"228\" height=\"228\"><rect width=\"228\" height=\"228\" fill=\"#fff\"/>\
                  <path d=\"M48 48h132v132h-132z\" fill=\"#000\"/></svg>";

/// A client that is known.
const NOTES: Client<'_> = Client {
    name: "Notes",
    redirect_uri: "https://notes.example/callback?from=gatewright",
    uri: Some("https://notes.example/"),
    policy_uri: Some("https://notes.example/privacy"),
    tos_uri: Some("https://notes.example/terms"),
};
/// One with a name that tries everything.
const STRANGER: Client<'_> = Client {
    name: "Free <b>Notes</b> & \u{202e}much\u{202c} more for everybody who-has-no-patience-for-names-that-end",
    redirect_uri: "https://a-host-name-as-long-as-a-phone-is-wide-and-longer.example/callback",
    uri: None,
    policy_uri: None,
    tos_uri: None,
};
const ALICE: Person<'_> = Person { username: "alice", name: Some("Alice Liddell") };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let pairs = [("ISSUER", "https://id.example"), ("SERVICE_NAME", "Gatewright"), ("ACCENT_COLOR", "#0a6350")];
    let site = Site::read(&Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))))?;
    for language in Language::ALL {
        let folder = Path::new(&folder).join(language.tag());
        std::fs::create_dir_all(&folder)?;
        let layout = site.layout_in(language);
        for (name, page) in sign_in(layout)?
            .into_iter()
            .chain(sign_up(layout)?)
            .chain(mails(layout)?)
            .chain(others(layout)?)
            .chain(account(layout)?)
        {
            std::fs::write(folder.join(format!("{name}.html")), page.body().unwrap_or_default())?;
        }
    }
    Ok(())
}

type Pages = Result<Vec<(&'static str, Response)>, Error>;

fn sign_in(layout: Layout<'_>) -> Pages {
    let page = SignIn {
        layout,
        step: step(NOTES),
        username: "",
        registration: true,
        addresses: false,
        forgot: None,
        error: None,
    };
    let by_mail = SignIn { addresses: true, forgot: Some("/password/forgot"), ..page };
    let (wrong, many) = (Error::new(Code::InvalidCredentials, ""), Error::too_many(840, ""));
    let (email, why) = ("alice@example.com", Unreachable::Complained);
    let undelivered = Undelivered { layout, step: step(NOTES), email, why };
    let leaving = Error::new(Code::DeletionPending, "");
    let stranger = SignIn { step: step(STRANGER), username: "alice", registration: false, error: Some(&many), ..page };
    Ok(vec![
        ("sign-in", page.response()?),
        ("sign-in-mail", by_mail.response()?),
        ("sign-in-wrong", SignIn { username: "alice", error: Some(&wrong), ..page }.response()?),
        ("sign-in-leaving", SignIn { username: "alice", error: Some(&leaving), ..page }.response()?),
        ("sign-in-address", SignIn { username: "alice@example.com", error: Some(&wrong), ..page }.response()?),
        ("sign-in-throttled", stranger.response()?),
        ("sign-in-undelivered", undelivered.response()?),
        ("choose", Choose { layout, step: step(NOTES), person: ALICE }.response()?),
    ])
}

fn sign_up(layout: Layout<'_>) -> Pages {
    let page = SignUp {
        layout,
        step: step(NOTES),
        username: "",
        email: "",
        name: "",
        asks_username: Needed::Required,
        asks_email: Needed::No,
        min_length: 15,
        work: None,
        ticket: None,
        error: None,
    };
    let by_mail = SignUp { asks_username: Needed::Optional, asks_email: Needed::Optional, ..page };
    let problem = |field: &str, code| FieldProblem { field: field.into(), code, detail: "".into() };
    let fields = Error::fields(vec![
        problem("username", "invalid_characters"),
        problem("password", "too_short"),
        problem("password", "too_common"),
    ]);
    let taken = Error::new(Code::UsernameTaken, "");
    let name = "\u{645}\u{62d}\u{645}\u{62f}";
    let stranger = SignUp { step: step(STRANGER), username: "alice", min_length: 8, error: Some(&taken), ..page };
    Ok(vec![
        ("sign-up", page.response()?),
        ("sign-up-mail", by_mail.response()?),
        ("sign-up-fields", SignUp { username: "a@b", name, error: Some(&fields), ..page }.response()?),
        ("sign-up-taken", stranger.response()?),
    ])
}

fn mails(layout: Layout<'_>) -> Pages {
    let form = Form { action: "/password/reset?secret=x", token: "token", link: None };
    let page = Mailed { layout, task: Task::Reset, form, min_length: 15, error: None };
    let by_link = Form { link: Some("link"), ..form };
    let wrong = Error::new(Code::InvalidCode, "");
    let short = Error::parameter("password", "too_short", "");
    let forgot = Forgot { layout, form, username: "", sign_in: Some("/sign-in"), error: None };
    let done = |news| Done { layout, news, sign_in: Some("/sign-in") }.response();
    Ok(vec![
        ("forgot", forgot.response()?),
        ("forgot-throttled", Forgot { error: Some(&Error::too_many(840, "")), ..forgot }.response()?),
        ("reset-code", page.response()?),
        ("reset-wrong", Mailed { error: Some(&wrong), ..page }.response()?),
        ("reset-link", Mailed { form: by_link, error: Some(&short), ..page }.response()?),
        ("verify-code", Mailed { task: Task::Register, ..page }.response()?),
        ("verify-link", Mailed { task: Task::Register, form: by_link, ..page }.response()?),
        ("change-link", Mailed { task: Task::Change, form: by_link, ..page }.response()?),
        ("keep", Mailed { task: Task::Keep, form: by_link, ..page }.response()?),
        ("done-registered", done(News::Registered)?),
        ("done-will-change", done(News::WillChange)?),
        ("done-reset", done(News::Reset)?),
        ("done-kept", done(News::Kept)?),
    ])
}

fn others(layout: Layout<'_>) -> Pages {
    let scopes =
        [("openid", None), ("profile", None), ("offline_access", None), ("notes:write", Some("change your notes"))];
    let scopes = scopes.map(|(word, sentence)| Permission { word, sentence });
    let nameless = Person {
        username: "\u{3b1}\u{3bb}\u{3af}\u{3ba}\u{3b7}-with-a-name-that-goes-on-and-on-to-the-sixty-fourth-letter",
        name: None,
    };
    let wrong = Error::parameter("redirect_uri", "unregistered", "It is not one that this client registered.");
    let (stale, down) = (Error::new(Code::StaleRequest, "").leading_back(NOTES.way_back()), Error::passing(""));
    let error = |error| pages::Error { layout, error, request_id: "JKJaXmPLvHcESHA=" }.response();
    let consent = Consent { layout, step: step(NOTES), verified: true, person: ALICE, scopes: &scopes };
    let stranger = Consent { step: step(STRANGER), verified: false, person: nameless, ..consent };
    let documents = ["/.well-known/openid-configuration", "/.well-known/jwks.json"];
    Ok(vec![
        ("home", Home { layout, issuer: "https://id.example", documents: &documents }.response()?),
        ("error-parameter", error(&wrong)?),
        ("error-stale", error(&stale)?),
        ("error-down", error(&down)?),
        ("form-post", FormPost { layout, client: NOTES, parameters: &[("code", "c")] }.response()?),
        ("consent", consent.response()?),
        ("consent-unverified", stranger.response()?),
        ("sign-out", SignOut { layout, person: ALICE, token: "token", parameters: &[("state", "s")] }.response()?),
        ("signed-out", SignedOut { layout, back: NOTES.way_back().as_ref() }.response()?),
    ])
}

fn account(layout: Layout<'_>) -> Pages {
    let at = Time::from_seconds(1_795_824_000);
    let here = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let device = Device { id: "b", user_agent: Some(here), is_this: true, apps: vec!["Notes"], used_at: at };
    let program = Device { id: "s", user_agent: None, is_this: false, apps: vec![STRANGER.name], ..device.clone() };
    let word = |word| Permission { word, sentence: None };
    let app = App { id: "n", name: "Notes", permissions: vec![word("openid"), word("profile")], since: at };
    let sign_in = SecurityEvent::of(Action::SignIn).from_address("2001:db8::1", Some(here));
    let reused = SecurityEvent::of(Action::TokensEnded).because(Reason::RefreshTokenReused);
    let page = Account {
        layout,
        token: "token",
        username: "alice",
        name: Some("Alice Liddell"),
        email: Some(("alice@example.com", true)),
        changes_email: true,
        next_email: Some(NextEmail { address: "alice@example.org", from: at.plus(50_400) }),
        unreachable: Some(Unreachable::Bounced),
        password_changed_at: Some(at),
        second: SecondFactors { app: Presence::Until(at.plus(50_400)), codes_left: 9 },
        devices: &[device, program],
        apps: &[app],
        events: &[
            Event { event: &sign_in, app: Some("Notes"), at },
            Event { event: &reused, app: Some(STRANGER.name), at },
        ],
        refused: Some((3, at)),
    };
    let (wrong, many) = (Error::new(Code::InvalidCredentials, ""), Error::too_many(840, ""));
    let password = ChangePassword { layout, token: "token", username: "alice", min_length: 15, error: None };
    let address = Error::parameter("email", "invalid_address", "");
    let present = Some("alice@example.com");
    let email = ChangeEmail { layout, token: "token", username: "alice", present, email: "", error: None };
    let delete = DeleteAccount { layout, token: "token", username: "alice", end: None, error: None };
    let app_page =
        |step| AuthenticatorApp { layout, token: "token", username: "alice", step, asks_password: true, error: None };
    let codes = RecoveryCodes { layout, token: "token", username: "alice", asks_password: true, error: None };
    let new_codes = vec!["4F7K-Q2M9-0XZA-7R3B".to_owned(); 10];
    Ok(vec![
        ("account", page.response()?),
        ("account-name", ChangeName { layout, token: "token", name: "Alice", error: None }.response()?),
        ("account-email", email.response()?),
        ("account-email-wrong", ChangeEmail { email: "alice", error: Some(&address), ..email }.response()?),
        ("account-password", password.response()?),
        ("account-password-wrong", ChangePassword { error: Some(&wrong), ..password }.response()?),
        ("account-delete", delete.response()?),
        ("account-delete-later", DeleteAccount { end: Some(at), ..delete }.response()?),
        ("account-delete-throttled", DeleteAccount { error: Some(&many), ..delete }.response()?),
        ("account-totp", app_page(AppStep::Begin).response()?),
        ("account-totp-scan", app_page(AppStep::Scan { secret: SECRET, image: QR }).response()?),
        ("account-totp-remove", app_page(AppStep::Remove).response()?),
        ("account-codes", codes.response()?),
        ("account-new-codes", NewRecoveryCodes { layout, token: "token", codes: &new_codes }.response()?),
        ("account-leaving", Deleted { layout, end: Some(at) }.response()?),
        ("account-deleted", Deleted { layout, end: None }.response()?),
    ])
}

fn step(client: Client<'_>) -> Step<'_> {
    Step { request: "4cVqJxwFhk1mXqmr2oQ0Tw", token: "token", client }
}
