//! From `sweep.params` and from sweeps on the command line to the points of a sweep.
//!
//! INVARIANT: points come in the order of a nested loop, the last parameter fastest, and
//! no two have the same overrides unless the configuration says a value twice.

use super::problem::{Problem, Subject};
use super::typed::Steps;
use super::value::Value;

/// One parameter and the values it takes, written as overrides have them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parameter {
    /// The key, with `+` or `++` where it was typed so.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

/// Reads `sweep.params`: text with commas, a list, a mapping whose values are the choices,
/// or a single value.
pub fn parameters(params: &Value) -> Result<Vec<Parameter>, Problem> {
    let entries = match params {
        Value::Null => return Ok(Vec::new()),
        Value::Map(entries) => entries,
        other => {
            return Err(Problem::config(
                Subject::Key("sweep.params".to_owned()),
                format!("`sweep.params` is {}, and must be a mapping", other.kind()),
                "write one line a parameter: `training.optimizer.lr: 1e-4, 5e-5`",
            ));
        }
    };
    entries
        .iter()
        .map(|(key, value)| {
            let values = choices(value);
            if values.is_empty() {
                return Err(Problem::config(
                    Subject::Key(format!("sweep.params.{key}")),
                    format!("`{key}` is swept over nothing"),
                    "give it values, or leave it out",
                ));
            }
            Ok(Parameter {
                key: key.clone(),
                values,
            })
        })
        .collect()
}

fn choices(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => split(text),
        Value::List(items) => items.iter().map(Value::as_override).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(_, value)| value.as_override())
            .collect(),
        single => vec![single.as_override()],
    }
}

/// Splits text at commas outside quotes, brackets, braces and interpolations.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    let mut steps = Steps::new(text);
    while let Some((c, is_text)) = steps.next() {
        match c {
            _ if is_text => {}
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns how many points the parameters span; `None` beyond counting.
pub fn count(parameters: &[Parameter]) -> Option<usize> {
    parameters
        .iter()
        .try_fold(1_usize, |all, one| all.checked_mul(one.values.len()))
}

/// Returns the overrides of every point: one without any where nothing is swept.
pub fn points(parameters: &[Parameter]) -> Vec<Vec<String>> {
    let mut points = vec![Vec::new()];
    for parameter in parameters {
        points = points
            .iter()
            .flat_map(|point: &Vec<String>| {
                parameter.values.iter().map(move |value| {
                    let mut point = point.clone();
                    point.push(format!("{}={value}", parameter.key));
                    point
                })
            })
            .collect();
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn commas_split_only_outside_quotes_and_brackets() {
        assert_eq!(split("1e-4, 5e-5"), ["1e-4", "5e-5"]);
        assert_eq!(split("'a,b', c"), ["'a,b'", "c"]);
        assert_eq!(split("[1,2],[3,4]"), ["[1,2]", "[3,4]"]);
        assert_eq!(split("{a: 1, b: 2}, null"), ["{a: 1, b: 2}", "null"]);
        assert_eq!(split("${oc.env:A,b},c"), ["${oc.env:A,b}", "c"]);
    }

    #[test]
    fn lists_sweep_and_null_stays_null() {
        let params = Value::Map(vec![
            ("seed".into(), Value::List(vec![Value::Int(1), Value::Null])),
            ("lr".into(), text("1e-4,1e4")),
        ]);
        let found = points(&parameters(&params).unwrap());
        let expected = [
            ["seed=1", "lr=1e-4"],
            ["seed=1", "lr=1e4"],
            ["seed=null", "lr=1e-4"],
            ["seed=null", "lr=1e4"],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_swept_is_one_point() {
        assert_eq!(points(&[]), [Vec::<String>::new()]);
        assert!(parameters(&text("a")).is_err());
    }
}
