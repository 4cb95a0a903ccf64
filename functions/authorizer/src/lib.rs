//! API Gateway's custom authorizer: event in, decision out, for every shape of event that API Gateway has.
//!
//! | event | file | a bad token | a missing scope |
//! |---|---|---|---|
//! | HTTP API, payload 2.0 | `http_api.rs` | `isAuthorized: false` (403) | `isAuthorized: false` (403) |
//! | HTTP API, payload 1.0 | `http_api_v1.rs` | a policy that denies (403) | a policy that denies (403) |
//! | REST API `TOKEN` | `rest_token.rs` | `Unauthorized` (401) | a policy that denies (403) |
//! | REST API `REQUEST` | `rest_request.rs` | `Unauthorized` (401) | a policy that denies (403) |
//! | WebSocket `$connect` | `websocket.rs` | `Unauthorized` (401) | a policy that denies (403) |
//!
//! API Gateway caches an answer by its identity sources, for all routes of the API unless they are part of those. A
//! policy therefore says of the whole API what the token may do, so that it is right for the next route too; a simple
//! response cannot, so HTTP APIs that use it must have `$context.routeKey` among the identity sources.
//!
//! That the issuer's keys or its list of revocations cannot be had is a failure of the invocation (the gateway answers
//! 500): never a denial, never an approval. A panic is a failure as well; the runtime sees to that. No AWS SDK, and nothing works in the background:
//! a frozen Lambda has none.

mod answer;
mod authorizer;
mod context;
mod event;
mod http_api;
mod http_api_v1;
mod keys;
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
pub use published::{PAUSE, Unreachable};
pub use revoked::MAX_UNSEEN;
pub use settings::{Format, Settings};
