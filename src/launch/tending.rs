//! What a session's keeper does on a login node besides: a tree of processes that uses more CPU than a machine of
//! everybody's has to spare is asked to end, and ended ten seconds later.
//!
//! INVARIANT: a signal reaches only processes of a tree that is beyond the limit, each known by when it began.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::audit::{Record, Stamp, Writer};
use crate::guard::Kept;
use crate::policy::{Context, HostClass, Limit, Policy};
use crate::session::Places;
use crate::slurm::submit::word;
use crate::sys::process;
use crate::sys::times::{self, Times};
use crate::ui;

use super::toil::Toil;

/// The rule that speaks, and its part.
const RULE: (&str, &str) = ("train.login-node", "CPU time");
/// The list of shells.
const SHELLS: &str = "shells";
/// How often is looked.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often while something is to end.
const NEAR: Duration = Duration::from_millis(200);
/// How long it takes until something is said.
const HEARING: Duration = Duration::from_millis(100);
/// How long what is asked to end may take.
const GRACE: Duration = Duration::from_secs(10);

/// Who watches the CPU of a session.
pub(super) struct Tending {
    policy: Arc<Policy>,
    audit: PathBuf,
    stamp: Stamp,
    toil: Toil,
    /// Trees that were asked to end, and when they are ended.
    condemned: BTreeMap<i32, Instant>,
}

impl Tending {
    /// Returns who watches; nobody where CPU is one's own.
    pub(super) fn new(
        policy: &Arc<Policy>,
        context: &Context,
        places: &Places,
        stamp: &Stamp,
    ) -> Option<Self> {
        match context.class {
            HostClass::Login => Some(Self {
                policy: Arc::clone(policy),
                audit: places.audit.clone(),
                stamp: stamp.clone(),
                toil: Toil::default(),
                condemned: BTreeMap::new(),
            }),
            HostClass::Workstation | HostClass::Compute => None,
        }
    }

    /// Looks, and returns after what time to look again.
    pub(super) fn look(&mut self, kept: &mut Kept) -> Duration {
        let top = kept.supervisor();
        let found = times::below(top);
        let policy = &self.policy;
        let is_reader = |times: &Times| is_reader(policy, times, top);
        self.toil.look(&found, is_reader, Times::is_there);
        let limit = Duration::from_secs(self.policy.limit(Limit::LoginCpuSeconds));
        let limit = limit.as_millis() / times::tick().as_millis().max(1);
        for tree in self.toil.beyond(u64::try_from(limit).unwrap_or(u64::MAX)) {
            if !self.condemned.contains_key(&tree) {
                self.condemn(tree, kept);
            }
        }
        self.end();
        match self.condemned.is_empty() {
            true => INTERVAL,
            false => NEAR,
        }
    }

    /// Asks a tree to end, and says why.
    fn condemn(&mut self, tree: i32, kept: &mut Kept) {
        self.condemned.insert(tree, Instant::now() + GRACE);
        let members = self.toil.members(tree);
        // The top may have ended before what it started.
        let speaker = members
            .iter()
            .find(|one| one.process == tree)
            .or_else(|| members.iter().max_by_key(|one| one.own));
        let process = speaker.map_or(tree, |one| one.process);
        let words = process::arguments(process);
        let words: Vec<String> = words.iter().map(|one| word::shell(one)).collect();
        let command = words.join(" ").trim_end_matches(" ''").to_owned();
        let program = process::program(process).unwrap_or_default();
        let used =
            times::tick().saturating_mul(u32::try_from(self.toil.used(tree)).unwrap_or(u32::MAX));
        let (rule, part) = RULE;
        let verdict = self.policy.cite(rule, Some(part));
        kept.say(&ui::ended(&ui::Ended {
            rule: &verdict.rule,
            command: &command,
            used,
            grace: GRACE,
            because: &verdict.because,
            instead: &verdict.instead,
        }));
        // Whoever speaks for the session ends with it: it must have been said by then.
        std::thread::sleep(HEARING);
        for one in &members {
            // One that has ended meanwhile has done what it was asked.
            let _ = one.signal(libc::SIGTERM);
        }
        let record = Record::refused(&self.stamp, "cpu", &command, &program, rule);
        // It ends whether or not that can be recorded.
        let _ = Writer::open(&self.audit, self.stamp.clone())
            .and_then(|mut writer| writer.append(record));
    }

    /// Ends what was asked to end and has not.
    fn end(&mut self) {
        let toil = &self.toil;
        self.condemned.retain(|tree, due| {
            let members = toil.members(*tree);
            if *due <= Instant::now() {
                for one in &members {
                    let _ = one.signal(libc::SIGKILL);
                }
            }
            !members.is_empty()
        });
    }
}

/// Returns whether a process is a shell that reads lines: what is typed into it are trees of their own. Its file must be
/// root's, for any program may call itself a shell.
fn is_reader(policy: &Policy, times: &Times, top: i32) -> bool {
    let is_shell =
        || process::program(times.process).is_some_and(|name| policy.is_listed(SHELLS, &name));
    !times.is_copy
        && is_shell()
        && process::is_of_root(times.process)
        && (times.parent == top || times::reads_terminal(times.process))
        && has_no_script(&process::arguments(times.process))
}

/// Returns whether a shell's words name nothing that it is to run.
fn has_no_script(words: &[String]) -> bool {
    let mut words = words.iter().skip(1).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rcfile" | "--init-file" | "-o" | "+o" | "-O" | "+O" => drop(words.next()),
            "--" => return words.next().is_none(),
            option if option.starts_with("--") => {}
            option if option.starts_with('-') || option.starts_with('+') => {
                if option.contains('c') {
                    return false;
                }
                if option.contains('s') {
                    return true;
                }
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_with_a_script_is_no_reader() {
        for (line, reads) in [
            ("bash", true),
            ("-bash", true),
            ("bash -i", true),
            (
                "bash --noprofile --noediting --rcfile /proc/self/fd/7",
                true,
            ),
            ("bash -o vi", true),
            ("bash -s one two", true),
            ("bash -c true", false),
            ("bash -lc true", false),
            ("bash train.sh", false),
            ("bash -- train.sh", false),
            ("bash -x train.sh", false),
            ("sh --rcfile x train.sh", false),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(has_no_script(&words), reads, "{line}");
        }
    }
}
