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

/// Makes a listening local socket of the stream kind at a path.
///
/// # Errors
/// What `bind(2)` and `listen(2)` say; `ENAMETOOLONG` where the path is too long for an address.
pub fn listen_at(path: &std::path::Path) -> io::Result<OwnedFd> {
    use nix::sys::socket::{Backlog, UnixAddr, bind, listen, socket};
    let fd = socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    bind(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    listen(&fd, Backlog::new(128)?)?;
    Ok(fd)
}

/// Takes a connection that waits.
///
/// # Errors
/// What `accept4(2)` says.
pub fn accept(listener: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let fd = nix::sys::socket::accept4(listener.as_raw_fd(), SockFlag::SOCK_CLOEXEC)?;
    // SAFETY: the kernel has just made `fd` and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Returns the process that connected a local socket.
///
/// # Errors
/// What `getsockopt(2)` says.
pub fn peer(socket: BorrowedFd<'_>) -> io::Result<i32> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    Ok(getsockopt(&socket, PeerCredentials)?.pid())
}

/// Sends bytes, and descriptors with the first of them.
///
/// # Errors
/// What `sendmsg(2)` says; a peer that has gone is `EPIPE`, without a signal.
pub fn send_with(
    socket: BorrowedFd<'_>,
    bytes: &[u8],
    fds: &[BorrowedFd<'_>],
) -> io::Result<usize> {
    let fds: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&fds)];
    let message: &[ControlMessage<'_>] = if fds.is_empty() { &[] } else { &rights };
    Ok(sendmsg::<()>(
        socket.as_raw_fd(),
        &[IoSlice::new(bytes)],
        message,
        MsgFlags::MSG_NOSIGNAL,
        None,
    )?)
}

/// Descriptors that one message can bring; the kernel's `SCM_MAX_FD`.
const MOST_DESCRIPTORS: usize = 253;

/// Receives bytes, and the descriptors that came with them.
///
/// # Errors
/// What `recvmsg(2)` says.
pub fn receive_with(socket: BorrowedFd<'_>, bytes: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    // Room for all there can be: what is cut off would be lost, and stay open.
    let mut space = nix::cmsg_space!([RawFd; MOST_DESCRIPTORS]);
    let mut slices = [IoSliceMut::new(bytes)];
    let message = recvmsg::<()>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut space),
        MsgFlags::MSG_CMSG_CLOEXEC,
    )?;
    let mut fds = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(taken) = control {
            for fd in taken {
                // SAFETY: the kernel has just put `fd` into this process, and says so once.
                fds.push(unsafe { OwnedFd::from_raw_fd(fd) });
            }
        }
    }
    Ok((message.bytes, fds))
}
