//! Moves the usernames that an earlier release stored to the keys of this one, so that names that look alike are known
//! as such. Needed once, after the upgrade; people can sign in before, during and after it.
//!
//! `TABLE_NAME=… cargo run -p tools --bin move_usernames`, with the region and credentials of somebody who may scan and
//! write the table in `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. An interrupted
//! run can be repeated.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that prints")]

use std::error::Error as _;
use std::process::ExitCode;

use credentials::Username;
use oauth::{Config, Error};
use store::{Aws, Renaming, Table};

/// Items of one page.
const PAGE: u16 = 500;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    let reason = error.source().map(|reason| format!(": {reason:?}")).unwrap_or_default();
    eprintln!("The usernames have not all moved: {error}{reason}. Repeat the command when this is mended.");
    ExitCode::FAILURE
}

async fn run() -> Result<(), Error> {
    let config = Config::from_pairs(std::env::vars());
    let table = Table::new(&Aws::open(&config)?, config.required("TABLE_NAME")?);
    let renaming = Renaming::new(&table);
    let (mut from, mut moved) = (None, 0);
    loop {
        let page = renaming.page(PAGE, from, forms).await?;
        for name in page.confusable {
            println!("{name} looks like a name that somebody else has: both keep working");
        }
        for name in page.unreadable {
            println!("{name:?} is no username of this release: its owner cannot sign in with it");
        }
        moved += page.moved;
        println!("{moved} usernames moved");
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}

/// Skeleton and folded form of a stored name.
fn forms(stored: &str) -> Option<(String, String)> {
    let name = Username::parse(stored).ok()?;
    let [skeleton, _, folded, _] = name.forms();
    Some((skeleton.to_owned(), folded.to_owned()))
}
