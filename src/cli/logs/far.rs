//! A log that comes from another machine in pieces, over connections that break.
//!
//! INVARIANT: every byte is shown once: what was shown of a stream is counted as it is
//! shown, and the next connection begins there.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use super::frame::{At, Frame};
use super::printer::Printer;
use crate::error::Error;
use crate::ui;

/// No line between pieces is longer.
const LONGEST: u64 = 64 << 10;

/// What has been shown so far.
pub(in crate::cli) struct Shown {
    json: bool,
    labels: Vec<&'static str>,
    printer: Option<Printer>,
    at: Vec<At>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::cli) enum Came {
    /// There is nothing more, now.
    Ended,
    /// Something came that is no log.
    Odd,
    /// Nobody reads any more what is shown.
    Unread,
}

impl Shown {
    pub(in crate::cli) fn new(json: bool) -> Self {
        Self {
            json,
            labels: Vec::new(),
            printer: None,
            at: Vec::new(),
        }
    }

    /// Returns what the other machine must know to go on: arguments of its `logs`.
    pub(in crate::cli) fn arguments(&self) -> Vec<String> {
        let streams = self.labels.iter().map(|label| {
            let seen = self.at.iter().find(|at| at.label == *label);
            // What nothing was seen of is shown from its beginning, whatever `-n` says.
            seen.cloned().unwrap_or(At {
                label,
                place: (0, 0),
            })
        });
        streams.map(|at| format!("--at={at}")).collect()
    }

    /// Shows what comes, until the connection ends.
    pub(in crate::cli) fn take(&mut self, from: &mut impl BufRead) -> Result<Came, Error> {
        loop {
            let mut line = String::new();
            match from.by_ref().take(LONGEST).read_line(&mut line) {
                Ok(0) | Err(_) => return Ok(Came::Ended),
                Ok(_) => {}
            }
            let Some(whole) = line.strip_suffix('\n') else {
                // Cut off in the middle, or far too long.
                let is_cut = (line.len() as u64) < LONGEST;
                return Ok(if is_cut { Came::Ended } else { Came::Odd });
            };
            match Frame::read(whole) {
                Some(Frame::Head(job, labels)) => {
                    if labels != self.labels {
                        self.finish()?;
                        self.printer = Some(Printer::of(&labels, self.json, &job));
                        self.labels = labels;
                    }
                }
                Some(Frame::Piece(at, length)) => match self.piece(at, length, from)? {
                    Piece::Whole => {}
                    Piece::Cut => return Ok(Came::Ended),
                    Piece::Odd => return Ok(Came::Odd),
                    Piece::Unread => return Ok(Came::Unread),
                },
                Some(Frame::End(text)) => {
                    self.finish()?;
                    ui::text(&text)?;
                }
                None => return Ok(Came::Odd),
            }
        }
    }

    /// Shows what is held back for the end of its line.
    pub(in crate::cli) fn finish(&mut self) -> Result<(), Error> {
        match &mut self.printer {
            Some(printer) => printer.finish(),
            None => Ok(()),
        }
    }

    /// Begins a line for something else to be said.
    pub(in crate::cli) fn pause(&mut self) {
        if let Some(printer) = &mut self.printer {
            printer.pause();
        }
    }

    fn piece(&mut self, end: At, length: u64, from: &mut impl BufRead) -> Result<Piece, Error> {
        let index = self.labels.iter().position(|label| *label == end.label);
        let (Some(index), Some(printer)) = (index, &mut self.printer) else {
            return Ok(Piece::Odd);
        };
        let (file, end_at) = end.place;
        let mut left = length;
        while left > 0 {
            let bytes = match from.fill_buf() {
                Ok(bytes) if !bytes.is_empty() => bytes,
                _ => return Ok(Piece::Cut),
            };
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            let bytes = bytes.get(..most).unwrap_or(bytes);
            let count = bytes.len();
            let flow = printer.add(index, end.label, bytes)?;
            from.consume(count);
            left -= count as u64;
            let at = At {
                label: end.label,
                place: (file, end_at - left),
            };
            self.at.retain(|known| known.label != at.label);
            self.at.push(at);
            if let ControlFlow::Break(()) = flow {
                return Ok(Piece::Unread);
            }
        }
        Ok(Piece::Whole)
    }
}

enum Piece {
    Whole,
    Cut,
    Odd,
    Unread,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_in_the_middle_is_asked_for_from_there() {
        let mut shown = Shown::new(false);
        assert!(shown.arguments().is_empty());
        let whole = b"hlrp.log 5 out err\nhlrp.piece out 9 105 5\n     hlrp.piece out 9 109 4\n  ";
        let came = shown.take(&mut &whole[..]).unwrap();
        assert_eq!(came, Came::Ended);
        assert_eq!(shown.arguments(), ["--at=out:9:107", "--at=err:0:0"]);
        for odd in ["hlrp.piece slurm 1 2 2\n  ", "nonsense\n"] {
            assert_eq!(shown.take(&mut odd.as_bytes()).unwrap(), Came::Odd);
        }
        assert_eq!(shown.take(&mut &b"hlrp.pie"[..]).unwrap(), Came::Ended);
    }
}
