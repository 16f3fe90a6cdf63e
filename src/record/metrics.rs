//! What a run measured: the lines of its metrics file, or the last line of its log that
//! says so.
//!
//! INVARIANT: a broken file is a fault of one row; only its end is read unless a best
//! value is asked for.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::config::Settings;
use crate::sys::regular;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Values by the name they were asked for.
    pub values: BTreeMap<String, f64>,
    /// What is wrong with the file.
    pub fault: Option<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Pick {
    Last,
    Least,
    Most,
}

/// Reads what a run measured; `logs` are those that lie elsewhere.
pub fn read(directory: &Path, logs: &[PathBuf], settings: &Settings) -> Metrics {
    let asked: Option<Vec<(&str, &str, Pick)>> = settings
        .metrics
        .as_ref()
        .map(|names| names.iter().map(|name| asked(name)).collect());
    let file = directory.join(&settings.metrics_file);
    if !regular::is_below(Path::new(&settings.metrics_file)) {
        return Metrics {
            fault: Some("`metrics_file` is no file of the run directory".to_owned()),
            ..Metrics::default()
        };
    }
    match lines(&file, &asked, settings) {
        Ok(found) => found,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => asked
            .map_or_else(Metrics::default, |asked| {
                log(directory, logs, &asked, settings)
            }),
        Err(fault) => Metrics {
            fault: Some(format!("{}: {fault}", settings.metrics_file)),
            ..Metrics::default()
        },
    }
}

/// Splits `val/loss:min` into what is shown, what is looked for, and which value counts.
fn asked(name: &str) -> (&str, &str, Pick) {
    match name.rsplit_once(':') {
        Some((key, "min")) => (name, key, Pick::Least),
        Some((key, "max")) => (name, key, Pick::Most),
        Some((key, "last")) => (name, key, Pick::Last),
        _ => (name, name, Pick::Last),
    }
}

type Asked<'a> = Option<Vec<(&'a str, &'a str, Pick)>>;

fn lines(path: &Path, asked: &Asked<'_>, settings: &Settings) -> io::Result<Metrics> {
    let wants_all = asked
        .iter()
        .flatten()
        .any(|(_, _, pick)| *pick != Pick::Last);
    let limit = if wants_all {
        settings.whole
    } else {
        settings.tail
    };
    let (text, is_cut) = end(path, limit)?;
    let found = gather(&text, asked, settings, is_cut);
    let count = asked.as_ref().map_or(1, Vec::len);
    // A measurement that is rare may stand before the end.
    if is_cut && !wants_all && found.values.len() < count {
        let (text, is_cut) = end(path, settings.whole)?;
        return Ok(gather(&text, asked, settings, is_cut));
    }
    Ok(found)
}

fn gather(text: &str, asked: &Asked<'_>, settings: &Settings, is_cut: bool) -> Metrics {
    let mut found = Metrics::default();
    let is_whole = text.ends_with('\n');
    let count = text.lines().count();
    // The first line of a cut text is half a line, and so may the last be that is being written.
    for (index, line) in text.lines().enumerate().skip(usize::from(is_cut)) {
        if line.trim().is_empty() {
            continue;
        }
        let Ok(Value::Object(object)) = parse(line) else {
            if is_whole || index + 1 < count {
                let whence = if is_cut { "a late line" } else { "a line" };
                let place = match is_cut {
                    true => whence.to_owned(),
                    false => format!("line {}", index + 1),
                };
                found.fault = Some(format!(
                    "{}: {place} is no JSON object",
                    settings.metrics_file
                ));
            }
            continue;
        };
        match asked {
            None => {
                for (key, value) in &object {
                    if let Some(number) = number(value)
                        && (found.values.len() < settings.most || found.values.contains_key(key))
                    {
                        found.values.insert(key.clone(), number);
                    }
                }
            }
            Some(asked) => {
                for (name, key, pick) in asked {
                    if let Some(value) = select(&object, key).and_then(number) {
                        take(&mut found.values, name, value, *pick);
                    }
                }
            }
        }
    }
    found
}

fn take(values: &mut BTreeMap<String, f64>, name: &str, value: f64, pick: Pick) {
    let slot = values.entry(name.to_owned()).or_insert(value);
    let is_better = match pick {
        Pick::Last => true,
        Pick::Least => value < *slot || slot.is_nan(),
        Pick::Most => value > *slot || slot.is_nan(),
    };
    if is_better {
        *slot = value;
    }
}

/// Python writes numbers that JSON does not have.
fn parse(line: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(line).or_else(|fault| {
        if !line.contains("NaN") && !line.contains("Infinity") {
            return Err(fault);
        }
        let plain = line
            .replace("-Infinity", "\"-inf\"")
            .replace("Infinity", "\"inf\"")
            .replace("NaN", "\"nan\"");
        serde_json::from_str(&plain)
    })
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if matches!(&**text, "nan" | "inf" | "-inf") => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// Finds a key as it stands, or along its dots.
fn select<'a>(object: &'a serde_json::Map<String, Value>, key: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(key) {
        return Some(value);
    }
    let (head, rest) = key.split_once('.')?;
    select(object.get(head)?.as_object()?, rest)
}

/// Reads the named metrics from the last lines of logs.
fn log(
    directory: &Path,
    elsewhere: &[PathBuf],
    asked: &[(&str, &str, Pick)],
    settings: &Settings,
) -> Metrics {
    let mut files = logs(directory, &settings.log_files);
    files.sort();
    files.extend(elsewhere.iter().cloned());
    let mut best = Metrics::default();
    for file in files {
        let Ok((text, _)) = end(&file, settings.tail) else {
            continue;
        };
        for line in text.lines().rev() {
            let mut values = BTreeMap::new();
            for (name, key, _) in asked {
                if let Some(value) = spoken(line, key) {
                    values.insert((*name).to_owned(), value);
                }
            }
            if values.len() > best.values.len() {
                best.values = values;
            }
            if best.values.len() == asked.len() {
                return best;
            }
        }
    }
    best
}

fn logs(directory: &Path, patterns: &[String]) -> Vec<PathBuf> {
    let patterns = patterns
        .iter()
        .filter_map(|one| glob::Pattern::new(one).ok());
    let patterns: Vec<glob::Pattern> = patterns.collect();
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let is_meant = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        patterns.iter().any(|pattern| pattern.matches(&name))
    };
    entries.map(|entry| entry.path()).filter(is_meant).collect()
}

/// Returns the number that a line gives a name: `loss=0.5`, `loss: 0.5`.
fn spoken(line: &str, key: &str) -> Option<f64> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-');
    line.match_indices(key).find_map(|(at, _)| {
        let before = line.get(..at)?;
        let after = line.get(at + key.len()..)?;
        if before.chars().next_back().is_some_and(is_part) {
            return None;
        }
        let after = after.trim_start_matches(['"', '\'']).trim_start();
        let value = after.strip_prefix(['=', ':'])?.trim_start();
        let end = value.find(|c: char| !is_part(c) && c != '+');
        let word = value.get(..end.unwrap_or(value.len()))?;
        word.trim_end_matches(['.', ',']).parse().ok()
    })
}

/// Reads the end of a regular file; says whether something before it was left out.
fn end(path: &Path, limit: u64) -> io::Result<(String, bool)> {
    // A FIFO that stands there must not be waited for.
    let options = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK)
        .open(path);
    let mut file = options?;
    let status = file.metadata()?;
    if !status.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let from = status.len().saturating_sub(limit);
    if from > 0 {
        file.seek(SeekFrom::Start(from))?;
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), from > 0))
}
