//! A day of the calendar, for people.

use oauth::{DAY, Time};

/// A day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: u64,
    /// From 1.
    pub(super) month: usize,
    pub(super) day: u64,
}

impl Date {
    /// The day of an instant. The algorithm counts years from March, so that the day that is sometimes missing is the last
    /// one.
    pub(super) fn of(time: Time) -> Self {
        let days = time.seconds() / DAY + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let (month, next) = if from_march < 10 { (from_march + 3, 0) } else { (from_march - 9, 1) };
        Self { year: era * 400 + year_of_era + next, month: usize::try_from(month).unwrap_or(1), day }
    }

    /// The name of the month, from a list of twelve.
    pub(super) fn month_in(self, names: &[&'static str; 12]) -> &'static str {
        names.get(self.month.saturating_sub(1)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, iso) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (1_795_824_000, "2026-11-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            let Date { year, month, day } = Date::of(Time::from_seconds(seconds));
            assert_eq!(format!("{year:04}-{month:02}-{day:02}"), iso);
        }
    }
}
