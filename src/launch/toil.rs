//! How much CPU each tree of a session's processes has used, by looking now and then.
//!
//! A tree is what a person started: the topmost process below a shell that reads lines, and all that comes of it,
//! orphans too. Such a shell itself, and what ran in it before, counts for nothing.
//!
//! INVARIANT: what an ended process used still counts, and counts once: as far as it was seen, and where its
//! parent waited for it in full.

use std::collections::BTreeMap;

use crate::sys::times::Times;

/// A process as it was seen last.
#[derive(Clone, Copy, Debug)]
struct Seen {
    times: Times,
    /// The process at the top of its tree; none for a shell that reads lines.
    tree: Option<i32>,
}

/// A process for good: its id, and when it began.
type Key = (i32, u64);

/// What the trees of a session have used.
#[derive(Debug, Default)]
pub(super) struct Toil {
    seen: BTreeMap<Key, Seen>,
    used: BTreeMap<i32, u64>,
    groups: BTreeMap<i32, i32>,
}

impl Toil {
    /// Takes in what is there now, parents before children where they are new. `is_reader`: whether a process is a
    /// shell that reads lines; `is_there`: whether a process that was not found is there all the same.
    pub(super) fn look(
        &mut self,
        found: &[Times],
        is_reader: impl Fn(&Times) -> bool,
        is_there: impl Fn(&Times) -> bool,
    ) {
        let mut now: BTreeMap<Key, Seen> = BTreeMap::new();
        for times in found {
            let tree = self.tree_of(times, &now, &is_reader);
            if let Some(tree) = tree {
                self.groups.insert(times.group, tree);
            }
            now.insert(
                key(times),
                Seen {
                    times: *times,
                    tree,
                },
            );
        }
        let before = std::mem::take(&mut self.seen);
        // What has ended is in its parent's account, where that waited for it.
        let mut ended: BTreeMap<i32, u64> = BTreeMap::new();
        for (key, one) in &before {
            if now.contains_key(key) {
                continue;
            }
            if is_there(&one.times) {
                now.insert(*key, *one);
            } else {
                *ended.entry(one.times.parent).or_default() += one.times.own + one.times.reaped;
            }
        }
        for (key, one) in &now {
            let Some(tree) = one.tree else { continue };
            // A shell that became a program brings nothing along.
            let was_reader = |seen: &&Seen| seen.tree.is_none();
            let last = match before.get(key) {
                Some(seen) if was_reader(&seen) => Some(one.times),
                seen => seen.map(|seen| seen.times),
            };
            let own = one.times.own - last.map_or(0, |last| last.own.min(one.times.own));
            let reaped =
                one.times.reaped - last.map_or(0, |last| last.reaped.min(one.times.reaped));
            let known = ended.get(&one.times.process).copied().unwrap_or(0);
            *self.used.entry(tree).or_default() += own + reaped.saturating_sub(known);
        }
        self.seen = now;
        let trees: Vec<i32> = self.seen.values().filter_map(|one| one.tree).collect();
        self.used.retain(|tree, _| trees.contains(tree));
        self.groups.retain(|_, tree| trees.contains(tree));
    }

    /// Returns the trees that used more than a limit.
    pub(super) fn beyond(&self, limit: u64) -> Vec<i32> {
        let beyond = self.used.iter().filter(|(_, used)| **used > limit);
        beyond.map(|(tree, _)| *tree).collect()
    }

    /// Returns what a tree has used.
    pub(super) fn used(&self, tree: i32) -> u64 {
        self.used.get(&tree).copied().unwrap_or(0)
    }

    /// Returns the processes of a tree.
    pub(super) fn members(&self, tree: i32) -> Vec<Times> {
        let members = self.seen.values().filter(|one| one.tree == Some(tree));
        members.map(|one| one.times).collect()
    }

    /// Returns the tree of a process that is there now.
    fn tree_of(
        &self,
        times: &Times,
        now: &BTreeMap<Key, Seen>,
        is_reader: &impl Fn(&Times) -> bool,
    ) -> Option<i32> {
        if let Some(seen) = self.seen.get(&key(times))
            && seen.tree.is_some()
        {
            return seen.tree;
        }
        if is_reader(times) {
            return None;
        }
        let of_parent = |seen: &BTreeMap<Key, Seen>| {
            let mut processes = seen.range((times.parent, 0)..=(times.parent, u64::MAX));
            processes.next_back().map(|(_, parent)| parent.tree)
        };
        match of_parent(now).or_else(|| of_parent(&self.seen)) {
            Some(Some(tree)) => Some(tree),
            Some(None) => Some(times.process),
            // An orphan that was not seen before: by whom it was started its group may say.
            None => Some(*self.groups.get(&times.group).unwrap_or(&times.process)),
        }
    }
}

fn key(times: &Times) -> Key {
    (times.process, times.started)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: i32 = 10;

    fn times(process: i32, parent: i32, own: u64, reaped: u64) -> Times {
        Times {
            process,
            parent,
            group: process,
            started: 1,
            own,
            reaped,
            is_copy: false,
        }
    }

    fn look(toil: &mut Toil, found: &[Times]) {
        let is_reader = |times: &Times| times.process == SHELL;
        toil.look(found, is_reader, |_| false);
    }

    #[test]
    fn a_shell_and_what_ran_in_it_before_count_for_nothing() {
        let mut toil = Toil::default();
        look(
            &mut toil,
            &[times(SHELL, 1, 50, 0), times(11, SHELL, 30, 0)],
        );
        assert_eq!(toil.beyond(29), [11]);
        look(
            &mut toil,
            &[times(SHELL, 1, 60, 30), times(12, SHELL, 5, 0)],
        );
        assert_eq!(toil.beyond(4), [12]);
        assert_eq!(toil.used(12), 5);
    }

    #[test]
    fn a_tree_is_the_sum_of_its_processes() {
        let mut toil = Toil::default();
        let found = [
            times(SHELL, 1, 0, 0),
            times(11, SHELL, 5, 2),
            times(12, 11, 7, 0),
            times(13, 12, 1, 0),
        ];
        look(&mut toil, &found);
        assert_eq!(toil.used(11), 15);
        assert_eq!(toil.members(11).len(), 3);
    }

    #[test]
    fn what_ended_counts_once() {
        let mut toil = Toil::default();
        look(
            &mut toil,
            &[
                times(SHELL, 1, 0, 0),
                times(11, SHELL, 1, 0),
                times(12, 11, 40, 0),
            ],
        );
        // Waited for, with two ticks more than were seen.
        look(&mut toil, &[times(SHELL, 1, 0, 0), times(11, SHELL, 1, 42)]);
        assert_eq!(toil.used(11), 43);
        // One that nobody saw.
        look(&mut toil, &[times(SHELL, 1, 0, 0), times(11, SHELL, 1, 52)]);
        assert_eq!(toil.used(11), 53);
        // One that nobody waits for: what was seen of it stays.
        look(
            &mut toil,
            &[
                times(SHELL, 1, 0, 0),
                times(11, SHELL, 1, 52),
                times(13, 11, 9, 0),
            ],
        );
        look(&mut toil, &[times(SHELL, 1, 0, 0), times(11, SHELL, 1, 52)]);
        assert_eq!(toil.used(11), 62);
    }

    #[test]
    fn orphans_stay_in_their_tree() {
        let mut toil = Toil::default();
        look(
            &mut toil,
            &[
                times(SHELL, 1, 0, 0),
                times(11, SHELL, 1, 0),
                times(12, 11, 2, 0),
            ],
        );
        look(&mut toil, &[times(SHELL, 1, 0, 0), times(12, 1, 30, 0)]);
        assert_eq!(toil.used(11), 31);
        let unseen = Times {
            group: 12,
            ..times(13, 1, 5, 0)
        };
        look(
            &mut toil,
            &[times(SHELL, 1, 0, 0), times(12, 1, 30, 0), unseen],
        );
        assert_eq!(toil.used(11), 36);
    }

    #[test]
    fn one_that_was_overlooked_is_not_counted_again() {
        let mut toil = Toil::default();
        let both = [times(SHELL, 1, 0, 0), times(11, SHELL, 20, 0)];
        look(&mut toil, &both);
        toil.look(&both[..1], |times| times.process == SHELL, |_| true);
        look(&mut toil, &both);
        assert_eq!(toil.used(11), 20);
    }

    #[test]
    fn a_shell_that_becomes_a_program_starts_at_nothing() {
        let mut toil = Toil::default();
        look(&mut toil, &[times(SHELL, 1, 500, 400)]);
        toil.look(&[times(SHELL, 1, 505, 400)], |_| false, |_| false);
        assert_eq!(toil.used(SHELL), 0);
        toil.look(&[times(SHELL, 1, 515, 400)], |_| false, |_| false);
        assert_eq!(toil.used(SHELL), 10);
    }
}
