//! What functions write to stdout and stderr.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use crate::terminal::{Terminal, Tone};

/// How many lines are kept, of all functions together.
const KEPT: usize = 100_000;
/// A longer line is cut into several.
const LINE: u64 = 64 * 1024;

/// One process of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// Logical id of the function.
    pub(super) function: String,
    /// Which of its processes, counted from 1.
    pub(super) number: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.function, self.number)
    }
}

/// One line that a function wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Logical id of the function.
    pub function: String,
    /// Which of its processes, counted from 1.
    pub instance: u64,
    /// The line without its end.
    pub text: String,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{} | {}", self.function, self.instance, self.text)
    }
}

/// The lines of all functions, shown as they come or only kept.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Mutex<VecDeque<LogLine>>,
    /// Where lines are shown as they come.
    shown: Option<Terminal>,
}

impl Logs {
    /// Logs that are kept, and shown on `shown` if there is one.
    pub(crate) fn new(shown: Option<Terminal>) -> Self {
        Self { lines: Mutex::default(), shown }
    }

    /// Whether lines are shown as they come.
    pub(super) fn are_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// Every line so far, oldest first.
    pub(crate) fn all(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The last lines of one process.
    pub(super) fn tail(&self, origin: &Origin, count: usize) -> Vec<LogLine> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |line: &&LogLine| line.function == origin.function && line.instance == origin.number;
        let mut tail: Vec<LogLine> = lines.iter().rev().filter(own).take(count).cloned().collect();
        tail.reverse();
        tail
    }

    /// Reads one stream of a process to its end.
    pub(super) async fn follow(&self, origin: &Origin, stream: Option<impl AsyncRead + Unpin>) {
        let Some(stream) = stream else { return };
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while (&mut stream).take(LINE).read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.add(LogLine { function: origin.function.clone(), instance: origin.number, text });
            line.clear();
        }
    }

    fn add(&self, line: LogLine) {
        if let Some(terminal) = &self.shown {
            terminal.print(Tone::Quiet, line.to_string());
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}
