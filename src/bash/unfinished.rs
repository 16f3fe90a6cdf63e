//! Whether a text goes on: what a person must still type before bash would run it, by
//! the parser's own word on where it came to an end.
//!
//! [`finished`] adds what is missing, so that a half-typed line has a syntax tree too.

use brush_parser::{Token, TokenizerError};

use super::parse::{self, Fault};

/// Texts inside each other that are closed at most.
const CLOSED: usize = 32;

/// Claims that bash would ask for another line.
pub(crate) fn is_unfinished(text: &str) -> bool {
    parse::with_room(text, || unfinished(text)).unwrap_or(false)
}

fn unfinished(text: &str) -> bool {
    if ends_in_backslash(text) {
        return true;
    }
    match parse::fault(text) {
        None | Some(Fault::Wrong) => false,
        Some(Fault::Token(error)) => error.is_incomplete(),
        Some(Fault::End(tokens)) => !test_is_wrong(&tokens) && !has_stray(&tokens),
    }
}

/// Claims that the last line ends in a backslash that joins the next one to it.
fn ends_in_backslash(text: &str) -> bool {
    let slashes = text.chars().rev().take_while(|c| *c == '\\').count();
    if slashes.is_multiple_of(2) {
        return false;
    }
    // In a comment, or at the end of a quoted here-document, it is a letter like any other.
    let count = |text: &str| parse::tokens(text).map(|tokens| tokens.len());
    let Some(before) = text.get(..text.len() - 1) else {
        return false;
    };
    match (count(before), count(&format!("{before} x"))) {
        (Ok(before), Ok(after)) => after > before,
        _ => true,
    }
}

/// Claims that a reserved word closes what is not open: the parser takes such a word for a command's name.
fn has_stray(tokens: &[Token]) -> bool {
    let mut standing = Standing::default();
    tokens.iter().any(|token| {
        standing.take(token);
        standing.has_stray
    })
}

/// Claims that a `[[` stands at a line's end where bash wants an operand on the same line.
fn test_is_wrong(tokens: &[Token]) -> bool {
    let mut open = None;
    for (index, token) in tokens.iter().enumerate() {
        match token.to_str() {
            "[[" => open = Some(index),
            "]]" => open = None,
            _ => {}
        }
    }
    let Some(open) = open else {
        return false;
    };
    let inner: Vec<&str> = tokens.iter().skip(open + 1).map(Token::to_str).collect();
    match inner.last() {
        None => false,
        Some(last) => {
            let is_unary = last.len() == 2 && last.starts_with('-');
            let is_binary = [
                "=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt",
                "-ot", "-ef",
            ]
            .contains(last);
            inner.len() > 1 && is_binary || is_unary
        }
    }
}

/// Returns the text with what is missing added, where that makes it parse.
pub(crate) fn finished(text: &str) -> Option<String> {
    let mut whole = text.to_owned();
    for _ in 0..CLOSED {
        match parse::fault(&whole)? {
            Fault::Wrong => return None,
            Fault::Token(error) => whole.push_str(&closer(&error)?),
            Fault::End(tokens) => {
                whole.push_str(&rest(&tokens)?);
                return parse::fault(&whole).is_none().then_some(whole);
            }
        }
        if parse::fault(&whole).is_none() {
            return Some(whole);
        }
    }
    None
}

/// Returns what closes what the tokenizer found open.
fn closer(error: &TokenizerError) -> Option<String> {
    Some(match error {
        TokenizerError::UnterminatedEscapeSequence => "\n".to_owned(),
        TokenizerError::UnterminatedSingleQuote(_) | TokenizerError::UnterminatedAnsiCQuote(_) => {
            "'".to_owned()
        }
        TokenizerError::UnterminatedDoubleQuote(_) => "\"".to_owned(),
        TokenizerError::UnterminatedBackquote(_) => "`".to_owned(),
        TokenizerError::UnterminatedExtendedGlob(_)
        | TokenizerError::UnterminatedCommandSubstitution
        | TokenizerError::UnterminatedExpansion => ")".to_owned(),
        TokenizerError::UnterminatedVariable => "}".to_owned(),
        TokenizerError::UnterminatedHereDocuments(tags, _) => {
            format!("\n{}\n", tags.split(", ").next()?)
        }
        _ => return None,
    })
}

/// What stands open in the grammar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Open {
    If,
    Then,
    Loop,
    ForHead,
    Do,
    CaseHead,
    Case,
    Brace,
    Parenthesis,
    Test,
}

/// Returns what closes what stands open after these tokens, with a command where one is missing.
fn rest(tokens: &[Token]) -> Option<String> {
    let open = standing(tokens);
    let last = tokens.last()?.to_str();
    let mut text = String::new();
    match open.last() {
        Some(Open::Test) if ["[[", "&&", "||", "!", "("].contains(&last) => text.push_str(" x"),
        Some(Open::ForHead) if ["for", "select"].contains(&last) => text.push_str(" x"),
        Some(Open::CaseHead) if last == "case" => text.push_str(" x"),
        Some(Open::ForHead | Open::CaseHead | Open::Case) => {}
        Some(Open::Test) => {}
        Some(_) | None => text.push_str("\n:"),
    }
    for one in open.iter().rev() {
        text.push_str(match one {
            Open::If => "\nthen :\nfi",
            Open::Then => "\nfi",
            Open::Loop => "\ndo :\ndone",
            Open::ForHead => "\ndo :\ndone",
            Open::Do => "\ndone",
            Open::CaseHead => " in\nesac",
            Open::Case => "\nesac",
            Open::Brace => "\n}",
            Open::Parenthesis => ")",
            Open::Test => " ]]",
        });
    }
    Some(text)
}

/// Returns what stands open after these tokens, outermost first.
fn standing(tokens: &[Token]) -> Vec<Open> {
    let mut standing = Standing::default();
    tokens.iter().for_each(|token| standing.take(token));
    standing.open
}

/// What stands open at one point of a text.
struct Standing {
    open: Vec<Open>,
    /// A command may begin here.
    is_command: bool,
    has_stray: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            is_command: true,
            has_stray: false,
        }
    }
}

impl Standing {
    fn take(&mut self, token: &Token) {
        let text = token.to_str();
        self.is_command = match token {
            Token::Operator(..) => match text {
                "(" => {
                    self.open.push(Open::Parenthesis);
                    true
                }
                ")" => {
                    if self.open.last() == Some(&Open::Parenthesis) {
                        self.open.pop();
                    }
                    true
                }
                ";" | "&" | "|" | "|&" | "&&" | "||" | "\n" | ";;" | ";&" | ";;&" => true,
                _ => false,
            },
            Token::Word(..) => self.word(text),
        };
    }

    /// Takes one word into account; claims that a command may stand after it.
    fn word(&mut self, text: &str) -> bool {
        match (text, self.open.last()) {
            ("in", Some(Open::CaseHead)) => {
                self.turn(&[Open::CaseHead], Some(Open::Case));
                return false;
            }
            ("]]", Some(Open::Test)) => {
                self.turn(&[Open::Test], None);
                return false;
            }
            ("do", Some(Open::Loop | Open::ForHead)) => {
                self.turn(&[Open::Loop, Open::ForHead], Some(Open::Do));
                return true;
            }
            _ if !self.is_command => return false,
            _ => {}
        }
        match text {
            "then" => self.turn(&[Open::If], Some(Open::Then)),
            "else" => self.turn(&[Open::Then], Some(Open::Then)),
            "elif" => self.turn(&[Open::Then], Some(Open::If)),
            "fi" => self.turn(&[Open::Then], None),
            "do" => self.turn(&[], None),
            "done" => self.turn(&[Open::Do], None),
            "esac" => self.turn(&[Open::Case], None),
            "}" => self.turn(&[Open::Brace], None),
            "if" => self.open.push(Open::If),
            "while" | "until" => self.open.push(Open::Loop),
            "{" => self.open.push(Open::Brace),
            "!" | "time" | "coproc" => {}
            _ => {
                self.open.extend(match text {
                    "for" | "select" => Some(Open::ForHead),
                    "case" => Some(Open::CaseHead),
                    "[[" => Some(Open::Test),
                    _ => None,
                });
                return false;
            }
        }
        true
    }

    fn turn(&mut self, from: &[Open], to: Option<Open>) {
        if self.open.last().is_some_and(|last| from.contains(last)) {
            self.open.pop();
            self.open.extend(to);
        } else {
            self.has_stray = true;
        }
    }
}
