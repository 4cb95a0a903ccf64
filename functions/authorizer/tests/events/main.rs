//! The authorizer from the gateway's side: event bytes in, answer bytes out, with keys from a real server.
#![expect(clippy::unwrap_used, reason = "a test fails when its setup does")]

mod http_api;
mod issuer;
mod keys;
mod policies;
mod rest_and_websocket;
mod revocations;
mod runtime;
mod stage;
mod tls;
