//! Asks a person, on the terminal and nowhere else.
//!
//! INVARIANT: the default is no; no terminal means no answer.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Read, Write};

use crate::gate::Answer;

/// Asks whether something may happen. Only `y` and `yes` mean yes.
pub fn ask(question: &str) -> Answer {
    let Some(mut terminal) = terminal() else {
        return Answer::Nobody;
    };
    let prompt = format!("{question} [y/N] ");
    if terminal.write_all(prompt.as_bytes()).is_err() {
        return Answer::Nobody;
    }
    match line(&mut terminal) {
        Ok(line) if line.is_empty() => Answer::Nobody,
        Ok(line) => match line.trim().to_lowercase().as_str() {
            "y" | "yes" => Answer::Yes,
            _ => Answer::No,
        },
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            // The answer was not ended by Enter.
            let _ = terminal.write_all(b"\n");
            Answer::Interrupted
        }
        Err(_) => Answer::Nobody,
    }
}

/// Reads a line, byte by byte: what was typed ahead is not for us. A signal that does not end us ends the question.
fn line(terminal: &mut impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while terminal.read(&mut byte)? > 0 {
        bytes.extend(byte);
        if byte == *b"\n" {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Asks for a number, for what a single letter is too easily typed. Anything that is no number means no.
pub fn number(question: &str) -> Option<u64> {
    if !std::io::stderr().is_terminal() || !std::io::stdin().is_terminal() {
        return None;
    }
    std::io::stderr().write_all(question.as_bytes()).ok()?;
    line(&mut std::io::stdin().lock()).ok()?.trim().parse().ok()
}

/// Opens the terminal that the person sits at; stdin may be a pipe.
fn terminal() -> Option<File> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
    terminal.ok().filter(IsTerminal::is_terminal)
}
