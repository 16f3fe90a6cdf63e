//! Talk that is wider than the terminal is broken between words, under the text it goes on.

use textwrap::{Options, WordSeparator, WordSplitter, wrap};

/// Columns below which nothing is worth breaking.
const NARROW: usize = 24;
/// A hanging indent goes no further than this.
const DEEP: usize = 24;

/// Breaks lines at `width` columns. What may be copied whole stays whole: what stands after
/// `instead`, and words longer than a row, which the terminal breaks by itself.
pub(super) fn fold(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| folded(line, width)).collect();
    lines.join("\n")
}

fn folded(line: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    if width < NARROW || plain.chars().count() <= width || plain.starts_with("  instead") {
        return line.to_owned();
    }
    let hang = " ".repeat(hang(&plain));
    let options = Options::new(width)
        .subsequent_indent(&hang)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    wrap(line, options).join("\n")
}

/// Returns the column under which a line goes on: where its text begins, after a label of its own (`  why      text`).
fn hang(plain: &str) -> usize {
    let leading = plain.chars().take_while(|c| *c == ' ').count();
    let text: String = plain.chars().skip(leading).collect();
    let label = text
        .split_once("  ")
        .filter(|(label, _)| !label.contains(' '));
    let column = label.map_or(leading, |(label, rest)| {
        let gap = rest.chars().take_while(|c| *c == ' ').count();
        leading + label.chars().count() + 2 + gap
    });
    column.min(DEEP)
}

#[cfg(test)]
mod tests {
    use super::fold;
    use crate::ui::Paint;

    #[test]
    fn words_stay_whole_and_go_on_under_the_text() {
        let text = "denied  fs.no-delete\n  why      nothing is ever deleted here, not even this\n";
        let expected = "denied  fs.no-delete\n  why      nothing is ever deleted\n           here, not even this";
        assert_eq!(fold(text, 34), expected);
    }

    #[test]
    fn what_is_copied_stays_whole() {
        let text = "  instead  hlrp-sh archive one two three four five six";
        assert_eq!(fold(text, 30), text);
        let path = "see /a/rather/long/path/that-has-no-blank/in/it/at/all";
        assert_eq!(
            fold(path, 30),
            "see\n/a/rather/long/path/that-has-no-blank/in/it/at/all"
        );
    }

    #[test]
    fn colours_take_no_room() {
        let text = format!("{} is a word of four and more", Paint::Red.on("this"));
        assert_eq!(fold(&text, 33), text);
    }
}
