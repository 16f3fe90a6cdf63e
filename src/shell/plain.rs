//! Lines from a terminal that can do nothing (`TERM=dumb`), or from no terminal at all:
//! the kernel's own line editing, and a prompt of plain letters.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::unistd;
use reedline::{ExternalPrinter, Prompt};

use super::editor::Read;
use super::prompt::Shown;
use crate::bash;

/// Reads lines without moving a cursor.
pub(crate) struct Plain {
    printer: ExternalPrinter<String>,
    /// What was read beyond the last line.
    ahead: Vec<u8>,
}

impl Plain {
    pub(crate) fn new(printer: ExternalPrinter<String>) -> Self {
        Self {
            printer,
            ahead: Vec::new(),
        }
    }

    /// Reads a line, or several that belong together.
    pub(crate) fn read(&mut self, prompt: &Shown) -> io::Result<Read> {
        while let Some(text) = self.printer.get_line() {
            say(&(text + "\n"));
        }
        say(&format!("{} {}", prompt.row(), prompt.sign()));
        let mut text = String::new();
        loop {
            let Some(line) = self.line()? else {
                return Ok(Read::Interrupt);
            };
            if line.is_empty() {
                // What is unfinished at the end of the input is judged as it stands.
                return Ok(if text.is_empty() {
                    Read::End
                } else {
                    Read::Line(text)
                });
            }
            text.push_str(&String::from_utf8_lossy(&line));
            let whole = text.trim_end_matches('\n');
            if !bash::is_unfinished(whole) {
                return Ok(Read::Line(whole.to_owned()));
            }
            say(&prompt.render_prompt_multiline_indicator());
        }
    }

    /// Returns the next line with its end; nothing where a signal came, and an empty one at the end.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let rest = self.ahead.split_off(end + 1);
                return Ok(Some(std::mem::replace(&mut self.ahead, rest)));
            }
            let mut bytes = [0; 4096];
            match unistd::read(io::stdin().as_fd(), &mut bytes) {
                Ok(0) => return Ok(Some(std::mem::take(&mut self.ahead))),
                Ok(count) => self.ahead.extend(bytes.get(..count).unwrap_or_default()),
                Err(Errno::EINTR) => {
                    self.ahead.clear();
                    return Ok(None);
                }
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

fn say(text: &str) {
    let mut out = io::stdout().lock();
    // A terminal that went away is noticed when it is read.
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
