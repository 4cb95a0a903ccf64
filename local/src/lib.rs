//! AWS on a laptop: reads template.yaml and runs the same binaries that Lambda runs, behind the same API Gateway.
//!
//! It knows the template and AWS protocols, and nothing of the service: no workspace crate is imported here, and no
//! table is touched behind a function's back. `cargo run -p local` starts it; the tests start a [`Stack`] each.
//!
//! | part | what it is |
//! |---|---|
//! | [`template`] | template.yaml, resolved as CloudFormation and SAM would |
//! | `gateway` | API Gateway: requests to events, answers to responses, authorizers and their caches |
//! | `runtime` | Lambda: builds the functions, runs them as processes, and takes invocations |
//! | [`iam`] | who calls and what they may do: policies, their evaluation, credentials, signatures |
//! | `guard` | the servers that functions call; they ask `iam`, and pass on what it allows |
//! | `engine` | DynamoDB: the embedded engine and the template's tables |
//! | `kms` | KMS: a stand-in with one master key |
//! | `streams` | event source mappings: records of a table's stream become events of functions |
//! | `ses` | SES: a stand-in with an inbox at `/_local/mail` |
//! | `eventbridge` | EventBridge: a stand-in that prints events |
//! | `seed` | a file of people, clients and APIs, sent as orders when a stack starts |
//! | `stack` | all of them, started in order; the data folder; how other commands find an instance |
//! | `terminal`, `wire` | lines for people, and HTTP on loopback |

mod engine;
mod error;
mod eventbridge;
mod gateway;
mod guard;
pub mod iam;
mod kms;
mod runtime;
mod seed;
mod ses;
mod stack;
mod streams;
pub mod template;
mod terminal;
mod wire;

pub use error::Error;
pub use eventbridge::EventFault;
pub use iam::{Credentials, Upstream};
pub use runtime::{Failure, LogLine};
pub use stack::{Data, Options, Running, Stack};
pub use template::Beside;
