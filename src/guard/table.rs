//! The one table of what the filter answers to which system call.
//!
//! Read a row as: this call, under this test of its register arguments, gets this
//! answer. A call without a row is allowed; a number above [`LAST_KNOWN`] does not
//! exist for the guarded. Numbers are those of x86-64, syscalls(2).
//!
//! INVARIANT: rows are sorted by number and no number stands twice (tests hold it).

use libc::*;

/// The last system call this table has thought about (`mseal`, Linux 6.10).
pub const LAST_KNOWN: u32 = 462;

/// What the filter answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The kernel does it.
    Allow,
    /// The call fails with this errno; 0 pretends it was done.
    Errno(i32),
    /// The supervisor is asked.
    Notify,
}

/// A test of a call's register arguments.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Test {
    /// Always this answer.
    Always(Answer),
    /// An open with its flags and mode in these arguments: reading is allowed, and so is exclusive creation
    /// without execute bits (not with `notify_creation`); everything else that can write is notified.
    Open {
        /// Index of the flags.
        flags: u8,
        /// Index of the mode.
        mode: u8,
    },
    /// This answer where any of these bits is set in the low word of the argument.
    AnyBit {
        /// Index of the argument.
        argument: u8,
        /// The bits.
        bits: u32,
        /// The answer then.
        then: Answer,
    },
    /// This answer where the low word of the argument is one of these.
    OneOf {
        /// Index of the argument.
        argument: u8,
        /// The values.
        values: &'static [u32],
        /// The answer then.
        then: Answer,
    },
    /// `otherwise` unless the low word of the argument is one of these.
    NoneOf {
        /// Index of the argument.
        argument: u8,
        /// The values that are allowed.
        values: &'static [u32],
        /// The answer otherwise.
        otherwise: Answer,
    },
    /// This answer where both arguments, as 64-bit words, are not zero.
    BothSet {
        /// Index of the first.
        first: u8,
        /// Index of the second.
        second: u8,
        /// The answer then.
        then: Answer,
    },
    /// An fcntl: leaving append mode is notified; asking for signals is refused where the kernel cannot keep them inside.
    Fcntl,
    /// This answer where the first argument is this value and the second, as a 64-bit word, is zero.
    ValueAndZero {
        /// Index of the argument with the value.
        argument: u8,
        /// The value.
        value: u32,
        /// Index of the argument that is zero.
        other: u8,
        /// The answer then.
        then: Answer,
    },
    /// An ioctl: families of file-destroying requests are refused but for those that only read.
    Ioctl,
    /// A socket: local, Internet and route sockets are allowed, anything else is not supported.
    Socket,
}

/// When a row holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// In every session.
    Always,
    /// Where creation of files must be seen (levels B without birth times, and C).
    CreationNotified,
    /// Where the kernel cannot keep signals inside (Landlock below ABI 6).
    SignalsNotified,
    /// Where the kernel cannot keep tracing inside (no Landlock).
    NoTracing,
    /// Where the session belongs to root, whose programs must not change their user.
    Root,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The call's number.
    pub number: c_long,
    /// When the row holds.
    pub when: When,
    /// The test.
    pub test: Test,
}

/// New namespaces, in the flags of clone(2): mount, cgroup, UTS, IPC, user, PID, network.
pub const NAMESPACES: u32 = (CLONE_NEWNS
    | CLONE_NEWCGROUP
    | CLONE_NEWUTS
    | CLONE_NEWIPC
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET) as u32;
/// The same for unshare(2), where the time namespace has a bit as well.
pub const UNSHARABLE: u32 = NAMESPACES | 0x80;
/// Modes of fallocate(2) that change no content: plain, keep size, unshare, both. What a later kernel adds is refused.
pub const HARMLESS_MODES: [u32; 4] = [0x00, 0x01, 0x40, 0x41];
/// Modes with which even exclusive creation is notified: execute bits, set-user-id, set-group-id.
pub const NOTABLE_MODES: u32 = 0o6111;
/// Data in the first packet: a connect(2) in disguise.
pub const FAST_OPEN: u32 = 0x2000_0000;
/// pwritev2(2) past the protection of `O_APPEND` (Linux 6.9).
pub const NO_APPEND: u32 = 0x20;

/// ioctl types (second byte of the request) that are refused as a family: file systems' own, among which are those that
/// destroy content: `f` (all of them, ext4, Lustre), `X` (XFS), btrfs, F2FS, OCFS2, FAT, `v` (versions), bcachefs, CIFS.
pub const IOCTL_FAMILIES: [u32; 9] = [0x66, 0x58, 0x94, 0xF5, 0x6F, 0x72, 0x76, 0xBC, 0xCF];
/// Requests of those families that only read, or share content into a file open for writing.
pub const IOCTL_HARMLESS: [u32; 11] = [
    0x8008_6601, // FS_IOC_GETFLAGS
    0x8004_6601, // FS_IOC32_GETFLAGS
    0xC020_660B, // FS_IOC_FIEMAP
    0x801C_581F, // FS_IOC_FSGETXATTR
    0x4004_9409, // FICLONE
    0x4020_940D, // FICLONERANGE
    0xC018_9436, // FIDEDUPERANGE
    0x8008_7601, // FS_IOC_GETVERSION
    0x8004_7601, // FS_IOC32_GETVERSION
    0x8004_F50C, // F2FS_IOC_GET_FEATURES, which SQLite asks
    0x8004_7210, // FAT_IOCTL_GET_ATTRIBUTES
];
/// Terminal requests that put words into another program's mouth: TIOCSTI, TIOCLINUX, TIOCCONS.
pub const IOCTL_TERMINAL: [u32; 3] = [0x5412, 0x541C, 0x541D];
/// Requests that aim signals at a process: FIOSETOWN, SIOCSPGRP.
pub const IOCTL_OWNER: [u32; 2] = [0x8901, 0x8902];
/// fcntl(2) commands that aim signals: F_SETOWN, F_SETSIG, F_SETOWN_EX.
pub const FCNTL_OWNER: [u32; 3] = [8, 10, 15];

pub use super::rows::TABLE;
