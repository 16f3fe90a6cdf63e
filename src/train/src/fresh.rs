//! New files, whole or not at all, and never in the place of another.
//!
//! INVARIANT: one process writes into a run directory, so that a name that is free stays free until the file has it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io, process};

/// Makes a new file: `fill` is given another name in the same directory, and what it wrote there is then renamed.
///
/// # Errors
///
/// Where something is at `path` already (`AlreadyExists`), or what `fill` says.
pub fn create<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", process::id()));
    let part = path.with_file_name(name);
    fill(&part)?;
    fs::File::open(&part)?.sync_all()?;
    Ok(fs::rename(&part, path)?)
}

/// Returns a path that is free: this one, or the same with a number before its extension.
#[must_use]
pub fn vacant(path: &Path) -> PathBuf {
    let is_vacant = |path: &Path| fs::symlink_metadata(path).is_err();
    if is_vacant(path) {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|of| of.to_string_lossy());
    let ending = extension.map_or_else(String::new, |of| format!(".{of}"));
    (2_u32..)
        .map(|number| path.with_file_name(format!("{stem}-{number}{ending}")))
        .find(|path| is_vacant(path))
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_replaced_and_never_half_there() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.png");
        let write = |text: &'static str| {
            move |part: &Path| -> Result<(), io::Error> { fs::write(part, text) }
        };
        create(&file, write("one")).unwrap();
        let error = create(&file, write("two")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");
        assert_eq!(vacant(&file), place.path().join("a-2.png"));
        let broken = |part: &Path| {
            fs::write(part, "ha")?;
            Err(io::Error::other("cut off"))
        };
        let other = place.path().join("b.png");
        create(&other, broken).unwrap_err();
        assert!(!other.exists());
    }
}
