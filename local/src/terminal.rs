//! Lines for the person at the terminal, on stderr: each with its time (UTC, as CloudWatch shows it), in colour where the
//! terminal has colours and `NO_COLOR` does not forbid it.
//!
//! Functions write what strangers send them, so control characters are shown escaped: no line moves the cursor.
//! A thread of its own writes them: a terminal that stands still must not hold up the event loop.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::oneshot;

/// How many lines may wait for the terminal; further ones are dropped.
const WAITING: usize = 10_000;

/// Where lines for the terminal go; one that is quiet swallows them.
#[derive(Debug, Clone)]
pub(crate) struct Terminal {
    lines: Option<SyncSender<Line>>,
}

/// What a line is about, which is its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something was done.
    Plain,
    /// What a function wrote.
    Quiet,
    /// A caller's mistake.
    Warning,
    /// A fault.
    Bad,
}

#[derive(Debug)]
enum Line {
    Text(Tone, String),
    /// Everything before this has been written once the sender hears of it.
    Flush(oneshot::Sender<()>),
}

impl Terminal {
    /// A terminal on stderr, or a quiet one.
    pub(crate) fn new(quiet: bool) -> Self {
        let start = || {
            let (sender, receiver) = sync_channel(WAITING);
            thread::Builder::new().name("terminal".into()).spawn(move || write(&receiver)).ok().map(|_| sender)
        };
        Self { lines: if quiet { None } else { start() } }
    }

    /// Whether nobody sees what is printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.lines.is_none()
    }

    /// Prints a line.
    pub(crate) fn print(&self, tone: Tone, line: impl Into<String>) {
        if let Some(lines) = &self.lines {
            let _ = lines.try_send(Line::Text(tone, line.into()));
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
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let colours = terminal.is_terminal() && !no_color && !dumb;
    for line in lines {
        match line {
            Line::Text(tone, text) => {
                let line = rendered(OffsetDateTime::now_utc(), tone, &printable(&text), colours);
                let _ = terminal.write_all(line.as_bytes());
            }
            Line::Flush(done) => drop(done.send(())),
        }
    }
}

/// `09:30:05Z a line`, with the escape sequences of its tone if there are `colours`.
fn rendered(now: OffsetDateTime, tone: Tone, text: &str, colours: bool) -> String {
    const FAINT: &str = "\x1b[2m";
    const RESET: &str = "\x1b[0m";
    let (hour, minute, second) = now.time().as_hms();
    let time = format!("{hour:02}:{minute:02}:{second:02}Z");
    let colour = match tone {
        Tone::Plain => "",
        Tone::Quiet => FAINT,
        Tone::Warning => "\x1b[33m",
        Tone::Bad => "\x1b[31m",
    };
    if !colours {
        format!("{time} {text}\n")
    } else if colour.is_empty() {
        format!("{FAINT}{time}{RESET} {text}\n")
    } else {
        format!("{FAINT}{time}{RESET} {colour}{text}{RESET}\n")
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
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_line_cannot_steer_the_terminal() {
        assert_eq!(printable("a\tb\x1b[2J\r\u{9b}ü"), "a\tb\\u{1b}[2J\\r\\u{9b}ü");
    }

    #[test]
    fn a_line_carries_its_time_and_where_there_are_colours_its_tone() {
        let now = datetime!(2026-11-24 9:30:05 UTC);
        assert_eq!(rendered(now, Tone::Bad, "no", false), "09:30:05Z no\n");
        assert_eq!(rendered(now, Tone::Plain, "yes", true), "\x1b[2m09:30:05Z\x1b[0m yes\n");
        assert_eq!(rendered(now, Tone::Bad, "no", true), "\x1b[2m09:30:05Z\x1b[0m \x1b[31mno\x1b[0m\n");
    }
}
