//! Which records to show.

use std::str::FromStr;
use std::time::Duration;

use super::Record;
use super::chain::Link;
use super::time::Timestamp;
use crate::policy::Decision;

/// What records must be like; everything that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this session.
    pub session: Option<String>,
    /// Decided by this rule.
    pub rule: Option<String>,
    /// Decided so.
    pub decision: Option<Decision>,
    /// Not before this.
    pub since: Option<Since>,
}

impl Filter {
    /// Returns whether a record passes.
    pub(super) fn passes(&self, link: &Link<Record>) -> bool {
        let record = &link.body;
        self.session.as_ref().is_none_or(|id| *id == record.session)
            && self.rule.as_ref().is_none_or(|rule| *rule == record.rule)
            && self.decision.is_none_or(|one| one == record.decision)
            && self.since.as_ref().is_none_or(|since| link.time >= since.0)
    }
}

/// A point in time as a person writes it: a date, a date and time, or so long ago (`90m`, `2d`).
#[derive(Clone, Debug)]
pub struct Since(pub Timestamp);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Timestamp::parse(text)
            .or_else(|| Some(Timestamp::ago(span(text)?)))
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no time; write 2026-01-31, or 90m, 12h, 7d"))
    }
}

fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}
