//! The two things that the command does: it serves, or it runs one event through one function.

mod flags;

use std::io::{self, Write};
use std::path::Path;

use local::{Failure, Options, Running, Stack};
use serde_json::Value as Json;
use tokio::signal::unix::{SignalKind, signal};

use flags::Command;
pub(crate) use flags::Flags;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Does what the command line says.
pub(crate) async fn run(flags: Flags) -> Outcome<()> {
    let (command, options) = flags.into_parts();
    match command {
        None => serve(options).await,
        Some(Command::Invoke { function, event }) => invoke(options, &function, &event).await,
    }
}

/// Serves until somebody asks for the end.
async fn serve(options: Options) -> Outcome<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let run = async {
        let stack = Stack::start(options).await?;
        let mut stdout = io::stdout();
        writeln!(stdout, "{}\nlistening on {}", stack.summary(), stack.url())?;
        stdout.flush()?;
        Outcome::Ok(stack)
    };
    let end = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    };
    tokio::pin!(end);
    let stack = tokio::select! {
        stack = run => stack?,
        () = &mut end => return Ok(()),
    };
    end.await;
    stack.stop().await;
    Ok(())
}

/// Runs one event, and prints the answer. A function error is an error here too, and the only thing that is printed then.
async fn invoke(options: Options, function: &str, event: &Path) -> Outcome<()> {
    let event = read(event).map_err(|error| format!("reading {}: {error}", event.display()))?;
    let event = serde_json::from_str(&event).map_err(|error| format!("the event is not JSON: {error}"))?;
    let answer = match Running::find(&options)? {
        Some(running) => running.invoke(function, &event).await?.map_err(|failure| failure.told())?,
        None => invoked_alone(options, function, event).await?,
    };
    writeln!(io::stdout(), "{answer:#}")?;
    Ok(())
}

/// What a function answers that works on the data folder while no instance serves it. With an error come its last words.
async fn invoked_alone(options: Options, function: &str, event: Json) -> Outcome<Json> {
    let is_shown = options.function_logs;
    let stack = Stack::without_gateway(options).await?;
    let answer = stack.invoke(function, event).await;
    let written = stack.stop().await;
    answer.map_err(|failure| {
        let tells_nothing = matches!(failure, Failure::NotStarted(_) | Failure::Crashed(_) | Failure::TimedOut(_));
        let last_words = if tells_nothing && !is_shown { written.as_slice() } else { &[] };
        let lines = last_words.iter().map(|line| format!("  {line}"));
        std::iter::once(failure.told()).chain(lines).collect::<Vec<_>>().join("\n").into()
    })
}

fn read(event: &Path) -> io::Result<String> {
    if event == Path::new("-") { io::read_to_string(io::stdin()) } else { std::fs::read_to_string(event) }
}
