//! The one outbound HTTPS client: HTTP/1.1 over rustls on AWS-LC, with the web's root certificates compiled in.
//!
//! | type | connects to | connections |
//! |---|---|---|
//! | [`Connections`] | AWS, for the SDK | kept and used again |
//! | [`Source`] | one origin that the configuration names, such as the issuer | one for each document |
//! | [`Guarded`] | addresses that somebody outside chose | one for each document, to checked addresses only |
//!
//! No redirect is followed and no compression is asked for. The crate imports nothing of ours, so that everybody can
//! import it. That is also why the one [`Cache`] is here: see its module.

mod address;
mod body;
mod budget;
pub mod cache;
mod cache_control;
mod connections;
mod connector;
mod error;
mod exchange;
mod guarded;
mod network;
mod origin;
mod private;
mod roots;
mod source;
mod target;

pub use body::Incoming;
pub use cache::{Bounds, Cache, Reading};
pub use connections::{Connections, Spoiler};
pub use error::Error;
pub use guarded::{Document, Guarded, Terms};
pub use network::{network, site};
pub use private::PrivateOrigins;
pub use roots::Roots;
pub use source::{Answer, Source, Wanted};
