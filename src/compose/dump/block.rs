//! Mappings and lists in blocks, each level two columns further in.

use super::scalar::Scalar;
use crate::compose::node::{Dict, Key, Value};

/// The text so far, and where in it the writing is.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    column: usize,
    indent: usize,
    /// Whether the last thing written was white space.
    spaced: bool,
    /// Whether only indentation and indicators stand on the line.
    indenting: bool,
}

impl Writer {
    /// Writes a whole document.
    pub(super) fn document(&mut self, value: &Value) {
        self.spaced = true;
        self.indenting = true;
        match value {
            Value::Dict(dict) if !dict.is_empty() => self.mapping(dict, 0),
            Value::List(list) if !list.is_empty() => self.sequence(list, 0),
            other => self.value(other, 0),
        }
        if self.column > 0 {
            self.line_end('\n');
        }
        if !value.is_container() && !self.out.ends_with('\'') && !self.out.ends_with('"') {
            self.out.push_str("...\n");
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn mapping(&mut self, dict: &Dict, indent: usize) {
        for (key, value) in dict.iter() {
            self.indent = indent;
            self.indent();
            let name = Scalar::key(key);
            if name.is_simple_key() {
                self.indent = indent + 2;
                self.scalar(&name, true);
                self.indicator(":", false, false);
                self.entry(value, indent);
            } else {
                self.long_entry(key, value, indent);
            }
        }
    }

    /// An entry whose key does not fit before a colon.
    fn long_entry(&mut self, key: &Key, value: &Value, indent: usize) {
        self.indicator("?", true, true);
        self.indent = indent + 2;
        self.scalar(&Scalar::key(key), false);
        self.indent = indent;
        self.indent();
        self.indicator(":", true, true);
        match value {
            Value::List(list) if !list.is_empty() => self.sequence(list, indent + 2),
            _ => self.entry(value, indent),
        }
    }

    /// The value behind a mapping's colon.
    fn entry(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Dict(dict) if !dict.is_empty() => self.mapping(dict, indent + 2),
            Value::List(list) if !list.is_empty() => self.sequence(list, indent),
            Value::Path(path) => {
                self.indicator(PATH, true, false);
                self.sequence(&parts(path), indent);
            }
            other => self.value(other, indent),
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.indent = indent;
            self.indent();
            self.indicator("-", true, true);
            match item {
                Value::Dict(dict) if !dict.is_empty() => self.mapping(dict, indent + 2),
                Value::List(list) if !list.is_empty() => self.sequence(list, indent + 2),
                Value::Path(path) => {
                    self.indicator(PATH, true, false);
                    self.sequence(&parts(path), indent + 2);
                }
                other => self.value(other, indent),
            }
        }
    }

    /// A plain value or an empty container.
    fn value(&mut self, value: &Value, indent: usize) {
        self.indent = indent + 2;
        match value {
            Value::Dict(_) => self.indicator("{}", true, false),
            Value::List(_) => self.indicator("[]", true, false),
            plain => self.scalar(&Scalar::of(plain), false),
        }
    }

    fn scalar(&mut self, scalar: &Scalar, simple: bool) {
        if let Some(tag) = scalar.tag {
            self.indicator(tag, true, false);
        }
        self.words(&scalar.text, scalar.style(simple), !simple);
    }

    /// Writes a mark, a space before it where it needs one.
    pub(super) fn indicator(&mut self, mark: &str, needs_space: bool, indents: bool) {
        let indenting = self.indenting && indents;
        if needs_space && !self.spaced {
            self.put(" ");
        }
        self.put(mark);
        self.spaced = false;
        self.indenting = indenting;
    }

    /// Goes to the indentation, on a new line unless this one still has room for it.
    pub(super) fn indent(&mut self) {
        let target = self.indent;
        if !self.indenting || self.column > target || self.column == target && !self.spaced {
            self.line_end('\n');
        }
        if self.column < target {
            let spaces = " ".repeat(target - self.column);
            self.put(&spaces);
            self.spaced = true;
            self.indenting = true;
        }
    }

    pub(super) fn line_end(&mut self, letter: char) {
        self.out.push(letter);
        self.column = 0;
        self.spaced = true;
        self.indenting = true;
    }

    /// Writes text that holds no line end.
    pub(super) fn put(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        self.spaced = false;
        self.indenting = false;
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    pub(super) fn is_spaced(&self) -> bool {
        self.spaced
    }
}

/// The tag that Python gives a path.
const PATH: &str = "!!python/object/apply:pathlib.PosixPath";

/// The parts of a path, as Python takes it apart.
fn parts(path: &str) -> Vec<Value> {
    let root = path.starts_with('/').then(|| Value::from("/"));
    let names = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".")
        .map(Value::from);
    root.into_iter().chain(names).collect()
}
