//! Rows in a text: which columns there are, as markdown and as CSV, and the part of a
//! person's page that the program maintains.
//!
//! INVARIANT: what stands outside of the two marks of a page is the person's, and stays
//! byte for byte.

use std::collections::BTreeSet;

use super::Run;

const BEGIN: &str = "<!-- hlrp-sh results";
const END: &str = "<!-- /hlrp-sh results -->";

/// Returns every metric that a run has, in their order.
pub fn metrics<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Vec<String> {
    let all: BTreeSet<&String> = runs
        .into_iter()
        .flat_map(|run| run.metrics.keys())
        .collect();
    all.into_iter().cloned().collect()
}

/// Returns a number as short as it is exact enough for a table: five digits that count.
pub fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e9 {
        return format!("{value}");
    }
    let size = value.abs();
    if !(1e-3..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = match size {
        size if size >= 1000.0 => 1,
        size if size >= 100.0 => 2,
        size if size >= 10.0 => 3,
        size if size >= 1.0 => 4,
        _ => 5,
    };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a table as markdown.
pub fn markdown(headings: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(headings);
    text.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
    text.extend(rows.iter().map(|row| line(row)));
    text
}

fn escaped(cell: &str) -> String {
    let plain: String = cell
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    // Nothing of a cell may look like the marks of a page.
    plain.replace('|', "\\|").replace('<', "&lt;")
}

/// Returns a table as CSV, RFC 4180.
pub fn csv(headings: &[String], rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |cells: &[String]| cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
    let rows = rows.iter().map(|row| line(row));
    std::iter::once(line(headings)).chain(rows).collect()
}

/// Puts a table between the marks of a page: over the earlier one of the same question, else
/// after everything else. `None`: its mark has no end, so that nobody knows what is the person's.
pub fn maintained(page: &str, question: &str, table: &str) -> Option<String> {
    let question = question.replace("--", "- -").replace('>', " ");
    let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
    let begin = format!("{} -->", [BEGIN, &question].join(" ").trim_end());
    let own = format!("{begin}\n{table}{END}");
    let Some((before, rest)) = split(page, &begin) else {
        let gap = match page {
            "" => "",
            page if page.ends_with("\n\n") => "",
            page if page.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        return Some(format!("{page}{gap}{own}\n"));
    };
    let (inside, after) = rest.split_once(END)?;
    // Another table begins before this one ends: the end that was found is the other's.
    (!inside.contains(BEGIN)).then(|| format!("{before}{own}{after}"))
}

/// Splits at a mark that stands at the beginning of a line.
fn split<'a>(page: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let found = page.match_indices(mark).find(|(at, _)| {
        let before = page.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with('\n')
    });
    let (at, _) = found?;
    Some((page.get(..at)?, page.get(at + mark.len()..)?))
}
