//! The only code that writes to a terminal: stdout is data, stderr is talk.
//!
//! INVARIANT: nothing that came from outside reaches a terminal with its control
//! characters in it; colour never says anything alone.

pub mod ask;
pub mod changes;
pub mod denial;
mod ended;
pub mod kernel;
pub mod log;
mod measure;
mod pipe;
mod progress;
pub mod room;
pub mod screen;
mod style;
pub mod table;
mod wrap;

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use serde::Serialize;

use crate::error::Error;
use crate::sys::terminal;

pub use denial::Denial;
pub use ended::{Ended, ended};
pub use measure::{moment, quoted, size};
pub use pipe::Pipe;
pub use progress::Progress;
pub use style::{Paint, clean};

/// Writes one object of data as a line of JSON.
///
/// # Errors
///
/// Where stdout cannot be written, which a reader that went away is not.
pub fn json<T: Serialize>(value: &T) -> Result<(), Error> {
    let text = serde_json::to_string(value).map_err(|fault| Error::Io {
        what: "JSON",
        source: fault.into(),
    })?;
    data(&text)
}

/// Writes a line of data.
///
/// # Errors
///
/// Where stdout cannot be written, which a reader that went away is not.
pub fn data(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    let result = if text.ends_with('\n') {
        write!(out, "{text}")
    } else {
        writeln!(out, "{text}")
    };
    match result.and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Error::Io {
            what: "stdout",
            source,
        }),
        _ => Ok(()),
    }
}

/// Writes several lines of text that came from outside: as they are into a file or a pipe,
/// without their control characters onto a terminal.
///
/// # Errors
///
/// Where stdout cannot be written, which a reader that went away is not.
pub fn text(lines: &str) -> Result<(), Error> {
    if !io::stdout().is_terminal() {
        return raw(lines.as_bytes());
    }
    let tabs = |line: &str| line.split('\t').map(clean).collect::<Vec<_>>().join("\t");
    let lines: Vec<String> = lines.lines().map(tabs).collect();
    data(&lines.join("\n"))
}

/// Writes bytes of data as they are (`man`, `completions`).
///
/// # Errors
///
/// Where stdout cannot be written, which a reader that went away is not.
pub fn raw(bytes: &[u8]) -> Result<(), Error> {
    match io::stdout().lock().write_all(bytes) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Error::Io {
            what: "stdout",
            source,
        }),
        _ => Ok(()),
    }
}

/// Writes an answer that somebody decides by: unlike data, it has not been given where its reader went away.
///
/// # Errors
///
/// Where stdout cannot be written.
pub fn answer(text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()
}

/// Returns the columns of the terminal that data goes to, `None` where it goes elsewhere.
pub fn room() -> Option<usize> {
    let out = io::stdout();
    let size = out.is_terminal().then(|| terminal::size(out.as_fd()));
    size.flatten().map(|(columns, _)| columns)
}

/// Says something to the person. What cannot be said is lost; nothing depends on it.
pub fn say(text: &str) {
    let text = text.trim_end_matches('\n');
    let stderr = io::stderr();
    let size = stderr.is_terminal().then(|| terminal::size(stderr.as_fd()));
    let text = match size.flatten() {
        Some((columns, _)) => wrap::fold(text, columns).into(),
        None => std::borrow::Cow::Borrowed(text),
    };
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{text}");
}

/// Tells an error with its causes.
pub fn error(error: &dyn std::error::Error) {
    let mut text = format!(
        "{} {}",
        Paint::Red.on("hlrp-sh:"),
        clean_lines(&error.to_string())
    );
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(&format!(": {}", clean_lines(&source.to_string())));
        cause = source.source();
    }
    say(&text);
}

fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
