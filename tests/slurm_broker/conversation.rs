//! What a client gets of its caller, and what the caller gets of its client.

use std::ffi::OsString;

use hlrp_sh::broker::frame::Answer;
use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::vet::{Kind, Refusal};

use super::desk::{Desk, as_it_is, asked};
use crate::guard::running::within;

fn exited(status: i32) -> Answer {
    Answer::Ended(status << 8)
}

#[test]
fn a_client_ends_with_its_own_status_and_speaks_for_itself() {
    let desk = Desk::open(
        &[(Client::Squeue, "echo \"$@\"; echo oh >&2; exit 7")],
        Kind::Look,
    );
    let (answer, out, err) = desk.ask(Client::Squeue, &["a b", "--me"], b"").end();
    assert_eq!((answer, &*out, &*err), (exited(7), "a b --me\n", "oh\n"));
}

#[test]
fn a_signal_that_ends_the_client_is_told() {
    let desk = Desk::open(&[(Client::Squeue, "kill -TERM $$")], Kind::Look);
    let (answer, _, _) = desk.ask(Client::Squeue, &[], b"").end();
    assert_eq!(answer, Answer::Ended(libc::SIGTERM));
}

#[test]
fn standard_input_is_the_callers_own_or_nothing() {
    let fakes = [(Client::Srun, "cat; echo end")];
    let desk = Desk::open(&fakes, Kind::Step);
    let (_, out, _) = desk.ask(Client::Srun, &[], b"one\ntwo\n").end();
    assert_eq!(out, "one\ntwo\nend\n");
    let desk = Desk::new(&fakes, |request| {
        let mut carry = as_it_is(request, Kind::Step);
        carry.reads_input = false;
        Ok(carry)
    });
    let (_, out, _) = desk.ask(Client::Srun, &[], b"one\n").end();
    assert_eq!(out, "end\n");
}

#[test]
fn directory_and_mask_are_the_callers_and_the_environment_is_not() {
    let fake = "pwd; umask; echo \"caller=$CALLER preload=$LD_PRELOAD conf=$SLURM_CONF partition=$SBATCH_PARTITION wrapped=$HLRP_ENVIRONMENT_000 time=$SLURM_TIME_FORMAT path=$PATH\"; ps -o sid= -p $$ | tr -d ' ' | grep -qx $$ && echo leads";
    let desk = Desk::new(&[(Client::Sbatch, fake)], |request| {
        let mut carry = as_it_is(request, Kind::Submit);
        let more = [
            ("SBATCH_PARTITION", "lrz-cpu"),
            ("HLRP_ENVIRONMENT_000", "w"),
            ("SLURM_TIME_FORMAT", "relative"),
            ("LD_PRELOAD", "/x.so"),
            ("SLURM_CONF", "/x"),
            ("PATH", "/x"),
        ];
        carry.environment = more.map(|(n, v)| (OsString::from(n), v.into())).to_vec();
        Ok(carry)
    });
    let (_, out, _) = desk.ask(Client::Sbatch, &[], b"").end();
    let place = desk.directory.path().canonicalize().unwrap();
    let expected = format!(
        "{}\n0027\ncaller= preload= conf= partition= wrapped=w time=relative path=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\nleads\n",
        place.display()
    );
    assert_eq!(out, expected);
}

#[test]
fn a_vetter_hands_over_files_by_number() {
    let desk = Desk::new(
        &[(Client::Sbatch, "cat /proc/self/fd/3; cat <&4")],
        |request| {
            let mut carry = as_it_is(request, Kind::Submit);
            carry.files = vec![b"script\n".to_vec(), b"A=1\0".to_vec()];
            Ok(carry)
        },
    );
    let (_, out, _) = desk.ask(Client::Sbatch, &[], b"").end();
    assert_eq!(out, "script\nA=1\0");
}

#[test]
fn signals_go_on_to_the_client() {
    let fake = "trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.05; done";
    let desk = Desk::open(&[(Client::Srun, fake)], Kind::Step);
    let mut call = desk.ask(Client::Srun, &[], b"");
    assert_eq!(call.line(), "ready");
    call.signal(libc::SIGUSR1);
    assert_eq!(call.line(), "usr1");
    assert_eq!(call.answer(), exited(5));
}

#[test]
fn a_stopped_caller_stops_its_client_until_it_goes_on() {
    let fake = "echo $$; while :; do sleep 0.05; done";
    let desk = Desk::open(&[(Client::Srun, fake)], Kind::Step);
    let mut call = desk.ask(Client::Srun, &[], b"");
    let client = call.line();
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{client}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next().unwrap()
    };
    call.signal(libc::SIGTSTP);
    within("it does not stop", || (state() == 'T').then_some(()));
    call.signal(libc::SIGCONT);
    within("it does not go on", || (state() != 'T').then_some(()));
    call.signal(libc::SIGINT);
    assert_eq!(call.answer(), Answer::Ended(libc::SIGINT));
}

#[test]
fn signals_that_nobody_may_pass_are_dropped() {
    let fake = "echo ready; sleep 0.7; exit 3";
    let desk = Desk::open(&[(Client::Srun, fake)], Kind::Step);
    let mut call = desk.ask(Client::Srun, &[], b"");
    assert_eq!(call.line(), "ready");
    for number in [0, libc::SIGKILL, libc::SIGSTOP, 99, 255] {
        call.signal(number);
    }
    assert_eq!(call.answer(), exited(3));
}

#[test]
fn a_client_does_not_outlive_its_caller() {
    for kind in [Kind::Look, Kind::Submit] {
        let fake = "trap '' TERM INT HUP; sleep 60 & echo $$ $!; wait";
        let desk = Desk::open(&[(Client::Squeue, fake)], kind);
        let mut call = desk.ask(Client::Squeue, &[], b"");
        let group = call.line();
        drop(call);
        for process in group.split(' ') {
            let path = format!("/proc/{process}/exe");
            within("it lives on", || std::fs::read_link(&path).err());
        }
    }
}

#[test]
fn a_step_whose_caller_is_gone_may_end_its_tasks_first() {
    let fake = "exec 2>/dev/null; trap 'echo tasks ended > ended; exit 1' TERM; echo ready; while :; do sleep 0.05; done";
    let desk = Desk::open(&[(Client::Srun, fake)], Kind::Step);
    let mut call = desk.ask(Client::Srun, &[], b"");
    assert_eq!(call.line(), "ready");
    drop(call);
    let note = desk.directory.path().join("ended");
    within("it was not told", || note.exists().then_some(()));
}

#[test]
fn what_is_refused_or_not_recorded_does_not_run() {
    let fake = [(Client::Sbatch, "touch ran")];
    let refusing = Desk::new(&fake, |request| {
        Err(Refusal {
            rule: "slurm.submit".to_owned(),
            target: request.called.name().to_owned(),
            text: "no".to_owned(),
            status: 77,
        })
    });
    let (answer, _, _) = refusing.ask(Client::Sbatch, &["x"], b"").end();
    assert_eq!(answer, Answer::Refused(77, "no".to_owned()));
    assert_eq!(refusing.recorded.lock().unwrap().len(), 1);
    assert!(!refusing.directory.path().join("ran").exists());

    let unrecorded = |request: &_| Ok(as_it_is(request, Kind::Submit));
    let desk = Desk::with_record(&fake, unrecorded, false);
    let (answer, _, _) = desk.ask(Client::Sbatch, &["x"], b"").end();
    assert!(matches!(answer, Answer::Refused(70, _)), "{answer:?}");
    assert!(!desk.directory.path().join("ran").exists());
}

#[test]
fn a_request_that_breaks_the_vetter_breaks_nothing_else() {
    let desk = Desk::new(&[(Client::Squeue, "echo fine")], |request| {
        assert!(request.args.is_empty(), "broken");
        Ok(as_it_is(request, Kind::Look))
    });
    let (answer, _, _) = desk.ask(Client::Squeue, &["x"], b"").end();
    assert!(matches!(answer, Answer::Refused(70, _)), "{answer:?}");
    let (answer, out, _) = desk.ask(Client::Squeue, &[], b"").end();
    assert_eq!((answer, &*out), (exited(0), "fine\n"));
}

#[test]
fn a_client_that_is_not_there_is_said_to_be_missing() {
    let desk = Desk::open(&[(Client::Squeue, "true")], Kind::Look);
    let (answer, _, _) = desk.ask_as(&asked(Client::Sacct, &[]), b"").end();
    let Answer::Refused(_, text) = answer else {
        panic!("{answer:?}");
    };
    assert!(text.contains("`sacct` is not on PATH"), "{text}");
}
