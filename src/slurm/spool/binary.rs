//! The program on a path that compute nodes see and that no session can change: a copy
//! by the hash of its content, below the home directory's protected names.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::spec::sha256;

/// Below home; the policy protects it.
const PLACE: &str = ".local/share/hlrp-sh/bin";
/// Digits of the hash that make a directory's name.
const DIGITS: usize = 16;

/// Returns where a job finds this very program; makes the copy where it is not there yet.
///
/// # Errors
/// Where it cannot be read or copied, or something else lies at its place.
pub fn provide(home: &Path, program: &Path) -> io::Result<PathBuf> {
    let mut bytes = Vec::new();
    File::open(program)?.read_to_end(&mut bytes)?;
    let hash = sha256(&bytes);
    let digits: String = hash.chars().take(DIGITS).collect();
    let place = home.join(PLACE);
    let directory = place.join(digits);
    let copy = directory.join("hlrp-sh");
    if copy.exists() {
        return whole(copy, &hash);
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&place)?;
    if !directory.is_dir() {
        DirBuilder::new().mode(0o700).create(&directory)?;
    }
    fs::set_permissions(&directory, Permissions::from_mode(0o700))?;
    let fresh = directory.join(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o700)
        .open(&fresh)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::set_permissions(&fresh, Permissions::from_mode(0o555))?;
    // Whoever was first made the same.
    fs::rename(&fresh, &copy)?;
    fs::set_permissions(&directory, Permissions::from_mode(0o555))?;
    whole(copy, &hash)
}

/// Checks that a copy is what it is named after, and the caller's own or root's.
fn whole(copy: PathBuf, hash: &str) -> io::Result<PathBuf> {
    let found = fs::symlink_metadata(&copy)?;
    let own = nix::unistd::Uid::effective().as_raw();
    let is_sound = found.is_file()
        && (found.uid() == own || found.uid() == 0)
        && found.permissions().mode() & 0o222 == 0
        && sha256(&fs::read(&copy)?) == hash;
    if is_sound {
        Ok(copy)
    } else {
        Err(io::Error::other(format!(
            "{} is not the program it is named after",
            copy.display()
        )))
    }
}
