//! The ticket of a browser without scripts: it waits for a while instead of doing the work of a new account.
//!
//! A ticket says from when the browser waits. It is valid in this browser and for this account. Nothing is stored, so whoever
//! waits for many accounts can do so at the same time; the limit of accounts for each address remains.

use oauth::Time;
use web::pages::SignUp;
use web::work::{Account, WAIT, is_recent};
use web::{Request, Site};

/// The hidden field of the form.
pub(crate) const FIELD: &str = "ticket";

/// A ticket that begins now.
pub(crate) fn new(site: &Site, browser: &str, account: &Account, now: Time) -> String {
    let since = now.seconds().to_string();
    let token = site.token(browser, SignUp::PATH, &subject(&since, account));
    format!("{since}.{token}")
}

/// Since when the browser waits, if the ticket is genuine, for this account and less than an hour old.
pub(crate) fn since(site: &Site, request: &Request, account: &Account, ticket: &str) -> Option<Time> {
    let (since, token) = ticket.split_once('.')?;
    let genuine = is_recent(since, request.now()) && site.made(request, token, SignUp::PATH, &subject(since, account));
    since.parse().ok().filter(|_| genuine).map(Time::from_seconds)
}

/// Whether the browser has waited long enough.
pub(crate) fn is_over(site: &Site, request: &Request, account: &Account, ticket: &str) -> bool {
    since(site, request, account, ticket).is_some_and(|since| since.plus(WAIT) <= request.now())
}

fn subject(since: &str, Account { username, email }: &Account) -> String {
    format!("{since}\n{username}\n{email}")
}
