//! What is wrong in a template, and where: built at the innermost place, completed on the way out.

use std::fmt;

/// A sentence and the path of the place that it speaks of.
#[derive(Debug)]
pub(super) struct Problem {
    /// Innermost segment first.
    path: Vec<String>,
    text: String,
}

impl Problem {
    /// A problem at the current place.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { path: Vec::new(), text: text.into() }
    }

    /// The same problem seen from one level further out.
    pub(super) fn at(mut self, segment: impl Into<String>) -> Self {
        self.path.push(segment.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        if path.is_empty() { f.write_str(&self.text) } else { write!(f, "{}: {}", path.join("."), self.text) }
    }
}
