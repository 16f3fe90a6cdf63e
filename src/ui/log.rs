//! Streams of text that grow: a job's output and errors, on a terminal or elsewhere.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;

use super::style::{Paint, clean};
use crate::error::Error;

/// Where the streams are shown.
#[derive(Debug)]
pub struct Log {
    is_terminal: bool,
    labels: Vec<&'static str>,
    held: Vec<Vec<u8>>,
    /// An unfinished line stands on the terminal and is written over.
    is_open: bool,
}

/// More is not held back of a line that does not end.
const LONGEST: usize = 64 << 10;

impl Log {
    /// Returns one that shows these streams.
    pub fn new(labels: &[&'static str]) -> Self {
        Self {
            is_terminal: io::stdout().is_terminal(),
            labels: labels.to_vec(),
            held: vec![Vec::new(); labels.len()],
            is_open: false,
        }
    }

    /// Shows what a stream has more: bytes as they are into a file or a pipe, on a terminal
    /// lines without their control characters. Breaks off where nobody reads any more.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn add(&mut self, stream: usize, bytes: &[u8]) -> Result<ControlFlow<()>, Error> {
        let is_alone = self.labels.len() < 2;
        if !self.is_terminal && is_alone {
            return flow(write(bytes));
        }
        let label = self.labels.get(stream).copied().unwrap_or_default();
        let Some(held) = self.held.get_mut(stream) else {
            return Ok(ControlFlow::Continue(()));
        };
        held.extend_from_slice(bytes);
        let end = held
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map(|at| at + 1);
        let end = end.or((held.len() > LONGEST).then_some(held.len()));
        let rest = held.split_off(end.unwrap_or(0));
        let whole = std::mem::replace(held, rest);
        if !self.is_terminal {
            return flow(write(&whole));
        }
        let mut text = String::new();
        if self.is_open {
            text.push_str("\r\u{1b}[K");
        }
        for line in String::from_utf8_lossy(&whole).lines() {
            text.push_str(&shown(line, label, is_alone));
            text.push('\n');
        }
        let rest = self.held.get(stream).filter(|rest| !rest.is_empty());
        let rest = rest.map(|rest| String::from_utf8_lossy(rest).into_owned());
        self.is_open = rest.is_some();
        if let Some(rest) = rest {
            // No more than a row: what is longer could not be taken back.
            let room = super::room().unwrap_or(80).saturating_sub(6);
            let line: String = visible(&rest).chars().take(room).collect();
            text.push_str(&shown(&line, label, is_alone));
        }
        let mut out = anstream::stdout().lock();
        flow(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// Shows what was held back for the end of its line.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.is_open {
            self.is_open = false;
            let _ = flow(write(b"\r\x1b[K"))?;
        }
        for stream in 0..self.held.len() {
            let held = self
                .held
                .get_mut(stream)
                .map(std::mem::take)
                .unwrap_or_default();
            if held.is_empty() {
                continue;
            }
            if self.is_terminal {
                let line = [held, b"\n".to_vec()].concat();
                let _ = self.add(stream, &line)?;
            } else {
                let _ = flow(write(&held))?;
            }
        }
        Ok(())
    }

    /// Begins a new line, for something else to be said.
    pub fn pause(&mut self) {
        if self.is_open {
            self.is_open = false;
            let _ = write(b"\r\x1b[K");
        }
    }
}

/// Returns a line as a terminal may have it.
fn shown(line: &str, label: &str, is_alone: bool) -> String {
    let line = visible(line);
    if is_alone {
        line
    } else {
        format!("{} {line}", Paint::Dim.on(&format!("{label}│")))
    }
}

/// Returns what would be left of a line on a terminal: what a return wrote over is not, and no sequences.
pub fn visible(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let last = line.rsplit('\r').next().unwrap_or(line);
    let mut text = String::new();
    let mut rest = last;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        rest = after_sequence(after);
    }
    text.push_str(rest);
    let tabs: Vec<String> = text.split('\t').map(clean).collect();
    tabs.join("\t")
}

/// Returns what follows an escape sequence: `[1;31m`, `]0;title BEL`, or one letter.
fn after_sequence(text: &str) -> &str {
    let skip = |text: &str, end: &dyn Fn(char) -> bool| -> usize {
        let mut places = text.char_indices().skip(1);
        let found = places.find(|(_, c)| end(*c));
        found.map_or(text.len(), |(at, c)| at + c.len_utf8())
    };
    let length = match text.chars().next() {
        Some('[') => skip(text, &|c| ('@'..='~').contains(&c)),
        Some(']') => skip(text, &|c| c == '\u{7}' || c == '\\'),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    text.get(length..).unwrap_or_default()
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}

fn flow(result: io::Result<()>) -> Result<ControlFlow<()>, Error> {
    match result {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(source) if source.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(source) => Err(Error::Io {
            what: "stdout",
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn a_line_is_what_a_terminal_would_show_and_nothing_more() {
        let expected = [
            ("plain\ttext", "plain\ttext"),
            ("10%\r 50%\r100%\r", "100%"),
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}cafter\u{8}", "after·"),
            ("cut \u{1b}[3", "cut "),
            ("cut \u{1b}", "cut "),
        ];
        for (line, text) in expected {
            assert_eq!(visible(line), text, "{line:?}");
        }
    }
}
