//! What an agent is told of a refusal, in lines that begin with what they say: enough to do it right
//! the next time, without colour and without a second question.

use super::Client;
use crate::ui::{Denial, clean};

/// No more refusals than this are told of one event.
const MOST: usize = 4;
/// No longer a piece of the line than this many characters is shown.
const WIDTH: usize = 300;

/// Says what is refused.
pub(super) fn denial(tool: &str, denials: &[Denial]) -> String {
    format!(
        "hlrp-sh denies this use of {}\n{}",
        clean(tool),
        all(denials)
    )
}

/// Says what a person is asked.
pub(super) fn question(tool: &str, denials: &[Denial]) -> String {
    format!(
        "hlrp-sh asks whether {} may do this; the default is no\n{}",
        clean(tool),
        all(denials)
    )
}

/// Says what a person would have been asked where none can be.
pub(super) fn unasked(tool: &str, client: Client, denials: &[Denial]) -> String {
    format!(
        "hlrp-sh denies this use of {}\nmissing: a person's yes, for which no hook of {} can ask here; \
         a person may run it in a terminal, in hlrp-sh\n{}",
        clean(tool),
        client.as_str(),
        all(denials)
    )
}

fn all(denials: &[Denial]) -> String {
    let mut text: Vec<String> = denials.iter().take(MOST).map(one).collect();
    if denials.len() > MOST {
        text.push(format!("and {} more", denials.len() - MOST));
    }
    text.join("\n\n")
}

fn one(denial: &Denial) -> String {
    let place = denial.line.get(denial.span.clone()).unwrap_or(&denial.line);
    let mut lines = vec![
        format!("decision: {}", denial.decision),
        format!("rule: {}", denial.rule),
        format!(
            "span: {}..{} `{}`",
            denial.span.start,
            denial.span.end,
            short(place)
        ),
        format!("what: {}", short(&denial.what)),
    ];
    if !denial.via.is_empty() {
        lines.push(format!("via: {}", short(&denial.via.join(", "))));
    }
    lines.push(format!("because: {}", clean(&denial.because)));
    if !denial.instead.is_empty() {
        lines.push(format!("instead: {}", clean(&denial.instead)));
    }
    lines.push(format!("more: hlrp-sh policy explain {}", denial.rule));
    lines.join("\n")
}

/// Cuts a text that came from outside, and takes its control characters out.
fn short(text: &str) -> String {
    let mut short: String = clean(text).chars().take(WIDTH).collect();
    if text.chars().nth(WIDTH).is_some() {
        short.push('…');
    }
    short
}
