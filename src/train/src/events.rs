//! `TensorBoard`'s event files: scalars and pictures of a run, for whoever looks at it from outside.
//!
//! A record is its length, its bytes, and a checksum of each (`TFRecord`); its bytes are an `Event` of protocol buffers,
//! of which few fields are needed.
//!
//! INVARIANT: a file is only added to by the process that made it. A resumed run makes a new one, and says in it from
//! which step on what the others hold is void.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::data::Picture;

/// Why events are not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or its directory.
    #[error("`{path}` cannot be written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The picture.
    #[error("the picture `{name}` is no PNG: {reason}")]
    Picture {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
}

/// An event file that is being written.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Events {
    /// Makes a new file in a directory, which is made where it is missing. `after` is the last step whose events hold: 0 in
    /// a new run, the checkpoint's in a resumed one.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn create(directory: &Path, after: u64) -> Result<Self, Error> {
        fs::create_dir_all(directory).map_err(fault(directory))?;
        let seconds = now() as u64;
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim().replace('/', "-");
        let name = |number: u32| {
            format!(
                "events.out.tfevents.{seconds:010}.{host}.{}.{number}",
                process::id()
            )
        };
        let mut number = 0;
        let (path, file) = loop {
            let path = directory.join(name(number));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(Error::File { path, source }),
            }
        };
        let mut events = Self {
            path,
            file: BufWriter::new(file),
        };
        let mut version = Message::at(0);
        version.bytes(FILE_VERSION, b"brain.Event:2");
        events.write(&version)?;
        if after > 0 {
            let mut session = Message::default();
            session.number(STATUS, START);
            let mut event = Message::at(after + 1);
            event.bytes(SESSION_LOG, &session.bytes);
            events.write(&event)?;
        }
        events.flush()?;
        Ok(events)
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds numbers of a step by their names.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn scalars<N: AsRef<str>>(&mut self, step: u64, values: &[(N, f64)]) -> Result<(), Error> {
        let mut summary = Message::default();
        for (name, number) in values {
            let mut value = Message::default();
            value.bytes(TAG, name.as_ref().as_bytes());
            value.float(SIMPLE_VALUE, *number as f32);
            summary.bytes(VALUE, &value.bytes);
        }
        self.summary(step, &summary)
    }

    /// Adds a picture of a step.
    ///
    /// # Errors
    ///
    /// Where the picture has no pixels, or the file cannot be written.
    pub fn picture(&mut self, step: u64, name: &str, picture: &Picture) -> Result<(), Error> {
        let png = picture.to_png().map_err(|reason| Error::Picture {
            name: name.to_owned(),
            reason,
        })?;
        let mut image = Message::default();
        image.number(HEIGHT, picture.height() as u64);
        image.number(WIDTH, picture.width() as u64);
        image.number(COLOURS, Picture::CHANNELS as u64);
        image.bytes(ENCODED, &png);
        let mut value = Message::default();
        value.bytes(TAG, name.as_bytes());
        value.bytes(IMAGE, &image.bytes);
        let mut summary = Message::default();
        summary.bytes(VALUE, &value.bytes);
        self.summary(step, &summary)
    }

    /// Hands everything to the file system.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.file.flush().map_err(fault(&self.path))
    }

    fn summary(&mut self, step: u64, summary: &Message) -> Result<(), Error> {
        let mut event = Message::at(step);
        event.bytes(SUMMARY, &summary.bytes);
        self.write(&event)
    }

    fn write(&mut self, event: &Message) -> Result<(), Error> {
        let record = record(&event.bytes);
        self.file.write_all(&record).map_err(fault(&self.path))
    }
}

/// A message of protocol buffers.
#[derive(Debug, Default)]
struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// An event of a step, now.
    fn at(step: u64) -> Self {
        let mut event = Self::default();
        event.key(WALL_TIME, 1);
        event.bytes.extend(now().to_le_bytes());
        event.number(STEP, step);
        event
    }

    fn number(&mut self, field: u64, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.key(field, 5);
        self.bytes.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.key(field, 2);
        self.varint(value.len() as u64);
        self.bytes.extend(value);
    }

    /// What says which field comes, and how it is written: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four bytes.
    fn key(&mut self, field: u64, form: u64) {
        self.varint(field << 3 | form);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// Bytes as `TFRecord` has them.
fn record(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend(length);
    record.extend(checksum(&length).to_le_bytes());
    record.extend(bytes);
    record.extend(checksum(bytes).to_le_bytes());
    record
}

/// A CRC-32C, turned and moved, so that a checksum of a checksum is none.
fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// Seconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    |source| Error::File { path, source }
}

// Fields of `Event`.
const WALL_TIME: u64 = 1;
const STEP: u64 = 2;
const FILE_VERSION: u64 = 3;
const SUMMARY: u64 = 5;
const SESSION_LOG: u64 = 7;
// Of `SessionLog`, and the status that voids what comes later.
const STATUS: u64 = 1;
const START: u64 = 1;
// Of `Summary`, `Summary.Value` and `Summary.Image`.
const VALUE: u64 = 1;
const TAG: u64 = 1;
const SIMPLE_VALUE: u64 = 2;
const IMAGE: u64 = 4;
const HEIGHT: u64 = 1;
const WIDTH: u64 = 2;
const COLOURS: u64 = 3;
const ENCODED: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_format() {
        // RFC 3720, B.4: 32 bytes of zeroes; masked as TensorFlow does.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        let masked = 0x8a91_36aa_u32.rotate_right(15).wrapping_add(0xa282_ead8);
        assert_eq!(checksum(&[0; 32]), masked);
    }

    #[test]
    fn numbers_of_many_bits_take_many_bytes() {
        let mut message = Message::default();
        message.number(1, 300);
        assert_eq!(message.bytes, [0x08, 0xac, 0x02]);
    }
}
