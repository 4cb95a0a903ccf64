//! Prints the tables of docs/cost.md: the resources that every operation uses, counted on the wire, and their cost.
//!
//! `cargo run -p tools --bin cost -- FOLDER` also measures the CPU of the release binaries in a folder (`--bin measure`
//! writes them to `target/measure/release`). What is not measured is assumed and marked. Linux only.

#![expect(clippy::print_stdout, reason = "a command that prints")]
#![expect(clippy::expect_used, reason = "the command ends when its setup fails")]

mod bill;
mod binaries;

use std::path::Path;
use std::time::Duration;

use tools::counted::{Begin, Course, FIRST, Ledger, WARM};

#[tokio::main]
async fn main() {
    let folder = std::env::args_os().nth(1);
    let measured = folder.as_ref().map(|folder| binaries::template(Path::new(folder)));
    let course = Course {
        template: measured.as_ref().map(|(_, template)| template.clone()),
        hold: Duration::from_millis(20),
        rounds: if measured.is_some() { 15 } else { 3 },
        enough: &|_| false,
        cpu: binaries::cpu,
    };
    print(&tools::counted::count(&course).await);
}

fn print(ledger: &Ledger) {
    println!(
        "| operation | functions | calls | reads | writes | KMS | in a row | CPU ms | DynamoDB | Lambda | in all |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for row in WARM {
        println!("{}{}", Begin(ledger, *row), bill::Rest(ledger, *row));
    }
    println!("\n| operation | functions | calls | reads | writes | KMS | in a row |");
    println!("|---|---|---|---|---|---|---|");
    for row in FIRST {
        println!("{} {} |", Begin(ledger, *row), ledger.count(row.0).trips);
    }
    println!();
    for line in bill::month(ledger) {
        println!("{line}");
    }
}
