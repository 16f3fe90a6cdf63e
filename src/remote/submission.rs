//! Submissions that a broken connection neither loses nor doubles: whoever submits names
//! the submission by a token, and what came of it is kept over there under that name.
//!
//! INVARIANT: for one token the work begins at most once, whatever dies: `begun` is made
//! before it, and what has begun without an end is told, never begun again. What a session
//! planted here says nothing: what counts are sealed files.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Host;
use crate::sys::sealed;

/// What is kept of a submission, but for what it says, is a line.
const LONGEST: u64 = 1 << 20;

/// The name of one submission: 32 digits that nobody guesses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(String);

impl Token {
    /// Makes one.
    ///
    /// # Errors
    /// Where the kernel gives no random bytes.
    pub fn fresh() -> io::Result<Self> {
        let mut bytes = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Self(digits(&bytes)))
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if text.len() == 32 && text.chars().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a token is 32 digits, 0-9 and a-f".to_owned())
        }
    }
}

/// Where a submission stands.
#[derive(Debug)]
pub enum Standing {
    /// Nobody began it; it is the caller's to begin, who hands the lock to what does it.
    Ours(File),
    /// Somebody does it now.
    Goes,
    /// It ended with this status.
    Ended(u8),
    /// It began, and whoever did it has gone without an end.
    CutOff,
    /// The token stands for another submission.
    Another,
}

/// What is kept of one submission, where it is done.
#[derive(Clone, Debug)]
pub struct Kept {
    directory: PathBuf,
}

impl Kept {
    /// Finds its place, and makes it.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(state: &Path, token: &Token) -> io::Result<Self> {
        let directory = state.join("remote/submissions").join(token.as_str());
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)?;
        Ok(Self { directory })
    }

    /// Says where it stands, and takes it where nobody has; `words` are what is to be done.
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub fn take(&self, words: &[String], directory: &Path) -> io::Result<Standing> {
        let lock = private().truncate(false).open(self.path("lock"))?;
        let is_free = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(fault)) => return Err(fault),
        };
        let meant = serde_json::to_string(&(words, directory)).map_err(io::Error::other)?;
        let begun = self.path("begun");
        match sealed::read(&begun, LONGEST) {
            Ok(found) if found != meant.as_bytes() => return Ok(Standing::Another),
            Ok(_) => {}
            // One that was copied without its other name, or planted: nobody can tell whether it has begun.
            Err(fault)
                if fault.kind() == io::ErrorKind::NotFound && begun.symlink_metadata().is_ok() =>
            {
                return Ok(if is_free {
                    Standing::CutOff
                } else {
                    Standing::Goes
                });
            }
            Err(fault) if fault.kind() == io::ErrorKind::NotFound && is_free => {
                sealed::write(&begun, meant.as_bytes())?;
                return Ok(Standing::Ours(lock));
            }
            // Whoever has the lock is about to write it.
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
            Err(fault) => return Err(fault),
        }
        Ok(match self.status() {
            Some(status) => Standing::Ended(status),
            None if is_free => Standing::CutOff,
            None => Standing::Goes,
        })
    }

    /// Returns a fresh file for what it says.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn stream(&self, name: &str) -> io::Result<File> {
        private().append(true).open(self.path(name))
    }

    /// Opens what it said so far.
    pub fn said(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// Notes its end.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn end(&self, status: u8) -> io::Result<()> {
        sealed::write(&self.path("status"), status.to_string().as_bytes())
    }

    /// Returns its exit status, where it has ended.
    pub fn status(&self) -> Option<u8> {
        let text = sealed::read(&self.path("status"), LONGEST).ok()?;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    /// Whether somebody is at it.
    pub fn is_held(&self) -> bool {
        let lock = File::open(self.path("lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// A submission of which this side has not heard the end.
#[derive(Debug)]
pub struct Pending {
    path: PathBuf,
    /// Its name.
    pub token: Token,
    /// Whether it was sent before, by a run that did not hear the end.
    pub is_old: bool,
}

impl Pending {
    /// Finds the one that this line began, or begins it.
    ///
    /// # Errors
    /// Where that cannot be written down: then nothing may be sent.
    pub fn of(state: &Path, host: &Host, place: &str, words: &[String]) -> io::Result<Self> {
        let directory = state.join("remote/pending");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)?;
        let _turn = turn(&directory);
        let line =
            serde_json::to_string(&(host.as_str(), place, words)).map_err(io::Error::other)?;
        let path = directory.join(digits(&Sha256::digest(line)));
        if let Ok(text) = sealed::read(&path, LONGEST)
            && let Ok(token) = String::from_utf8_lossy(&text).parse()
        {
            return Ok(Self {
                path,
                token,
                is_old: true,
            });
        }
        let token = Token::fresh()?;
        sealed::write(&path, token.as_str().as_bytes())?;
        Ok(Self {
            path,
            token,
            is_old: false,
        })
    }

    /// Forgets it: its end was heard.
    pub fn heard(self) {
        // Where it stays, the same line is told once more what came of it.
        sealed::remove(&self.path);
    }
}

/// Waits for whoever else looks here; not for long, since a session may hold what it can read.
fn turn(directory: &Path) -> Option<File> {
    let lock = File::open(directory).ok()?;
    for _ in 0..50 {
        if lock.try_lock().is_ok() {
            return Some(lock);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    None
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_is_never_begun_again() {
        let state = tempfile::tempdir().unwrap();
        let token = Token::fresh().unwrap();
        let words = ["submit".to_owned()];
        let here = Path::new("/p");
        let kept = Kept::open(state.path(), &token).unwrap();
        let Standing::Ours(lock) = kept.take(&words, here).unwrap() else {
            panic!("nobody began it");
        };
        assert!(matches!(kept.take(&words, here).unwrap(), Standing::Goes));
        assert!(kept.is_held());
        let other = ["submit".to_owned(), "x".to_owned()];
        assert!(matches!(
            kept.take(&other, here).unwrap(),
            Standing::Another
        ));
        assert!(matches!(
            kept.take(&words, Path::new("/q")).unwrap(),
            Standing::Another
        ));
        drop(lock);
        assert!(matches!(kept.take(&words, here).unwrap(), Standing::CutOff));
        assert!(matches!(kept.take(&words, here).unwrap(), Standing::CutOff));
        kept.end(7).unwrap();
        assert!(matches!(
            kept.take(&words, here).unwrap(),
            Standing::Ended(7)
        ));
        assert!(!kept.is_held());
    }

    #[test]
    fn a_line_whose_end_was_not_heard_keeps_its_token() {
        let state = tempfile::tempdir().unwrap();
        let host: Host = "ai".parse().unwrap();
        let words = ["submit".to_owned()];
        let first = Pending::of(state.path(), &host, "", &words).unwrap();
        let again = Pending::of(state.path(), &host, "", &words).unwrap();
        assert_eq!((first.is_old, again.is_old), (false, true));
        assert_eq!(first.token, again.token);
        let elsewhere = Pending::of(state.path(), &host, "p", &words).unwrap();
        assert_ne!(elsewhere.token, first.token);
        again.heard();
        let next = Pending::of(state.path(), &host, "", &words).unwrap();
        assert_ne!(next.token, first.token);
        for bad in ["", "../../x", "0", &"g".repeat(32), &"A".repeat(32)] {
            assert!(bad.parse::<Token>().is_err());
        }
    }
}
