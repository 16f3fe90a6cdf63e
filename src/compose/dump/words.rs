//! Text in its style, folded at 80 columns, as `PyYAML` writes it.

use std::fmt::Write as _;

use super::block::Writer;
use super::scalar::{Style, is_break};

/// The column beyond which text is folded.
const WIDTH: usize = 80;

impl Writer {
    /// Writes `text`; `split` lets it be folded.
    pub(super) fn words(&mut self, text: &str, style: Style, split: bool) {
        match style {
            Style::Plain => self.plain(text, split),
            Style::Single => self.single(text, split),
            Style::Double => self.double(text, split),
            Style::Literal => self.literal(text),
        }
    }

    fn plain(&mut self, text: &str, split: bool) {
        if !self.is_spaced() {
            self.put(" ");
        }
        self.fold(text, split, false);
    }

    fn single(&mut self, text: &str, split: bool) {
        self.indicator("'", true, false);
        self.fold(text, split, true);
        self.indicator("'", false, false);
    }

    /// Writes words, single spaces beyond the width turned into line ends.
    fn fold(&mut self, text: &str, split: bool, quoted: bool) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let same = |letter: char| match first {
                ' ' => letter == ' ',
                _ if is_break(first) => is_break(letter),
                _ => letter != ' ' && !is_break(letter),
            };
            let end = rest.find(|letter| !same(letter)).unwrap_or(rest.len());
            let Some((run, after)) = rest.split_at_checked(end) else {
                return;
            };
            let inside = !quoted || rest.len() < text.len() && !after.is_empty();
            if first == ' ' {
                if run.len() == 1 && self.column() > WIDTH && split && inside {
                    self.indent();
                } else {
                    self.put(run);
                }
            } else if is_break(first) {
                if first == '\n' {
                    self.line_end('\n');
                }
                run.chars().for_each(|letter| self.line_end(letter));
                self.indent();
            } else if quoted {
                self.put(&run.replace('\'', "''"));
            } else {
                self.put(run);
            }
            rest = after;
        }
    }

    fn double(&mut self, text: &str, split: bool) {
        self.indicator("\"", true, false);
        let letters: Vec<char> = text.chars().collect();
        let piece = |from: usize, to: usize| -> String {
            letters.get(from..to).unwrap_or_default().iter().collect()
        };
        // What is written so far ends before `start`.
        let mut start = 0;
        for end in 0..=letters.len() {
            let letter = letters.get(end).copied();
            if letter.is_none_or(is_escaped) {
                self.put(&piece(start, end));
                start = end;
                if let Some(letter) = letter {
                    self.put(&escape(letter));
                    start = end + 1;
                }
            }
            let inside = end > 0 && end + 1 < letters.len();
            let wide = self.column() + end > WIDTH + start;
            if split && inside && wide && (letter == Some(' ') || start >= end) {
                self.put(&format!("{}\\", piece(start, end)));
                start = start.max(end);
                self.indent();
                if letters.get(start) == Some(&' ') {
                    self.put("\\");
                }
            }
        }
        self.indicator("\"", false, false);
    }

    fn literal(&mut self, text: &str) {
        let mut hints = String::from("|");
        if text.starts_with([' ', '\n']) {
            hints.push('2');
        }
        if !text.ends_with('\n') {
            hints.push('-');
        } else if text.len() == 1 || text.ends_with("\n\n") {
            hints.push('+');
        }
        self.indicator(&hints, true, false);
        self.line_end('\n');
        for line in text.split_inclusive('\n') {
            let (words, end) = match line.strip_suffix('\n') {
                Some(words) => (words, true),
                None => (line, false),
            };
            if !words.is_empty() {
                self.indent();
                self.put(words);
            }
            if end {
                self.line_end('\n');
            }
        }
    }
}

/// Whether double quotes hold the letter only as an escape.
fn is_escaped(letter: char) -> bool {
    match letter {
        '"' | '\\' | '\u{feff}' | '\u{2028}' | '\u{2029}' => true,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => false,
        _ => true,
    }
}

/// A letter as double quotes hold it.
fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(letter);
            let mut out = String::new();
            match code {
                0..=0xff => write!(out, "\\x{code:02X}"),
                0x100..=0xffff => write!(out, "\\u{code:04X}"),
                _ => write!(out, "\\U{code:08X}"),
            }
            .unwrap_or_default();
            return out;
        }
    };
    format!("\\{short}")
}
