//! What programs have answered, kept for a while: they take long, and an ordinary line
//! must not wait for them.

use std::fs::DirBuilder;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Freshness, Report};
use crate::sys::sealed;

/// What is kept of a root is some lines.
const LONGEST: u64 = 1 << 20;
/// How long a good answer holds where the program does not answer any more, in seconds.
const STANDS_IN: u64 = 3600;

#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    /// Seconds since the epoch.
    asked: u64,
    report: Report,
    /// The last answer that was one.
    answered: u64,
    readings: Report,
}

/// Returns what programs say of a root: what was kept where that is new enough, else what they say now.
pub(super) fn answer(
    root: &Path,
    state: &Path,
    freshness: Freshness,
    ask: impl FnOnce() -> Report,
) -> Report {
    let now = seconds();
    let place = place(root, state);
    let kept = read(&place);
    let is_new = |kept: &Kept| match freshness {
        Freshness::Now => false,
        Freshness::Within(most) => now.abs_diff(kept.asked) <= most,
        Freshness::Known => true,
    };
    if let Some(kept) = kept.as_ref().filter(|kept| is_new(kept)) {
        return settle(kept, now);
    }
    if freshness == Freshness::Known {
        return Report::default();
    }
    let report = ask();
    let (answered, readings) = match kept {
        Some(kept) if !report.unknown.is_empty() => (kept.answered, kept.readings),
        _ if report.unknown.is_empty() => (now, report.clone()),
        _ => (0, Report::default()),
    };
    let kept = Kept {
        asked: now,
        report,
        answered,
        readings,
    };
    // Where nothing can be kept, the programs are asked each time.
    let _ = write(&place, &kept);
    settle(&kept, now)
}

/// Returns what holds: the last answer, or the one before where the program has fallen silent since.
fn settle(kept: &Kept, now: u64) -> Report {
    let stands_in = !kept.report.unknown.is_empty()
        && !kept.readings.readings.is_empty()
        && now.abs_diff(kept.answered) <= STANDS_IN;
    let (mut report, age) = if stands_in {
        (kept.readings.clone(), now.saturating_sub(kept.answered))
    } else {
        (kept.report.clone(), now.saturating_sub(kept.asked))
    };
    for reading in &mut report.readings {
        reading.age = age;
    }
    report
}

fn place(root: &Path, state: &Path) -> PathBuf {
    let hash = Sha256::digest(root.as_os_str().as_bytes());
    let digits = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
    state
        .join("quota")
        .join(format!("{}.json", digits.collect::<String>()))
}

fn read(place: &Path) -> Option<Kept> {
    serde_json::from_slice(&sealed::read(place, LONGEST).ok()?).ok()
}

fn write(place: &Path, kept: &Kept) -> std::io::Result<()> {
    if let Some(directory) = place.parent() {
        let _ = DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(directory);
    }
    sealed::write(place, &serde_json::to_vec(kept)?)
}

fn seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::super::{Source, Usage};
    use super::*;

    fn good() -> Report {
        let mut report = Report::default();
        let root = Path::new("/r");
        report.add(
            root,
            Source::Lustre,
            "user 1".to_owned(),
            Usage::of(1, 2),
            Usage::default(),
        );
        report
    }

    fn bad() -> Report {
        let mut report = Report::default();
        report.fail(Path::new("/r"), "lfs", "no answer within 2 s");
        report
    }

    #[test]
    fn programs_are_not_asked_again_while_their_answer_is_new() {
        let state = tempfile::tempdir().unwrap();
        let root = Path::new("/r");
        let line = Freshness::Within(300);
        assert_eq!(
            answer(root, state.path(), Freshness::Known, || unreachable!()),
            Report::default()
        );
        assert_eq!(answer(root, state.path(), line, good).readings.len(), 1);
        assert_eq!(
            answer(root, state.path(), line, || unreachable!())
                .readings
                .len(),
            1
        );
        // Silence now: what was said before stands in for an hour.
        let now = answer(root, state.path(), Freshness::Now, bad);
        assert_eq!((now.readings.len(), now.unknown.len()), (1, 0));
    }

    #[test]
    fn a_program_that_never_answered_is_unknown() {
        let state = tempfile::tempdir().unwrap();
        let report = answer(Path::new("/r"), state.path(), Freshness::Now, bad);
        assert_eq!(report.unknown.len(), 1);
        assert!(report.readings.is_empty());
    }
}
