//! `local`: serves the template of this folder, or runs one event through one of its functions.

mod cli;

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use local::{Failure, Options, Stack};
use tokio::signal::unix::{SignalKind, signal};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let (command, options) = Cli::parse().into_parts();
    let outcome = match command {
        None => serve(options).await,
        Some(Command::Invoke { function, event }) => invoke(options, &function, &event).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "local: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until somebody asks for the end.
async fn serve(options: Options) -> Outcome {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let run = async {
        let stack = Stack::start(options).await?;
        let mut stdout = io::stdout();
        writeln!(stdout, "{}\nlistening on {}", stack.summary(), stack.url())?;
        stdout.flush()?;
        Ok::<_, Box<dyn std::error::Error>>(stack)
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

/// Runs one event; a function error is an error here too.
async fn invoke(options: Options, function: &str, event: &Path) -> Outcome {
    let event = read(event).map_err(|error| format!("reading {}: {error}", event.display()))?;
    let event = serde_json::from_str(&event).map_err(|error| format!("the event is not JSON: {error}"))?;
    let stack = Stack::without_gateway(options).await?;
    let answer = stack.invoke(function, event).await;
    stack.stop().await;
    let shown = answer.as_ref().map_or_else(Failure::payload, Clone::clone);
    writeln!(io::stdout(), "{shown:#}")?;
    answer.map(drop).map_err(Into::into)
}

fn read(event: &Path) -> io::Result<String> {
    let mut text = String::new();
    match event == Path::new("-") {
        true => io::stdin().read_to_string(&mut text)?,
        false => std::fs::File::open(event)?.read_to_string(&mut text)?,
    };
    Ok(text)
}
