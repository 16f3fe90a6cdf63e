//! What is read, as text or as objects.

use std::ops::ControlFlow;

use serde::Serialize;

use super::Stream;
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
}

impl Printer {
    pub(super) fn new(files: &[Stream], json: bool, job: &JobId) -> Self {
        let labels: Vec<&'static str> = files.iter().map(|one| one.label).collect();
        Self {
            log: Log::new(&labels),
            json,
            job: job.clone(),
            held: labels
                .into_iter()
                .map(|label| (label, Vec::new()))
                .collect(),
        }
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
        for (label, held) in std::mem::take(&mut self.held) {
            self.lines(label, &held)?;
        }
        self.log.finish()
    }

    pub(super) fn pause(&mut self) {
        self.log.pause();
    }
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    job: &'a JobId,
    stream: &'static str,
    line: &'a str,
}
