//! The thresholds of the law, by key. Their values live in the policy files only.
//!
//! INVARIANT: no threshold has a value in Rust; a missing key is an error at load.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// A threshold, by name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Limit {
    /// Percent of a root's quota at which the session halts.
    QuotaHaltPercent,
    /// Free bytes of a file system below which the session halts.
    QuotaMinFree,
    /// Entries renamed or changed in one command before a person is asked.
    BulkMaxEntries,
    /// Percent of the free space that one copy may take before a person is asked.
    BulkMaxCopy,
    /// Bytes of a file that are copied to retain it where there are no reflinks.
    RetainCopyLimit,
    /// Bytes of a session-made file whose removal is still retained.
    RetainBornLimit,
    /// Seconds of CPU a process may use on a login node.
    LoginCpuSeconds,
    /// Points that one sweep may have.
    SweepMaxPoints,
}

impl Limit {
    /// Every threshold there is.
    pub const ALL: [Self; 8] = [
        Self::QuotaHaltPercent,
        Self::QuotaMinFree,
        Self::BulkMaxEntries,
        Self::BulkMaxCopy,
        Self::RetainCopyLimit,
        Self::RetainBornLimit,
        Self::LoginCpuSeconds,
        Self::SweepMaxPoints,
    ];

    /// Returns the key it has in a policy file, below `[limits]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::QuotaHaltPercent => "quota.halt_percent",
            Self::QuotaMinFree => "quota.min_free",
            Self::BulkMaxEntries => "bulk.max_entries",
            Self::BulkMaxCopy => "bulk.max_copy",
            Self::RetainCopyLimit => "retain.copy_limit",
            Self::RetainBornLimit => "retain.born_limit",
            Self::LoginCpuSeconds => "login.cpu_seconds",
            Self::SweepMaxPoints => "sweep.max_points",
        }
    }

    /// Returns the threshold with this key.
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.key() == key)
    }

    /// Returns whether `new` is at least as strict as `old`.
    pub fn is_tighter(self, new: u64, old: u64) -> bool {
        match self {
            Self::QuotaMinFree => new >= old,
            Self::QuotaHaltPercent
            | Self::BulkMaxEntries
            | Self::BulkMaxCopy
            | Self::RetainCopyLimit
            | Self::RetainBornLimit
            | Self::LoginCpuSeconds
            | Self::SweepMaxPoints => new <= old,
        }
    }

    /// Returns a value of it in words, with its unit.
    pub fn display(self, value: u64) -> String {
        match self {
            Self::QuotaHaltPercent | Self::BulkMaxCopy => format!("{value} %"),
            Self::QuotaMinFree | Self::RetainCopyLimit | Self::RetainBornLimit => bytes(value),
            Self::BulkMaxEntries | Self::SweepMaxPoints => value.to_string(),
            Self::LoginCpuSeconds => format!("{value} s"),
        }
    }

    /// Returns the largest value that makes sense.
    pub(crate) fn ceiling(self) -> u64 {
        match self {
            Self::QuotaHaltPercent | Self::BulkMaxCopy => 100,
            Self::QuotaMinFree
            | Self::BulkMaxEntries
            | Self::RetainCopyLimit
            | Self::RetainBornLimit
            | Self::LoginCpuSeconds
            | Self::SweepMaxPoints => u64::MAX,
        }
    }
}

/// The values of all thresholds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Limits {
    values: BTreeMap<Limit, u64>,
}

impl Limits {
    pub(crate) fn value(&self, limit: Limit) -> Option<u64> {
        self.values.get(&limit).copied()
    }

    pub(crate) fn set(&mut self, limit: Limit, value: u64) {
        self.values.insert(limit, value);
    }
}

/// A number in a policy file: plain, or bytes with a unit (`"64 MiB"`).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Amount(pub u64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a size such as `64 MiB`")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Amount, E> {
        u64::try_from(value)
            .map(Amount)
            .map_err(|_| E::custom("a threshold is not negative"))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Amount, E> {
        Ok(Amount(value))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        parse_bytes(text)
            .map(Amount)
            .ok_or_else(|| E::custom(format!("`{text}` is no size; write it as `64 MiB`")))
    }
}

const UNITS: [(&str, u32); 5] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0)];

fn parse_bytes(text: &str) -> Option<u64> {
    let (number, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))?;
    let number: u64 = number.trim().parse().ok()?;
    number.checked_mul(1 << shift)
}

fn bytes(value: u64) -> String {
    UNITS
        .iter()
        .take(4)
        .rev()
        .find(|(_, shift)| value >= 1 << shift)
        .map_or_else(
            || format!("{value} B"),
            |(unit, shift)| {
                let whole = value >> shift;
                let tenth = ((value - (whole << shift)) * 10) >> shift;
                if tenth == 0 {
                    format!("{whole} {unit}")
                } else {
                    format!("{whole}.{tenth} {unit}")
                }
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_write_themselves() {
        assert_eq!(parse_bytes("64 MiB"), Some(64 << 20));
        assert_eq!(parse_bytes("1GiB"), Some(1 << 30));
        assert_eq!(parse_bytes("12"), None);
        assert_eq!(bytes(64 << 20), "64 MiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(12), "12 B");
    }

    #[test]
    fn every_key_is_its_own() {
        for limit in Limit::ALL {
            assert_eq!(Limit::by_key(limit.key()), Some(limit));
        }
    }
}
