//! Whose socket is it? Finds out whether a listening socket belongs to a process of
//! the session, by inode, through `/proc`.
//!
//! INVARIANT: what cannot be found out belongs to somebody else.

use std::collections::HashSet;
use std::fs;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::sys::process;

/// Whose a local service is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// A process of this session listens there.
    Session,
    /// A process of the same user outside the session listens there.
    SameUser,
    /// Nobody, another user, or another machine.
    Other,
}

/// Remembers the inodes of the session's own sockets.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    ours: Mutex<HashSet<u64>>,
}

/// `TCP_LISTEN` in `/proc/net/tcp`.
const LISTENING: &str = "0A";
/// `__SO_ACCEPTCON` in `/proc/net/unix`.
const ACCEPTING: u32 = 0x10000;

impl Owners {
    /// Returns who listens on a TCP port of this machine.
    pub(crate) fn of_port(&self, address: IpAddr, port: u16, session: i32) -> Owner {
        if !is_local(address) {
            return Owner::Other;
        }
        let own = nix::unistd::geteuid().as_raw();
        let mut owner = Owner::Other;
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let text = fs::read_to_string(table).unwrap_or_default();
            for (inode, _) in text
                .lines()
                .skip(1)
                .filter_map(|line| listener(line, port))
                .filter(|(_, uid)| *uid == own)
            {
                owner = Owner::Session;
                if !self.belong(&[inode], session) {
                    return Owner::SameUser;
                }
            }
        }
        owner
    }

    /// Returns whether every socket of this abstract name that could be meant is the session's.
    pub(crate) fn of_abstract(&self, name: &[u8], session: i32) -> bool {
        let shown: String = std::iter::once('@')
            .chain(
                String::from_utf8_lossy(name)
                    .chars()
                    .map(|letter| if letter == '\0' { '@' } else { letter }),
            )
            .collect();
        let text = fs::read(UNIX_TABLE).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let inodes: Vec<u64> = text
            .lines()
            .skip(1)
            .filter_map(|line| abstract_socket(line, &shown))
            .collect();
        !inodes.is_empty() && self.belong(&inodes, session)
    }

    /// Returns whether every socket bound to a path with this last component is the session's. A server may have bound a
    /// relative path, so the directory says nothing.
    pub(crate) fn of_path(&self, name: &[u8], session: i32) -> bool {
        let name = String::from_utf8_lossy(name);
        let text = fs::read(UNIX_TABLE).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let sockets = text.lines().skip(1);
        let inodes: Vec<u64> = sockets
            .filter_map(|line| named_socket(line, &name))
            .collect();
        !inodes.is_empty() && self.belong(&inodes, session)
    }

    fn belong(&self, inodes: &[u64], session: i32) -> bool {
        let mut ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if !inodes.iter().all(|inode| ours.contains(inode)) {
            ours.extend(sockets_of(session));
        }
        inodes.iter().all(|inode| ours.contains(inode))
    }
}

const UNIX_TABLE: &str = "/proc/net/unix";

/// Returns inode and owner of a line of `/proc/net/tcp` that listens on the port.
pub(super) fn listener(line: &str, port: u16) -> Option<(u64, u32)> {
    let mut fields = line.split_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let uid = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    let (_, number) = local.rsplit_once(':')?;
    let matches = state == LISTENING && u16::from_str_radix(number, 16) == Ok(port);
    matches.then_some((inode, uid))
}

/// Returns the inode of a line of `/proc/net/unix` that has this name: one that accepts connections, or takes datagrams.
pub(super) fn abstract_socket(line: &str, shown: &str) -> Option<u64> {
    let mut fields = line.splitn(8, ' ').filter(|field| !field.is_empty());
    let flags = u32::from_str_radix(fields.nth(3)?, 16).ok()?;
    let kind = fields.next()?;
    let _state = fields.next()?;
    let rest = line.trim_end().strip_suffix(shown)?.trim_end();
    let inode = rest.rsplit(' ').next()?.parse().ok()?;
    (flags & ACCEPTING != 0 || kind == "0002").then_some(inode)
}

/// Returns the inode of a line of `/proc/net/unix` whose path ends in this component, likewise.
fn named_socket(line: &str, name: &str) -> Option<u64> {
    let head = line.strip_suffix(name)?;
    let shown = if head.ends_with(' ') {
        name.to_owned()
    } else {
        let directory = head.strip_suffix('/')?;
        let start = directory.rfind(' ').map_or(0, |space| space + 1);
        line.get(start..)?.to_owned()
    };
    abstract_socket(line, &shown)
}

/// Returns whether an address is one of this machine's.
fn is_local(address: IpAddr) -> bool {
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    let interfaces = nix::ifaddrs::getifaddrs().into_iter().flatten();
    let mut addresses = interfaces.filter_map(|interface| interface.address);
    addresses.any(|found| {
        let v4 = found.as_sockaddr_in().map(|found| IpAddr::V4(found.ip()));
        let v6 = found.as_sockaddr_in6().map(|found| IpAddr::V6(found.ip()));
        v4.or(v6) == Some(address)
    })
}

/// Returns the inodes of all sockets that processes of the session hold.
fn sockets_of(session: i32) -> HashSet<u64> {
    let members = process::members(session).into_iter();
    let descriptors = members.flat_map(|process| {
        fs::read_dir(format!("/proc/{process}/fd"))
            .into_iter()
            .flatten()
            .flatten()
    });
    descriptors
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|link| {
            link.to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .parse()
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tables_are_read_right() {
        let tcp = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0000000000000000 100 0 0 10 0";
        assert_eq!(listener(tcp, 8080), Some((31337, 1000)));
        assert_eq!(listener(tcp, 8081), None);
        let unix = "0000000000000000: 00000002 00000000 00010000 0001 01 21424 @/tmp/.X11-unix/X0";
        assert_eq!(abstract_socket(unix, "@/tmp/.X11-unix/X0"), Some(21424));
        assert_eq!(abstract_socket(unix, "@/tmp/.X11-unix/X1"), None);
        let connected = "0000000000000000: 00000003 00000000 00000000 0001 03 21425 @x";
        assert_eq!(abstract_socket(connected, "@x"), None);
    }

    #[test]
    fn loopback_is_this_machine() {
        assert!(is_local(IpAddr::from([127, 0, 0, 9])));
        assert!(is_local(IpAddr::from([0, 0, 0, 0])));
        assert!(!is_local(IpAddr::from([192, 0, 2, 1])));
    }
}
