//! Finds the id of a message that is too long to be read, so that it can be answered.
//!
//! INVARIANT: only an `id` of the outermost object counts; what stands inside parameters
//! was written by others.

/// Reads JSON byte by byte and remembers the outermost `id`.
#[derive(Debug, Default)]
pub(super) struct Scan {
    depth: usize,
    is_text: bool,
    is_escaped: bool,
    /// The word that is being read, where it may be a key or the id.
    word: Vec<u8>,
    /// The last text at the outermost level, while a colon may follow.
    key: Vec<u8>,
    is_value: bool,
    id: Option<Vec<u8>>,
}

/// Longer words are neither a key that matters nor an id.
const LONGEST: usize = 256;

impl Scan {
    /// Reads on.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.step(byte);
        }
    }

    /// Returns the id as JSON, where there was one.
    pub(super) fn id(&self) -> Option<serde_json::Value> {
        let value: serde_json::Value = serde_json::from_slice(self.id.as_deref()?).ok()?;
        (value.is_string() || value.is_i64()).then_some(value)
    }

    fn step(&mut self, byte: u8) {
        if self.is_text {
            self.keep(byte);
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_text = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.is_text = true;
                self.word.clear();
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.word.clear();
            }
            b'}' | b']' => {
                self.end_value();
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.depth == 1 => {
                self.key = std::mem::take(&mut self.word);
                self.is_value = true;
            }
            b',' => self.end_value(),
            b' ' | b'\t' | b'\r' | b'\n' | b':' => {}
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.word.len() < LONGEST {
            self.word.push(byte);
        }
    }

    fn end_value(&mut self) {
        if self.depth == 1 && self.is_value {
            self.is_value = false;
            if self.key == b"\"id\"" && self.id.is_none() {
                self.id = Some(std::mem::take(&mut self.word));
            }
            self.word.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<serde_json::Value> {
        let mut scan = Scan::default();
        for piece in text.as_bytes().chunks(3) {
            scan.read(piece);
        }
        scan.id()
    }

    #[test]
    fn the_outermost_id_is_found() {
        let cases = [
            (r#"{"jsonrpc":"2.0","id":7,"method":"x"}"#, Some("7")),
            (
                r#"{"method":"x","params":{"id":3,"a":["id",4]},"id" : "a\"b"}"#,
                Some(r#""a\"b""#),
            ),
            (r#"{"params":{"id":3}}"#, None),
            (r#"{"params":"\"id\":9","x":"id","id":-1}"#, Some("-1")),
            (r#"{"id":{"a":1}}"#, None),
            (r#"{"id":12"#, None),
            (r#"[{"id":1}]"#, None),
        ];
        for (text, wanted) in cases {
            let wanted = wanted.map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(id(text), wanted, "{text}");
        }
    }
}
