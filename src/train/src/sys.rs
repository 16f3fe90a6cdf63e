//! The one call into C that is ours: loading libtorch's CUDA library while the program runs.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString};

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
