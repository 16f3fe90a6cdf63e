//! What is read, as text or as objects.

use std::io::Write;
use std::ops::ControlFlow;

use serde::Serialize;

use super::{Stream, frame};
use crate::error::Error;
use crate::slurm::query::JobId;
use crate::ui;
use crate::ui::log::Log;

/// Shows streams as text, or each line as an object.
pub(super) struct Printer {
    log: Log,
    json: bool,
    job: JobId,
    held: Vec<(&'static str, Vec<u8>)>,
    /// For the same program on another machine: every piece with its place.
    is_framed: bool,
}

impl Printer {
    pub(super) fn new(files: &[Stream], json: bool, job: &JobId) -> Self {
        let labels: Vec<&'static str> = files.iter().map(|one| one.label).collect();
        Self::of(&labels, json, job)
    }

    pub(super) fn of(labels: &[&'static str], json: bool, job: &JobId) -> Self {
        Self {
            log: Log::new(labels),
            json,
            job: job.clone(),
            held: labels.iter().map(|label| (*label, Vec::new())).collect(),
            is_framed: false,
        }
    }

    /// Begins to write for the same program on another machine.
    pub(super) fn frame(&mut self) -> Result<ControlFlow<()>, Error> {
        self.is_framed = true;
        let labels: Vec<&str> = self.held.iter().map(|(label, _)| *label).collect();
        pass(&frame::head(&self.job, &labels))
    }

    /// Adds a piece that ends at `place`: which file, and how far it was read.
    pub(super) fn add_from(
        &mut self,
        index: usize,
        label: &'static str,
        bytes: &[u8],
        place: (u64, u64),
    ) -> Result<ControlFlow<()>, Error> {
        if !self.is_framed {
            return self.add(index, label, bytes);
        }
        let mut whole = frame::piece(label, place, bytes.len());
        whole.extend_from_slice(bytes);
        pass(&whole)
    }

    pub(super) fn add(
        &mut self,
        index: usize,
        label: &'static str,
        bytes: &[u8],
    ) -> Result<ControlFlow<()>, Error> {
        if !self.json {
            return self.log.add(index, bytes);
        }
        let Some((_, held)) = self.held.get_mut(index) else {
            return Ok(ControlFlow::Continue(()));
        };
        held.extend_from_slice(bytes);
        let end = held
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let rest = held.split_off(end);
        let whole = std::mem::replace(held, rest);
        self.lines(label, &whole)?;
        Ok(ControlFlow::Continue(()))
    }

    fn lines(&self, stream: &'static str, bytes: &[u8]) -> Result<(), Error> {
        for line in String::from_utf8_lossy(bytes).lines() {
            ui::json(&Line {
                schema: "hlrp.log/1",
                job: &self.job,
                stream,
                line,
            })?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if self.is_framed {
            return Ok(());
        }
        for (label, held) in std::mem::take(&mut self.held) {
            self.lines(label, &held)?;
        }
        self.log.finish()
    }

    pub(super) fn pause(&mut self) {
        self.log.pause();
    }
}

/// Writes bytes as they are, at once. Breaks off where nobody reads any more.
fn pass(bytes: &[u8]) -> Result<ControlFlow<()>, Error> {
    match ui::Pipe::Out.write_all(bytes) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(fault) if fault.kind() == std::io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(source) => Err(Error::Io {
            what: "stdout",
            source,
        }),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    job: &'a JobId,
    stream: &'static str,
    line: &'a str,
}
