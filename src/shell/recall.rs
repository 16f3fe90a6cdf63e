//! History expansion (`!!`, `!$`, `!n`, `!prefix`, `^a^b`), as bash does it: before the line is
//! judged, so that what is judged is what runs.

/// What a line becomes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Recalled {
    /// It stands as it is.
    Same,
    /// This is what it means; it is shown first.
    Changed(String),
    /// It refers to nothing; what bash says.
    Missing(String),
}

/// Expands a line by the lines before it, the oldest first.
pub(crate) fn recall(line: &str, past: &[String]) -> Recalled {
    if let Some(rest) = line.strip_prefix('^') {
        return quick(line, rest, past);
    }
    let mut text = String::new();
    let mut rest = line;
    let mut is_changed = false;
    let (mut single, mut double) = (false, false);
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\\' && !single {
            let taken: String = rest.chars().take(2).collect();
            rest = rest.get(taken.len()..).unwrap_or_default();
            text.push_str(&taken);
            before = 'x';
            continue;
        }
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '!' if !single && begins(after, double) && !matches!(before, '$' | '{' | '[') => {
                match event(after, &text, past) {
                    Ok((found, left)) => {
                        text.push_str(&found);
                        rest = left;
                        is_changed = true;
                        before = 'x';
                        continue;
                    }
                    Err(missing) => return Recalled::Missing(missing),
                }
            }
            _ => {}
        }
        text.push(c);
        before = c;
        rest = after;
    }
    if is_changed {
        Recalled::Changed(text)
    } else {
        Recalled::Same
    }
}

/// Whether what follows a `!` makes it mean something.
fn begins(after: &str, double: bool) -> bool {
    match after.chars().next() {
        None | Some(' ' | '\t' | '\n' | '\r' | '=' | '(' | ';' | '|' | '&' | '<' | '>') => false,
        Some('"') => !double,
        Some(_) => true,
    }
}

/// `^old^new^`: the last line with something else in it.
fn quick(line: &str, rest: &str, past: &[String]) -> Recalled {
    let Some(last) = past.last() else {
        return Recalled::Missing(format!("{line}: event not found"));
    };
    let mut parts = rest.splitn(3, '^');
    let old = parts.next().unwrap_or_default();
    let new = parts.next().unwrap_or_default();
    let more = parts.next().unwrap_or_default();
    if old.is_empty() || !last.contains(old) {
        return Recalled::Missing(format!(":s{line}: substitution failed"));
    }
    Recalled::Changed(last.replacen(old, new, 1) + more)
}

/// Reads an event and its words after a `!`; returns what they stand for, and the rest.
fn event<'a>(after: &'a str, text: &str, past: &[String]) -> Result<(String, &'a str), String> {
    let last = past.last();
    let missing = |designator: &str| format!("!{designator}: event not found");
    let mut chars = after.chars();
    let (found, rest): (Option<String>, &str) = match chars.next() {
        Some('!') => (last.cloned(), chars.as_str()),
        Some('#') => (Some(text.to_owned()), chars.as_str()),
        Some('$' | '^' | '*' | ':') => (last.cloned(), after),
        Some('?') => {
            let inner = chars.as_str();
            let end = inner.find('?').unwrap_or(inner.len());
            let sought = inner.get(..end).unwrap_or_default();
            let found = past.iter().rev().find(|line| line.contains(sought));
            (found.cloned(), inner.get(end + 1..).unwrap_or_default())
        }
        Some(c) if c == '-' || c.is_ascii_digit() => {
            let digits = after.strip_prefix('-').unwrap_or(after);
            let end = digits
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(digits.len());
            let number: usize = digits.get(..end).and_then(|n| n.parse().ok()).unwrap_or(0);
            let place = if c == '-' {
                past.len().checked_sub(number)
            } else {
                number.checked_sub(1)
            };
            let found = place.and_then(|place| past.get(place)).cloned();
            (found, digits.get(end..).unwrap_or_default())
        }
        _ => {
            let end = after
                .find(|c: char| c.is_whitespace() || ":;&|<>()\"'$^*".contains(c))
                .unwrap_or(after.len());
            let prefix = after.get(..end).unwrap_or_default();
            let found = past.iter().rev().find(|line| line.starts_with(prefix));
            (found.cloned(), after.get(end..).unwrap_or_default())
        }
    };
    let designator = after.get(..after.len() - rest.len()).unwrap_or_default();
    let found = found.ok_or_else(|| missing(designator))?;
    words(&found, rest).ok_or_else(|| format!("!{after}: bad word specifier"))
}

/// Reads a word designator (`$`, `^`, `*`, `:n`, `:n-m`) and takes those words.
fn words<'a>(line: &str, rest: &'a str) -> Option<(String, &'a str)> {
    let all = split(line);
    let count = all.len();
    let pick = |from: usize, to: usize| -> Option<String> { Some(all.get(from..to)?.join(" ")) };
    let (designator, is_colon) = match rest.strip_prefix(':') {
        Some(inner) => (inner, true),
        None => (rest, false),
    };
    let after = |n: usize| designator.get(n..).unwrap_or_default();
    match designator.chars().next() {
        Some('$') => Some((pick(count.checked_sub(1)?, count)?, after(1))),
        Some('^') => Some((pick(1, 2)?, after(1))),
        Some('*') => Some((pick(1.min(count), count)?, after(1))),
        Some(c) if is_colon && c.is_ascii_digit() => {
            let digits: String = designator
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let from: usize = digits.parse().ok()?;
            let left = after(digits.len());
            if let Some(range) = left.strip_prefix('-') {
                let upper: String = range.chars().take_while(char::is_ascii_digit).collect();
                let left = range.get(upper.len()..).unwrap_or_default();
                if let Some(left) = left.strip_prefix('$').filter(|_| upper.is_empty()) {
                    return Some((pick(from, count)?, left));
                }
                let to = upper.parse().unwrap_or(count.saturating_sub(2));
                return Some((pick(from, to + 1)?, left));
            }
            if let Some(left) = left.strip_prefix('*') {
                return Some((pick(from, count)?, left));
            }
            Some((pick(from, from + 1)?, left))
        }
        _ if is_colon => None,
        _ => Some((line.to_owned(), rest)),
    }
}

/// Splits a line into words as history does: quotes kept, operators apart.
fn split(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') if quote != Some('\'') => {
                word.push(c);
                word.extend(chars.next());
            }
            (Some(open), c) => {
                word.push(c);
                if c == open {
                    quote = None;
                }
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.push(c);
            }
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                let mut operator = String::from(c);
                if chars.peek() == Some(&c) {
                    operator.extend(chars.next());
                }
                words.push(operator);
            }
            (None, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(line: &str) -> String {
        let past = ["ls -l /tmp", "echo 'a b' c; pwd", "mkdir new dir"].map(str::to_owned);
        match recall(line, &past) {
            Recalled::Same => format!("= {line}"),
            Recalled::Changed(text) => text,
            Recalled::Missing(text) => format!("? {text}"),
        }
    }

    #[test]
    fn lines_come_back_as_bash_has_them() {
        for (line, meant) in [
            ("!!", "mkdir new dir"),
            ("sudo !! -p", "sudo mkdir new dir -p"),
            ("cd !$", "cd dir"),
            ("cd !^", "cd new"),
            ("echo !*", "echo new dir"),
            ("!1", "ls -l /tmp"),
            ("!-2", "echo 'a b' c; pwd"),
            ("!l", "ls -l /tmp"),
            ("!?a b?", "echo 'a b' c; pwd"),
            ("!echo:1", "'a b'"),
            ("echo !!:1-2", "echo new dir"),
            ("^new^old", "mkdir old dir"),
            ("echo '!!'", "= echo '!!'"),
            ("echo \"!!\"", "echo \"mkdir new dir\""),
            ("echo \"hi!\"", "= echo \"hi!\""),
            ("echo \\!!", "= echo \\!!"),
            ("[ ! -e x ]", "= [ ! -e x ]"),
            ("echo $! ${!x}", "= echo $! ${!x}"),
            ("! false", "= ! false"),
            ("[[ a != b ]]", "= [[ a != b ]]"),
            ("shopt -s extglob; ls !(a)", "= shopt -s extglob; ls !(a)"),
            ("!nosuch", "? !nosuch: event not found"),
            ("^zzz^y", "? :s^zzz^y: substitution failed"),
        ] {
            assert_eq!(after(line), meant, "{line}");
        }
    }
}
