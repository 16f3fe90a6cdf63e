//! What a Slurm job would do: a script or a command, read with the compute context.

use std::ops::Range;

use super::expand::Field;
use super::frame::{Anchor, Feed};
use super::walk::Walker;
use super::world::World;
use super::{Analysis, Site, parse};
use crate::policy::Stage;

/// What a job runs.
#[derive(Clone, Copy, Debug)]
pub enum Work<'a> {
    /// A shell script; `is_file`: it lies somewhere, and is not part of the line.
    Script {
        /// Its text.
        text: &'a str,
        /// Whether it was a file of its own.
        is_file: bool,
    },
    /// A script of another language.
    Foreign {
        /// Its text.
        text: &'a str,
    },
    /// A program with exact arguments.
    Program {
        /// The program and its arguments.
        arguments: &'a [String],
    },
}

/// Returns what a job would do. `line` is what asked for it, `span` the place in it that names the work, `via` what
/// it was found through, outermost first.
pub fn analyse_job(
    line: &str,
    span: Range<usize>,
    via: &[String],
    work: Work<'_>,
    world: &dyn World,
) -> Analysis {
    let text = match work {
        Work::Script { text, .. } | Work::Foreign { text } => text,
        Work::Program { .. } => line,
    };
    let fresh = || {
        let mut walker = Walker::new(line, world);
        walker.frame.site = Site::Job;
        walker.frame.via = via.to_vec();
        walker
    };
    let walked = parse::with_room(text, || {
        let mut walker = fresh();
        match work {
            Work::Script { text, is_file } => {
                if is_file {
                    walker.frame.stage = Stage::File;
                }
                walker.text(text, Anchor::Whole(span.clone()), Feed::Inherited);
            }
            Work::Foreign { .. } => {
                walker.unknown("batch script of another language", &[], span.clone());
            }
            Work::Program { arguments } => {
                let fields: Vec<Field> = arguments
                    .iter()
                    .map(|argument| Field::literal(argument, span.clone()))
                    .collect();
                walker.invoke(&fields, Feed::Inherited, span.clone());
            }
        }
        walker.finish()
    });
    walked.unwrap_or_else(|reason| {
        let mut walker = fresh();
        walker.give_up(span, text, reason);
        walker.finish()
    })
}
