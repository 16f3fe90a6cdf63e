//! What a follower on another machine sends, shown here; and how far each stream has come,
//! so that another can go on after a break.

use std::ops::ControlFlow;

use serde_json::Value;

use super::follow::END;
use super::printer::{FRAME, Form, Frame, HEAD, Head, Printer};
use super::tail::Mark;
use crate::error::Error;
use crate::slurm::query::JobId;
use crate::ui;

/// Streams that there are.
const LABELS: [&str; 3] = ["out", "err", "slurm"];

/// Shows frames.
pub(in crate::cli) struct Shown {
    printer: Option<(Vec<&'static str>, Printer)>,
    json: bool,
    marks: Vec<Mark>,
    has_ended: bool,
}

impl Shown {
    /// Returns one that has shown nothing.
    pub(in crate::cli) fn new(json: bool) -> Self {
        Self {
            printer: None,
            json,
            marks: Vec::new(),
            has_ended: false,
        }
    }

    /// Whether the job has ended, and all of it was shown.
    pub(in crate::cli) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Returns the options with which another follower goes on.
    pub(in crate::cli) fn from(&self) -> Vec<String> {
        let marks = self.marks.iter();
        marks.map(|mark| format!("--from={mark}")).collect()
    }

    /// Takes a line; breaks off where nobody reads any more.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub(in crate::cli) fn take(&mut self, line: &str) -> Result<ControlFlow<()>, Error> {
        // A line that was cut off with the connection is none: it comes again.
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return Ok(ControlFlow::Continue(()));
        };
        match value.get("schema").and_then(Value::as_str) {
            Some(HEAD) => {
                if let Ok(head) = serde_json::from_value::<Head>(value) {
                    self.begin(&head.job, &head.streams);
                }
            }
            Some(FRAME) => {
                if let Ok(frame) = serde_json::from_value::<Frame>(value) {
                    return self.add(frame);
                }
            }
            Some(END) => {
                self.has_ended = true;
                self.finish()?;
                if self.json {
                    ui::json(&value)?;
                }
            }
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Shows what is held back of an unfinished line.
    pub(in crate::cli) fn finish(&mut self) -> Result<(), Error> {
        match &mut self.printer {
            Some((_, printer)) => printer.finish(),
            None => Ok(()),
        }
    }

    fn begin(&mut self, job: &JobId, streams: &[String]) {
        let known = |stream: &String| LABELS.into_iter().find(|label| label == stream);
        let labels: Vec<&'static str> = streams.iter().filter_map(known).collect();
        // The same streams go on where they were, in the middle of a line.
        if self
            .printer
            .as_ref()
            .is_some_and(|(shown, _)| *shown == labels)
        {
            return;
        }
        let form = if self.json { Form::Json } else { Form::Text };
        let printer = Printer::of(labels.clone(), form, job);
        self.printer = Some((labels, printer));
    }

    fn add(&mut self, frame: Frame) -> Result<ControlFlow<()>, Error> {
        let Some((labels, printer)) = &mut self.printer else {
            return Ok(ControlFlow::Continue(()));
        };
        let found = labels.iter().enumerate();
        let found = found.map(|(at, label)| (at, *label));
        let Some((at, label)) = found
            .into_iter()
            .find(|(_, label)| *label == frame.mark.stream)
        else {
            return Ok(ControlFlow::Continue(()));
        };
        let bytes: Vec<u8> = frame
            .bytes
            .chars()
            .filter_map(|character| u8::try_from(character).ok())
            .collect();
        let flow = printer.add(at, label, &bytes, frame.mark.clone())?;
        self.marks.retain(|mark| mark.stream != frame.mark.stream);
        self.marks.push(frame.mark);
        Ok(flow)
    }
}
