//! A file that grows, is cut short, or is replaced.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The end of a file, and how far it was read.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    identity: (u64, u64),
    offset: u64,
}

/// How far a stream was read: where another process may go on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Mark {
    /// The stream.
    pub(super) stream: String,
    /// Bytes of the file that were read.
    pub(super) offset: u64,
    /// Device and inode of the file.
    pub(super) identity: (u64, u64),
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (device, inode) = self.identity;
        write!(f, "{}={}:{device}:{inode}", self.stream, self.offset)
    }
}

impl FromStr for Mark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a mark is `STREAM=OFFSET:DEVICE:INODE`, as a follower has it";
        let (stream, rest) = text.split_once('=').ok_or(wrong)?;
        let numbers: Result<Vec<u64>, _> = rest.split(':').map(str::parse).collect();
        match numbers.as_deref() {
            Ok([offset, device, inode]) => Ok(Self {
                stream: stream.to_owned(),
                offset: *offset,
                identity: (*device, *inode),
            }),
            _ => Err(wrong),
        }
    }
}

/// What a file has more.
#[derive(Debug, Default)]
pub(super) struct More {
    pub(super) bytes: Vec<u8>,
    /// What happened to the file meanwhile.
    pub(super) note: Option<&'static str>,
}

const BLOCK: usize = 64 << 10;

impl Tail {
    /// Returns the file from its beginning; it need not be there yet.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            identity: (0, 0),
            offset: 0,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the file was there.
    pub(super) fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Opens the file, where it is there.
    pub(super) fn open(&mut self) -> io::Result<bool> {
        let mut options = OpenOptions::new();
        // A pipe in the file's place must not stop us.
        options
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC);
        let file = match options.open(&self.path) {
            Ok(file) => file,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        self.identity = identity(&found);
        self.offset = 0;
        self.file = Some(file);
        Ok(true)
    }

    /// Returns how far it was read.
    pub(super) fn mark(&self, stream: &str) -> Mark {
        Mark {
            stream: stream.to_owned(),
            offset: self.offset,
            identity: self.identity,
        }
    }

    /// Goes on where another reader was; from the beginning where it read another file. A file that became shorter
    /// since is seen to be so at the next reading.
    pub(super) fn go_on(&mut self, mark: &Mark) {
        if mark.identity == self.identity {
            self.offset = mark.offset;
        }
    }

    /// Goes to where so many lines are left.
    pub(super) fn skip_to_last(&mut self, lines: u64) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let length = file.metadata()?.len();
        if lines == 0 {
            self.offset = length;
            return Ok(());
        }
        let mut end = length;
        let mut missing = lines;
        let mut block = vec![0; BLOCK];
        while end > 0 {
            let size = usize::try_from(end).unwrap_or(BLOCK).min(BLOCK);
            let start = end - size as u64;
            let Some(piece) = block.get_mut(..size) else {
                break;
            };
            file.read_exact_at(piece, start)?;
            for (at, _) in piece
                .iter()
                .enumerate()
                .rev()
                .filter(|(_, byte)| **byte == b'\n')
            {
                let place = start + at as u64 + 1;
                // The newline at the very end ends the last line and begins none.
                if place == length {
                    continue;
                }
                missing = missing.saturating_sub(1);
                if missing == 0 {
                    self.offset = place;
                    return Ok(());
                }
            }
            end = start;
        }
        self.offset = 0;
        Ok(())
    }

    /// Reads what there is more, a block at most; nothing means that there is nothing now.
    pub(super) fn read(&mut self) -> io::Result<More> {
        let Some(file) = &self.file else {
            return Ok(More::default());
        };
        let mut note = None;
        if file.metadata()?.len() < self.offset {
            self.offset = 0;
            note = Some("was cut short; it begins again");
        }
        let mut bytes = vec![0; BLOCK];
        let read = file.read_at(&mut bytes, self.offset)?;
        bytes.truncate(read);
        self.offset += read as u64;
        if read == 0 && self.is_replaced() && self.open()? {
            note = Some("is another file now; it begins again");
        }
        Ok(More { bytes, note })
    }

    /// Returns whether another file has the name.
    fn is_replaced(&self) -> bool {
        let found = std::fs::metadata(&self.path);
        found.is_ok_and(|found| identity(&found) != self.identity)
    }
}

fn identity(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(tail: &mut Tail) -> (String, Vec<&'static str>) {
        let (mut text, mut notes) = (String::new(), Vec::new());
        loop {
            let more = tail.read().unwrap();
            notes.extend(more.note);
            if more.bytes.is_empty() && more.note.is_none() {
                return (text, notes);
            }
            text.push_str(&String::from_utf8(more.bytes).unwrap());
        }
    }

    #[test]
    fn what_is_added_is_read_whatever_happens_to_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a b.out");
        let mut tail = Tail::new(&path);
        assert!(!tail.open().unwrap());
        assert_eq!(all(&mut tail).0, "");
        std::fs::write(&path, "one\n").unwrap();
        assert!(tail.open().unwrap());
        assert_eq!(all(&mut tail).0, "one\n");
        std::fs::write(&path, "x").unwrap();
        assert_eq!(all(&mut tail).0, "x");
        std::fs::rename(&path, directory.path().join("old")).unwrap();
        std::fs::write(directory.path().join("old"), "xyz").unwrap();
        std::fs::write(&path, "new\n").unwrap();
        let (text, notes) = all(&mut tail);
        assert_eq!((text.as_str(), notes.len()), ("yznew\n", 1));
    }

    #[test]
    fn another_reader_goes_on_where_one_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut first = Tail::new(&path);
        first.open().unwrap();
        assert_eq!(all(&mut first).0, "one\ntwo\n");
        let mark: Mark = first.mark("out").to_string().parse().unwrap();
        assert_eq!(mark, first.mark("out"));
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        let next = |mark: &Mark| {
            let mut tail = Tail::new(&path);
            tail.open().unwrap();
            tail.go_on(mark);
            all(&mut tail)
        };
        assert_eq!(next(&mark).0, "three\n");
        std::fs::write(&path, "x\n").unwrap();
        let (text, notes) = next(&mark);
        assert_eq!((text.as_str(), notes.len()), ("x\n", 1));
        let other = Mark {
            identity: (0, 0),
            ..mark
        };
        assert_eq!(next(&other).0, "x\n");
        for wrong in ["", "out", "out=1", "out=1:2", "out=1:2:3:4", "out=-1:2:3"] {
            assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_lines_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let long = "y".repeat(BLOCK);
        for (text, lines, expected) in [
            ("a\nb\nc\n", 2, "b\nc\n"),
            ("a\nb\nc", 2, "b\nc"),
            ("a\nb\nc\n", 9, "a\nb\nc\n"),
            ("a\nb\n", 0, ""),
            ("", 3, ""),
            ("\n\n\n", 1, "\n"),
            (&format!("a\n{long}\nc\n"), 2, &format!("{long}\nc\n")),
        ] {
            std::fs::write(&path, text).unwrap();
            let mut tail = Tail::new(&path);
            tail.open().unwrap();
            tail.skip_to_last(lines).unwrap();
            assert_eq!(all(&mut tail).0, expected);
        }
    }

    #[test]
    fn a_pipe_in_the_files_place_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(Tail::new(&path).open().is_err());
    }
}
