//! What `local` emulates of AWS, fact by fact, over real sockets and real processes.
//!
//! The functions here are the example `echo`, which does as it is told; the service's own tests are in `suite`.

mod authorizer;
mod command;
mod dynamodb;
mod gateway;
mod kms;
mod processes;
mod support;
