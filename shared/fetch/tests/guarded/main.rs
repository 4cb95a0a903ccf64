//! The guarded mode over real sockets: hostile names, hostile servers, and what is kept of what honest ones send.
#![expect(clippy::unwrap_used, reason = "a test that cannot get what it needs has failed")]

mod addresses;
mod budgets;
mod caching;
mod hostile;
mod server;
