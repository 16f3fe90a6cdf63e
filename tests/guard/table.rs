//! What the table of system calls says, in words of its own: it is checked itself, not only the program made from it.

use hlrp_sh::guard::filter::{ARCHITECTURE, Filter};
use hlrp_sh::guard::table::{Answer, LAST_KNOWN, TABLE, When};

use super::filter::{I386, Proof, X32, encode, every_filter, sealed_filters};

#[test]
fn the_table_says_what_it_should() {
    let proof = Proof::of(Filter::default());
    let says = |number, arguments, expected: Answer| {
        let answered = proof.answer(number, arguments);
        assert_eq!(answered, encode(expected), "call {number} {arguments:x?}");
    };
    let none = [0; 6];
    for number in [
        libc::SYS_unlink,
        libc::SYS_unlinkat,
        libc::SYS_rmdir,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_renameat2,
        libc::SYS_truncate,
        libc::SYS_ftruncate,
        libc::SYS_creat,
        libc::SYS_mkdir,
        libc::SYS_mkdirat,
        libc::SYS_mknod,
        libc::SYS_mknodat,
        libc::SYS_link,
        libc::SYS_linkat,
        libc::SYS_symlink,
        libc::SYS_symlinkat,
        libc::SYS_chmod,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        452, // fchmodat2
        libc::SYS_chown,
        libc::SYS_lchown,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_setxattr,
        libc::SYS_lsetxattr,
        libc::SYS_fsetxattr,
        libc::SYS_removexattr,
        libc::SYS_utime,
        libc::SYS_utimes,
        libc::SYS_futimesat,
        libc::SYS_connect,
    ] {
        says(number, none, Answer::Notify);
    }
    for number in [
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        libc::SYS_clone3,
        libc::SYS_openat2,
        libc::SYS_io_submit,
        463, // setxattrat: not thought about yet
        1000,
    ] {
        says(number, none, Answer::Errno(libc::ENOSYS));
    }
    for number in [
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_move_mount,
        libc::SYS_open_tree,
        libc::SYS_fsopen,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_keyctl,
        libc::SYS_userfaultfd,
        libc::SYS_open_by_handle_at,
        libc::SYS_mq_unlink,
    ] {
        says(number, none, Answer::Errno(libc::EPERM));
    }
    for number in [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_execve,
        libc::SYS_stat,
        libc::SYS_fork,
        libc::SYS_exit_group,
        libc::SYS_ptrace,
        libc::SYS_kill,
        libc::SYS_setuid,
    ] {
        says(number, none, Answer::Allow);
    }
    let with = |index: usize, value: u64| {
        let mut arguments = none;
        arguments[index] = value;
        arguments
    };
    let new_user = libc::CLONE_NEWUSER.cast_unsigned().into();
    let refused = Answer::Errno(libc::EPERM);
    says(libc::SYS_clone, with(0, new_user), refused);
    says(libc::SYS_unshare, with(0, new_user), refused);
    says(libc::SYS_unshare, with(0, 0x400), Answer::Allow); // files
    says(libc::SYS_clone, with(0, 0x11), Answer::Allow); // fork
    let unsupported = Answer::Errno(libc::EOPNOTSUPP);
    says(libc::SYS_fallocate, none, Answer::Allow);
    says(libc::SYS_fallocate, with(1, 3), unsupported); // a hole
    says(libc::SYS_sendto, with(3, 0x2000_0000), unsupported);
    says(libc::SYS_pwritev2, with(5, 0x20), unsupported);
    says(libc::SYS_ioctl, with(1, 0x5412), refused); // TIOCSTI
    says(libc::SYS_ioctl, with(1, 0x4008_6602), refused); // FS_IOC_SETFLAGS
    says(libc::SYS_ioctl, with(1, 0x4004_9409), Answer::Allow); // FICLONE
    says(libc::SYS_ioctl, with(1, 0x5401), Answer::Allow); // TCGETS
    let strange = Answer::Errno(libc::EAFNOSUPPORT);
    says(libc::SYS_socket, with(0, 40), strange); // AF_VSOCK
    says(libc::SYS_socket, with(0, 38), strange); // AF_ALG
    says(libc::SYS_socket, with(0, 1), Answer::Allow);
    says(libc::SYS_socket, [16, 3, 0, 0, 0, 0], Answer::Allow); // routes
    says(libc::SYS_socket, [16, 3, 15, 0, 0, 0], strange); // device events
    says(libc::SYS_prctl, with(0, 4), Answer::Errno(0)); // not dumpable: pretended
    says(libc::SYS_prctl, [4, 1, 0, 0, 0, 0], Answer::Allow);
    says(libc::SYS_prlimit64, [1, 7, 1 << 32, 0, 0, 0], refused);
    says(libc::SYS_prlimit64, [0, 7, 1, 0, 0, 0], Answer::Allow);
    says(libc::SYS_fcntl, [3, 4, 0, 0, 0, 0], Answer::Notify); // O_APPEND taken off
    says(libc::SYS_fcntl, [3, 4, 0x400, 0, 0, 0], Answer::Allow);
    says(libc::SYS_shmctl, with(1, 0), Answer::Notify); // IPC_RMID
    says(libc::SYS_shmctl, with(1, 2), Answer::Allow); // IPC_STAT
}

#[test]
fn no_other_abi_exists() {
    let proof = Proof::of(Filter::default());
    let absent = encode(Answer::Errno(libc::ENOSYS));
    for number in [10, 87, 0, 1, 39] {
        let x32 = proof.answer_of(ARCHITECTURE, X32 | number, [0; 6]);
        assert_eq!(x32, absent);
        assert_eq!(proof.answer_of(I386, number, [0; 6]), absent);
    }
}

#[test]
fn options_add_and_never_take_away() {
    let weight = |answer| match answer {
        Answer::Allow => 0,
        Answer::Notify => 1,
        Answer::Errno(_) => 2,
    };
    let plain = Filter::default();
    for filter in every_filter() {
        for number in 0..=1023 {
            let (more, less) = (
                filter.answer(ARCHITECTURE, number, &[0; 6]),
                plain.answer(ARCHITECTURE, number, &[0; 6]),
            );
            assert!(weight(more) >= weight(less), "{filter:?} {number}");
        }
    }
    let says = |filter: Filter, number| Proof::of(filter).answer(number, [0; 6]);
    let signals = Filter {
        notify_signals: true,
        ..plain
    };
    for number in [
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_tgkill,
        libc::SYS_pidfd_send_signal,
    ] {
        assert_eq!(says(signals, number), encode(Answer::Notify));
    }
    for command in [8, 10, 15] {
        // F_SETOWN, F_SETSIG, F_SETOWN_EX aim a signal of the kernel's.
        let says = |filter| Proof::of(filter).answer(libc::SYS_fcntl, [3, command, 1, 0, 0, 0]);
        assert_eq!(says(plain), encode(Answer::Allow));
        assert_eq!(says(signals), encode(Answer::Errno(libc::EPERM)));
    }
    let tracing = Filter {
        refuse_tracing: true,
        ..plain
    };
    for number in [
        libc::SYS_ptrace,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
    ] {
        assert_eq!(says(tracing, number), encode(Answer::Errno(libc::EPERM)));
    }
    let conditions = TABLE.iter().filter(|row| row.when != When::Always);
    assert!(conditions.count() >= 20, "the conditions have gone");
}

/// Files are left to the mounts there; nothing else is.
#[test]
fn a_sealed_program_may_make_two_namespaces_and_reach_nobody() {
    const ALLOWED: [i64; 11] = [
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_openat,
        libc::SYS_mknodat,
        libc::SYS_fchownat,
        libc::SYS_capset,
        libc::SYS_setuid,
    ];
    for proof in sealed_filters().map(Proof::of) {
        let made = u64::from((libc::CLONE_NEWUSER | libc::CLONE_NEWNS).cast_unsigned());
        for number in [libc::SYS_unshare, libc::SYS_clone] {
            let says = |flags| proof.answer(number, [flags; 6]);
            assert_eq!(says(made), encode(Answer::Allow));
            for other in [
                libc::CLONE_NEWPID,
                libc::CLONE_NEWNET,
                libc::CLONE_NEWIPC,
                libc::CLONE_NEWUTS,
                libc::CLONE_NEWCGROUP,
            ] {
                let flags = made | u64::from(other.cast_unsigned());
                assert_eq!(says(flags), encode(Answer::Errno(libc::EPERM)), "{other:x}");
            }
        }
        for number in ALLOWED {
            assert_eq!(
                proof.answer(number, [0; 6]),
                encode(Answer::Allow),
                "{number}"
            );
        }
        // All that no file system is asked about answers as in every session, or is refused.
        let plain = Filter {
            sealed: false,
            ..proof.filter
        };
        for number in 0..=LAST_KNOWN {
            let says = |filter: &Filter| filter.answer(ARCHITECTURE, number, &[u64::MAX; 6]);
            let refused = matches!(says(&plain), Answer::Errno(_));
            let is_files = ALLOWED.contains(&i64::from(number));
            if refused && !is_files {
                let sealed = says(&proof.filter);
                let is_file_call = [libc::SYS_fallocate, libc::SYS_pwritev2, libc::SYS_openat2]
                    .contains(&i64::from(number));
                assert!(
                    is_file_call || matches!(sealed, Answer::Errno(_)),
                    "{number}: {sealed:?}"
                );
            }
        }
    }
}
