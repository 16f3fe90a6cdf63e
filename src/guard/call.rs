//! One notified call: its arguments, read once, and what will be answered.

use std::cell::OnceCell;
use std::ffi::CString;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use crate::sys::seccomp::{Listener, Notification};
use crate::sys::{process, state};

/// What a handler answers.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The call returns this value.
    Value(i64),
    /// The call fails.
    Errno(i32),
    /// The call returns this descriptor.
    Descriptor {
        /// The descriptor to put into the caller.
        fd: OwnedFd,
        /// Whether exec closes it.
        close_on_exec: bool,
    },
    /// The kernel does the call itself; only where all arguments are registers.
    Continue,
}

impl From<io::Result<Reply>> for Reply {
    fn from(answer: io::Result<Reply>) -> Self {
        answer.unwrap_or_else(|error| Self::Errno(error.raw_os_error().unwrap_or(libc::EIO)))
    }
}

/// Not an errno of any call: the caller is gone, or was interrupted, before anything was done.
pub(crate) const ABANDONED: i32 = 4096;
/// `ERESTARTSYS` of the kernel: a signal came while the call waited; it is made again, or fails with `EINTR`, as the
/// handler was installed.
pub(crate) const RESTART: i32 = 512;

/// Returns the error of an errno.
pub(crate) fn errno(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

/// One call of one thread, waiting for its answer.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The listener it came from.
    pub(crate) listener: &'a Listener,
    /// The call as the kernel reported it.
    pub(crate) notification: Notification,
    group: OnceCell<i32>,
    actor: OnceCell<String>,
}

impl<'a> Call<'a> {
    /// Wraps a notification.
    pub(crate) fn new(listener: &'a Listener, notification: Notification) -> Self {
        Self {
            listener,
            notification,
            group: OnceCell::new(),
            actor: OnceCell::new(),
        }
    }

    /// Returns the thread that waits.
    pub(crate) fn thread(&self) -> i32 {
        self.notification.thread
    }

    /// Returns the process of the thread.
    ///
    /// # Errors
    /// When the caller is gone.
    pub(crate) fn process(&self) -> io::Result<i32> {
        if let Some(group) = self.group.get() {
            return Ok(*group);
        }
        let group = process::thread_group(self.thread())?;
        Ok(*self.group.get_or_init(|| group))
    }

    /// Returns an argument as the kernel's `long`.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.notification.arguments.get(index).copied().unwrap_or(0)
    }

    /// Returns an argument as the kernel's `int`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the kernel cuts an int argument the same way"
    )]
    pub(crate) fn int(&self, index: usize) -> i32 {
        self.word(index) as i32
    }

    /// Returns an argument as the kernel's `unsigned int`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the kernel cuts an int argument the same way"
    )]
    pub(crate) fn unsigned(&self, index: usize) -> u32 {
        self.word(index) as u32
    }

    /// Reads a path argument, once.
    ///
    /// # Errors
    /// `EFAULT` and `ENAMETOOLONG` as the kernel has them; [`ABANDONED`] when the caller is gone.
    pub(crate) fn string(&self, index: usize) -> io::Result<CString> {
        let text = process::read_string(self.thread(), self.word(index))?;
        self.still_waits().map(|()| text)
    }

    /// Reads bytes behind a pointer argument, once, all of them.
    ///
    /// # Errors
    /// `EFAULT` as the kernel has it; [`ABANDONED`] when the caller is gone.
    pub(crate) fn bytes(&self, index: usize, length: usize) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; length];
        let read = process::read_memory(self.thread(), self.word(index), &mut buffer)
            .map_err(|_| errno(libc::EFAULT))?;
        if read < length {
            return Err(errno(libc::EFAULT));
        }
        self.still_waits().map(|()| buffer)
    }

    /// Takes a duplicate of the caller's descriptor.
    ///
    /// # Errors
    /// `EBADF` where it has none.
    pub(crate) fn descriptor(&self, fd: RawFd) -> io::Result<OwnedFd> {
        process::take_descriptor(self.thread(), fd)
    }

    /// Checks that the thread id still means the caller, so that what was read of it was its own.
    ///
    /// # Errors
    /// [`ABANDONED`] when it does not.
    pub(crate) fn still_waits(&self) -> io::Result<()> {
        if self.listener.is_waiting(self.notification.id) {
            Ok(())
        } else {
            Err(errno(ABANDONED))
        }
    }

    /// Waits a little longer each time, as long as the caller does.
    ///
    /// # Errors
    /// [`ABANDONED`] when it is gone, [`RESTART`] when a signal for it has come.
    pub(crate) fn pause(&self, pause: &mut Duration) -> io::Result<()> {
        self.still_waits()?;
        if state::has_signal(self.thread()) {
            return Err(errno(RESTART));
        }
        std::thread::sleep(*pause);
        *pause = (*pause * 2).min(Duration::from_millis(20));
        Ok(())
    }

    /// Returns the name the law knows the caller's program by: `git`, `pip`, also where an interpreter runs it.
    pub(crate) fn actor(&self) -> &str {
        self.actor.get_or_init(|| {
            let program = process::program(self.thread()).unwrap_or_default();
            interpreted(&program, &process::arguments(self.thread())).unwrap_or(program)
        })
    }
}

/// Returns the name of the script or module that an interpreter runs.
fn interpreted(program: &str, arguments: &[String]) -> Option<String> {
    const INTERPRETERS: [&str; 6] = ["python", "pypy", "node", "perl", "ruby", "bash"];
    if !INTERPRETERS.iter().any(|name| program.starts_with(name)) {
        return None;
    }
    let mut words = arguments.iter().skip(1);
    while let Some(word) = words.next() {
        if word == "-m" {
            return words
                .next()
                .map(|module| module.split('.').next().unwrap_or(module).to_owned());
        }
        if word == "-c" || word == "-e" {
            return None;
        }
        if !word.starts_with('-') {
            let name = word.rsplit('/').next().unwrap_or(word);
            let name = [".py", ".js", ".mjs", ".pl"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            return Some(name.trim_end_matches("-cli").to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::interpreted;

    fn name(program: &str, line: &str) -> Option<String> {
        interpreted(
            program,
            &line.split(' ').map(str::to_owned).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_script_is_known_by_its_own_name() {
        assert_eq!(
            name("python3.11", "python3 -I /v/bin/pip install x").as_deref(),
            Some("pip")
        );
        assert_eq!(
            name("python3.11", "python -m pip install x").as_deref(),
            Some("pip")
        );
        assert_eq!(
            name("node", "node /usr/lib/npm/bin/npm-cli.js i").as_deref(),
            Some("npm")
        );
        assert_eq!(name("python3.11", "python -c pip").as_deref(), None);
        assert_eq!(name("git", "git commit").as_deref(), None);
    }
}
