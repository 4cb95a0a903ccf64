//! The crates openidconnect and oauth2 as clients, used as documented. The argument selects one.
//!
//! `stage.rs` in the folder above runs the service and acts as the person.

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
