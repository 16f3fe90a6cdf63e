//! What clients send, as far as they agree: one JSON object, its fields and its paths.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{Fault, Intent};

/// An event's object, or that of a tool's arguments.
pub(super) type Object = Map<String, Value>;

/// Events larger than this many bytes are not read.
pub const LIMIT: usize = 4 * 1024 * 1024;

/// Under these names tools are told which file.
const PATHS: [&str; 8] = [
    "file_path",
    "path",
    "filePath",
    "target_file",
    "notebook_path",
    "target_notebook",
    "absolute_path",
    "file",
];

/// Under these names tools are told what to run.
const COMMANDS: [&str; 4] = ["command", "cmd", "script", "code"];

/// Under these names an event could say of which version it is; no client's events do today.
const VERSIONS: [&str; 5] = [
    "version",
    "schema",
    "schema_version",
    "schemaVersion",
    "protocol_version",
];

/// Reads the event.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Fault> {
    if bytes.len() > LIMIT {
        return Err(Fault::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotText)?;
    let value: Value =
        serde_json::from_str(text).map_err(|fault| Fault::NotJson(fault.to_string()))?;
    let Value::Object(object) = value else {
        return Err(Fault::NotJson("it is something else".to_owned()));
    };
    match VERSIONS.iter().find_map(|name| object.get(*name)) {
        Some(version) => Err(Fault::Version(version.to_string())),
        None => Ok(object),
    }
}

/// Returns a field that must be there, and be text.
pub(super) fn text<'a>(object: &'a Object, field: &'static str) -> Result<&'a str, Fault> {
    let text = object.get(field).and_then(Value::as_str);
    text.ok_or(Fault::Field {
        field,
        kind: "text",
    })
}

/// Returns a field that must be there and be an object, or the text of one.
pub(super) fn arguments(object: &Object, field: &'static str) -> Result<Object, Fault> {
    let fault = || Fault::Field {
        field,
        kind: "object",
    };
    match object.get(field) {
        Some(Value::Object(inner)) => Ok(inner.clone()),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map_err(|fault| Fault::NotJson(fault.to_string()))
        }
        _ => Err(fault()),
    }
}

/// Returns a directory that must be there and be absolute.
pub(super) fn directory(object: &Object, field: &'static str) -> Result<PathBuf, Fault> {
    let path = PathBuf::from(text(object, field)?);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(Fault::Field {
        field,
        kind: "absolute path",
    })
}

/// Returns where a tool works that may be told its directory.
pub(super) fn place(cwd: PathBuf, input: &Object, fields: &[&str]) -> PathBuf {
    let told = fields
        .iter()
        .filter_map(|field| input.get(*field)?.as_str());
    told.filter(|text| !text.is_empty())
        .fold(cwd, |cwd, text| cwd.join(text))
}

/// Returns the client's name for its session.
pub(super) fn session(object: &Object, field: &str) -> String {
    let text = object.get(field).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Returns what a tool runs: a line, or a list of words.
pub(super) fn command(input: &Object) -> Result<Intent, Fault> {
    let fault = Fault::Field {
        field: "command",
        kind: "command",
    };
    match input.get("command") {
        Some(Value::String(line)) => Ok(Intent::Line(line.clone())),
        Some(Value::Array(words)) if !words.is_empty() => {
            let words = words.iter().map(|word| word.as_str().map(str::to_owned));
            let words: Option<Vec<String>> = words.collect();
            words.map(Intent::Program).ok_or(fault)
        }
        _ => Err(fault),
    }
}

/// Returns the file that a tool is told.
pub(super) fn path(input: &Object) -> Result<String, Fault> {
    let path = PATHS.iter().find_map(|name| input.get(*name)?.as_str());
    match path {
        Some(path) if !path.is_empty() => Ok(path.to_owned()),
        _ => Err(Fault::Field {
            field: "file_path",
            kind: "path",
        }),
    }
}

/// Returns the writing of a whole file, with content under one of these names.
pub(super) fn write(input: &Object, contents: &[&str]) -> Result<Intent, Fault> {
    let content = contents.iter().find_map(|name| input.get(*name)?.as_str());
    Ok(Intent::Write {
        path: path(input)?,
        empty: content.is_some_and(str::is_empty),
    })
}

/// Returns the editing of a file.
pub(super) fn edit(input: &Object) -> Result<Intent, Fault> {
    path(input).map(Intent::Edit)
}

/// Returns what a tool does that no table here lists: nothing, unless it names a file or a command.
pub(super) fn stranger(tool: &str, input: &Object) -> Vec<Intent> {
    let names = PATHS.iter().chain(&COMMANDS);
    let told = names.filter_map(|name| input.get(*name)).next();
    match told {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => {
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            vec![Intent::Unknown(format!("{tool} {value}"))]
        }
    }
}
