//! What is read, as text, as objects, or as frames for a follower on another machine.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::Stream;
use super::tail::Mark;
use crate::error::Error;
use crate::slurm::query::JobId;
use crate::ui;
use crate::ui::log::Log;

/// How streams are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// As text.
    Text,
    /// Each line as an object.
    Json,
    /// Each piece as an object, with how far it goes.
    Frames,
}

/// A piece of a stream, for a follower on another machine.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Frame {
    pub(super) schema: String,
    /// How far the stream was read with it.
    pub(super) mark: Mark,
    /// The bytes, each as the character of its number, so that none is lost.
    pub(super) bytes: String,
}

/// The schema of a [`Frame`].
pub(super) const FRAME: &str = "hlrp.log-frame/1";

/// Shows streams.
pub(super) struct Printer {
    log: Log,
    form: Form,
    job: JobId,
    held: Vec<(&'static str, Vec<u8>)>,
}

impl Printer {
    pub(super) fn new(files: &[Stream], form: Form, job: &JobId) -> Self {
        let labels: Vec<&'static str> = files.iter().map(|one| one.label).collect();
        Self {
            log: Log::new(&labels),
            form,
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
        mark: Mark,
    ) -> Result<ControlFlow<()>, Error> {
        match self.form {
            Form::Text => return self.log.add(index, bytes),
            Form::Frames => {
                let frame = Frame {
                    schema: FRAME.to_owned(),
                    mark,
                    bytes: bytes.iter().copied().map(char::from).collect(),
                };
                return ui::json(&frame).map(|()| ControlFlow::Continue(()));
            }
            Form::Json => {}
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
