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

/// Under names that end in these, at any depth, a tool that no table lists is told of files or of what to run.
const TELLING: [&str; 15] = [
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "directory",
    "notebook",
    "command",
    "commands",
    "target",
    "destination",
    "uri",
    "patch",
    "script",
    "diff",
];

/// The same for whole names.
const TELLING_WHOLE: [&str; 4] = ["cmd", "code", "dir", "cwd"];

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

/// Returns the file that a tool is told. Two files under two names are a fault: which of them the client
/// takes is not known here.
pub(super) fn path(input: &Object) -> Result<String, Fault> {
    let fault = Fault::Field {
        field: "file_path",
        kind: "path",
    };
    let told = PATHS.iter().filter_map(|name| input.get(*name));
    let told: Option<Vec<&str>> = told
        .filter(|value| !value.is_null())
        .map(Value::as_str)
        .collect();
    let Some(mut told) = told else {
        return Err(fault);
    };
    told.dedup();
    match told.as_slice() {
        [path] if is_plain(path) => Ok((*path).to_owned()),
        _ => Err(fault),
    }
}

/// Returns whether a path is one that every client reads alike: some take blanks off its ends, some know URIs.
pub(super) fn is_plain(path: &str) -> bool {
    let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    !path.is_empty()
        && !path.starts_with(is_blank)
        && !path.ends_with(is_blank)
        && !path.chars().any(char::is_control)
        && !path.contains("://")
        && !path.starts_with("file:")
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

/// Returns what a tool does that no table here lists: nothing, unless it is told of a file or a command.
pub(super) fn stranger(tool: &str, input: &Object) -> Vec<Intent> {
    match told(input) {
        None => Vec::new(),
        Some(value) => {
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            vec![Intent::Unknown(format!("{tool} {value}"))]
        }
    }
}

/// Returns the first file or command among a tool's arguments.
fn told(input: &Object) -> Option<&Value> {
    input.iter().find_map(|(name, value)| {
        let name = name.to_lowercase();
        let tells =
            TELLING.iter().any(|end| name.ends_with(end)) || TELLING_WHOLE.contains(&name.as_str());
        if tells && !value.is_null() {
            return Some(value);
        }
        match value {
            Value::Object(inner) => told(inner),
            Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(told),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value) -> &Object {
        value.as_object().unwrap()
    }

    #[test]
    fn two_files_or_one_that_clients_read_differently_are_a_fault() {
        for input in [
            json!({"file_path": "ok", "path": "/home/me/.bashrc"}),
            json!({"file_path": ["/home/me/.bashrc"], "path": "ok"}),
            json!({"file_path": " /home/me/.bashrc"}),
            json!({"file_path": "\u{feff}~/.bashrc"}),
            json!({"file_path": "~/.bashrc\n"}),
            json!({"file_path": "file:///home/me/.bashrc"}),
            json!({"file_path": "file:/home/me/.bashrc"}),
            json!({"file_path": "vscode-remote://host/home/me/.bashrc"}),
            json!({"file_path": ""}),
            json!({}),
        ] {
            assert!(path(of(&input)).is_err(), "{input}");
        }
        let same = json!({"file_path": "a b.txt", "path": "a b.txt", "file": null});
        assert_eq!(path(of(&same)).unwrap(), "a b.txt");
    }

    #[test]
    fn a_stranger_that_is_told_of_a_file_or_a_command_is_asked_about_however_deep() {
        for input in [
            json!({"target": "/home/me/.bashrc"}),
            json!({"edits": [{"text": "x"}, {"newPath": "a"}]}),
            json!({"options": {"shellCommand": "ls"}}),
            json!({"paths": ["a"]}),
            json!({"CMD": "ls"}),
        ] {
            assert_eq!(stranger("Tool", of(&input)).len(), 1, "{input}");
        }
        let harmless = json!({"todos": [{"content": "x", "status": "done"}], "path": null});
        assert!(stranger("TodoWrite", of(&harmless)).is_empty());
    }
}
