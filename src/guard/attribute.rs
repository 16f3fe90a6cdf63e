//! Mode, owner, extended attributes and times, by path and by descriptor.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use super::call::{Call, Reply, errno};
use super::resolve::{self, Itself, Name, Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Change, Entries};
use crate::sys::{file, meta};

/// What `utimensat(2)` takes for "now".
const NOW: i64 = libc::UTIME_NOW;

impl Supervisor {
    /// chmod(2), chown(2), setxattr(2), removexattr(2), utime(2) and their like.
    pub(super) fn change_attributes(
        &self,
        call: &Call<'_>,
        number: libc::c_long,
    ) -> io::Result<Reply> {
        const CWD: i32 = libc::AT_FDCWD;
        let follow = |flags: i32| flags & libc::AT_SYMLINK_NOFOLLOW == 0;
        let empty = |flags: i32| flags & libc::AT_EMPTY_PATH != 0;
        match number {
            libc::SYS_chmod => self.change_mode(
                call,
                &self.named(call, CWD, 0, true, false)?,
                call.unsigned(1),
            ),
            libc::SYS_fchmodat => self.change_mode(
                call,
                &self.named(call, call.int(0), 1, true, false)?,
                call.unsigned(2),
            ),
            libc::SYS_fchmodat2 => {
                let flags = call.int(3);
                self.change_mode(
                    call,
                    &self.named(call, call.int(0), 1, follow(flags), empty(flags))?,
                    call.unsigned(2),
                )
            }
            libc::SYS_fchmod => self.change_mode(call, &open_descriptor(call)?, call.unsigned(1)),
            libc::SYS_chown => self.change_owner(
                call,
                &self.named(call, CWD, 0, true, false)?,
                call.unsigned(1),
                call.unsigned(2),
            ),
            libc::SYS_lchown => self.change_owner(
                call,
                &self.named(call, CWD, 0, false, false)?,
                call.unsigned(1),
                call.unsigned(2),
            ),
            libc::SYS_fchown => self.change_owner(
                call,
                &open_descriptor(call)?,
                call.unsigned(1),
                call.unsigned(2),
            ),
            libc::SYS_fchownat => {
                let flags = call.int(4);
                let itself = self.named(call, call.int(0), 1, follow(flags), empty(flags))?;
                self.change_owner(call, &itself, call.unsigned(2), call.unsigned(3))
            }
            libc::SYS_setxattr => {
                self.change_xattr(call, &self.named(call, CWD, 0, true, false)?, true)
            }
            libc::SYS_lsetxattr => {
                self.change_xattr(call, &self.named(call, CWD, 0, false, false)?, true)
            }
            libc::SYS_fsetxattr => self.change_xattr(call, &open_descriptor(call)?, true),
            libc::SYS_removexattr => {
                self.change_xattr(call, &self.named(call, CWD, 0, true, false)?, false)
            }
            libc::SYS_lremovexattr => {
                self.change_xattr(call, &self.named(call, CWD, 0, false, false)?, false)
            }
            libc::SYS_fremovexattr => self.change_xattr(call, &open_descriptor(call)?, false),
            libc::SYS_utime => self.change_times(call, CWD, 0, true, &Times::Seconds(1)),
            libc::SYS_utimes => self.change_times(call, CWD, 0, true, &Times::Microseconds(1)),
            libc::SYS_futimesat => {
                self.change_times(call, call.int(0), 1, true, &Times::Microseconds(2))
            }
            libc::SYS_utimensat => self.change_times(
                call,
                call.int(0),
                1,
                follow(call.int(3)),
                &Times::Nanoseconds(2),
            ),
            _ => Err(errno(libc::ENOSYS)),
        }
    }

    /// Pins what a path argument names.
    fn named(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        follow: bool,
        empty: bool,
    ) -> io::Result<Itself> {
        let text = call.string(path)?;
        if text.is_empty() && empty {
            return Itself::new(resolve::pin(call, directory)?);
        }
        match resolve(call, directory, &text, follow)? {
            Spot::Name(name) => pin_name(&name),
            Spot::Itself(itself) => Ok(itself),
            Spot::Descriptor(number) => Itself::new(resolve::pin(call, number)?),
        }
    }

    /// Asks whether an attribute may change; what has no name is nobody's loss.
    fn permit_change(&self, call: &Call<'_>, itself: &Itself, change: Change) -> io::Result<()> {
        if itself.is_nameless() {
            return Ok(());
        }
        // A device's mode decides who may use it besides this session.
        if itself.path.starts_with("/dev") && !itself.path.starts_with("/dev/shm") {
            return Err(errno(libc::EPERM));
        }
        let target = self.target(&itself.path, Some(&itself.status));
        self.permit(
            call,
            &Action::Chmod {
                target,
                change,
                entries: Entries::Known(1),
            },
        )
    }

    fn change_mode(&self, call: &Call<'_>, itself: &Itself, mode: u32) -> io::Result<Reply> {
        // A program that runs as whoever starts it would act outside the guard.
        if itself.status.is_regular()
            && mode & (libc::S_ISUID | libc::S_ISGID) != 0
            && mode & 0o111 != 0
        {
            return Err(errno(libc::EPERM));
        }
        // Opening to others, or taking the owner's access from a directory above the store would lock the store away.
        let locks_out = (mode & 0o700 != 0o700 || mode & 0o002 != 0)
            && itself.status.is_directory()
            && self.holds_own(&itself.path);
        if locks_out {
            let target = self.target(
                self.law.context.own.first().unwrap_or(&itself.path),
                Some(&itself.status),
            );
            self.permit(
                call,
                &Action::Chmod {
                    target,
                    change: Change::HarshMode,
                    entries: Entries::Tree,
                },
            )?;
        }
        self.permit_change(call, itself, Change::Mode)?;
        if itself.status.is_symlink() {
            return Err(errno(libc::EOPNOTSUPP));
        }
        meta::change_mode(itself.fd.as_fd(), mode & 0o7777).map(|()| Reply::Value(0))
    }

    fn change_owner(
        &self,
        call: &Call<'_>,
        itself: &Itself,
        uid: u32,
        gid: u32,
    ) -> io::Result<Reply> {
        self.permit_change(call, itself, Change::Owner)?;
        meta::change_owner(itself.fd.as_fd(), uid, gid).map(|()| Reply::Value(0))
    }

    /// The attribute's name is the second argument, its value, size and flags the next three.
    fn change_xattr(&self, call: &Call<'_>, itself: &Itself, set: bool) -> io::Result<Reply> {
        const MOST: usize = 64 * 1024;
        let name: CString = call.string(1)?;
        let value = if set {
            let size = usize::try_from(call.word(3))
                .ok()
                .filter(|size| *size <= MOST)
                .ok_or_else(|| errno(libc::E2BIG))?;
            Some(if size == 0 {
                Vec::new()
            } else {
                call.bytes(2, size)?
            })
        } else {
            None
        };
        // An access control list is a mode by another name.
        let is_list = name.to_bytes().starts_with(b"system.posix_acl");
        if is_list && itself.status.is_directory() && self.holds_own(&itself.path) {
            return Err(errno(libc::EPERM));
        }
        self.permit_change(call, itself, Change::Xattr)?;
        if itself.status.is_symlink() {
            return Err(errno(libc::EOPNOTSUPP));
        }
        meta::change_attribute(itself.fd.as_fd(), &name, value.as_deref(), call.int(4))
            .map(|()| Reply::Value(0))
    }

    fn change_times(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        follow: bool,
        times: &Times,
    ) -> io::Result<Reply> {
        let times = times.read(call)?;
        let text = call.string(path)?;
        let act = |parent: &OwnedFd, name: &std::ffi::CStr, itself: &Itself| {
            self.permit_change(call, itself, Change::Times)?;
            meta::change_times(parent.as_fd(), name, times).map(|()| Reply::Value(0))
        };
        match resolve(call, directory, &text, follow)? {
            Spot::Name(name) => {
                let itself = pin_name(&name)?;
                act(&name.parent, &name.name, &itself)
            }
            Spot::Itself(itself) => {
                let path = file::descriptor_path(itself.fd.as_fd());
                self.permit_change(call, &itself, Change::Times)?;
                meta::change_times_following(&path, times).map(|()| Reply::Value(0))
            }
            Spot::Descriptor(number) => {
                let itself = Itself::new(resolve::pin(call, number)?)?;
                let path = file::descriptor_path(itself.fd.as_fd());
                self.permit_change(call, &itself, Change::Times)?;
                meta::change_times_following(&path, times).map(|()| Reply::Value(0))
            }
        }
    }
}

fn pin_name(name: &Name) -> io::Result<Itself> {
    if name.status.is_none() {
        return Err(errno(libc::ENOENT));
    }
    Itself::new(file::open_at(
        name.parent.as_fd(),
        &name.name,
        libc::O_PATH | libc::O_NOFOLLOW,
        0,
    )?)
}

/// Pins what the descriptor in the first argument refers to. A descriptor opened with `O_PATH` cannot change anything.
fn open_descriptor(call: &Call<'_>) -> io::Result<Itself> {
    let itself = Itself::new(call.descriptor(call.int(0))?)?;
    if file::status_flags(itself.fd.as_fd())? & libc::O_PATH != 0 {
        return Err(errno(libc::EBADF));
    }
    Ok(itself)
}

/// In which form, and in which argument, a call gives times.
enum Times {
    Seconds(usize),
    Microseconds(usize),
    Nanoseconds(usize),
}

impl Times {
    /// Reads access and modification time; `None` means now.
    fn read(&self, call: &Call<'_>) -> io::Result<Option<[libc::timespec; 2]>> {
        let (index, words, scale) = match self {
            Self::Seconds(index) => (*index, 2, 0),
            Self::Microseconds(index) => (*index, 4, 1000),
            Self::Nanoseconds(index) => (*index, 4, 1),
        };
        if call.word(index) == 0 {
            return Ok(None);
        }
        let bytes = call.bytes(index, words * size_of::<i64>())?;
        let mut numbers = bytes
            .chunks_exact(8)
            .filter_map(|word| word.try_into().ok())
            .map(i64::from_ne_bytes);
        let mut next = || numbers.next().unwrap_or(NOW);
        let mut time = || {
            let tv_sec = next();
            let part = if scale == 0 { 0 } else { next() };
            libc::timespec {
                tv_sec,
                tv_nsec: if scale == 1000 {
                    part.saturating_mul(1000)
                } else {
                    part
                },
            }
        };
        Ok(Some([time(), time()]))
    }
}
