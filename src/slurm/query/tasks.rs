//! Which tasks of an array: `1-2,7,10-19:3%2`.

use std::fmt;
use std::str::FromStr;

use super::id::digits;

/// Tasks of an array, in the order of Slurm's list.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tasks {
    /// Ranges, single tasks among them.
    pub ranges: Vec<Range>,
    /// How many may run at once.
    pub limit: Option<u32>,
    /// Slurm cut the list short (`SLURM_BITSTR_LEN`): there are more than are named.
    pub is_cut: bool,
}

/// Tasks from one to another, each so many after the one before.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Range {
    /// The first.
    pub first: u32,
    /// None is later than this.
    pub last: u32,
    /// From one to the next; at least 1.
    pub step: u32,
}

impl Range {
    fn count(self) -> u64 {
        u64::from((self.last - self.first) / self.step) + 1
    }

    fn contains(self, task: u32) -> bool {
        (self.first..=self.last).contains(&task) && (task - self.first).is_multiple_of(self.step)
    }

    /// Returns its tasks.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        let step = usize::try_from(self.step).unwrap_or(usize::MAX);
        (self.first..=self.last).step_by(step)
    }
}

impl Tasks {
    /// Returns how many tasks are named.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|range| range.count()).sum()
    }

    /// Returns whether a task is named.
    pub fn contains(&self, task: u32) -> bool {
        self.ranges.iter().any(|range| range.contains(task))
    }

    /// Returns whether everything that the other names is named here.
    pub fn covers(&self, other: &Self) -> bool {
        self.ranges == other.ranges
            || other
                .ranges
                .iter()
                .all(|range| range.iter().all(|task| self.contains(task)))
    }

    /// Returns the one task that is named, where it is only one.
    pub fn single(&self) -> Option<u32> {
        match self.ranges.as_slice() {
            [range] if range.count() == 1 && !self.is_cut => Some(range.first),
            _ => None,
        }
    }
}

impl Tasks {
    /// Puts single tasks in order, and those that follow one another into ranges.
    pub fn tidy(&mut self) {
        let mut tasks: Vec<u32> = self.ranges.iter().flat_map(|range| range.iter()).collect();
        tasks.sort_unstable();
        tasks.dedup();
        self.ranges.clear();
        for task in tasks {
            match self.ranges.last_mut() {
                Some(range) if range.last.checked_add(1) == Some(task) => range.last = task,
                _ => self.extend([task]),
            }
        }
    }
}

impl Extend<u32> for Tasks {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, tasks: I) {
        let single = |task| Range {
            first: task,
            last: task,
            step: 1,
        };
        self.ranges.extend(tasks.into_iter().map(single));
    }
}

impl FromIterator<u32> for Tasks {
    fn from_iter<I: IntoIterator<Item = u32>>(tasks: I) -> Self {
        let mut all = Self::default();
        all.extend(tasks);
        all
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}", range.first)?;
            if range.last > range.first {
                write!(f, "-{}", range.last)?;
            }
            if range.step > 1 {
                write!(f, ":{}", range.step)?;
            }
        }
        if self.is_cut {
            f.write_str(",...")?;
        }
        match self.limit {
            Some(limit) => write!(f, "%{limit}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Tasks {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (list, limit) = match text.split_once('%') {
            Some((list, limit)) => (list, Some(digits(limit).ok_or(())?)),
            None => (text, None),
        };
        let mut tasks = Self {
            limit,
            ..Self::default()
        };
        let mut items = list.split(',').peekable();
        while let Some(item) = items.next() {
            let is_last = items.peek().is_none();
            match range(item) {
                Some(range) => tasks.ranges.push(range),
                // A list that was cut short ends in dots, in nothing, or in half a range.
                None if is_last && !tasks.ranges.is_empty() => tasks.is_cut = true,
                None => return Err(()),
            }
        }
        Ok(tasks)
    }
}

fn range(text: &str) -> Option<Range> {
    let (ends, step) = match text.split_once(':') {
        Some((ends, step)) => (ends, digits(step)?),
        None => (text, 1),
    };
    let (first, last) = match ends.split_once('-') {
        Some((first, last)) => (digits(first)?, digits(last)?),
        None => {
            let only = digits(ends)?;
            (only, only)
        }
    };
    (first <= last && step > 0).then_some(Range { first, last, step })
}
