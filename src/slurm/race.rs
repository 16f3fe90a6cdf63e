//! The same run in several queues at once: one job a queue, of which one alone trains.
//!
//! [`claim`] decides which, in the job, on the shared file system. [`story`] tells from what
//! Slurm says how each of them ended. [`Member`] is how they are known to belong together.
//!
//! INVARIANT: nothing but a claim decides who trains. Whoever cancels only saves queue time, and
//! cancels nothing before there is a claim.

pub mod claim;
pub mod story;

use std::fmt;

use serde::{Deserialize, Serialize};

/// One job of a race, as Slurm keeps it in the job's comment: `hlrp:ID:race:0`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Member {
    /// The submission, which no other has.
    pub id: String,
    /// Which of its jobs.
    pub number: u32,
}

impl Member {
    /// Reads a job's comment; `None` where it is of no race.
    pub fn of(comment: &str) -> Option<Self> {
        let rest = comment.strip_prefix("hlrp:")?;
        let (id, number) = rest.split_once(":race:")?;
        let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if id.is_empty() || !id.chars().all(is_id) || !is_number {
            return None;
        }
        Some(Self {
            id: id.to_owned(),
            number: number.parse().ok()?,
        })
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hlrp:{}:race:{}", self.id, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_read_as_it_is_written() {
        let member = Member {
            id: "20260131-a.b_c".into(),
            number: 12,
        };
        assert_eq!(Member::of(&member.to_string()), Some(member));
        for other in [
            "",
            "hlrp:id:0",
            "hlrp::race:0",
            "hlrp:id:race:",
            "hlrp:id:race:+1",
            "hlrp:i d:race:1",
            "hlrp:id:race:99999999999",
        ] {
            assert_eq!(Member::of(other), None, "{other}");
        }
    }
}
