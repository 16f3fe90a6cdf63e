//! The calls into C that are ours: loading libtorch's CUDA library while the program runs, and asking the kernel whether
//! a directory may be written to.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Loads a library and lets all others see its symbols. It stays loaded until the program ends.
///
/// # Errors
///
/// What the dynamic linker says.
pub(crate) fn load_library(name: &str) -> Result<(), String> {
    let name = CString::new(name).map_err(|error| error.to_string())?;
    // SAFETY: `name` is a C string that outlives the call. The initialisers that run are those of libtorch, which
    // expects to be loaded so; the handle is kept for ever, so no code of it is unmapped.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if !handle.is_null() {
        return Ok(());
    }
    // SAFETY: dlerror takes nothing, and returns null or a C string.
    let error = unsafe { libc::dlerror() };
    if error.is_null() {
        return Err("no reason is given".to_owned());
    }
    // SAFETY: `error` is a C string that lives until this thread's next call to the dynamic linker; it is copied.
    let text = unsafe { CStr::from_ptr(error) };
    Err(text.to_string_lossy().into_owned())
}

/// Returns whether this process may make files in a directory, as far as modes and mounts say.
pub(crate) fn may_write(directory: &Path) -> bool {
    let Ok(name) = CString::new(directory.as_os_str().as_bytes()) else {
        return false;
    };
    // SAFETY: `name` is a C string that outlives the call, which reads it and nothing else.
    let answer = unsafe { libc::access(name.as_ptr(), libc::W_OK | libc::X_OK) };
    answer == 0 && directory.is_dir()
}
