//! The vocabulary of OAuth 2.1 in this service: error codes, scopes, clients, requests, the metadata document.
//!
//! Everything here is data: no I/O, no clock and no randomness. Every function can link it and every test can run it.

pub mod algorithm;
pub mod authentication;
pub mod authorization;
pub mod claims;
pub mod client;
pub mod config;
pub mod error;
pub mod event;
pub mod grant;
pub mod language;
pub mod mail;
pub mod metadata;
pub mod order;
pub mod parameters;
pub mod pkce;
pub mod redirect;
pub mod resource;
pub mod scope;
mod sign_in_with;
pub mod time;
mod wanted;

pub use algorithm::{Algorithm, SigningAlgorithms, UnknownAlgorithm};
pub use authentication::{Authentication, Factor, Level, Method, Passkey, RestsOn, Second};
pub use authorization::{AuthorizationRequest, Prompt, Reply, ResponseMode, is_of_a_request};
pub use claims::RequestedClaims;
pub use client::{AuthMethod, Client, GrantType, IdTokenClaims, Trust};
pub use config::Config;
pub use error::{Code, Error, FieldProblem, Needed, WayBack};
pub use event::{Action, Outcome, Reason, SecurityEvent};
pub use grant::Granted;
pub use language::Language;
pub use mail::{Mail, Message};
pub use order::Order;
pub use parameters::Parameters;
pub use pkce::Pkce;
pub use resource::Resources;
pub use scope::Scopes;
pub use sign_in_with::SignInWith;
pub use time::{DAY, HOUR, MINUTE, Time};
pub use wanted::WantedLevels;

/// The id of the built-in public client for first-party apps, which `/login` issues tokens to.
pub const FIRST_PARTY: &str = "first-party";
