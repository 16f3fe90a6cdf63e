//! What is said when a program has ended, or could not begin.

use std::io;

use crate::error::{Error, code};
use crate::guard::{Failure, Outcome};
use crate::policy::Origin;
use crate::ui;

pub(super) fn finish(outcome: &Outcome, origin: &Origin) {
    if outcome.guard_lost {
        ui::say(
            "hlrp-sh: the guard has stopped: nothing more can be changed in this session; start a new one",
        );
    }
    let denials = ui::kernel::denials(&outcome.denials);
    match origin {
        Origin::Person | Origin::Script if !denials.is_empty() => {
            ui::say(&ui::denial::render_all(&denials))
        }
        Origin::Agent(_) => {
            for text in denials
                .iter()
                .filter_map(|denial| serde_json::to_string(denial).ok())
            {
                ui::say(&text);
            }
        }
        Origin::Person | Origin::Script => {}
    }
}

pub(super) fn failed(failure: Failure) -> Result<u8, Error> {
    match failure {
        Failure::Program { program, source } => {
            let status = if source.kind() == io::ErrorKind::NotFound {
                code::NOT_FOUND
            } else {
                code::NOT_EXECUTABLE
            };
            ui::say(&format!("hlrp-sh: {program}: {source}"));
            Ok(status)
        }
        Failure::Guard { step, source } => Err(Error::Guard(format!("{step}: {source}"))),
    }
}
