//! Run directories: made by this submission alone, with everything that tells later what
//! was run.
//!
//! INVARIANT: a directory that was there is never taken over, but where its name was typed;
//! no file that was there is written to.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Makes a directory whose name nothing had; where it is taken, the same with a number.
///
/// # Errors
///
/// Where none can be made.
pub fn claim(directory: &Path) -> io::Result<PathBuf> {
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent)?;
    }
    let name = directory.file_name().unwrap_or_default().to_os_string();
    for number in 1_u32..10_000 {
        let mut own = name.clone();
        if number > 1 {
            own.push(format!("_{number}"));
        }
        let candidate = directory.with_file_name(own);
        match DirBuilder::new().mode(0o755).create(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "ten thousand names of it are taken",
    ))
}

/// Makes a directory whose name was typed; it may be there already.
///
/// # Errors
///
/// Where it cannot be made.
pub fn open(directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    Ok(directory.to_owned())
}

/// Writes a new file, under another name where the name is taken; returns where it is.
///
/// # Errors
///
/// Where it cannot be written.
pub fn put(path: &Path, text: &str, mode: u32) -> io::Result<PathBuf> {
    let (mut file, path) = fresh(path, mode)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

fn fresh(path: &Path, mode: u32) -> io::Result<(File, PathBuf)> {
    let stem = path.file_stem().unwrap_or_default().to_os_string();
    for number in 1_u32..10_000 {
        let mut name = stem.clone();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        if let Some(ending) = path.extension() {
            name.push(".");
            name.push(ending);
        }
        let candidate = path.with_file_name(name);
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&candidate);
        match made {
            Ok(file) => return Ok((file, candidate)),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// Returns the arguments of a point as a task of an array reads them.
pub fn arguments(words: &[String]) -> String {
    words.iter().map(|word| format!("{word}\0")).collect()
}
