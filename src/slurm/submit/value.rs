//! A configuration value as submission sees it: composed, resolved, in its order.

/// One value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, or nothing there.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in its order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Returns whether there is nothing.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// Returns the kind of value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Returns a scalar as text; nothing for `null`, lists and mappings.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null | Self::List(_) | Self::Map(_) => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => Some(float(*value)),
            Self::Text(value) => Some(value.clone()),
        }
    }

    /// Returns the value as it is written in an override: `null`, `1e-4`, `[1,2]`, `{a:1}`,
    /// and text in quotes only where it would be read as something else.
    pub fn as_override(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(text) => text_in_override(text, false),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::nested))),
            Self::Map(entries) => format!(
                "{{{}}}",
                joined(entries.iter().map(|(key, value)| format!(
                    "{}:{}",
                    text_in_override(key, true),
                    value.nested()
                )))
            ),
            scalar => scalar.text().unwrap_or_default(),
        }
    }

    fn nested(&self) -> String {
        match self {
            Self::Text(text) => text_in_override(text, true),
            other => other.as_override(),
        }
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// Writes a number so that it reads back as the same number.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.as_str() {
        "NaN" => "nan".to_owned(),
        _ => text,
    }
}

/// Returns text as an override has it. A string that would be read as a number or a word
/// of the grammar is quoted; plain text stays as people write it.
fn text_in_override(text: &str, nested: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./+$%*@?|".contains(c) || (!nested && c == ':');
    let is_word = ["null", "true", "false", "nan", "inf"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let is_number = text.replace('_', "").parse::<f64>().is_ok();
    if !text.is_empty() && text.chars().all(plain) && !is_word && !is_number {
        return text.to_owned();
    }
    quoted(text)
}

/// Returns text in double quotes, as the override grammar unquotes them.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_overrides_are_read() {
        let text = |text: &str| Value::Text(text.to_owned());
        let list = Value::List(vec![Value::Int(1), text("a b"), text("x")]);
        let map = Value::Map(vec![("a".into(), Value::Float(1e-4)), ("b".into(), list)]);
        assert_eq!(map.as_override(), r#"{a:0.0001,b:[1,"a b",x]}"#);
        assert_eq!(Value::Null.as_override(), "null");
        assert_eq!(text("1e-4").as_override(), "\"1e-4\"");
        assert_eq!(text("mt10_only").as_override(), "mt10_only");
        assert_eq!(text("a,b").as_override(), "\"a,b\"");
    }
}
