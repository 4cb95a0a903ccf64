//! What every test uses: a running service, people, and the means to disturb them.

pub mod engine;
pub mod faulty;
pub mod forger;
pub mod service;

pub use service::{Answer, PASSWORD, Service};
