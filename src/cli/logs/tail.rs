//! A file that grows, is cut short, or is replaced.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The end of a file, and how far it was read.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    identity: (u64, u64),
    offset: u64,
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

    /// Returns which file it is, and how far it was read.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.identity.1, self.offset)
    }

    /// Goes on where somebody stopped, where it is the same file still; another is read from its beginning.
    pub(super) fn resume(&mut self, (file, offset): (u64, u64)) {
        if self.identity.1 == file {
            self.offset = offset;
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
