//! What a store remembers of each thing it keeps: one JSON line each, written before the thing moves.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The form of the lines; a reader that meets another says so.
pub const SCHEMA: &str = "hlrp-sh/retained/1";

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
}

/// One line of a store's journal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// Counts from 1 in each session and store.
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
    /// Where a renamed thing went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
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
        let decoded = self
            .raw
            .as_deref()
            .and_then(from_hex)
            .map(std::ffi::OsString::from_vec);
        decoded.map_or_else(|| PathBuf::from(&self.path), PathBuf::from)
    }

    /// Returns the text and, where that is lossy, the hexadecimal form of a path.
    pub fn spell(path: &Path) -> (String, Option<String>) {
        let text = path.to_string_lossy();
        let raw =
            (text.as_bytes() != path.as_os_str().as_bytes()).then(|| to_hex(path.as_os_str()));
        (text.into_owned(), raw)
    }
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
