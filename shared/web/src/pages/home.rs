//! `/`: what a person finds at the service's address.

use askama::Template;
use oauth::Error;

use super::Layout;
use super::document::{Leave, document};
use crate::Response;

/// Says what the service is, and shows developers where to continue.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The issuer.
    pub issuer: &'a str,
    /// Paths of documents for developers.
    pub documents: &'a [&'a str],
}

impl Home<'_> {
    /// The page's address.
    pub const PATH: &'static str = "/";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave::default())
    }
}
