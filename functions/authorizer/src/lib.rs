//! API Gateway's custom authorizer: it answers every shape of event that API Gateway sends with a decision.
//!
//! | event | file | invalid token | missing scope or weak authentication |
//! |---|---|---|---|
//! | HTTP API, payload 2.0 | `http_api.rs` | `isAuthorized: false` (403) | `isAuthorized: false` (403) |
//! | HTTP API, payload 1.0 | `http_api_v1.rs` | a policy that denies (403) | a policy that denies (403) |
//! | REST API `TOKEN` | `rest_token.rs` | `Unauthorized` (401) | a policy that denies (403) |
//! | REST API `REQUEST` | `rest_request.rs` | `Unauthorized` (401) | a policy that denies (403) |
//! | WebSocket `$connect` | `websocket.rs` | `Unauthorized` (401) | a policy that denies (403) |
//!
//! API Gateway caches an answer under its identity sources, and uses it for all routes of the API unless the route is
//! one of those sources. A policy therefore covers the whole API, so that it is correct for every route. A simple
//! response cannot do that, so HTTP APIs that use it must include `$context.routeKey` in the identity sources.
//!
//! When the issuer's keys or its list of revocations are unavailable, the invocation fails and the gateway answers 500:
//! the request is neither denied nor allowed. A panic also fails the invocation. The crate has no AWS SDK and no
//! background work, because a frozen Lambda runs nothing.

mod answer;
mod authorizer;
mod context;
mod event;
mod http_api;
mod http_api_v1;
mod keys;
mod need;
mod policy;
mod published;
mod request;
mod rest_request;
mod rest_token;
mod revoked;
mod rules;
mod settings;
mod stage;
mod verdict;
mod websocket;

pub use answer::{Answer, Failure};
pub use authorizer::Authorizer;
pub use context::Context;
pub use event::Event;
pub use keys::{DEFAULT_FRESH, MAX_FRESH, MAX_STALE, MIN_FRESH};
pub use published::{LAST_WAIT, PAUSE, URGENT, Unreachable};
pub use revoked::MAX_UNSEEN;
pub use settings::{Format, Settings};
