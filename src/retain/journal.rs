//! What a store remembers of each thing it keeps: one JSON line each, written before the thing moves.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The form of the lines; a reader that meets another says so.
pub const SCHEMA: &str = "hlrp-sh/retained/1";
/// The journal's name beside what is kept.
pub const FILE: &str = "journal.jsonl";

/// What was about to happen when something was kept, or what happened besides.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// The name was to be removed.
    Delete,
    /// Another file took the name.
    Replace,
    /// The file was emptied or cut.
    Truncate,
    /// The file was opened for writing in place.
    Edit,
    /// A name moved; nothing is stored.
    Rename,
    /// A name came to be; nothing is stored.
    Create,
    /// The entry with this `stored` name never happened.
    Void,
    /// The thing with this `stored` name was put back, where `to` says.
    Restored,
    /// The thing with this `stored` name was freed by a person.
    Released,
}

impl Operation {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Replace => "replace",
            Self::Truncate => "truncate",
            Self::Edit => "edit",
            Self::Rename => "rename",
            Self::Create => "create",
            Self::Void => "void",
            Self::Restored => "restored",
            Self::Released => "released",
        }
    }

    /// Returns whether the line announces that something is kept.
    pub fn keeps(self) -> bool {
        match self {
            Self::Delete | Self::Replace | Self::Truncate | Self::Edit => true,
            Self::Rename | Self::Create | Self::Void | Self::Restored | Self::Released => false,
        }
    }
}

/// One line of a store's journal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// Counts from 1 in each session and store; a line about an earlier one has its number.
    pub seq: u64,
    /// Seconds since the epoch.
    pub time: u64,
    /// What was about to happen.
    pub op: Operation,
    /// Where the thing was, as text; lossy where the name is not UTF-8.
    pub path: String,
    /// The exact bytes of the path in hexadecimal, where the text is lossy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Where a renamed or restored thing went, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The exact bytes of `to` in hexadecimal, where the text is lossy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_raw: Option<String>,
    /// Its name in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// Type and permission bits it had, `S_IFMT | 0o7777`.
    pub mode: u32,
    /// Owner it had.
    pub uid: u32,
    /// Group it had.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Number of names it had.
    pub links: u32,
    /// Time of last content change: seconds, nanoseconds.
    pub modified: (i64, u32),
    /// The program that did it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub program: String,
}

impl Entry {
    /// Returns the exact path the thing had.
    pub fn original(&self) -> PathBuf {
        exact(&self.path, self.raw.as_deref())
    }

    /// Returns the exact path the thing went to.
    pub fn destination(&self) -> Option<PathBuf> {
        self.to
            .as_deref()
            .map(|to| exact(to, self.to_raw.as_deref()))
    }

    /// Returns the text and, where that is lossy, the hexadecimal form of a path.
    pub fn spell(path: &Path) -> (String, Option<String>) {
        let text = path.to_string_lossy();
        let raw =
            (text.as_bytes() != path.as_os_str().as_bytes()).then(|| to_hex(path.as_os_str()));
        (text.into_owned(), raw)
    }
}

/// Returns the second it is, since the epoch.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

/// Returns the highest number in the journal of a session that goes on, 0 for a new one.
///
/// # Errors
/// Where the journal is there and cannot be read.
pub fn last(directory: &Path) -> io::Result<u64> {
    let text = match fs::read(directory.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let number = |line: &[u8]| {
        serde_json::from_slice::<Entry>(line)
            .ok()
            .map(|entry| entry.seq)
    };
    Ok(text
        .split(|byte| *byte == b'\n')
        .filter_map(number)
        .max()
        .unwrap_or(0))
}

/// Opens a journal for appending; a line that a crash tore is ended first.
///
/// # Errors
/// What opening or writing says.
pub fn open(directory: &Path, is_new: bool) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(!is_new)
        .create_new(is_new)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(directory.join(FILE))?;
    if file.seek(SeekFrom::End(-1)).is_ok() {
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

/// Appends a line to an open journal, in one write.
///
/// # Errors
/// What writing says.
pub fn append(journal: &mut File, entry: &Entry) -> io::Result<()> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    journal.write_all(&line)
}

fn exact(text: &str, raw: Option<&str>) -> PathBuf {
    let decoded = raw.and_then(from_hex).map(OsString::from_vec);
    decoded.map_or_else(|| PathBuf::from(text), PathBuf::from)
}

fn to_hex(text: &OsStr) -> String {
    text.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<char> = text.chars().collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok())
        .collect()
}
