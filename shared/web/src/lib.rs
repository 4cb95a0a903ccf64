//! The HTTP edge: turns API Gateway events into [`Request`]s, and [`Response`]s into the gateway's format.
//!
//! It does what every endpoint needs, so that no endpoint can forget it: the clock (read once per request), request
//! ids, CORS, `no-store`, rendering and logging of errors, and turning a panic into a 500. The only importer of
//! `lambda_http`.

mod cookies;
mod cors;
mod csrf;
mod decode;
mod edge;
mod event;
mod fields;
pub mod pages;
mod problem;
mod request;
mod response;
mod run;
mod site;
pub mod stream;
pub mod work;

pub use cookies::Cookie;
pub use cors::Origins;
pub use decode::{base64, form_decoded};
pub use fields::{Fields, Patch, Problem};
pub use problem::Dialect;
pub use request::{Method, Request};
pub use response::Response;
pub use run::{Failure, Function, Invocation, Task, run, run_task};
pub use site::{Site, Visit};
