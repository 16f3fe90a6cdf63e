//! Spans and moments as Slurm writes them.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use super::id::digits;
use crate::audit::Timestamp;

/// How long a job may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// So many seconds.
    Seconds(u64),
    /// As long as it likes.
    Unlimited,
    /// Not said.
    Unknown,
}

impl Limit {
    /// Reads `1-02:00:00`, `10:00`, `UNLIMITED`; anything else is not known.
    pub fn read(text: &str) -> Self {
        match text {
            "UNLIMITED" | "INFINITE" => Self::Unlimited,
            _ => span(text).map_or(Self::Unknown, Self::Seconds),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seconds(seconds) => serializer.serialize_u64(*seconds),
            Self::Unlimited => serializer.serialize_str("unlimited"),
            Self::Unknown => serializer.serialize_none(),
        }
    }
}

/// Reads `D-HH:MM:SS`, `HH:MM:SS`, `MM:SS` as seconds; `INVALID` and its like are `None`.
pub fn span(text: &str) -> Option<u64> {
    let (days, clock): (u64, &str) = match text.split_once('-') {
        Some((days, clock)) => (digits(days)?, clock),
        None => (0, text),
    };
    // sacct may add a fraction of the second.
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut parts = clock.split(':').rev();
    let seconds: u64 = digits(parts.next()?)?;
    let minutes: u64 = digits(parts.next()?)?;
    let hours: u64 = match parts.next() {
        Some(hours) => digits(hours)?,
        None if text.contains('-') => return None,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes.checked_mul(60)?.checked_add(seconds)
}

/// Returns seconds as Slurm writes them: `1-02:03:04`, `3:04`.
pub fn written(seconds: u64) -> String {
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hours, minute) = (minutes / 60, minutes % 60);
    let (days, hour) = (hours / 24, hours % 24);
    match (days, hour) {
        (0, 0) => format!("{minute}:{second:02}"),
        (0, _) => format!("{hour}:{minute:02}:{second:02}"),
        _ => format!("{days}-{hour:02}:{minute:02}:{second:02}"),
    }
}

/// Reads a moment: local time without a zone, or seconds since the epoch where
/// `SLURM_TIME_FORMAT` says so. `N/A`, `Unknown`, `None` are none.
pub fn moment(text: &str) -> Option<Timestamp> {
    let seconds = match digits::<u64>(text) {
        Some(seconds) => seconds,
        None => {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            let zoned = civil.to_zoned(jiff::tz::TimeZone::system()).ok()?;
            u64::try_from(zoned.timestamp().as_second()).ok()?
        }
    };
    let at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    (seconds > 0).then(|| Timestamp::from(at))
}

/// Returns a moment as Slurm's clients read it on their command line: local, without a zone.
pub fn asked(moment: &Timestamp) -> String {
    let zone = jiff::tz::TimeZone::system();
    let local = jiff::Timestamp::try_from(moment.instant()).map(|at| at.to_zoned(zone));
    match local {
        Ok(local) => local.datetime().strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        Err(_) => "1970-01-02T00:00:00".to_owned(),
    }
}
