//! What a session's keeper does: measures every two seconds, halts the session at the
//! limit, puts the question, and waits for a person's word. On a login node it looks after the CPU besides.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::audit::{Record, Stamp, Timestamp, Writer};
use crate::guard::{Keeping, Kept};
use crate::policy::{Context, Decision, Policy};
use crate::quota::halted::{self, Growing, Halted};
use crate::quota::{self, Cause, FOR_A_WATCH, Report, Standing, Thresholds};
use crate::session::Places;
use crate::ui;

use super::room;
use super::tending::Tending;

/// How often is measured.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often near the limit.
const NEAR_INTERVAL: Duration = Duration::from_millis(500);
/// Percent below the limit that are near it.
const NEAR: u64 = 10;
/// How often is looked for a person's word.
const LISTENING: Duration = Duration::from_millis(100);
/// Files named in the question.
const MOST_FILES: usize = 5;
/// Entries of a directory that are looked at.
const MOST_ENTRIES: usize = 2000;

/// What is watched.
struct Watch {
    thresholds: Thresholds,
    roots: Vec<PathBuf>,
    state: PathBuf,
    audit: PathBuf,
    stamp: Stamp,
    since: SystemTime,
    tending: Option<Tending>,
}

/// Returns who watches a session; nobody where it may write nowhere, or `creates` nothing, and CPU is its own.
pub(super) fn keeping(
    policy: &Arc<Policy>,
    context: &Context,
    places: &Places,
    stamp: &Stamp,
    creates: bool,
) -> Option<Keeping> {
    let watch = Watch {
        thresholds: room::thresholds(policy),
        roots: match creates {
            true => context.roots.clone(),
            false => Vec::new(),
        },
        state: places.state.clone(),
        audit: places.audit.clone(),
        stamp: stamp.clone(),
        since: SystemTime::now(),
        tending: Tending::new(policy, context, places, stamp),
    };
    let is_needed = watch.tending.is_some() || !watch.roots.is_empty();
    is_needed.then(|| Keeping {
        keep: Box::new(move |kept| watch.keep(kept)),
        say: Box::new(ui::say),
    })
}

impl Watch {
    fn keep(mut self, mut kept: Kept) {
        let mut wait = Duration::ZERO;
        let mut due = Instant::now();
        while kept.pause(wait) {
            wait = INTERVAL;
            if let Some(tending) = &mut self.tending {
                wait = tending.look(&mut kept);
            }
            if self.roots.is_empty() {
                continue;
            }
            if due <= Instant::now() {
                let report = quota::read(&self.roots, &self.state, FOR_A_WATCH);
                due = Instant::now() + self.interval(&report);
                if let Standing::Halted(causes) = report.standing(self.thresholds)
                    && !self.halt(&mut kept, causes)
                {
                    return;
                }
            }
            wait = wait.min(due.saturating_duration_since(Instant::now()));
        }
    }

    fn interval(&self, report: &Report) -> Duration {
        let percents = report.readings.iter().filter_map(|one| one.fullest());
        let fullest = percents.map(|(_, percent)| percent).max().unwrap_or(0);
        if fullest + NEAR >= self.thresholds.halt_percent {
            NEAR_INTERVAL
        } else {
            INTERVAL
        }
    }

    /// Halts a session until a person lets it go on; returns false when it is over.
    fn halt(&self, kept: &mut Kept, causes: Vec<Cause>) -> bool {
        let stopped = kept.halt();
        let halted = Halted {
            session: self.stamp.session.clone(),
            since: Timestamp::now().to_string(),
            supervisor: kept.supervisor(),
            keeper: i32::try_from(std::process::id()).unwrap_or(0),
            causes,
            growing: self.growing(kept),
            stopped,
            roots: self.roots.clone(),
        };
        let mut is_marked = halted::put_down(&self.state, &halted).is_ok();
        kept.say(&ui::room::question(&halted));
        if !is_marked {
            kept.say("hlrp-sh: that it is halted cannot be written down yet; `hlrp-sh resume` finds it when there is room");
        }
        self.record("halt", &halted, Decision::Halt);
        loop {
            if !kept.pause(LISTENING) {
                halted::clear(&self.state, &self.stamp.session);
                return false;
            }
            if halted::is_resumed(&self.state, &self.stamp.session) {
                break;
            }
            kept.hold();
            // The full file system itself may be why the mark could not be made.
            if !is_marked {
                is_marked = halted::put_down(&self.state, &halted).is_ok();
            }
        }
        kept.go_on();
        halted::clear(&self.state, &self.stamp.session);
        kept.say("the session goes on");
        true
    }

    fn record(&self, action: &str, halted: &Halted, decision: Decision) {
        let targets = halted
            .causes
            .iter()
            .map(|one| format!("{} {} %", one.root.display(), one.percent));
        let target = targets.collect::<Vec<_>>().join(", ");
        let record = Record::standing(&self.stamp, action, &target, decision);
        // It is halted whether or not it can be recorded: the disk may be full.
        let _ = Writer::open(&self.audit, self.stamp.clone())
            .and_then(|mut writer| writer.append(record));
    }

    /// Finds what has grown: what is open for writing, and what came to be beside it since the session began.
    fn growing(&self, kept: &Kept) -> Vec<Growing> {
        let is_inside = |path: &Path| self.roots.iter().any(|root| path.starts_with(root));
        let open = kept.open_files();
        let mut directories = kept.directories();
        directories.extend(
            open.keys()
                .filter_map(|path| path.parent().map(Path::to_owned)),
        );
        directories.sort();
        directories.dedup();
        let mut paths: Vec<PathBuf> = open.keys().cloned().collect();
        for directory in directories.iter().filter(|one| is_inside(one)) {
            let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
            let fresh = entries.take(MOST_ENTRIES).filter(|entry| {
                let times = entry.metadata().and_then(|found| found.modified());
                times.is_ok_and(|time| time >= self.since)
            });
            paths.extend(fresh.map(|entry| entry.path()));
        }
        paths.sort();
        paths.dedup();
        let files = paths.into_iter().filter(|path| is_inside(path));
        let mut growing: Vec<Growing> = files
            .filter_map(|path| {
                let found = path
                    .symlink_metadata()
                    .ok()
                    .filter(|found| found.is_file())?;
                Some(Growing {
                    bytes: found.len(),
                    program: open.get(&path).cloned(),
                    path,
                })
            })
            .collect();
        growing.sort_by_key(|one| std::cmp::Reverse(one.bytes));
        growing.truncate(MOST_FILES);
        growing
    }
}
