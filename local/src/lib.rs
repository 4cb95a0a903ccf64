//! AWS on a laptop: reads template.yaml and runs the same binaries that Lambda runs, behind the same API Gateway.
//!
//! It knows the template and AWS protocols, and nothing of the service: no workspace crate is imported here, and no
//! table is touched behind a function's back. `cargo run -p local` starts it; the tests start a [`Stack`] each.

mod build;
mod console;
mod containers;
mod data;
mod dynamodb;
mod error;
mod gateway;
mod http;
pub mod iam;
mod ids;
mod kms;
mod operator;
mod options;
mod policy;
mod runtime;
mod signature;
mod stack;
pub mod template;
mod wildcard;

pub use error::Error;
pub use options::{Data, Options};
pub use runtime::{Failure, LogLine};
pub use stack::Stack;
pub use template::Beside;
