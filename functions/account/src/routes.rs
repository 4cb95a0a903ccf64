//! The routes of the function.

use oauth::{Code, Error};
use web::pages::Account;
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{consents, deletion, email, events, export, factors, me, page, password, sessions, totp};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if path.starts_with(Account::PATH) { Dialect::Page(&self.site) } else { Dialect::Problem }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (_, path) if path.starts_with(Account::PATH) => page::handle(self, request).await,
            (&Method::GET, "/me") => me::me(self, request).await,
            (&Method::PATCH, "/me") => me::change(self, request).await,
            (&Method::DELETE, "/me") => deletion::delete(self, request).await,
            (_, "/me") => Err(Error::method_not_allowed("GET, HEAD, PATCH, DELETE, OPTIONS")),
            (&Method::GET, "/me/export") => export::export(self, request).await,
            (&Method::GET, "/me/consents") => consents::list(self, request).await,
            (&Method::GET, "/me/events") => events::list(self, request).await,
            (&Method::GET, "/me/factors") => factors::list(self, request).await,
            (_, "/me/export" | "/me/consents" | "/me/events" | "/me/factors") => {
                Err(Error::method_not_allowed("GET, HEAD, OPTIONS"))
            }
            (&Method::POST, "/me/email") => email::ask(self, request).await,
            (&Method::DELETE, "/me/email") => email::keep(self, request).await,
            (&Method::POST, "/me/password") => password::change(self, request).await,
            (&Method::POST, "/me/totp") => totp::enrol(self, request).await,
            (&Method::DELETE, "/me/totp") => totp::remove(self, request).await,
            (_, "/me/email" | "/me/totp") => Err(Error::method_not_allowed("POST, DELETE, OPTIONS")),
            (&Method::POST, "/me/totp/confirm") => totp::confirm(self, request).await,
            (&Method::POST, "/me/totp/keep") => totp::keep(self, request).await,
            (&Method::POST, "/me/recovery-codes") => factors::new_codes(self, request).await,
            (_, "/me/password" | "/me/totp/confirm" | "/me/totp/keep" | "/me/recovery-codes") => {
                Err(Error::method_not_allowed("POST, OPTIONS"))
            }
            (&Method::GET, "/me/sessions") => sessions::list(self, request).await,
            (&Method::DELETE, "/me/sessions") => sessions::end_others(self, request).await,
            (_, "/me/sessions") => Err(Error::method_not_allowed("GET, HEAD, DELETE, OPTIONS")),
            (method, path) => match (path.strip_prefix("/me/sessions/"), path.strip_prefix("/me/consents/")) {
                (Some(sid), _) if method == Method::DELETE => sessions::end(self, request, sid).await,
                (_, Some(client_id)) if method == Method::DELETE => consents::forget(self, request, client_id).await,
                (None, None) => Err(Error::new(Code::NotFound, "path")),
                _ => Err(Error::method_not_allowed("DELETE, OPTIONS")),
            },
        }
    }
}
