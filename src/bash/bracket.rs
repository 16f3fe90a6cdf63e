//! Finds where brackets, quotes and command substitutions close.

/// Returns where the bracket that opens at `open` closes, quotes and escapes minded.
pub(crate) fn closing(text: &str, open: usize, opener: char, closer: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut letters = text.char_indices().skip_while(|(at, _)| *at < open);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\'' => {
                letters.find(|(_, c)| *c == '\'')?;
            }
            '"' => skip_double(&mut letters)?,
            '`' => {
                letters.find(|(_, c)| *c == '`')?;
            }
            _ if letter == opener => depth += 1,
            _ if letter == closer => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn skip_double(letters: &mut impl Iterator<Item = (usize, char)>) -> Option<()> {
    // Quotes inside `$(…)` inside quotes nest; counting brackets keeps them apart.
    let mut brackets: Vec<char> = Vec::new();
    let mut before = ' ';
    while let Some((_, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '(' if before == '$' || !brackets.is_empty() => brackets.push(')'),
            '{' if before == '$' => brackets.push('}'),
            _ if brackets.last() == Some(&letter) => {
                brackets.pop();
            }
            '"' if brackets.is_empty() => return Some(()),
            '"' => skip_double(letters)?,
            '\'' if brackets.last() == Some(&')') => {
                letters.find(|(_, c)| *c == '\'')?;
            }
            _ => {}
        }
        before = letter;
    }
    None
}

/// Returns the text of a command substitution that starts at `start`: up to the first
/// closing bracket with which it parses, since `case` has brackets of its own.
pub(crate) fn command_text(text: &str, start: usize) -> Option<&str> {
    let simple = closing(text, start - 1, '(', ')');
    let simple_text = simple.and_then(|end| text.get(start..end));
    let needs_care = simple_text.is_none_or(|inside| {
        inside.contains("case") || inside.contains('#') || inside.contains("<<")
    });
    if !needs_care {
        return simple_text;
    }
    let mut tries = 0;
    for (end, _) in text.match_indices(')') {
        let Some(inside) = text.get(start..end) else {
            continue;
        };
        tries += 1;
        if tries > 24 {
            break;
        }
        if super::parse::program(inside).is_ok() {
            return Some(inside);
        }
    }
    simple_text
}
