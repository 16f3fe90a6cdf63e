//! `history` and `fc`: the lines of a sitting are with the editor; bash, which has none, would show an old file.

use crate::error::code;
use crate::ui;

/// Does `history [N]`, and says of `fc` what there is in its place; `None` where a line is something else.
pub(super) fn answer(line: &str, past: &[String]) -> Option<u8> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let most = match words.as_slice() {
        ["history"] => past.len(),
        ["history", most] => most.parse().ok()?,
        ["fc", ..] => {
            ui::say(
                "hlrp-sh: fc: bash keeps no lines here; `history` shows them, Ctrl-R searches, !! and !N bring them back",
            );
            return Some(code::NO);
        }
        _ => return None,
    };
    let lines = past
        .iter()
        .enumerate()
        .skip(past.len().saturating_sub(most));
    let lines: Vec<String> = lines
        .map(|(at, line)| format!("{:>5}  {line}", at + 1))
        .collect();
    match ui::data(&(lines.join("\n") + "\n")) {
        Ok(()) => Some(code::DONE),
        Err(_) => Some(code::NO),
    }
}
