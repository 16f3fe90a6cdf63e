//! How pieces of a log go to the same program on another machine, which may have to ask
//! again from where it stopped.
//!
//! INVARIANT: a piece says of which file it is and where in it, so that whoever has so
//! much of it can say so in bytes.

use std::str::FromStr;

use crate::slurm::query::JobId;

/// How far a stream was read: which file (its inode), and how many bytes of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct At {
    pub(super) label: &'static str,
    pub(super) place: (u64, u64),
}

/// What comes between the bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Frame {
    /// Streams of a job follow.
    Head(JobId, Vec<&'static str>),
    /// So many bytes of a stream follow, which end at this place.
    Piece(At, u64),
    /// The job's end, an object.
    End(String),
}

pub(super) fn head(job: &JobId, labels: &[&str]) -> Vec<u8> {
    format!("hlrp.log {job} {}\n", labels.join(" ")).into_bytes()
}

pub(super) fn piece(label: &str, (file, end): (u64, u64), length: usize) -> Vec<u8> {
    format!("hlrp.piece {label} {file} {end} {length}\n").into_bytes()
}

impl Frame {
    /// Reads a line; `None` for what is none of ours.
    pub(super) fn read(line: &str) -> Option<Self> {
        if line.starts_with('{') {
            return Some(Self::End(line.to_owned()));
        }
        let mut words = line.split_ascii_whitespace();
        match words.next()? {
            "hlrp.log" => {
                let job = words.next()?.parse().ok()?;
                let labels: Option<Vec<&'static str>> = words.map(label).collect();
                Some(Self::Head(job, labels?))
            }
            "hlrp.piece" => {
                let label = label(words.next()?)?;
                let mut number = || words.next()?.parse::<u64>().ok();
                let (file, end, length) = (number()?, number()?, number()?);
                let is_sound = length <= end && words.next().is_none();
                let place = (file, end);
                is_sound.then_some(Self::Piece(At { label, place }, length))
            }
            _ => None,
        }
    }
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (name, rest) = text.split_once(':')?;
            let (file, offset) = rest.split_once(':')?;
            Some(Self {
                label: label(name)?,
                place: (file.parse().ok()?, offset.parse().ok()?),
            })
        };
        read().ok_or_else(|| "a place is STREAM:FILE:OFFSET".to_owned())
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (file, offset) = self.place;
        write!(out, "{}:{file}:{offset}", self.label)
    }
}

fn label(text: &str) -> Option<&'static str> {
    ["out", "err", "slurm"]
        .into_iter()
        .find(|label| *label == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_were_written() {
        let text = String::from_utf8(piece("err", (7, 12), 5)).unwrap();
        let at = At {
            label: "err",
            place: (7, 12),
        };
        assert_eq!(
            Frame::read(text.trim_end()),
            Some(Frame::Piece(at.clone(), 5))
        );
        assert_eq!(at.to_string().parse(), Ok(at));
        let job: JobId = "12_3".parse().unwrap();
        let text = String::from_utf8(head(&job, &["out", "err"])).unwrap();
        let head = Frame::Head(job, vec!["out", "err"]);
        assert_eq!(Frame::read(text.trim_end()), Some(head));
        for bad in [
            "",
            "x",
            "hlrp.piece out 1 2 3",
            "hlrp.piece nothing 1 5 3",
            "hlrp.piece out 1 5",
            "hlrp.piece out 1 5 3 9",
            "hlrp.piece out 1 -5 3",
            "hlrp.log",
            "hlrp.log x out",
            "hlrp.log 1 out ../x",
        ] {
            assert_eq!(Frame::read(bad), None, "{bad}");
        }
    }
}
