//! Whether Enter ends the line, or the line goes on below.

use reedline::{ValidationResult, Validator};

use crate::bash;

/// Goes on where bash would go on reading.
pub(crate) struct Unfinished;

impl Validator for Unfinished {
    fn validate(&self, line: &str) -> ValidationResult {
        if bash::is_unfinished(line) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Complete
        }
    }
}

#[cfg(test)]
mod tests;
