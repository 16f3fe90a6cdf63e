//! Cuts the raw text of a word into its pieces: text, quotes, substitutions.
//!
//! Our own, because the parser's word grammar looks at nested quotes twice at every
//! level. Linear, byte offsets, and an error instead of a guess.

use super::bracket::{closing, command_text};

/// One piece of a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Piece {
    /// Unquoted text: may split into words, may be a pattern.
    Text(String),
    /// Quoted or escaped text.
    Quoted(String),
    /// `~` or `~name`, at the start.
    Tilde(String),
    /// `$name`, `${…}`: what stands between the braces.
    Parameter {
        /// Without `$`, `{` and `}`.
        text: String,
        /// Inside double quotes.
        quoted: bool,
    },
    /// `$(…)` or backquotes, and the byte its text starts at.
    Command {
        /// The command text.
        text: String,
        /// Where it starts in the word; `None` where it was unescaped.
        at: Option<usize>,
        /// Inside double quotes.
        quoted: bool,
    },
    /// `$((…))` or `$[…]`.
    Arithmetic(String),
    /// `<(…)` or `>(…)`.
    Process {
        /// The command text.
        text: String,
        /// Where it starts in the word.
        at: usize,
    },
}

/// How quotes are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// An ordinary word.
    Word,
    /// A here-document or the inside of double quotes: quotes are text.
    Document,
}

/// Cuts a word into pieces.
pub(crate) fn pieces(raw: &str, manner: Manner) -> Result<Vec<Piece>, String> {
    let mut lexer = Lexer {
        raw,
        at: 0,
        pieces: Vec::new(),
    };
    if manner == Manner::Word && raw.starts_with('~') {
        let end = raw.find(['/', ':']).unwrap_or(raw.len());
        let name = raw.get(1..end).unwrap_or_default();
        if name
            .chars()
            .all(|c| c.is_alphanumeric() || "+-_.".contains(c))
        {
            lexer.pieces.push(Piece::Tilde(name.to_owned()));
            lexer.at = end;
        }
    }
    while let Some(letter) = lexer.peek() {
        match (manner, letter) {
            (Manner::Word, '\'') => lexer.single()?,
            (Manner::Word, '"') => lexer.double()?,
            (Manner::Word, '\\') => {
                lexer.bump();
                match lexer.bump() {
                    Some('\n') => {}
                    Some(escaped) => lexer.quoted(escaped),
                    None => lexer.quoted('\\'),
                }
            }
            (Manner::Document, '\\') => lexer.escape_in_quotes(),
            (_, '$') => lexer.dollar(manner == Manner::Document)?,
            (_, '`') => lexer.backquote(manner == Manner::Document)?,
            (Manner::Word, '<' | '>') if lexer.rest_starts_with(1, "(") => lexer.process()?,
            (Manner::Word, _) => {
                lexer.bump();
                lexer.text(letter);
            }
            (Manner::Document, _) => {
                lexer.bump();
                lexer.quoted(letter);
            }
        }
    }
    Ok(lexer.pieces)
}

struct Lexer<'a> {
    raw: &'a str,
    at: usize,
    pieces: Vec<Piece>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn rest_starts_with(&self, skip: usize, text: &str) -> bool {
        self.rest()
            .get(skip..)
            .is_some_and(|rest| rest.starts_with(text))
    }

    fn text(&mut self, letter: char) {
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            text.push(letter);
        } else {
            self.pieces.push(Piece::Text(letter.into()));
        }
    }

    fn quoted(&mut self, letter: char) {
        if let Some(Piece::Quoted(text)) = self.pieces.last_mut() {
            text.push(letter);
        } else {
            self.pieces.push(Piece::Quoted(letter.into()));
        }
    }

    fn single(&mut self) -> Result<(), String> {
        self.bump();
        let end = self.rest().find('\'').ok_or("a quote is not closed")?;
        let text = self.rest().get(..end).unwrap_or_default().to_owned();
        self.at += end + 1;
        self.pieces.push(Piece::Quoted(text));
        Ok(())
    }

    fn double(&mut self) -> Result<(), String> {
        self.bump();
        self.pieces.push(Piece::Quoted(String::new()));
        loop {
            match self.peek() {
                None => return Err("a double quote is not closed".into()),
                Some('"') => {
                    self.bump();
                    return Ok(());
                }
                Some('\\') => self.escape_in_quotes(),
                Some('$') => self.dollar(true)?,
                Some('`') => self.backquote(true)?,
                Some(letter) => {
                    self.bump();
                    self.quoted(letter);
                }
            }
        }
    }

    fn escape_in_quotes(&mut self) {
        self.bump();
        match self.peek() {
            Some('\n') => {
                self.bump();
            }
            Some(letter) if "$`\"\\".contains(letter) => {
                self.bump();
                self.quoted(letter);
            }
            _ => self.quoted('\\'),
        }
    }

    fn dollar(&mut self, quoted: bool) -> Result<(), String> {
        let rest = self.rest();
        if rest.starts_with("$((")
            && let Some(end) = closing(rest, 1, '(', ')')
            && let Some(inside) = rest.get(2..end)
            && inside.starts_with('(')
            && closing(inside, 0, '(', ')') == Some(inside.len() - 1)
        {
            let text = inside.get(1..inside.len() - 1).unwrap_or_default();
            let text = text.to_owned();
            self.at += end + 1;
            self.pieces.push(Piece::Arithmetic(text));
            return Ok(());
        }
        if rest.starts_with("$(") {
            let text = command_text(rest, 2)
                .ok_or("`$(` is not closed")?
                .to_owned();
            let at = self.at + 2;
            self.at += text.len() + 3;
            self.pieces.push(Piece::Command {
                text,
                at: Some(at),
                quoted,
            });
        } else if rest.starts_with("${") {
            let end = closing(rest, 1, '{', '}').ok_or("`${` is not closed")?;
            let text = rest.get(2..end).unwrap_or_default().to_owned();
            self.at += end + 1;
            self.pieces.push(Piece::Parameter { text, quoted });
        } else if rest.starts_with("$[") {
            let end = closing(rest, 1, '[', ']').ok_or("`$[` is not closed")?;
            let text = rest.get(2..end).unwrap_or_default().to_owned();
            self.at += end + 1;
            self.pieces.push(Piece::Arithmetic(text));
        } else if !quoted && rest.starts_with("$'") {
            self.ansi()?;
        } else if !quoted && rest.starts_with("$\"") {
            self.bump();
            self.double()?;
        } else {
            let name: String = match rest.chars().nth(1) {
                Some(letter) if "@*#?-$!0123456789".contains(letter) => letter.into(),
                Some(letter) if letter == '_' || letter.is_ascii_alphabetic() => rest
                    .chars()
                    .skip(1)
                    .take_while(|c| *c == '_' || c.is_ascii_alphanumeric())
                    .collect(),
                _ => {
                    self.bump();
                    self.quoted('$');
                    return Ok(());
                }
            };
            self.at += 1 + name.len();
            self.pieces.push(Piece::Parameter { text: name, quoted });
        }
        Ok(())
    }

    fn backquote(&mut self, quoted: bool) -> Result<(), String> {
        self.bump();
        let start = self.at;
        let mut text = String::new();
        let mut plain = true;
        loop {
            match self.bump() {
                None => return Err("a backquote is not closed".into()),
                Some('`') => break,
                Some('\\') => match self.peek() {
                    Some(letter) if "`\\$".contains(letter) || (quoted && letter == '"') => {
                        plain = false;
                        self.bump();
                        text.push(letter);
                    }
                    _ => text.push('\\'),
                },
                Some(letter) => text.push(letter),
            }
        }
        let at = plain.then_some(start);
        self.pieces.push(Piece::Command { text, at, quoted });
        Ok(())
    }

    fn process(&mut self) -> Result<(), String> {
        let text = command_text(self.rest(), 2)
            .ok_or("`<(` is not closed")?
            .to_owned();
        let at = self.at + 2;
        self.at += text.len() + 3;
        self.pieces.push(Piece::Process { text, at });
        Ok(())
    }

    fn ansi(&mut self) -> Result<(), String> {
        self.at += 2;
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err("a quote is not closed".into()),
                Some('\'') => break,
                Some('\\') => {
                    if let Some(letter) = ansi_escape(self) {
                        text.push(letter);
                    }
                }
                Some(letter) => text.push(letter),
            }
        }
        self.pieces.push(Piece::Quoted(text));
        Ok(())
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            self.bump();
            value = Some(value.unwrap_or(0) * radix + digit);
        }
        value
    }
}

fn ansi_escape(lexer: &mut Lexer<'_>) -> Option<char> {
    if lexer.peek().is_some_and(|c| c.is_digit(8)) {
        return lexer.number(8, 3).and_then(char::from_u32);
    }
    let letter = lexer.bump()?;
    let plain = match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        'b' => '\x08',
        'e' | 'E' => '\x1b',
        'f' => '\x0c',
        'v' => '\x0b',
        'x' => return lexer.number(16, 2).and_then(char::from_u32),
        'u' => return lexer.number(16, 4).and_then(char::from_u32),
        'U' => return lexer.number(16, 8).and_then(char::from_u32),
        'c' => {
            let control = lexer.bump()?;
            return char::from_u32(u32::from(control) & 0x1f);
        }
        other => other,
    };
    Some(plain)
}
