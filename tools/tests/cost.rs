//! Checks the figures of docs/cost.md about DynamoDB and KMS, by counting on the wire.

use std::time::Duration;

use support::service::away_from_the_hour;
use tools::counted::{Begin, Course, Cpu, FIRST, Ledger, WARM};

/// Maximum number of rounds. A cache may expire in one round, but not in all of them.
const ROUNDS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_uses_the_units_on_the_cost_page() {
    away_from_the_hour().await;
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.md")).expect("the page");
    let told = told(&page);
    let enough = |ledger: &Ledger| counted(ledger) == told;
    let course = Course { template: None, hold: Duration::ZERO, rounds: ROUNDS, enough: &enough, cpu: Cpu::new };
    let counted = counted(&tools::counted::count(&course).await);
    let untold: Vec<_> = counted.iter().filter(|row| !told.contains(row)).collect();
    assert!(untold.is_empty(), "docs/cost.md says other than {untold:#?}: cargo run -p tools --bin cost");
    assert_eq!(told, counted, "the page has the operations that there are, in their order");
}

fn counted(ledger: &Ledger) -> Vec<String> {
    WARM.iter().chain(FIRST).map(|row| Begin(ledger, *row).to_string()).collect()
}

/// The rows of the page's tables of operations, without the columns that differ between machines.
fn told(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.starts_with("| `") || line.starts_with("| first `"));
    rows.map(|row| row.split_inclusive('|').take(7).collect()).collect()
}
