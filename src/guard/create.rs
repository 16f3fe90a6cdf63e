//! New names: directories, nodes, symbolic links, bound sockets.

use std::io;
use std::os::fd::AsFd;

use super::call::{Call, Reply, errno};
use super::resolve::{self, Name, Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Node};
use crate::sys::{file, names, process, socket};

impl Supervisor {
    /// mkdir(2), mkdirat(2).
    pub(super) fn make_directory(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        mode: u32,
    ) -> io::Result<Reply> {
        if call.string(path)?.to_bytes() == process::GUARDED_QUESTION.to_bytes() {
            return Err(errno(process::GUARDED_ANSWER));
        }
        let _names = self.hold_names();
        let name = self.new_name(call, directory, path, Node::Directory)?;
        // In a directory whose every file is protected nothing could be seen to be made natively.
        let inside = self.target(&name.path.join("x.sample"), None);
        self.permit(
            call,
            &Action::Create {
                target: inside,
                node: Node::File,
            },
        )?;
        self.masked(call, || {
            names::make_directory(name.parent.as_fd(), &name.name, mode & 0o7777)
        })?;
        self.remember(&name)
    }

    /// mknod(2), mknodat(2).
    pub(super) fn make_node(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        mode: u32,
        device: u64,
    ) -> io::Result<Reply> {
        // A device node would open the machine to whoever may make one; 0:0 is what overlays mark removals with.
        let is_device = matches!(mode & libc::S_IFMT, libc::S_IFBLK | libc::S_IFCHR);
        if is_device && device != 0 {
            return Err(errno(libc::EPERM));
        }
        // A program that runs as whoever starts it would act outside the guard.
        let mode = mode & !(libc::S_ISUID | libc::S_ISGID);
        let node = match mode & libc::S_IFMT {
            0 | libc::S_IFREG => Node::File,
            _ => Node::Special,
        };
        let _names = self.hold_names();
        let name = self.new_name(call, directory, path, node)?;
        if name.slash {
            return Err(errno(libc::ENOENT));
        }
        self.masked(call, || {
            names::make_node(name.parent.as_fd(), &name.name, mode, device)
        })?;
        self.remember(&name)
    }

    /// symlink(2), symlinkat(2); the target is the first argument.
    pub(super) fn make_symlink(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
    ) -> io::Result<Reply> {
        let target = call.string(0)?;
        let _names = self.hold_names();
        let name = self.new_name(call, directory, path, Node::Link)?;
        if name.slash {
            return Err(errno(libc::ENOENT));
        }
        names::make_symlink(&target, name.parent.as_fd(), &name.name)?;
        self.remember(&name)
    }

    /// bind(2), where creation is notified: a local socket with a path is a new name.
    pub(super) fn bind(&self, call: &Call<'_>) -> io::Result<Reply> {
        let address = super::connect::address(call)?;
        let fd = call.descriptor(call.int(0))?;
        let Some(path) = super::connect::unix_path(&address) else {
            return socket::bind(fd.as_fd(), &address).map(|()| Reply::Value(0));
        };
        // Names cannot move meanwhile, so the caller's own spelling leads where it was judged to lead; it is what
        // getsockname(2) gives to others.
        let _names = self.hold_names();
        let Spot::Name(name) = resolve(call, libc::AT_FDCWD, &path, false)? else {
            return Err(errno(libc::EADDRINUSE));
        };
        if name.status.is_some() {
            return Err(errno(libc::EADDRINUSE));
        }
        self.permit(
            call,
            &Action::Create {
                target: self.target(&name.path, None),
                node: Node::Special,
            },
        )?;
        names::enter(resolve::pin(call, libc::AT_FDCWD)?.as_fd())?;
        self.masked(call, || socket::bind(fd.as_fd(), &address))?;
        self.remember(&name)
    }

    /// Resolves a name that is to be made, and asks whether it may be.
    fn new_name(
        &self,
        call: &Call<'_>,
        directory: i32,
        path: usize,
        node: Node,
    ) -> io::Result<Name> {
        let text = call.string(path)?;
        self.make_scratch(&text);
        let Spot::Name(name) = resolve(call, directory, &text, false)? else {
            return Err(errno(libc::EEXIST));
        };
        if name.status.is_some() {
            return Err(errno(libc::EEXIST));
        }
        self.permit(
            call,
            &Action::Create {
                target: self.target(&name.path, None),
                node,
            },
        )?;
        Ok(name)
    }

    fn remember(&self, name: &Name) -> io::Result<Reply> {
        // Gone again already: then there is nothing to remember.
        if let Ok(status) = file::status_at(name.parent.as_fd(), &name.name) {
            self.births.remember(&status);
        }
        Ok(Reply::Value(0))
    }
}
