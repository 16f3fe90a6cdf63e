//! The program on a path that compute nodes see and that no session can change: a copy
//! by the hash of its content, below the home directory's protected names.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::spec::digits;

/// Below home; the policy protects it.
const PLACE: &str = ".local/share/hlrp-sh/bin";
/// The program's name there.
const NAME: &str = "hlrp-sh";
/// Digits of the hash that make a directory's name.
const DIGITS: usize = 16;
/// Bytes that are held of the program at once; the whole would be most of what a submission holds.
const PIECE: usize = 64 * 1024;

/// Returns where a job finds this very program; makes the copy where it is not there yet.
///
/// # Errors
/// Where it cannot be read or copied, or something else lies at its place.
pub fn provide(home: &Path, program: &Path) -> io::Result<PathBuf> {
    let mut program = File::open(program)?;
    let hash = pour(&mut program, &mut io::sink())?;
    let digits: String = hash.chars().take(DIGITS).collect();
    let place = home.join(PLACE);
    let directory = place.join(digits);
    let copy = directory.join(NAME);
    if copy.exists() {
        return whole(copy, &hash);
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&place)?;
    let fresh = place.join(fresh_name());
    DirBuilder::new().mode(0o700).create(&fresh)?;
    let made = fill(&fresh, &mut program, &hash).and_then(|()| fs::rename(&fresh, &directory));
    if made.is_err() {
        discard(&fresh);
    }
    // Whoever was first made the same.
    if !copy.exists() {
        made?;
    }
    whole(copy, &hash)
}

/// Returns a name that no other thread, process or machine takes at the same time.
fn fresh_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |passed| passed.as_nanos());
    let host = nix::unistd::gethostname().unwrap_or_default();
    let process = std::process::id();
    format!("new-{}-{process}-{now}", host.to_string_lossy())
}

/// Writes everything that is left in a file elsewhere; returns the hash of it.
fn pour(from: &mut File, to: &mut dyn Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let count = from.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(digits(&hash.finalize()));
        };
        hash.update(read);
        to.write_all(read)?;
    }
}

/// Puts the program into a fresh directory, and closes both.
fn fill(directory: &Path, program: &mut File, hash: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o700)
        .open(directory.join(NAME))?;
    program.rewind()?;
    if pour(program, &mut file)? != hash {
        return Err(io::Error::other("the program changed while it was copied"));
    }
    file.sync_all()?;
    file.set_permissions(Permissions::from_mode(0o555))?;
    fs::set_permissions(directory, Permissions::from_mode(0o555))
}

/// Takes back a directory that this process has made and nobody else uses.
fn discard(directory: &Path) {
    let _ = fs::set_permissions(directory, Permissions::from_mode(0o700));
    let _ = fs::remove_file(directory.join(NAME));
    let _ = fs::remove_dir(directory);
}

/// Checks that a copy is what it is named after, and the caller's own or root's.
fn whole(copy: PathBuf, hash: &str) -> io::Result<PathBuf> {
    let found = fs::symlink_metadata(&copy)?;
    let own = nix::unistd::Uid::effective().as_raw();
    let is_sound = found.is_file()
        && (found.uid() == own || found.uid() == 0)
        && found.permissions().mode() & 0o222 == 0
        && pour(&mut File::open(&copy)?, &mut io::sink())? == hash;
    if is_sound {
        Ok(copy)
    } else {
        Err(io::Error::other(format!(
            "{} is not the program it is named after",
            copy.display()
        )))
    }
}
