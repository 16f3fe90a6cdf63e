//! The rows of the table, one call a line.
//!
//! INVARIANT: sorted by number, and no number stands twice (tests hold it).

use libc::*;

use super::table::{
    Answer, FAST_OPEN, HARMLESS_MODES, NAMESPACES, NO_APPEND, Row, Test, UNSHARABLE, When,
};

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
    row(SYS_fcntl, Test::Fcntl),
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
    only(When::Root, SYS_adjtimex, REFUSE),
    row(SYS_chroot, REFUSE),
    row(SYS_acct, REFUSE),
    only(When::Root, SYS_settimeofday, REFUSE),
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
    only(When::Root, SYS_clock_settime, REFUSE),
    only(When::SignalsNotified, SYS_tgkill, NOTIFY),
    row(SYS_utimes, NOTIFY),
    only(When::NoTracing, SYS_mq_open, ABSENT),
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
        Test::NoneOf {
            argument: 1,
            values: &HARMLESS_MODES,
            otherwise: Answer::Errno(EOPNOTSUPP),
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
    only(When::Root, SYS_clock_adjtime, REFUSE),
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
