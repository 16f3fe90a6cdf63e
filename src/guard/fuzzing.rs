//! A door for fuzzing: what the supervisor reads out of bytes that others wrote.

use std::ffi::CString;
use std::net::IpAddr;

use super::{connect, owner, resolve};

/// Returns inode and owner of a line of `/proc/net/tcp` that listens on a port.
pub fn listener(line: &str, port: u16) -> Option<(u64, u32)> {
    owner::listener(line, port)
}

/// Returns the inode of a line of `/proc/net/unix` that has a name.
pub fn abstract_socket(line: &str, shown: &str) -> Option<u64> {
    owner::abstract_socket(line, shown)
}

/// Returns address and port of a socket address as bytes.
pub fn inet(address: &[u8]) -> Option<(IpAddr, u16)> {
    connect::inet(address)
}

/// Returns the path of a local socket address.
pub fn unix_path(address: &[u8]) -> Option<CString> {
    connect::unix_path(address)
}

/// Splits a path into directory, last name, and whether slashes follow.
pub fn split(text: &[u8]) -> (&[u8], &[u8], bool) {
    resolve::split(text)
}
