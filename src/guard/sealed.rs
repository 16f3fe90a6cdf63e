//! The rows for a program that makes user and mount namespaces of its own (an image's import).
//!
//! Files have no rows: the program stands in a mount namespace in which only trees of its own can be written, and in
//! namespaces made inside that one these mounts are locked, mount_namespaces(7). What else reaches outside has the rows
//! it has in every session.
//!
//! INVARIANT: sorted by number, and no number stands twice (tests hold it).

use libc::*;

use super::table::{Answer, FAST_OPEN, NAMESPACES, Row, Test, UNSHARABLE, When};

const fn row(number: c_long, test: Test) -> Row {
    Row {
        number,
        when: When::Always,
        test,
    }
}

const fn signals(number: c_long) -> Row {
    Row {
        number,
        when: When::SignalsNotified,
        test: NOTIFY,
    }
}

const NOTIFY: Test = Test::Always(Answer::Notify);
const REFUSE: Test = Test::Always(Answer::Errno(EPERM));
const ABSENT: Test = Test::Always(Answer::Errno(ENOSYS));

/// The namespaces that may be made.
const MADE: u32 = (CLONE_NEWUSER | CLONE_NEWNS) as u32;

/// Refused where any of these bits is set in an argument.
const fn bits(argument: u8, bits: u32, errno: i32) -> Test {
    Test::AnyBit {
        argument,
        bits,
        then: Answer::Errno(errno),
    }
}

/// Removal and change of System V objects is asked about.
const fn objects(argument: u8) -> Test {
    Test::OneOf {
        argument,
        values: &[0, 1, 0x100, 0x101],
        then: Answer::Notify,
    }
}

/// The table.
pub const SEALED: &[Row] = &[
    row(SYS_ioctl, Test::Ioctl),
    row(SYS_shmctl, objects(1)),
    row(SYS_socket, Test::Socket),
    row(SYS_connect, NOTIFY),
    row(SYS_sendto, bits(3, FAST_OPEN, EOPNOTSUPP)),
    row(SYS_sendmsg, bits(2, FAST_OPEN, EOPNOTSUPP)),
    row(SYS_clone, bits(0, NAMESPACES & !MADE, EPERM)),
    signals(SYS_kill),
    row(SYS_semctl, objects(2)),
    row(SYS_msgctl, objects(1)),
    row(
        SYS_fcntl,
        Test::OneOf {
            argument: 1,
            values: &super::table::FCNTL_OWNER,
            then: Answer::Errno(EPERM),
        },
    ),
    row(SYS_ptrace, REFUSE),
    signals(SYS_rt_sigqueueinfo),
    row(
        SYS_prctl,
        Test::ValueAndZero {
            argument: 0,
            value: PR_SET_DUMPABLE as u32,
            other: 1,
            then: Answer::Errno(0),
        },
    ),
    row(SYS_acct, REFUSE),
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
    signals(SYS_tkill),
    row(SYS_io_setup, ABSENT),
    row(SYS_io_submit, ABSENT),
    signals(SYS_tgkill),
    row(SYS_mq_open, ABSENT),
    row(SYS_mq_unlink, REFUSE),
    row(SYS_kexec_load, REFUSE),
    row(SYS_add_key, REFUSE),
    row(SYS_request_key, REFUSE),
    row(SYS_keyctl, REFUSE),
    row(SYS_unshare, bits(0, UNSHARABLE & !MADE, EPERM)),
    signals(SYS_rt_tgsigqueueinfo),
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
    row(SYS_sendmmsg, bits(3, FAST_OPEN, EOPNOTSUPP)),
    row(SYS_setns, REFUSE),
    row(SYS_process_vm_readv, REFUSE),
    row(SYS_process_vm_writev, REFUSE),
    row(SYS_finit_module, REFUSE),
    row(SYS_kexec_file_load, REFUSE),
    row(SYS_bpf, REFUSE),
    row(SYS_userfaultfd, REFUSE),
    signals(SYS_pidfd_send_signal),
    row(SYS_io_uring_setup, ABSENT),
    row(SYS_io_uring_enter, ABSENT),
    row(SYS_io_uring_register, ABSENT),
    // The new interface to mounts: mount(8) falls back to the old one.
    row(SYS_open_tree, ABSENT),
    row(SYS_move_mount, ABSENT),
    row(SYS_fsopen, ABSENT),
    row(SYS_fsconfig, ABSENT),
    row(SYS_fsmount, ABSENT),
    row(SYS_fspick, ABSENT),
    row(SYS_clone3, ABSENT),
    row(SYS_pidfd_getfd, REFUSE),
    row(SYS_mount_setattr, ABSENT),
    row(SYS_quotactl_fd, REFUSE),
];
