//! Whether a supervisor of ours stands behind this process.

use std::ffi::CStr;
use std::io;

use super::file::make_directory;

/// The name that only a supervisor answers for in its own way; no such name can ever be made.
pub const QUESTION: &CStr = c"/proc/self/.hlrp-sh";
/// The supervisor's answer.
pub const ANSWER: i32 = libc::EISNAM;

/// Returns whether this process runs inside the guard. Nothing it inherited (environment, names) can lie about it.
pub fn inside_guard() -> bool {
    // Without a guard the kernel itself answers: `ENOENT`, since nothing can be made in `/proc`.
    let answer = make_directory(super::file::cwd(), QUESTION, 0o700);
    answer.is_err_and(|error: io::Error| error.raw_os_error() == Some(ANSWER))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_question_leaves_nothing_behind() {
        super::inside_guard();
        assert!(!std::path::Path::new("/proc/self/.hlrp-sh").exists());
    }
}
