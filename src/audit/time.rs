//! Instants as the record writes them: UTC, to the millisecond, sortable as text.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// An instant, `2026-11-23T16:12:19.042Z`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Returns this instant.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Returns the instant so long ago.
    pub fn ago(duration: Duration) -> Self {
        Self::from(
            SystemTime::now()
                .checked_sub(duration)
                .unwrap_or(UNIX_EPOCH),
        )
    }

    /// Returns an instant from a date, or a date and a time; what is left out is zero.
    pub fn parse(text: &str) -> Option<Self> {
        const SHAPE: &str = "0000-00-00T00:00:00.000Z";
        let is_like = |(c, shape): (char, char)| match shape {
            '0' => c.is_ascii_digit(),
            'T' => c == 'T' || c == ' ',
            other => c == other,
        };
        let is_complete = matches!(text.len(), 10 | 16 | 19 | 20 | 23 | 24);
        if !is_complete || !text.is_ascii() {
            return None;
        }
        let text = text.trim_end_matches('Z').replace(' ', "T");
        if !text.chars().zip(SHAPE.chars()).all(is_like) {
            return None;
        }
        let rest = SHAPE.get(text.len()..)?;
        Some(Self(text + rest))
    }
}

impl Timestamp {
    /// Returns the instant that the text means; what is no date means the beginning of time.
    pub fn instant(&self) -> SystemTime {
        let number = |range: std::ops::Range<usize>| -> u64 {
            let digits = self.0.get(range).unwrap_or_default();
            digits.parse().unwrap_or(0)
        };
        let days = days(number(0..4), number(5..7), number(8..10));
        let seconds = days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19);
        UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(number(20..23))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(instant: SystemTime) -> Self {
        let since = instant.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let milli = since.subsec_millis();
        Self(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        ))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Turns a date into days since 1970, by years that begin in March.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year.saturating_sub(1), month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    (year * 365 + leap_days + (month * 153 + 2) / 5 + day).saturating_sub(719_469)
}

/// Turns days since 1970 into a date, by eras of 400 years that begin in March.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_dates() {
        let at = |seconds| Timestamp::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(1_767_225_599), "2025-12-31T23:59:59.000Z");
    }

    #[test]
    fn instants_are_read_as_they_are_written() {
        for seconds in [0, 951_782_400, 951_868_799, 1_767_225_599, 4_107_542_400] {
            let instant = UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 42);
            assert_eq!(Timestamp::from(instant).instant(), instant);
        }
    }

    #[test]
    fn dates_are_read() {
        let parse = |text| Timestamp::parse(text).map(|time| time.to_string());
        assert_eq!(parse("2026-01-02").unwrap(), "2026-01-02T00:00:00.000Z");
        assert_eq!(
            parse("2026-01-02 03:04").unwrap(),
            "2026-01-02T03:04:00.000Z"
        );
        assert_eq!(
            parse("2026-01-02T03:04:05Z").unwrap(),
            "2026-01-02T03:04:05.000Z"
        );
        assert_eq!(parse("yesterday!"), None);
        assert_eq!(parse("2026-1-2"), None);
    }
}
