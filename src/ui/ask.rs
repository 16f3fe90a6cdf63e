//! Asks a person, on the terminal and nowhere else.
//!
//! INVARIANT: the default is no; no terminal means no answer.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, IsTerminal, Write};

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
    let mut line = String::new();
    match BufReader::new(terminal).read_line(&mut line) {
        Ok(0) | Err(_) => Answer::Nobody,
        Ok(_) => match line.trim().to_lowercase().as_str() {
            "y" | "yes" => Answer::Yes,
            _ => Answer::No,
        },
    }
}

/// Asks for a number, for what a single letter is too easily typed. Anything that is no number means no.
pub fn number(question: &str) -> Option<u64> {
    if !std::io::stderr().is_terminal() || !std::io::stdin().is_terminal() {
        return None;
    }
    std::io::stderr().write_all(question.as_bytes()).ok()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    line.trim().parse().ok()
}

/// Opens the terminal that the person sits at; stdin may be a pipe.
fn terminal() -> Option<File> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
    terminal.ok().filter(IsTerminal::is_terminal)
}
