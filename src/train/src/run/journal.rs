//! `metrics.jsonl` of a run directory: one JSON object a line, in the order of the steps.
//!
//! INVARIANT: a step stands there once, however often the run was started again: what a resumed run measures anew is
//! what stands there already. Who writes holds a lock on the file, where the file system has locks.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// The file's name, as `hlrp-sh results` looks for it.
pub const NAME: &str = "metrics.jsonl";

/// What is written of a step, by name.
pub type Numbers = Vec<(String, f64)>;

/// The lines of a run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    last: u64,
    /// What stood there when it was opened, of the steps behind the one that was named.
    ahead: Vec<(u64, Numbers)>,
    /// The beginning of a line that whoever wrote it did not live to end.
    half: Vec<u8>,
}

impl Journal {
    /// Opens the journal of a run directory, behind what stands there; `step` is the one that the run goes on from.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or written, or another process has it open (`ResourceBusy`).
    pub fn open(directory: &Path, step: u64) -> io::Result<Self> {
        let path = directory.join(NAME);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another process trains in this run directory",
            ));
        }
        let mut journal = Self {
            path,
            file,
            last: 0,
            ahead: Vec::new(),
            half: Vec::new(),
        };
        journal.read(step)?;
        Ok(journal)
    }

    /// Reads what stands there: the last step, the numbers of those behind `step`, and what follows the last whole line.
    fn read(&mut self, step: u64) -> io::Result<()> {
        let (mut reader, mut line) = (BufReader::new(&self.file), Vec::new());
        while reader.read_until(b'\n', &mut line)? > 0 {
            if let Ok(Value::Object(row)) = serde_json::from_slice(&line) {
                let there = row.get("step").and_then(Value::as_u64).unwrap_or(0);
                self.last = self.last.max(there);
                if there > step {
                    let numbers = row.into_iter().filter(|(name, _)| name != "step");
                    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
                    let numbers = numbers.map(|(name, value)| (name, number(&value)));
                    self.ahead.push((there, numbers.collect()));
                }
            }
            if line.ends_with(b"\n") {
                line.clear();
            }
        }
        self.half = line;
        Ok(())
    }

    /// Returns the numbers of a step that stood there when a run went on from before it.
    #[must_use]
    pub fn row(&self, step: u64) -> Option<&[(String, f64)]> {
        let found = self.ahead.iter().find(|(there, _)| *there == step);
        found.map(|(_, numbers)| numbers.as_slice())
    }

    /// Sees that what stands there outlives a crash of the machine.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Returns the last step that stands there; 0 for none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the numbers of a step, unless they stand there. What is no number is written as `null`.
    ///
    /// # Errors
    ///
    /// Where they cannot be written.
    pub fn write(&mut self, step: u64, numbers: &[(String, f64)]) -> io::Result<()> {
        if step <= self.last {
            return Ok(());
        }
        let mut line = Map::new();
        line.insert("step".to_owned(), step.into());
        for (name, value) in numbers {
            line.insert(name.clone(), Value::from(*value));
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A process that is killed within this call may leave half a line, which is ended here: it is the same.
        let half = std::mem::take(&mut self.half);
        match text.as_bytes().strip_prefix(half.as_slice()) {
            Some(rest) => self.file.write_all(rest)?,
            None => self.file.write_all(format!("\n{text}").as_bytes())?,
        }
        self.last = step;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stands_there_once() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join(NAME);
        let write = |steps: &[u64]| -> io::Result<u64> {
            let mut journal = Journal::open(place.path(), 2)?;
            for step in steps {
                journal.write(
                    *step,
                    &[("loss".to_owned(), 0.5), ("odd".to_owned(), f64::NAN)],
                )?;
            }
            Ok(journal.last())
        };
        assert_eq!(write(&[1, 2, 3])?, 3);
        assert_eq!(write(&[2, 3, 4])?, 4);
        assert_eq!(std::fs::read_to_string(&path)?.lines().count(), 4);
        let journal = Journal::open(place.path(), 2)?;
        assert!(journal.row(2).is_none());
        let row = journal.row(4).unwrap();
        assert!(
            row.iter()
                .any(|(name, value)| name == "loss" && *value == 0.5)
        );
        let busy = Journal::open(place.path(), 2).unwrap_err();
        assert_eq!(busy.kind(), io::ErrorKind::ResourceBusy);
        drop(journal);
        let mut half = OpenOptions::new().append(true).open(&path)?;
        half.write_all(b"{\"step\": 5, \"lo")?;
        assert_eq!(write(&[5])?, 5);
        let text = std::fs::read_to_string(&path)?;
        assert_eq!(text.lines().count(), 6);
        assert!(
            text.ends_with("{\"loss\":0.5,\"odd\":null,\"step\":5}\n"),
            "{text}"
        );
        // Half of the very line that is written again becomes the whole of it.
        half.write_all(b"{\"loss\":0.5,\"od")?;
        assert_eq!(write(&[6])?, 6);
        let text = std::fs::read_to_string(&path)?;
        assert_eq!(text.lines().count(), 7);
        assert!(
            text.ends_with("5}\n{\"loss\":0.5,\"odd\":null,\"step\":6}\n"),
            "{text}"
        );
        Ok(())
    }
}
