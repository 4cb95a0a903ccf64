//! The authorizer as the gateway sees it: event bytes in, answer bytes out, keys from a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot get what it needs has failed")]

mod http_api;
mod issuer;
mod keys;
mod policies;
mod rest_and_websocket;
mod revocations;
mod runtime;
mod stage;
mod tls;
