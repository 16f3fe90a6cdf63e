//! connect(2), done by the supervisor on a duplicate of the socket, after judging the
//! pinned address: services outside the guard must not act for those inside.

use std::ffi::CString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, Reply, errno};
use super::owner::Owner;
use super::resolve::{Spot, resolve};
use super::supervisor::Supervisor;
use crate::policy::{Action, Endpoint};
use crate::sys::{file, process, socket};

/// Bytes of `struct sockaddr_storage`.
const LONGEST: usize = 128;
/// What a socket that proves who somebody is to Slurm is called, whatever its path.
const PROOF: &str = "/run/munge/munge.socket.2";
/// Offset of the path in `struct sockaddr_un`.
const PATH: usize = 2;

impl Supervisor {
    /// connect(2).
    pub(super) fn connect(self: &Arc<Self>, call: &Call<'_>) -> io::Result<Reply> {
        let address = address(call)?;
        let fd = call.descriptor(call.int(0))?;
        let domain =
            socket::option(fd.as_fd(), libc::SO_DOMAIN).map_err(|_| errno(libc::ENOTSOCK))?;
        match (i32::from(family(&address)), domain) {
            (libc::AF_UNSPEC, _) => self.dial(call, &fd, &address),
            (libc::AF_UNIX, libc::AF_UNIX) => self.connect_local(call, &fd, &address),
            (libc::AF_INET | libc::AF_INET6, libc::AF_INET | libc::AF_INET6) => {
                let (ip, port) = inet(&address).ok_or_else(|| errno(libc::EINVAL))?;
                let born = match self.owners.of_port(ip, port, self.own_process()) {
                    Owner::Session => Some(true),
                    Owner::SameUser => Some(false),
                    Owner::Other => None,
                };
                let endpoint = Endpoint::Inet {
                    address: ip.to_string(),
                    port,
                    born,
                };
                self.permit(call, &Action::Connect { endpoint })?;
                self.dial(call, &fd, &address)
            }
            (libc::AF_NETLINK, libc::AF_NETLINK) => self.dial(call, &fd, &address),
            (family, _) => {
                self.permit(
                    call,
                    &Action::Connect {
                        endpoint: Endpoint::Other { family },
                    },
                )?;
                self.dial(call, &fd, &address)
            }
        }
    }

    fn connect_local(
        self: &Arc<Self>,
        call: &Call<'_>,
        fd: &OwnedFd,
        address: &[u8],
    ) -> io::Result<Reply> {
        let Some(path) = unix_path(address) else {
            let raw = address.get(PATH + 1..).unwrap_or_default();
            let born = self.owners.of_abstract(raw, self.own_process());
            let name = format!("@{}", String::from_utf8_lossy(raw));
            self.permit(
                call,
                &Action::Connect {
                    endpoint: Endpoint::Abstract { name, born },
                },
            )?;
            return self.dial(call, fd, address);
        };
        // In a mount namespace of its own a path can be made to say anything.
        if self.law.sealed.is_some() && !process::shares_mounts(call.thread()) {
            return Err(errno(libc::ECONNREFUSED));
        }
        let Spot::Name(name) = resolve(call, libc::AT_FDCWD, &path, true)? else {
            return Err(errno(libc::ECONNREFUSED));
        };
        let status = name.status.ok_or_else(|| errno(libc::ENOENT))?;
        // Pinned: what is judged and what is dialled is the same inode, whatever the name means by then.
        let node = file::open_at(
            name.parent.as_fd(),
            &name.name,
            libc::O_PATH | libc::O_NOFOLLOW,
            0,
        )?;
        if file::status(node.as_fd())?.identity() != status.identity() {
            return Err(errno(libc::ECONNREFUSED));
        }
        if self.law.door == Some(status.identity()) {
            // The broker lets in whom this process dials for, and nobody else.
            return self.dial(call, fd, &address_of(node.as_fd()));
        }
        let proves = self.law.proofs.contains(&status.identity());
        let endpoint = Endpoint::Unix {
            path: if proves {
                PathBuf::from(PROOF)
            } else {
                name.path.clone()
            },
            born: !proves
                && self.is_born(&name.path, &status)
                && self
                    .owners
                    .of_path(name.name.to_bytes(), self.own_process()),
        };
        self.permit(call, &Action::Connect { endpoint })?;
        self.dial(call, fd, &address_of(node.as_fd()))
    }

    /// Connects; with a worker standing in where that may take its time.
    fn dial(self: &Arc<Self>, call: &Call<'_>, fd: &OwnedFd, address: &[u8]) -> io::Result<Reply> {
        let flags = file::status_flags(fd.as_fd())?;
        let dialled = if flags & libc::O_NONBLOCK == 0 {
            self.waiting(|| patiently(call, fd, address, flags))?
        } else {
            socket::connect(fd.as_fd(), address)
        };
        dialled.map(|()| Reply::Value(0))
    }
}

/// Connects as a blocking socket does, but without a wait that a signal for the caller could not end.
fn patiently(call: &Call<'_>, fd: &OwnedFd, address: &[u8], flags: i32) -> io::Result<()> {
    let mut pause = Duration::from_micros(100);
    loop {
        file::set_status_flags(fd.as_fd(), flags | libc::O_NONBLOCK)?;
        let dialled = socket::connect(fd.as_fd(), address);
        file::set_status_flags(fd.as_fd(), flags)?;
        match dialled.as_ref().map_err(io::Error::raw_os_error) {
            // A full backlog of a local socket, or the other side has not answered yet.
            Err(Some(libc::EAGAIN | libc::EINPROGRESS | libc::EALREADY)) => {
                call.pause(&mut pause)?
            }
            // It was connected while we waited; a socket that was connected before has failed at once.
            Err(Some(libc::EISCONN)) if pause > Duration::from_micros(100) => return Ok(()),
            _ => return dialled,
        }
    }
}

/// Reads the address argument of connect(2) or bind(2).
///
/// # Errors
/// `EINVAL` and `EFAULT` as the kernel has them.
pub(super) fn address(call: &Call<'_>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(call.int(2))
        .ok()
        .filter(|length| (2..=LONGEST).contains(length))
        .ok_or_else(|| errno(libc::EINVAL))?;
    call.bytes(1, length)
}

fn family(address: &[u8]) -> u16 {
    match address {
        [low, high, ..] => u16::from_ne_bytes([*low, *high]),
        _ => 0,
    }
}

/// Returns the path of a local address; `None` for abstract ones, unnamed ones and other families.
pub(super) fn unix_path(address: &[u8]) -> Option<CString> {
    if i32::from(family(address)) != libc::AF_UNIX {
        return None;
    }
    let path = address.get(PATH..)?;
    let end = path
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(path.len());
    let path = path.get(..end).filter(|path| !path.is_empty())?;
    CString::new(path).ok()
}

/// Returns the local address of a pinned socket.
fn address_of(fd: BorrowedFd<'_>) -> Vec<u8> {
    let family = u16::try_from(libc::AF_UNIX).unwrap_or(1);
    let mut address = family.to_ne_bytes().to_vec();
    address.extend_from_slice(file::descriptor_path(fd).as_bytes_with_nul());
    address
}

/// Returns address and port of an Internet address, `sockaddr_in` or `sockaddr_in6`.
pub(super) fn inet(address: &[u8]) -> Option<(IpAddr, u16)> {
    let port = u16::from_be_bytes(address.get(2..4)?.try_into().ok()?);
    let ip = if i32::from(family(address)) == libc::AF_INET {
        IpAddr::V4(Ipv4Addr::from(
            <[u8; 4]>::try_from(address.get(4..8)?).ok()?,
        ))
    } else {
        let ip = Ipv6Addr::from(<[u8; 16]>::try_from(address.get(8..24)?).ok()?);
        ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
    };
    Some((ip, port))
}
