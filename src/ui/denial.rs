//! A refused action, explained in four parts: the rule, the line with the place
//! underlined, why, and what to do instead.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Paint, clean};
use crate::gate::{Judged, Judgement};
use crate::policy::{Action, Decision, Deletable, WriteHow};

/// A refused action, explained.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Denial {
    /// The format.
    pub schema: &'static str,
    /// What was decided.
    pub decision: Decision,
    /// By which rule.
    pub rule: String,
    /// The line, or the program in the kernel's case.
    pub line: String,
    /// The bytes of the line that say so.
    pub span: Range<usize>,
    /// What would happen.
    pub what: String,
    /// Through what it was found (`bash -c`, `scripts/build.sh`).
    pub via: Vec<String>,
    /// Why not.
    pub because: String,
    /// What to do instead.
    pub instead: String,
    /// In the kernel's case: the program that tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// In the kernel's case: the path, address or process it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Denial {
    /// Returns the denial of one action of a line.
    pub fn new(line: &str, judged: &Judged) -> Self {
        Self {
            schema: "hlrp.denial/1",
            decision: judged.verdict.decision,
            rule: judged.verdict.rule.to_string(),
            line: line.to_owned(),
            span: judged.span.clone(),
            what: describe(&judged.action),
            via: judged.via.clone(),
            because: judged.verdict.because.to_string(),
            instead: judged.verdict.instead.to_string(),
            program: None,
            path: None,
        }
    }

    /// Returns the denials of a whole line, one for each rule and place, the strictest first.
    pub fn all(judgement: &Judgement) -> Vec<Self> {
        let mut denials: Vec<Self> = Vec::new();
        for judged in judgement.refused() {
            let denial = Self::new(&judgement.line, judged);
            let is_same = |one: &Self| one.rule == denial.rule && one.span == denial.span;
            if !denials.iter().any(is_same) {
                denials.push(denial);
            }
        }
        denials.sort_by_key(|denial| std::cmp::Reverse(denial.decision));
        denials
    }

    /// Returns the denial as a person reads it.
    pub fn render(&self) -> String {
        let (word, paint) = match self.decision {
            Decision::Deny | Decision::Halt => ("denied", Paint::Red),
            Decision::Ask => ("asked", Paint::Yellow),
            Decision::Allow => ("allowed", Paint::Green),
        };
        let bar = Paint::Dim.on("│");
        let mut text = format!("{}  {}\n", paint.on(word), Paint::Cyan.on(&self.rule));
        let (shown, before, length) = self.excerpt();
        let mark = "^".repeat(length);
        let gap = " ".repeat(before);
        text.push_str(&format!("  {bar} {shown}\n"));
        let what = clean(&self.what);
        text.push_str(&format!("  {bar} {gap}{} {what}\n", paint.on(&mark)));
        if !self.via.is_empty() {
            let via: Vec<String> = self.via.iter().map(|step| clean(step)).collect();
            text.push_str(&part("in", &via.join(", ")));
        }
        text.push_str(&part("why", &clean(&self.because)));
        if !self.instead.is_empty() {
            text.push_str(&part("instead", &clean(&self.instead)));
        }
        let more = format!("hlrp-sh policy explain {}", self.rule);
        text.push_str(&part("more", &Paint::Cyan.on(&more)));
        text
    }

    /// Cuts out the line in which the place begins, no wider than a terminal, and returns
    /// it with the place's column and width in characters.
    fn excerpt(&self) -> (String, usize, usize) {
        let start = floor(&self.line, self.span.start);
        let end = floor(&self.line, self.span.end).max(start);
        let before = self.line.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.line.get(line_start..).unwrap_or_default();
        let row = rest.lines().next().unwrap_or_default();
        let column = self.chars(line_start..start);
        let length = self.chars(start..end.min(line_start + row.len()).max(start));
        let row: Vec<char> = clean(row).chars().collect();
        let skipped = if column + length.min(WIDTH) > WIDTH {
            column.saturating_sub(WIDTH / 4)
        } else {
            0
        };
        let mut shown: String = row.iter().skip(skipped).take(WIDTH).collect();
        let mut column = column - skipped;
        if skipped > 0 {
            shown.insert_str(0, "… ");
            column += 2;
        }
        if row.len() > skipped + WIDTH {
            shown.push_str(" …");
        }
        (shown, column, length.clamp(1, WIDTH))
    }

    fn chars(&self, range: Range<usize>) -> usize {
        self.line.get(range).map_or(0, |text| text.chars().count())
    }
}

/// Returns several denials as a person reads them, no more than fit a screen.
pub fn render_all(denials: &[Denial]) -> String {
    const MOST: usize = 4;
    let shown: Vec<String> = denials.iter().take(MOST).map(Denial::render).collect();
    let mut text = shown.join("\n");
    if denials.len() > MOST {
        let rest = denials.len() - MOST;
        text.push_str(&format!("\nand {rest} more in the same line\n"));
    }
    text
}

/// Columns of a line that are shown at most.
const WIDTH: usize = 100;

fn part(name: &str, text: &str) -> String {
    format!("  {}  {text}\n", Paint::Dim.on(&format!("{name:<7}")))
}

fn floor(text: &str, mut offset: usize) -> usize {
    offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Says in a few words what an action would do.
pub fn describe(action: &Action) -> String {
    match action {
        Action::Exec { program, .. } => format!("runs {}", program.display()),
        Action::Read { target } => format!("reads {}", target.display()),
        Action::Write { target, how } => {
            let verb = match how {
                WriteHow::Append => "adds to",
                WriteHow::Edit => "edits",
                WriteHow::Overwrite => "writes over",
                WriteHow::Replace => "replaces",
            };
            format!("{verb} {}", target.display())
        }
        Action::Create { target, .. } => format!("creates {}", target.display()),
        Action::Delete { target, what } => {
            let verb = match what {
                Deletable::Path | Deletable::Product | Deletable::Service => "deletes",
                Deletable::Work => "drops",
                Deletable::Content => "empties",
            };
            format!("{verb} {}", target.display())
        }
        Action::Rename { from, to, .. } => {
            format!("moves {} to {}", from.display(), to.display())
        }
        Action::Truncate { target } => format!("empties {}", target.display()),
        Action::Chmod { target, .. } => format!("changes the attributes of {}", target.display()),
        Action::Connect { .. } => "connects to a socket".to_owned(),
        Action::Signal { .. } => "signals processes".to_owned(),
        Action::Submit { tool } => format!("submits with {tool}"),
        Action::Cancel { .. } => "cancels or alters jobs".to_owned(),
        Action::Remote { host, .. } => format!("acts on {host}"),
        Action::Train { program } => format!("trains with {program}"),
    }
}
