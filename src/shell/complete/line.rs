//! Where the cursor stands: in which word, of which command, between which quotes.

use super::super::names::BUILTINS;

/// What the word under the cursor is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// The name of a command.
    Command,
    /// An argument.
    Argument,
    /// What a redirection leads to.
    Target,
}

/// Where the cursor stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The words before, without their quotes; first the command.
    pub(crate) words: Vec<String>,
    /// The byte at which the word begins.
    pub(crate) start: usize,
    /// The word up to the cursor, as it stands there.
    pub(crate) raw: String,
    /// The same without quotes.
    pub(crate) value: String,
    /// The quote that is open, and the byte of the word it stands at.
    pub(crate) quote: Option<(char, usize)>,
    /// What the word is.
    pub(crate) role: Role,
}

/// Commands that run another, whose name comes after them.
const WRAPPERS: [&str; 12] = [
    "builtin", "command", "env", "exec", "nice", "nohup", "setsid", "stdbuf", "sudo", "time",
    "timeout", "xargs",
];
const KEYWORDS: [&str; 9] = [
    "!", "{", "do", "elif", "else", "if", "then", "until", "while",
];

/// One level of substitutions inside each other.
#[derive(Default)]
struct Level {
    words: Vec<String>,
    word: Option<Word>,
    is_target: bool,
    /// The quote of the level above that this one interrupts is in its word.
    closes: char,
}

#[derive(Clone, Default)]
struct Word {
    start: usize,
    value: String,
    quote: Option<(char, usize)>,
}

/// Returns where the cursor stands at the end of this text.
pub(crate) fn place(text: &str) -> Place {
    let mut levels = vec![Level::default()];
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let is_inside = levels.len() > 1;
        let Some(level) = levels.last_mut() else {
            break;
        };
        let quote = level.word.as_ref().and_then(|word| word.quote);
        match (quote.map(|(quote, _)| quote), letter) {
            (Some('\''), '\'') | (Some('"'), '"') => level.word(at).quote = None,
            (Some('\''), letter) => level.word(at).value.push(letter),
            (None, '\'' | '"') => {
                let word = level.word(at);
                word.quote = Some((letter, at - word.start));
            }
            (_, '\\') => {
                let word = level.word(at);
                if let Some((_, escaped)) = letters.next() {
                    word.value.push(escaped);
                }
            }
            (_, '$') if next == Some('(') => {
                letters.next();
                level.word(at);
                levels.push(Level {
                    closes: ')',
                    ..Level::default()
                });
            }
            (_, '`') if level.closes == '`' => {
                levels.pop();
            }
            (_, '`') => {
                level.word(at);
                levels.push(Level {
                    closes: '`',
                    ..Level::default()
                });
            }
            (Some(_), letter) => level.word(at).value.push(letter),
            (None, ')') if is_inside => {
                levels.pop();
            }
            (None, '#') if level.word.is_none() => {
                while letters.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            (None, ';' | '&' | '|' | '(' | ')' | '\n') => {
                let is_redirect = letter == '&' && next == Some('>');
                level.end();
                if !is_redirect {
                    level.words.clear();
                }
                level.is_target = false;
            }
            (None, '<' | '>') => {
                let is_number = |word: &Word| word.value.chars().all(|c| c.is_ascii_digit());
                if level.word.as_ref().is_some_and(is_number) {
                    level.word = None;
                }
                level.end();
                while letters
                    .next_if(|(_, c)| matches!(c, '<' | '>' | '&' | '|'))
                    .is_some()
                {}
                level.is_target = true;
            }
            (None, letter) if letter.is_whitespace() => level.end(),
            (None, letter) => level.word(at).value.push(letter),
        }
    }
    let level = levels.pop().unwrap_or_default();
    let word = level.word.clone().unwrap_or(Word {
        start: text.len(),
        ..Word::default()
    });
    let words = bare(level.words);
    let role = if level.is_target {
        Role::Target
    } else if words.is_empty() {
        Role::Command
    } else {
        Role::Argument
    };
    Place {
        words,
        raw: text.get(word.start..).unwrap_or_default().to_owned(),
        start: word.start,
        value: word.value,
        quote: word.quote,
        role,
    }
}

impl Level {
    fn word(&mut self, at: usize) -> &mut Word {
        self.word.get_or_insert_with(|| Word {
            start: at,
            ..Word::default()
        })
    }

    fn end(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_target)
        {
            self.words.push(word.value);
        }
    }
}

/// Takes away what stands before the command itself: reserved words, variables, wrappers.
fn bare(mut words: Vec<String>) -> Vec<String> {
    loop {
        let Some(first) = words.first() else {
            return words;
        };
        if KEYWORDS.contains(&first.as_str()) || is_assignment(first) {
            words.remove(0);
        } else if WRAPPERS.contains(&first.as_str()) {
            let operands = usize::from(first == "timeout");
            let skipped = |word: &&String| word.starts_with('-') || is_assignment(word);
            let after = words.iter().skip(1).take_while(skipped).count();
            words.drain(..(1 + after + operands).min(words.len()));
        } else {
            return words;
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !BUILTINS.contains(&name)
    })
}
