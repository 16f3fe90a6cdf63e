//! The one table of what the filter answers to which system call.
//!
//! Read a row as: this call, under this test of its register arguments, gets this
//! answer. A call without a row is allowed; a number above [`LAST_KNOWN`] does not
//! exist for the guarded. Numbers are those of x86-64, syscalls(2).
//!
//! INVARIANT: rows are sorted by number and no number stands twice (tests hold it).

#![expect(clippy::wildcard_imports, reason = "a table of kernel constants")]

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
    /// This answer where the first argument is this value and the second has none of these bits.
    ValueWithoutBits {
        /// Index of the argument with the value.
        argument: u8,
        /// The value.
        value: u32,
        /// Index of the argument with the bits.
        other: u8,
        /// The bits.
        bits: u32,
        /// The answer then.
        then: Answer,
    },
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

const fn row(number: c_long, test: Test) -> Row {
    Row {
        number,
        when: When::Always,
        test,
    }
}

const fn only(when: When, number: c_long, test: Test) -> Row {
    Row { number, when, test }
}

const NOTIFY: Test = Test::Always(Answer::Notify);
const REFUSE: Test = Test::Always(Answer::Errno(EPERM));
const ABSENT: Test = Test::Always(Answer::Errno(ENOSYS));

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
/// Modes of fallocate(2) that destroy: punch, collapse, zero, insert.
pub const DESTROYING_MODES: u32 = 0x02 | 0x08 | 0x10 | 0x20;
/// Data in the first packet: a connect(2) in disguise.
pub const FAST_OPEN: u32 = 0x2000_0000;
/// pwritev2(2) past the protection of `O_APPEND` (Linux 6.9).
pub const NO_APPEND: u32 = 0x20;

/// ioctl types (second byte of the request) that are refused as a family: `f`, `X` and btrfs.
pub const IOCTL_FAMILIES: [u32; 3] = [0x66, 0x58, 0x94];
/// Requests of those families that only read, or share content into a file open for writing.
pub const IOCTL_HARMLESS: [u32; 7] = [
    0x8008_6601, // FS_IOC_GETFLAGS
    0x8004_6601, // FS_IOC32_GETFLAGS
    0xC020_660B, // FS_IOC_FIEMAP
    0x801C_581F, // FS_IOC_FSGETXATTR
    0x4004_9409, // FICLONE
    0x4020_940D, // FICLONERANGE
    0xC018_9436, // FIDEDUPERANGE
];
/// Terminal requests that put words into another program's mouth: TIOCSTI, TIOCLINUX, TIOCCONS.
pub const IOCTL_TERMINAL: [u32; 3] = [0x5412, 0x541C, 0x541D];

/// The table.
pub const TABLE: &[Row] = &[
    row(SYS_open, Test::Open { flags: 1, mode: 2 }),
    row(SYS_ioctl, Test::Ioctl),
    row(
        SYS_shmctl,
        Test::OneOf {
            argument: 1,
            values: &[0, 1, 0x100, 0x101],
            then: Answer::Notify,
        },
    ),
    row(SYS_socket, Test::Socket),
    row(SYS_connect, NOTIFY),
    row(
        SYS_sendto,
        Test::AnyBit {
            argument: 3,
            bits: FAST_OPEN,
            then: Answer::Errno(EOPNOTSUPP),
        },
    ),
    row(
        SYS_sendmsg,
        Test::AnyBit {
            argument: 2,
            bits: FAST_OPEN,
            then: Answer::Errno(EOPNOTSUPP),
        },
    ),
    only(When::CreationNotified, SYS_bind, NOTIFY),
    row(
        SYS_clone,
        Test::AnyBit {
            argument: 0,
            bits: NAMESPACES,
            then: Answer::Errno(EPERM),
        },
    ),
    only(When::SignalsNotified, SYS_kill, NOTIFY),
    row(
        SYS_semctl,
        Test::OneOf {
            argument: 2,
            values: &[0, 1, 0x100, 0x101],
            then: Answer::Notify,
        },
    ),
    row(
        SYS_msgctl,
        Test::OneOf {
            argument: 1,
            values: &[0, 1, 0x100, 0x101],
            then: Answer::Notify,
        },
    ),
    row(
        SYS_fcntl,
        Test::ValueWithoutBits {
            argument: 1,
            value: F_SETFL as u32,
            other: 2,
            bits: O_APPEND as u32,
            then: Answer::Notify,
        },
    ),
    row(SYS_truncate, NOTIFY),
    row(SYS_ftruncate, NOTIFY),
    row(SYS_rename, NOTIFY),
    row(SYS_mkdir, NOTIFY),
    row(SYS_rmdir, NOTIFY),
    row(SYS_creat, NOTIFY),
    row(SYS_link, NOTIFY),
    row(SYS_unlink, NOTIFY),
    row(SYS_symlink, NOTIFY),
    row(SYS_chmod, NOTIFY),
    row(SYS_fchmod, NOTIFY),
    row(SYS_chown, NOTIFY),
    row(SYS_fchown, NOTIFY),
    row(SYS_lchown, NOTIFY),
    only(When::NoTracing, SYS_ptrace, REFUSE),
    only(When::Root, SYS_setuid, REFUSE),
    only(When::Root, SYS_setgid, REFUSE),
    only(When::Root, SYS_setreuid, REFUSE),
    only(When::Root, SYS_setregid, REFUSE),
    only(When::Root, SYS_setgroups, REFUSE),
    only(When::Root, SYS_setresuid, REFUSE),
    only(When::Root, SYS_setresgid, REFUSE),
    only(When::Root, SYS_setfsuid, REFUSE),
    only(When::Root, SYS_setfsgid, REFUSE),
    only(When::Root, SYS_capset, REFUSE),
    only(When::SignalsNotified, SYS_rt_sigqueueinfo, NOTIFY),
    row(SYS_utime, NOTIFY),
    row(SYS_mknod, NOTIFY),
    row(SYS_pivot_root, REFUSE),
    row(
        SYS_prctl,
        Test::ValueAndZero {
            argument: 0,
            value: PR_SET_DUMPABLE as u32,
            other: 1,
            then: Answer::Errno(0),
        },
    ),
    row(SYS_chroot, REFUSE),
    row(SYS_acct, REFUSE),
    row(SYS_mount, REFUSE),
    row(SYS_umount2, REFUSE),
    row(SYS_swapon, REFUSE),
    row(SYS_swapoff, REFUSE),
    row(SYS_reboot, REFUSE),
    row(SYS_sethostname, REFUSE),
    row(SYS_setdomainname, REFUSE),
    row(SYS_iopl, REFUSE),
    row(SYS_ioperm, REFUSE),
    row(SYS_init_module, REFUSE),
    row(SYS_delete_module, REFUSE),
    row(SYS_quotactl, REFUSE),
    row(SYS_setxattr, NOTIFY),
    row(SYS_lsetxattr, NOTIFY),
    row(SYS_fsetxattr, NOTIFY),
    row(SYS_removexattr, NOTIFY),
    row(SYS_lremovexattr, NOTIFY),
    row(SYS_fremovexattr, NOTIFY),
    only(When::SignalsNotified, SYS_tkill, NOTIFY),
    // Asynchronous writes carry their flags in memory, out of the filter's sight.
    row(SYS_io_setup, ABSENT),
    row(SYS_io_submit, ABSENT),
    only(When::SignalsNotified, SYS_tgkill, NOTIFY),
    row(SYS_utimes, NOTIFY),
    row(SYS_mq_unlink, REFUSE),
    row(SYS_kexec_load, REFUSE),
    row(SYS_add_key, REFUSE),
    row(SYS_request_key, REFUSE),
    row(SYS_keyctl, REFUSE),
    row(SYS_openat, Test::Open { flags: 2, mode: 3 }),
    row(SYS_mkdirat, NOTIFY),
    row(SYS_mknodat, NOTIFY),
    row(SYS_fchownat, NOTIFY),
    row(SYS_futimesat, NOTIFY),
    row(SYS_unlinkat, NOTIFY),
    row(SYS_renameat, NOTIFY),
    row(SYS_linkat, NOTIFY),
    row(SYS_symlinkat, NOTIFY),
    row(SYS_fchmodat, NOTIFY),
    row(
        SYS_unshare,
        Test::AnyBit {
            argument: 0,
            bits: UNSHARABLE,
            then: Answer::Errno(EPERM),
        },
    ),
    row(
        SYS_utimensat,
        Test::BothSet {
            first: 1,
            second: 1,
            then: Answer::Notify,
        },
    ),
    row(
        SYS_fallocate,
        Test::AnyBit {
            argument: 1,
            bits: DESTROYING_MODES,
            then: Answer::Errno(EOPNOTSUPP),
        },
    ),
    only(When::SignalsNotified, SYS_rt_tgsigqueueinfo, NOTIFY),
    row(SYS_perf_event_open, REFUSE),
    row(SYS_fanotify_init, REFUSE),
    row(SYS_fanotify_mark, REFUSE),
    row(
        SYS_prlimit64,
        Test::BothSet {
            first: 0,
            second: 2,
            then: Answer::Errno(EPERM),
        },
    ),
    row(SYS_open_by_handle_at, REFUSE),
    row(
        SYS_sendmmsg,
        Test::AnyBit {
            argument: 3,
            bits: FAST_OPEN,
            then: Answer::Errno(EOPNOTSUPP),
        },
    ),
    row(SYS_setns, REFUSE),
    only(When::NoTracing, SYS_process_vm_writev, REFUSE),
    row(SYS_finit_module, REFUSE),
    row(SYS_renameat2, NOTIFY),
    row(SYS_kexec_file_load, REFUSE),
    row(SYS_bpf, REFUSE),
    row(SYS_userfaultfd, REFUSE),
    row(
        SYS_pwritev2,
        Test::AnyBit {
            argument: 5,
            bits: NO_APPEND,
            then: Answer::Errno(EOPNOTSUPP),
        },
    ),
    only(When::SignalsNotified, SYS_pidfd_send_signal, NOTIFY),
    row(SYS_io_uring_setup, ABSENT),
    row(SYS_io_uring_enter, ABSENT),
    row(SYS_io_uring_register, ABSENT),
    row(SYS_open_tree, REFUSE),
    row(SYS_move_mount, REFUSE),
    row(SYS_fsopen, REFUSE),
    row(SYS_fsconfig, REFUSE),
    row(SYS_fsmount, REFUSE),
    row(SYS_fspick, REFUSE),
    row(SYS_clone3, ABSENT),
    row(SYS_openat2, ABSENT),
    only(When::NoTracing, SYS_pidfd_getfd, REFUSE),
    row(SYS_mount_setattr, REFUSE),
    row(SYS_quotactl_fd, REFUSE),
    row(SYS_fchmodat2, NOTIFY),
];
