//! Why a transaction failed, and the pause before the next try.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use oauth::Error;

use crate::random;

/// Why a transaction failed.
pub(super) enum Outcome {
    /// Conditions were not met, at these places among the writes.
    Refused(Vec<usize>),
    /// Another transaction was in the way.
    Contended,
    /// Anything else.
    Fault,
}

pub(super) fn outcome<R>(error: &SdkError<TransactWriteItemsError, R>) -> Outcome {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            reasons(canceled.cancellation_reasons())
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Outcome::Contended,
        _ => Outcome::Fault,
    }
}

/// A failed condition is final, whatever else happened. Conflicts and throttling are retried.
fn reasons(reasons: &[CancellationReason]) -> Outcome {
    let any = |wanted: &[&str]| reasons.iter().filter_map(CancellationReason::code).any(|code| wanted.contains(&code));
    let refused = reasons.iter().enumerate().filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"));
    let refused: Vec<usize> = refused.map(|(place, _)| place).collect();
    if !refused.is_empty() {
        Outcome::Refused(refused)
    } else if any(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Outcome::Contended
    } else {
        Outcome::Fault
    }
}

/// Waits for a random time between 0 and 2^tries × 10 ms, so that competing requests spread out.
pub(super) async fn pause(tries: u32) -> Result<(), Error> {
    let [random] = random::bytes::<1>()?;
    let ceiling = 10 << tries.min(5);
    tokio::time::sleep(Duration::from_millis(ceiling * u64::from(random) / 255)).await;
    Ok(())
}
