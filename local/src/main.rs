//! `local`: serves the template of this folder, or runs one event through one of its functions.

mod command;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use command::Flags;

#[tokio::main]
async fn main() -> ExitCode {
    match command::run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "local: {error}");
            ExitCode::FAILURE
        }
    }
}
