//! Lines for the person at the terminal, on stderr.
//!
//! Functions write what strangers send them, so control characters are shown escaped: no line moves the cursor.
//! A thread of its own writes them: a terminal that stands still must not hold up the event loop.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// How many lines may wait for the terminal; further ones are dropped.
const WAITING: usize = 10_000;

/// Where lines for the terminal go; one that is quiet swallows them.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    lines: Option<SyncSender<Line>>,
}

#[derive(Debug)]
enum Line {
    Text(String),
    /// Everything before this has been written once the sender hears of it.
    Flush(oneshot::Sender<()>),
}

impl Console {
    /// A console on stderr, or a quiet one.
    pub(crate) fn new(quiet: bool) -> Self {
        let start = || {
            let (sender, receiver) = sync_channel(WAITING);
            thread::Builder::new().name("console".into()).spawn(move || write(&receiver)).ok().map(|_| sender)
        };
        Self { lines: if quiet { None } else { start() } }
    }

    /// Prints a line.
    pub(crate) fn print(&self, line: impl Into<String>) {
        if let Some(lines) = &self.lines {
            let _ = lines.try_send(Line::Text(line.into()));
        }
    }

    /// Waits until what was printed is written, at most for a second.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if let Some(lines) = &self.lines
            && lines.try_send(Line::Flush(done)).is_ok()
        {
            let _ = tokio::time::timeout(Duration::from_secs(1), written).await;
        }
    }
}

fn write(lines: &Receiver<Line>) {
    let mut terminal = std::io::stderr();
    for line in lines {
        match line {
            Line::Text(text) => drop(terminal.write_all(format!("{}\n", printable(&text)).as_bytes())),
            Line::Flush(done) => drop(done.send(())),
        }
    }
}

fn printable(text: &str) -> String {
    let escape = |character: char| match character {
        '\t' => character.to_string(),
        _ if character.is_control() => character.escape_default().to_string(),
        _ => character.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_line_cannot_steer_the_terminal() {
        assert_eq!(printable("a\tb\x1b[2J\r\u{9b}ü"), "a\tb\\u{1b}[2J\\r\\u{9b}ü");
    }
}
