//! Sockets: pass a descriptor, connect on behalf of another, ask who listens.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, socketpair,
};

/// Makes a connected pair for passing descriptors.
///
/// # Errors
/// What `socketpair(2)` says.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )?)
}

/// Sends a descriptor and a byte.
///
/// # Errors
/// What `sendmsg(2)` says.
pub fn send_descriptor(socket: BorrowedFd<'_>, fd: RawFd, note: u8) -> io::Result<()> {
    let fds = [fd];
    let message = [ControlMessage::ScmRights(&fds)];
    sendmsg::<()>(
        socket.as_raw_fd(),
        &[IoSlice::new(&[note])],
        &message,
        MsgFlags::empty(),
        None,
    )?;
    Ok(())
}

/// Sends an errno where a descriptor was expected. Async-signal-safe.
pub fn send_error(socket: BorrowedFd<'_>, errno: i32) {
    let bytes = errno.to_ne_bytes();
    // SAFETY: `bytes` is a live slice of the length given.
    unsafe {
        libc::send(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_NOSIGNAL,
        )
    };
}

/// Lets the other side go on.
pub fn give_go(socket: BorrowedFd<'_>) {
    let bytes = [0_u8];
    // SAFETY: `bytes` is a live slice of the length given.
    unsafe {
        libc::send(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_NOSIGNAL,
        )
    };
}

/// Waits until the other side says go, or is gone. Async-signal-safe.
pub fn await_go(socket: BorrowedFd<'_>) {
    let mut bytes = [0_u8];
    // SAFETY: `bytes` is a live, writable slice of the length given.
    unsafe {
        libc::recv(
            socket.as_raw_fd(),
            bytes.as_mut_ptr().cast(),
            bytes.len(),
            0,
        )
    };
}

/// Receives a descriptor and the byte that came with it.
///
/// # Errors
/// The errno the other side sent instead; `ECONNRESET` when it is gone.
pub fn receive_descriptor(socket: BorrowedFd<'_>) -> io::Result<(OwnedFd, u8)> {
    let mut bytes = [0_u8; 4];
    let mut space = nix::cmsg_space!(RawFd);
    let (count, fd) = {
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let message = recvmsg::<()>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut space),
            MsgFlags::MSG_CMSG_CLOEXEC,
        )?;
        let fd = message.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
            _ => None,
        });
        (message.bytes, fd)
    };
    match (fd, count) {
        // SAFETY: the kernel has just put `fd` into this process.
        (Some(fd), _) => Ok((unsafe { OwnedFd::from_raw_fd(fd) }, bytes[0])),
        (None, 4) => Err(io::Error::from_raw_os_error(i32::from_ne_bytes(bytes))),
        (None, _) => Err(io::Error::from_raw_os_error(libc::ECONNRESET)),
    }
}

/// Connects a socket to an address in the kernel's own form, sockaddr(3).
///
/// # Errors
/// What `connect(2)` says.
pub fn connect(socket: BorrowedFd<'_>, address: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(address.len())
        .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    // SAFETY: `address` is a live slice of the length given; the kernel reads no further.
    super::file::check(unsafe {
        libc::connect(socket.as_raw_fd(), address.as_ptr().cast(), length)
    })
}

/// Binds a socket to an address in the kernel's own form.
///
/// # Errors
/// What `bind(2)` says.
pub fn bind(socket: BorrowedFd<'_>, address: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(address.len())
        .map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    // SAFETY: `address` is a live slice of the length given; the kernel reads no further.
    super::file::check(unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr().cast(), length) })
}

/// Returns a number the kernel keeps of a socket (`SO_TYPE`, `SO_DOMAIN`).
///
/// # Errors
/// What `getsockopt(2)` says.
pub fn option(socket: BorrowedFd<'_>, name: libc::c_int) -> io::Result<i32> {
    let mut value: libc::c_int = 0;
    let mut length = libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap_or(4);
    // SAFETY: `value` and `length` are live, writable and match.
    super::file::check(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            (&raw mut value).cast(),
            &raw mut length,
        )
    })?;
    Ok(value)
}
