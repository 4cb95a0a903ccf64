//! Which records of a batch EventBridge has taken, while others of the same batch have to be tried again. The stream
//! repeats the first of those and all that follow it. A process remembers what it sent, so that only those are sent
//! again that failed. A new process does not know, and sends some events twice.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use web::stream::NewItem;

/// The numbers of records that were sent, as long as the batch that they are in has not left as a whole.
#[derive(Debug, Default)]
pub(crate) struct Taken(Mutex<BTreeSet<String>>);

impl Taken {
    /// The records of a batch that were not sent before.
    pub(crate) fn unsent<'a>(&self, batch: &[NewItem<'a>]) -> Vec<NewItem<'a>> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        batch.iter().filter(|item| !sent.contains(item.number)).copied().collect()
    }

    /// Remembers which records of a batch need not be sent again: all but those that are `left`.
    pub(crate) fn remember(&self, batch: &[NewItem<'_>], left: &[NewItem<'_>]) {
        let done = batch.iter().filter(|item| !left.is_empty() && !left.contains(item));
        let done = done.map(|item| item.number.to_owned()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = done;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_remembered_until_the_batch_has_left() {
        let [one, two, three] = ["1", "2", "3"].map(|number| NewItem { pk: "AUDIT#a", sk: "e", number });
        let taken = Taken::default();
        assert_eq!(taken.unsent(&[one, two, three]), [one, two, three]);
        taken.remember(&[one, two, three], &[two]);
        assert_eq!(taken.unsent(&[two, three]), [two]);
        taken.remember(&[two, three], &[]);
        assert_eq!(taken.unsent(&[two, three]), [two, three]);
    }
}
