//! What Slurm calls a job: a number, and which part of an array or a heterogeneous job.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::tasks::Tasks;

/// A job's id: `123`, `123_4`, `123_[4-10%2]`, `123+1`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct JobId {
    /// The number that `sbatch` answered; an array's is that of the whole array.
    pub number: u64,
    /// Which part of it.
    pub part: Part,
}

/// Which part of a job.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Part {
    /// The whole job.
    Whole,
    /// One task of an array.
    Task(u32),
    /// Tasks of an array that still wait together.
    Tasks(Tasks),
    /// One component of a heterogeneous job.
    Component(u32),
}

impl JobId {
    /// Returns the id of a job that has no parts.
    pub fn whole(number: u64) -> Self {
        Self {
            number,
            part: Part::Whole,
        }
    }

    /// Returns whether this names the other or something that contains it.
    pub fn covers(&self, other: &Self) -> bool {
        self.number == other.number
            && match (&self.part, &other.part) {
                (Part::Whole, _) => true,
                (Part::Tasks(tasks), Part::Task(task)) => tasks.contains(*task),
                (Part::Tasks(tasks), Part::Tasks(others)) => {
                    tasks.ranges.len() < 2 && tasks == others || tasks.covers(others)
                }
                (part, others) => part == others,
            }
    }

    /// Returns whether this names a part of what the other names, the other way round, or the same.
    pub fn meets(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// Returns the array's task, where this is one.
    pub fn task(&self) -> Option<u32> {
        match self.part {
            Part::Task(task) => Some(task),
            Part::Whole | Part::Tasks(_) | Part::Component(_) => None,
        }
    }

    /// Returns whether this is an array or a part of one.
    pub fn is_of_array(&self) -> bool {
        matches!(self.part, Part::Task(_) | Part::Tasks(_))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        match &self.part {
            Part::Whole => Ok(()),
            Part::Task(task) => write!(f, "_{task}"),
            Part::Tasks(tasks) => write!(f, "_[{tasks}]"),
            Part::Component(component) => write!(f, "+{component}"),
        }
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for JobId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).ok_or_else(|| format!("`{text}` is no job id; write 123, or 123_4 for a task"))
    }
}

fn parse(text: &str) -> Option<JobId> {
    let (number, part) = if let Some((number, task)) = text.split_once('_') {
        (number, array(task)?)
    } else if let Some((number, component)) = text.split_once('+') {
        (number, Part::Component(digits(component)?))
    } else {
        (text, Part::Whole)
    };
    Some(JobId {
        number: digits(number)?,
        part,
    })
}

/// Reads what stands after the underscore. A single task that waits is a task like any other.
fn array(text: &str) -> Option<Part> {
    let inner = match text.strip_prefix('[') {
        // A list that Slurm cut short has lost its bracket, too.
        Some(inner) => inner.strip_suffix(']').unwrap_or(inner),
        None => return Some(Part::Task(digits(text)?)),
    };
    let tasks: Tasks = inner.parse().ok()?;
    Some(match tasks.single() {
        Some(task) => Part::Task(task),
        None => Part::Tasks(tasks),
    })
}

/// Reads digits and nothing else: no sign, no space.
pub(super) fn digits<N: FromStr>(text: &str) -> Option<N> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
