//! What the letters of one word are: quotes, escapes, variables, substitutions. For
//! showing only; what a word means is the business of `word`.

use super::bracket::closing;
use super::syntax::{Canvas, Kind};

/// Paints what is quoted or expanded in a word that begins at byte `base`.
pub(super) fn paint(canvas: &mut Canvas, raw: &str, base: usize, depth: usize) {
    let mut letters = Letters {
        canvas,
        raw,
        base,
        depth,
    };
    letters.all(0..raw.len(), false);
}

struct Letters<'c, 'r> {
    canvas: &'c mut Canvas,
    raw: &'r str,
    base: usize,
    depth: usize,
}

impl Letters<'_, '_> {
    fn fill(&mut self, from: usize, to: usize, kind: Kind) {
        self.canvas.fill(self.base + from..self.base + to, kind);
    }

    fn rest(&self, at: usize) -> &str {
        self.raw.get(at..).unwrap_or_default()
    }

    /// Paints a range of the word; in double quotes only what is expanded there.
    fn all(&mut self, range: std::ops::Range<usize>, is_quoted: bool) {
        let mut at = range.start;
        while at < range.end {
            let Some(letter) = self.rest(at).chars().next() else {
                return;
            };
            at = match letter {
                '\\' => {
                    let escaped = self.rest(at).chars().nth(1).map_or(0, char::len_utf8);
                    self.fill(at, at + 1 + escaped, Kind::Quoted);
                    at + 1 + escaped
                }
                '\'' if !is_quoted => {
                    let inside = self.rest(at + 1);
                    let end = inside.find('\'').map_or(range.end, |end| at + end + 2);
                    self.fill(at, end, Kind::Quoted);
                    end
                }
                '"' if !is_quoted => {
                    let end = self.double(at, range.end);
                    self.fill(at, end, Kind::Quoted);
                    self.all(at + 1..end.saturating_sub(1).max(at + 1), true);
                    end
                }
                '$' => self.dollar(at, range.end),
                '`' => {
                    let inside = self.rest(at + 1);
                    let end = inside.find('`').map_or(range.end, |end| at + end + 1);
                    self.command(at + 1, end, 1);
                    end + 1
                }
                letter => at + letter.len_utf8(),
            };
        }
    }

    /// Returns where the double quotes close that open here.
    fn double(&self, open: usize, end: usize) -> usize {
        let mut at = open + 1;
        while at < end {
            let rest = self.rest(at);
            let Some(letter) = rest.chars().next() else {
                break;
            };
            at = match letter {
                '"' => return at + 1,
                '\\' => at + 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                '$' if rest.starts_with("$(") => self.close(at + 1, '(', ')', end),
                '$' if rest.starts_with("${") => self.close(at + 1, '{', '}', end),
                letter => at + letter.len_utf8(),
            };
        }
        end
    }

    /// Returns the byte after the bracket that closes the one at `open`.
    fn close(&self, open: usize, opener: char, closer: char, end: usize) -> usize {
        closing(self.raw, open, opener, closer).map_or(end, |at| at + 1)
    }

    fn dollar(&mut self, at: usize, end: usize) -> usize {
        let rest = self.rest(at + 1);
        let Some(next) = rest.chars().next() else {
            return at + 1;
        };
        let close = match next {
            '(' if rest.starts_with("((") => self.close(at + 1, '(', ')', end),
            '(' => {
                let close = self.close(at + 1, '(', ')', end);
                self.command(at + 2, close.saturating_sub(1), 2);
                return close;
            }
            '{' => self.close(at + 1, '{', '}', end),
            '[' => self.close(at + 1, '[', ']', end),
            '\'' => {
                let inside = self.rest(at + 2);
                let close = inside.find('\'').map_or(end, |close| at + close + 3);
                self.fill(at, close, Kind::Quoted);
                return close;
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                at + 1 + rest.find(|c| !is_name(c)).unwrap_or(rest.len())
            }
            c if c.is_ascii_digit() || "?!$#@*-".contains(c) => at + 2,
            _ => return at + 1,
        };
        self.fill(at, close, Kind::Variable);
        close
    }

    /// Paints a substituted command; `opener` bytes before it and one after are its brackets.
    fn command(&mut self, from: usize, to: usize, opener: usize) {
        let to = to.max(from);
        self.fill(from - opener, to + 1, Kind::Operator);
        self.fill(from, to, Kind::Plain);
        let Some(inside) = self.raw.get(from..to) else {
            return;
        };
        self.canvas
            .text(inside, self.base + from, self.depth.saturating_add(1));
    }
}
