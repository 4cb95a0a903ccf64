//! Writes every hosted page, in each of its states, as HTML files into a folder: for translators and for a look at the
//! design without a service.
//!
//! ```text
//! cargo run -p web --example pages -- FOLDER
//! ```

use std::path::Path;

use oauth::{Code, Error, FieldProblem};
use web::Response;
use web::pages::{self, Client, Consent, FormPost, Permission, Person, SignIn, SignOut, SignUp, SignedOut, Step};

/// A client that is known.
const NOTES: Client<'_> = Client { name: "Notes", redirect_uri: "https://notes.example/callback?from=gatewright" };
/// One with a name that tries everything.
const STRANGER: Client<'_> = Client {
    name: "Free <b>Notes</b> & \u{202e}much\u{202c} more for everybody who-has-no-patience-for-names-that-end",
    redirect_uri: "https://a-host-name-as-long-as-a-phone-is-wide-and-longer.example/callback",
};
const ALICE: Person<'_> = Person { username: "alice", name: Some("Alice Liddell") };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    std::fs::create_dir_all(&folder)?;
    for (name, page) in sign_in()?.into_iter().chain(sign_up()?).chain(others()?) {
        let file = Path::new(&folder).join(format!("{name}.html"));
        std::fs::write(file, page.body().unwrap_or_default())?;
    }
    Ok(())
}

type Pages = Result<Vec<(&'static str, Response)>, Error>;

fn sign_in() -> Pages {
    let page = SignIn { step: step(NOTES), username: "", registration: true, error: None };
    let (wrong, many) = (Error::new(Code::InvalidCredentials, ""), Error::too_many(840, ""));
    Ok(vec![
        ("sign-in", page.response()?),
        ("sign-in-wrong", SignIn { username: "alice", error: Some(&wrong), ..page }.response()?),
        (
            "sign-in-throttled",
            SignIn { step: step(STRANGER), username: "alice", registration: false, error: Some(&many) }.response()?,
        ),
    ])
}

fn sign_up() -> Pages {
    let page = SignUp { step: step(NOTES), username: "", name: "", min_length: 15, error: None };
    let problem =
        |field: &str, code, detail: &'static str| FieldProblem { field: field.into(), code, detail: detail.into() };
    let fields = Error::fields(vec![
        problem("username", "invalid_characters", "A username has no @."),
        problem("password", "too_short", "Use at least 15 characters; several words in a row are easy to remember."),
        problem("password", "too_common", "This is guessed early. Use words that do not belong together."),
    ]);
    let taken = Error::new(Code::UsernameTaken, "");
    Ok(vec![
        ("sign-up", page.response()?),
        (
            "sign-up-fields",
            SignUp { username: "a@b", name: "\u{645}\u{62d}\u{645}\u{62f}", error: Some(&fields), ..page }
                .response()?,
        ),
        (
            "sign-up-taken",
            SignUp { step: step(STRANGER), username: "alice", name: "", min_length: 8, error: Some(&taken) }
                .response()?,
        ),
    ])
}

fn others() -> Pages {
    let scopes =
        [("openid", None), ("profile", None), ("offline_access", None), ("notes:write", Some("change your notes"))];
    let scopes = scopes.map(|(word, sentence)| Permission { word, sentence });
    let nameless = Person {
        username: "\u{3b1}\u{3bb}\u{3af}\u{3ba}\u{3b7}-with-a-name-that-goes-on-and-on-to-the-sixty-fourth-letter",
        name: None,
    };
    let wrong = Error::parameter("redirect_uri", "unregistered", "It is not one that this client registered.");
    let (stale, down) = (Error::new(Code::StaleRequest, ""), Error::passing(""));
    let error = |error| pages::Error { error, request_id: "JKJaXmPLvHcESHA=" }.response();
    Ok(vec![
        ("error-parameter", error(&wrong)?),
        ("error-stale", error(&stale)?),
        ("error-down", error(&down)?),
        ("form-post", FormPost { client: NOTES, parameters: &[("code", "c")] }.response()?),
        ("consent", Consent { step: step(NOTES), verified: true, person: ALICE, scopes: &scopes }.response()?),
        (
            "consent-unverified",
            Consent { step: step(STRANGER), verified: false, person: nameless, scopes: &scopes }.response()?,
        ),
        (
            "sign-out",
            SignOut { person: ALICE, token: "token", parameters: &[("state", "s")], redirect_uri: None }.response()?,
        ),
        ("signed-out", SignedOut { back: Some(("Notes", "https://notes.example/")) }.response()?),
    ])
}

fn step(client: Client<'_>) -> Step<'_> {
    Step { request: "4cVqJxwFhk1mXqmr2oQ0Tw", token: "token", client }
}
