//! The crates openidconnect and oauth2 as clients, each as its documentation shows it. Which one is the argument.
//!
//! `stage.rs` in the folder above runs the service and plays the person.

mod oauth;
mod oidc;
mod session;

use session::{Failure, Session};

fn main() -> Result<(), Failure> {
    match std::env::args().nth(1).as_deref() {
        Some("openidconnect") => Session::start()?.run(oidc::flow),
        Some("oauth2") => Session::start()?.run(oauth::flow),
        _ => Ok(()),
    }
}
