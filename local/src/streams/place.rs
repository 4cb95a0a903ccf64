//! Up to which record a stream was read for a function. The file is beside the table's data, so that a stack that starts
//! again continues where it ended, as a mapping in the cloud does.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The last record that is done.
#[derive(Debug)]
pub(super) struct Place {
    file: Option<PathBuf>,
    number: Mutex<Option<String>>,
}

impl Place {
    /// The place of a function in its stream, as far as a data folder knows it.
    pub(super) fn of(function: &str, data: Option<&Path>) -> Self {
        let file = data.map(|folder| folder.join(format!("stream-of-{function}")));
        let number = file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        Self { file, number: Mutex::new(number) }
    }

    /// The sequence number of the last record that is done.
    pub(super) fn number(&self) -> Option<String> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All records up to this one are done. If that cannot be written, the function sees them again after a start.
    pub(super) fn advance(&self, number: &str) {
        if let Some(file) = &self.file {
            let _ = fs::write(file, number);
        }
        *self.number.lock().unwrap_or_else(PoisonError::into_inner) = Some(number.to_owned());
    }
}
