//! A file of JSON lines, each bound to the one before it.
//!
//! INVARIANT: the hash of a line covers every byte of it but the hash itself, and
//! the hash of the line before; a line that does not write itself again byte for
//! byte has been edited.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::time::Timestamp;

const SCHEMA: &str = "hlrp.audit/1";

/// One line of a chain.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Link<T> {
    /// The format.
    pub schema: String,
    /// Its number in this file, from 1.
    pub seq: u64,
    /// When it was written, UTC.
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub body: T,
    /// The hash of the line before; of the session's entry in the list for the first.
    pub prev: String,
    /// The hash of this line.
    pub hash: String,
}

impl<T: Clone + Serialize> Link<T> {
    /// Returns the hash that the line must have.
    pub(super) fn expected_hash(&self) -> serde_json::Result<String> {
        let bare = Self {
            hash: String::new(),
            ..self.clone()
        };
        let text = serde_json::to_string(&bare)?;
        Ok(hex(&Sha256::digest(text.as_bytes())))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An open chain file.
#[derive(Debug)]
pub(super) struct Chain {
    file: File,
    tail: Tail,
}

/// Where the chain stands.
#[derive(Clone, Debug)]
struct Tail {
    seq: u64,
    hash: String,
    length: u64,
    is_torn: bool,
}

impl Chain {
    /// Opens a chain; `genesis` is what its first line is bound to, where it is new.
    pub(super) fn open(path: &Path, genesis: &str) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
            .open(path)?;
        let tail = Tail {
            seq: 0,
            hash: genesis.to_owned(),
            length: 0,
            is_torn: false,
        };
        Ok(Self { file, tail })
    }

    /// Appends a line and returns its hash. Other processes may append to the same file.
    pub(super) fn append<T: Clone + Serialize>(&mut self, body: T) -> io::Result<String> {
        self.file.lock()?;
        let result = self.append_locked(body);
        self.file.unlock()?;
        result
    }

    /// Returns the number of the last line, and its hash.
    pub(super) fn head(&mut self) -> io::Result<(u64, String)> {
        self.catch_up()?;
        Ok((self.tail.seq, self.tail.hash.clone()))
    }

    fn append_locked<T: Clone + Serialize>(&mut self, body: T) -> io::Result<String> {
        self.catch_up()?;
        let mut link = Link {
            schema: SCHEMA.to_owned(),
            seq: self.tail.seq + 1,
            time: Timestamp::now(),
            body,
            prev: self.tail.hash.clone(),
            hash: String::new(),
        };
        link.hash = link.expected_hash()?;
        let mut line = serde_json::to_vec(&link)?;
        line.push(b'\n');
        if self.tail.is_torn {
            // The rest of a line that a crash cut short stays, as a line of its own.
            line.insert(0, b'\n');
        }
        // One write, so that a crash tears the last line at most.
        self.file.write_all(&line)?;
        self.tail = Tail {
            seq: link.seq,
            hash: link.hash.clone(),
            length: self.tail.length + line.len() as u64,
            is_torn: false,
        };
        Ok(link.hash)
    }

    /// Reads what others have appended since.
    fn catch_up(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length == self.tail.length {
            return Ok(());
        }
        // Only the last line counts, however many there are.
        let known = self.tail.length.min(length);
        let near = known.max(length.saturating_sub(PIECE));
        let mut bytes = self.read_from(near)?;
        if !self.take_last(&bytes) && near > known {
            bytes = self.read_from(known)?;
            self.take_last(&bytes);
        }
        self.tail.is_torn = !bytes.ends_with(b"\n");
        self.tail.length = length;
        Ok(())
    }

    fn read_from(&mut self, place: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(place))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Goes on from the last line that is one; returns whether there is any. What a piece begins with may be
    /// the end of a line, which is none.
    fn take_last(&mut self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines().rev();
        let last =
            lines.find_map(|line| serde_json::from_str::<Link<serde_json::Value>>(line).ok());
        match last {
            Some(link) => {
                self.tail.seq = link.seq;
                self.tail.hash = link.hash;
                true
            }
            None => false,
        }
    }
}

/// How much of the end of a file is read first.
const PIECE: u64 = 64 * 1024;

/// One line of a chain file as it was found.
#[derive(Debug)]
pub(super) struct Line<T> {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// The text.
    pub(super) text: String,
    /// What it says; `None` where it is no line of a chain.
    pub(super) link: Option<Link<T>>,
    /// Whether it ends in a newline.
    pub(super) is_whole: bool,
}

/// Reads a chain file as far as it can be read.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Vec<Line<T>>> {
    let bytes = std::fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.split_inclusive('\n').enumerate();
    Ok(lines
        .map(|(number, line)| {
            let text = line.trim_end_matches('\n').to_owned();
            Line {
                number: number + 1,
                link: serde_json::from_str(&text).ok(),
                is_whole: line.ends_with('\n'),
                text,
            }
        })
        .collect())
}
