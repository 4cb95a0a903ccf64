//! What a sign-in uses up, such as a code that works once. The transaction that begins what rests on it uses it up, so that
//! of any number of parallel uses one succeeds.

use crate::table::Write;

/// Parts of a larger write that use something up. Refused if it is used up already.
#[derive(Default)]
pub struct Spent(Vec<Write>);

impl Spent {
    /// One part.
    pub(crate) fn by(write: Write) -> Self {
        Self(vec![write])
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The parts.
    pub(crate) fn writes(self) -> Vec<Write> {
        self.0
    }
}
