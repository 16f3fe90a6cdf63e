//! Brace expansion on raw words: `{rm,-rf,x}`, `{1..9}`, `a{b,c}d`.

/// More words than this are left as they are written.
const LIMIT: usize = 512;

/// Expands braces; `None` where there are none to expand.
pub(crate) fn expand(raw: &str) -> Option<Vec<String>> {
    if !raw.contains('{') {
        return None;
    }
    let mut words = Vec::new();
    let mut budget = LIMIT;
    one(raw, &mut words, &mut budget)?;
    (words.len() > 1 || words.first().is_some_and(|word| word != raw)).then_some(words)
}

/// Expands the first brace of a word and then the results; `None` past the limit.
fn one(raw: &str, words: &mut Vec<String>, budget: &mut usize) -> Option<()> {
    *budget = budget.checked_sub(1)?;
    let Some((open, close, members)) = first(raw) else {
        words.push(raw.to_owned());
        return Some(());
    };
    let before = raw.get(..open)?;
    let after = raw.get(close + 1..)?;
    for member in members {
        let mut heads = Vec::new();
        one(&member, &mut heads, budget)?;
        let mut tails = Vec::new();
        one(after, &mut tails, budget)?;
        for head in &heads {
            for tail in &tails {
                words.push(format!("{before}{head}{tail}"));
                (words.len() < LIMIT).then_some(())?;
            }
        }
    }
    Some(())
}

/// Finds the first brace that expands: where it opens and closes, and its members.
fn first(raw: &str) -> Option<(usize, usize, Vec<String>)> {
    let mut letters = raw.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\'' => {
                letters.find(|(_, c)| *c == '\'')?;
            }
            '"' => {
                while let Some((_, inside)) = letters.next() {
                    match inside {
                        '\\' => {
                            letters.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '$' => {
                let rest = raw.get(at..)?;
                let end = if rest.starts_with("${") {
                    super::bracket::closing(rest, 1, '{', '}')
                } else if rest.starts_with("$(") {
                    super::bracket::closing(rest, 1, '(', ')')
                } else {
                    None
                };
                if let Some(end) = end {
                    letters.find(|(place, _)| *place >= at + end)?;
                }
            }
            '`' => {
                letters.find(|(_, c)| *c == '`')?;
            }
            '{' => {
                let rest = raw.get(at..)?;
                if let Some(end) = super::bracket::closing(rest, 0, '{', '}') {
                    let inside = rest.get(1..end)?;
                    let members = split(inside).or_else(|| sequence(inside));
                    if let Some(members) = members {
                        return Some((at, at + end, members));
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// Cuts at the commas that stand at the top level; `None` without one.
fn split(inside: &str) -> Option<Vec<String>> {
    let mut members = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\'' => {
                letters.find(|(_, c)| *c == '\'')?;
            }
            '"' => {
                letters.find(|(_, c)| *c == '"')?;
            }
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                members.push(inside.get(start..at)?.to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    if members.is_empty() {
        return None;
    }
    members.push(inside.get(start..)?.to_owned());
    Some(members)
}

/// Expands `1..9`, `a..e`, `01..10..2`.
fn sequence(inside: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = inside.split("..").collect();
    let (start, end, step) = match parts.as_slice() {
        [start, end] => (*start, *end, 1),
        [start, end, step] => (*start, *end, step.parse::<i64>().ok()?.abs().max(1)),
        _ => return None,
    };
    let step = usize::try_from(step).ok()?;
    let width = start
        .trim_start_matches('-')
        .len()
        .max(end.trim_start_matches('-').len());
    let padded = [start, end]
        .iter()
        .any(|text| text.trim_start_matches('-').starts_with('0') && text.len() > 1);
    if let (Ok(first), Ok(last)) = (start.parse::<i64>(), end.parse::<i64>()) {
        let show = |number: i64| {
            if padded {
                format!("{number:0width$}")
            } else {
                number.to_string()
            }
        };
        return Some(if first <= last {
            (first..=last).step_by(step).take(LIMIT).map(show).collect()
        } else {
            (last..=first)
                .rev()
                .step_by(step)
                .take(LIMIT)
                .map(show)
                .collect()
        });
    }
    let mut ends = start.chars().chain(end.chars());
    match (ends.next(), ends.next(), ends.next()) {
        (Some(first), Some(last), None) if start.len() == 1 => Some(if first <= last {
            (first..=last).step_by(step).map(String::from).collect()
        } else {
            (last..=first)
                .rev()
                .step_by(step)
                .map(String::from)
                .collect()
        }),
        _ => None,
    }
}
