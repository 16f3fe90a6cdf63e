//! Time limits and memory as Slurm reads them.

use super::problem::{Problem, Subject};
use super::value::Value;

/// Reads a time limit: the text Slurm gets.
pub(crate) fn time(key: &str, value: &Value) -> Result<Option<String>, Problem> {
    let wrong = |what: String| {
        Problem::config(
            Subject::Key(key.to_owned()),
            what,
            format!("write it in quotes: `{key}: \"15:00:00\"`, or `\"2-00:00:00\"` for two days"),
        )
    };
    match value {
        Value::Null => Ok(None),
        Value::Text(text) if minutes(text).is_some() => Ok(Some(text.clone())),
        Value::Text(text) => Err(wrong(format!(
            "`{text}` is no time limit: days-hours:minutes:seconds, or a part of that"
        ))),
        Value::Int(number) => Err(wrong(format!(
            "the time limit is the number {number}, which Slurm would read as minutes; \
             YAML makes such a number of an unquoted `15:00:00`"
        ))),
        other => Err(wrong(format!("the time limit is {}", other.kind()))),
    }
}

/// Returns the minutes that Slurm makes of a time limit, rounded up; `u64::MAX` without end.
pub fn minutes(text: &str) -> Option<u64> {
    if ["unlimited", "infinite"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Some(u64::MAX);
    }
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let is_number = |part: &str| {
            !part.is_empty() && part.len() < 10 && part.chars().all(|c| c.is_ascii_digit())
        };
        text.split(':')
            .map(|part| is_number(part).then(|| part.parse().ok()).flatten())
            .collect()
    };
    let seconds = match text.split_once('-') {
        Some((days, rest)) => {
            let days = *numbers(days).filter(|found| found.len() == 1)?.first()?;
            let rest = numbers(rest)?;
            let (hours, minutes, seconds) = match *rest {
                [hours] => (hours, 0, 0),
                [hours, minutes] => (hours, minutes, 0),
                [hours, minutes, seconds] => (hours, minutes, seconds),
                _ => return None,
            };
            days * 86_400 + hours * 3600 + minutes * 60 + seconds
        }
        None => match *numbers(text)? {
            [minutes] => minutes * 60,
            [minutes, seconds] => minutes * 60 + seconds,
            [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
            _ => return None,
        },
    };
    (seconds > 0).then(|| seconds.div_ceil(60))
}

/// Reads gigabytes of memory: the text Slurm gets, nothing rounded away.
pub(crate) fn memory(key: &str, value: &Value) -> Result<Option<String>, Problem> {
    let wrong = |what: String| {
        Problem::config(
            Subject::Key(key.to_owned()),
            what,
            format!("give `{key}` gigabytes, such as 64, or leave it out for the partition's own"),
        )
    };
    let gigabytes = match value {
        Value::Null => return Ok(None),
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| wrong(format!("`{text}` is no number of gigabytes")))?,
        other => return Err(wrong(format!("the memory is {}", other.kind()))),
    };
    let megabytes = (gigabytes * 1024.0).floor();
    if !(1.0..1e12).contains(&megabytes) {
        return Err(wrong(format!(
            "{gigabytes} gigabytes of memory cannot be had"
        )));
    }
    Ok(Some(if gigabytes.fract() == 0.0 {
        format!("{gigabytes:.0}G")
    } else {
        format!("{megabytes:.0}M")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_slurm_reads_them() {
        let expected = [
            ("60", Some(60)),
            ("60:30", Some(61)),
            ("15:00:00", Some(900)),
            ("1-0", Some(1440)),
            ("2-12:30", Some(3630)),
            ("1-00:00:01", Some(1441)),
            ("UNLIMITED", Some(u64::MAX)),
            ("", None),
            ("0", None),
            ("1h", None),
            ("1:2:3:4", None),
            ("-5", None),
        ];
        for (text, found) in expected {
            assert_eq!(minutes(text), found, "{text}");
        }
    }

    #[test]
    fn nothing_is_rounded_away() {
        let memory = |value| memory("m", &value).unwrap();
        assert_eq!(memory(Value::Float(63.9)), Some("65433M".to_owned()));
        assert_eq!(memory(Value::Int(64)), Some("64G".to_owned()));
        assert_eq!(memory(Value::Null), None);
        assert!(super::memory("m", &Value::Int(0)).is_err());
        assert!(time("t", &Value::Int(60)).is_err());
    }
}
