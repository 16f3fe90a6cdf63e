//! Looks through the roots for what came to be, or was written, in a span of time.
//!
//! INVARIANT: only looks; links are not followed.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A span of time.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// After this.
    pub from: SystemTime,
    /// Not after this.
    pub to: SystemTime,
}

impl Span {
    fn holds(self, time: SystemTime) -> bool {
        time > self.from && time <= self.to
    }
}

/// Something that came to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is a directory, that stands for what was made in it.
    pub is_directory: bool,
    /// Bytes, of a directory those of all files made in it.
    pub size: u64,
    /// Names made in it, for a directory.
    pub entries: u64,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What came to be.
    pub made: Vec<Made>,
    /// Files that were there before and were written.
    pub written: Vec<(PathBuf, u64)>,
    /// Names looked at.
    pub looked: u64,
    /// Names that do not say when they came to be, or could not be looked at.
    pub blind: u64,
}

/// Looks through trees; `skip` are paths not to look into, `tick` hears how many names were looked at.
pub fn scan(trees: &[PathBuf], skip: &[PathBuf], span: Span, tick: &mut dyn FnMut(u64)) -> Found {
    let mut scan = Scan {
        skip,
        span,
        tick,
        found: Found::default(),
    };
    for tree in trees {
        let holds_it = |other: &PathBuf| other != tree && tree.starts_with(other);
        if !trees.iter().any(holds_it) {
            scan.directory(tree, None);
        }
    }
    scan.found.made.sort_by(|a, b| a.path.cmp(&b.path));
    scan.found.written.sort();
    scan.found
}

struct Scan<'a> {
    skip: &'a [PathBuf],
    span: Span,
    tick: &'a mut dyn FnMut(u64),
    found: Found,
}

impl Scan<'_> {
    /// Looks through a directory; what is made in a directory that was made goes to that one's account.
    fn directory(&mut self, path: &Path, mut account: Option<&mut Made>) {
        let Ok(entries) = fs::read_dir(path) else {
            self.found.blind += 1;
            return;
        };
        for entry in entries {
            let Ok((path, status)) = entry.and_then(look) else {
                self.found.blind += 1;
                continue;
            };
            self.found.looked += 1;
            (self.tick)(self.found.looked);
            let is_own = path
                .file_name()
                .is_some_and(|name| name == super::store::DIRECTORY);
            if is_own || self.skip.contains(&path) {
                continue;
            }
            let made = self.made(&path, &status);
            match (made, account.as_deref_mut()) {
                (Some(made), Some(account)) => {
                    account.size += made.size;
                    account.entries += 1;
                    if status.is_dir() {
                        self.directory(&path, Some(account));
                    }
                }
                (Some(mut made), None) => {
                    if status.is_dir() {
                        self.directory(&path, Some(&mut made));
                    }
                    self.found.made.push(made);
                }
                (None, _) if status.is_dir() => self.directory(&path, None),
                (None, _) => {
                    if status.is_file() && status.modified().is_ok_and(|time| self.span.holds(time))
                    {
                        self.found.written.push((path, status.len()));
                    }
                }
            }
        }
    }

    fn made(&mut self, path: &Path, status: &Metadata) -> Option<Made> {
        match status.created() {
            Ok(time) if self.span.holds(time) => Some(Made {
                path: path.to_owned(),
                is_directory: status.is_dir(),
                size: if status.is_dir() { 0 } else { status.len() },
                entries: 0,
            }),
            Ok(_) => None,
            Err(_) => {
                self.found.blind += 1;
                None
            }
        }
    }
}

fn look(entry: fs::DirEntry) -> io::Result<(PathBuf, Metadata)> {
    let status = entry.metadata()?;
    Ok((entry.path(), status))
}
