//! `$name` and `${…}`: what a parameter holds, as far as the text proves it.

use std::ops::Range;

use super::expand::Expansion;
use super::scope::Value;
use super::walk::Walker;

const UNKNOWN: Expansion = Expansion::Unknown { guess: None };

impl Walker<'_> {
    /// Expands what stands between `${` and `}`, or after `$`.
    pub(crate) fn parameter(&mut self, text: &str, place: &Range<usize>) -> Expansion {
        if let Some(rest) = text.strip_prefix('#').filter(|rest| !rest.is_empty()) {
            self.words_inside(rest, place);
            return UNKNOWN;
        }
        let (indirect, rest) = match text.strip_prefix('!').filter(|rest| !rest.is_empty()) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = name_end(rest);
        let (Some(name), Some(rest)) = (rest.get(..end), rest.get(end..)) else {
            return UNKNOWN;
        };
        let (subscript, rest) = match subscript(rest) {
            Some((subscript, rest)) => (Some(subscript), rest),
            None => (None, rest),
        };
        let key = match subscript.filter(|text| *text != "@" && *text != "*") {
            Some(text) if text.contains("$(") || text.contains('`') => {
                self.arithmetic(text, place);
                None
            }
            Some(text) => {
                if !text.contains('$') {
                    self.arithmetic(text, place);
                }
                self.inside(text, place)
            }
            None => subscript.map(str::to_owned),
        };
        let mut value = match (subscript, &key) {
            (Some(_), None) => None,
            (_, key) => self.value(name, key.as_deref()),
        };
        if indirect && matches!(key.as_deref(), Some("@" | "*")) {
            value = self.keys(name);
        } else if indirect && !self.scope.references.contains_key(name) {
            value = match value {
                Some(Value::Known(name)) => self.value(&name, None),
                _ => None,
            };
        }
        if rest.is_empty() {
            return match value {
                Some(Value::Known(text)) => Expansion::Text(text),
                Some(Value::List(list)) => Expansion::List(list),
                Some(Value::Likely(text)) => Expansion::Unknown { guess: Some(text) },
                Some(Value::Table(_) | Value::Unknown) | None => UNKNOWN,
            };
        }
        self.operator(name, value, rest, place)
    }

    fn operator(
        &mut self,
        name: &str,
        value: Option<Value>,
        rest: &str,
        place: &Range<usize>,
    ) -> Expansion {
        let (colon, operator) = match rest.strip_prefix(':') {
            Some(operator) => (true, operator),
            None => (false, rest),
        };
        let known = match &value {
            Some(Value::Known(text)) => Some(text.clone()),
            Some(Value::List(list)) => Some(list.join(" ")),
            Some(Value::Table(_) | Value::Likely(_) | Value::Unknown) | None => None,
        };
        let is_set = known
            .as_ref()
            .is_some_and(|text| !colon || !text.is_empty());
        if let Some(word) = operator.strip_prefix(['-', '=', '?', '+']) {
            let other = self.inside(word, place);
            let assigns = operator.starts_with('=');
            let alternative = operator.starts_with('+');
            let is_empty = known.is_some() && !is_set;
            return match (is_set, alternative) {
                (true, false) => known.map_or(UNKNOWN, Expansion::Text),
                (true, true) => other.map_or(UNKNOWN, Expansion::Text),
                (false, true) if is_empty => Expansion::Text(String::new()),
                (false, _) if is_empty => other.map_or(UNKNOWN, Expansion::Text),
                (false, _) => {
                    if assigns {
                        let value = other.clone().map_or(Value::Unknown, Value::Likely);
                        self.scope.set(name, value);
                    }
                    Expansion::Unknown { guess: other }
                }
            };
        }
        if !colon && rest.starts_with("@P") {
            // A prompt: substitutions inside the value are run.
            if let Some(text) = known {
                self.document(&text.replace("\\$", "$"), place.clone());
            }
            return UNKNOWN;
        }
        self.words_inside(rest, place);
        let Some(text) = known else {
            return UNKNOWN;
        };
        transform(&text, colon, rest, operator).map_or(UNKNOWN, Expansion::Text)
    }

    /// Expands the word of a `${x:-word}`.
    pub(crate) fn inside(&mut self, word: &str, place: &Range<usize>) -> Option<String> {
        if !word.contains(['$', '`', '\'', '"', '\\', '~']) {
            return Some(word.to_owned());
        }
        let field = self.whole(word, place.clone());
        field.known().map(str::to_owned)
    }

    /// Walks the commands inside a part of an expansion whose value does not matter.
    fn words_inside(&mut self, text: &str, place: &Range<usize>) {
        if text.contains(['$', '`']) {
            self.document(text, place.clone());
        }
    }

    /// Returns the keys of an array.
    fn keys(&self, name: &str) -> Option<Value> {
        match self.scope.variables.get(self.scope.meant(name))? {
            Value::Table(table) => Some(Value::List(table.keys().cloned().collect())),
            Value::List(list) => Some(Value::List(
                (0..list.len()).map(|at| at.to_string()).collect(),
            )),
            Value::Known(_) => Some(Value::List(vec!["0".to_owned()])),
            Value::Likely(_) | Value::Unknown => None,
        }
    }

    fn value(&self, name: &str, subscript: Option<&str>) -> Option<Value> {
        let name = self.scope.meant(name);
        if name == "@" || name == "*" {
            return self.scope.arguments.clone().map(Value::List);
        }
        if name == "#" {
            let count = self.scope.arguments.as_ref()?.len();
            return Some(Value::Known(count.to_string()));
        }
        if name == "0" {
            return self.scope.variables.get("0").cloned();
        }
        if let Ok(position) = name.parse::<usize>() {
            let arguments = self.scope.arguments.as_ref()?;
            let at = position.checked_sub(1)?;
            return Some(Value::Known(arguments.get(at).cloned().unwrap_or_default()));
        }
        let value = match self.scope.variables.get(name) {
            Some(value) => value.clone(),
            None if self.scope.lost => return None,
            None if name == "IFS" => Value::Known(" \t\n".into()),
            None if name == "PWD" => Value::Known(self.scope.cwd.as_ref()?.display().to_string()),
            None => Value::Known(self.world.variable(name)?),
        };
        match (value, subscript) {
            (Value::List(list), None) => Some(Value::Known(list.first()?.clone())),
            (Value::List(list), Some("@" | "*")) => Some(Value::List(list)),
            (Value::List(list), Some(index)) => {
                let index = index.trim().parse::<i64>().ok()?;
                let index = if index < 0 {
                    list.len().checked_sub(usize::try_from(-index).ok()?)?
                } else {
                    usize::try_from(index).ok()?
                };
                Some(Value::Known(list.get(index)?.clone()))
            }
            (Value::Known(text), None | Some("@" | "*" | "0")) => Some(Value::Known(text)),
            (Value::Table(table), Some("@" | "*")) => {
                Some(Value::List(table.into_values().collect()))
            }
            (Value::Table(mut table), key) => table.remove(key.unwrap_or("0")).map(Value::Known),
            (Value::Likely(text), None) => Some(Value::Likely(text)),
            (Value::Known(_) | Value::Likely(_) | Value::Unknown, _) => None,
        }
    }
}

/// Works out the simple operators on a known value.
fn transform(text: &str, colon: bool, rest: &str, operator: &str) -> Option<String> {
    if rest.contains(['$', '`', '*', '?', '[', '\'', '"', '\\']) {
        return None;
    }
    if colon {
        let (offset, length) = operator.split_once(':').unwrap_or((operator, ""));
        let offset = offset.trim().parse::<usize>().ok()?;
        let tail: String = text.chars().skip(offset).collect();
        return match length.trim() {
            "" => Some(tail),
            length => Some(tail.chars().take(length.parse().ok()?).collect()),
        };
    }
    if let Some(suffix) = rest.strip_prefix("%%").or_else(|| rest.strip_prefix('%')) {
        return Some(text.strip_suffix(suffix).unwrap_or(text).to_owned());
    }
    if let Some(prefix) = rest.strip_prefix("##").or_else(|| rest.strip_prefix('#')) {
        return Some(text.strip_prefix(prefix).unwrap_or(text).to_owned());
    }
    if let Some(pattern) = rest.strip_prefix("//") {
        let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
        return (!from.is_empty()).then(|| text.replace(from, to));
    }
    if let Some(pattern) = rest.strip_prefix('/') {
        let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
        let plain = !from.is_empty() && !from.starts_with(['#', '%']);
        return plain.then(|| text.replacen(from, to, 1));
    }
    match rest {
        ",," | "@L" => Some(text.to_lowercase()),
        "^^" | "@U" => Some(text.to_uppercase()),
        _ => None,
    }
}

fn name_end(text: &str) -> usize {
    match text.chars().next() {
        Some(letter) if "@*#?-$!".contains(letter) => 1,
        Some(letter) if letter.is_ascii_digit() => text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
        _ => text
            .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .unwrap_or(text.len()),
    }
}

fn subscript(rest: &str) -> Option<(&str, &str)> {
    if !rest.starts_with('[') {
        return None;
    }
    let end = super::bracket::closing(rest, 0, '[', ']')?;
    Some((rest.get(1..end)?, rest.get(end + 1..)?))
}
