//! Small files that count only where whoever made them may call link(2): each has a second name.
//!
//! A program of a session can natively make a file by exclusive creation, also among what is the guard's own; it
//! can give none a second name there, and move none there. So a file with one name was planted, and says nothing.
//!
//! INVARIANT: nothing is written through a name that somebody else may have made.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Writes a file anew, whole at every instant.
///
/// # Errors
/// What the system calls say; the file is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (seal, second) = (beside(path)?, beside(path)?);
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&seal);
    let done = made.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::hard_link(&seal, &second)?;
        fs::rename(&second, path)
    });
    match done {
        Ok(()) => forget(path, is_stale),
        Err(_) => {
            let _ = fs::remove_file(&second);
            let _ = fs::remove_file(&seal);
        }
    }
    done
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] also where what is there was planted; [`io::ErrorKind::InvalidData`] where it is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= most => Ok(bytes),
        Ok(_) | Err(_) => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Returns whether a name is there, and was not planted.
pub fn is_there(path: &Path) -> bool {
    open(path).is_ok()
}

/// Takes a file away, with its other name. What was planted there goes too.
pub fn remove(path: &Path) {
    let _ = fs::remove_file(path);
    forget(path, |_| true);
}

fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let about = file.metadata()?;
    let own = nix::unistd::Uid::effective().as_raw();
    if about.is_file() && about.nlink() >= 2 && about.uid() == own {
        Ok(file)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Returns what the other names of a file begin with.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.~")
}

/// Returns another name for a file, which nobody can foresee.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut bytes = [0; 8];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let digits = u64::from_ne_bytes(bytes);
    Ok(path.with_file_name(format!("{}{digits:016x}", prefix(path))))
}

/// Whether another name is left over: its file has no name besides, and nobody is about to give it one.
fn is_stale(other: &Path) -> bool {
    const YOUNG: Duration = Duration::from_secs(60);
    other.symlink_metadata().is_ok_and(|about| {
        let age = about.modified().ok().and_then(|time| time.elapsed().ok());
        about.nlink() == 1 && age.is_some_and(|age| age > YOUNG)
    })
}

/// Takes other names of a file away.
fn forget(path: &Path, is_meant: impl Fn(&Path) -> bool) {
    let prefix = prefix(path);
    let directory = path.parent().unwrap_or(path);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_other = entry.file_name().to_string_lossy().starts_with(&prefix);
        let other = entry.path();
        if is_other && is_meant(&other) {
            // A name that stays holds some bytes, and nothing else.
            let _ = fs::remove_file(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planted_says_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("mark");
        fs::write(&path, "planted").unwrap();
        assert!(!is_there(&path));
        assert_eq!(read(&path, 99).unwrap_err().kind(), io::ErrorKind::NotFound);
        // What has it open cannot write into what is written afterwards.
        let mut held = OpenOptions::new().write(true).open(&path).unwrap();
        write(&path, b"first").unwrap();
        held.write_all(b"forged").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"first");
        assert_eq!(
            read(&path, 4).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        write(&path, b"second").unwrap();
        assert_eq!(read(&path, 99).unwrap(), b"second");
        // The first one's other name stays for a moment: it might be another writer's.
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
        let moved = place.path().join("moved");
        fs::rename(&path, &moved).unwrap();
        assert!(is_there(&moved) && !is_there(&path));
        std::os::unix::fs::symlink(&moved, &path).unwrap();
        assert!(!is_there(&path));
        remove(&path);
        fs::remove_file(&moved).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
