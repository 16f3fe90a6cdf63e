//! `salloc`: granted once, given back always.

use std::fs;

use hlrp_sh::broker::frame::Answer;
use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::vet::Kind;

use super::desk::Desk;
use crate::guard::running::within;

const GRANTS: &str = "echo 'salloc: Granted job allocation 42' >&2; exit 0";
const SHOWS: &str =
    "echo 'JobId=42 JobName=it Partition=lrz-cpu NodeList=cpu-001 NumNodes=1 NumTasks=2 NumCPUs=2'";

/// The fake remembers what it is asked beside itself: the broker's own calls have no directory of the caller's.
const CANCELS: &str = "echo \"$@\" >> \"$(dirname \"$0\")/cancelled\"";

fn desk(salloc: &str) -> Desk {
    let fakes = [
        (Client::Salloc, salloc),
        (Client::Scontrol, SHOWS),
        (Client::Scancel, CANCELS),
    ];
    Desk::open(&fakes, Kind::Allocate)
}

fn cancelled(desk: &Desk) -> Option<String> {
    fs::read_to_string(desk.directory.path().join("cancelled")).ok()
}

#[test]
fn an_allocation_is_told_and_given_back() {
    let desk = desk(GRANTS);
    let mut call = desk.ask(Client::Salloc, &["--no-shell"], b"");
    let Answer::Granted(variables) = call.answer() else {
        panic!("not granted");
    };
    for expected in [
        "SLURM_JOB_ID=42",
        "SLURM_NNODES=1",
        "SLURM_NTASKS=2",
        "SLURM_JOB_NODELIST=cpu-001",
    ] {
        assert!(
            variables.iter().any(|entry| entry == expected),
            "{variables:?}"
        );
    }
    assert_eq!(cancelled(&desk), None);
    call.signal(0);
    let (answer, _, err) = call.end();
    assert_eq!(answer, Answer::Ended(0));
    assert_eq!(
        err,
        "salloc: Granted job allocation 42\nsalloc: Relinquishing job allocation 42\n"
    );
    assert_eq!(cancelled(&desk).as_deref(), Some("42\n"));
}

#[test]
fn an_allocation_whose_caller_dies_is_given_back() {
    let desk = desk(GRANTS);
    let mut call = desk.ask(Client::Salloc, &["--no-shell"], b"");
    assert!(matches!(call.answer(), Answer::Granted(_)));
    drop(call);
    within("it is still held", || cancelled(&desk));
}

#[test]
fn one_that_is_granted_while_its_caller_dies_is_given_back_too() {
    let desk =
        desk("trap '' TERM; echo waits; sleep 0.5; echo 'salloc: Granted job allocation 42' >&2");
    let mut call = desk.ask(Client::Salloc, &["--no-shell"], b"");
    assert_eq!(call.line(), "waits");
    drop(call);
    within("it is still held", || cancelled(&desk));
}

#[test]
fn what_is_not_granted_ends_as_the_client_ended() {
    let desk = desk("echo 'salloc: error: no' >&2; exit 1");
    let (answer, _, err) = desk.ask(Client::Salloc, &["--no-shell"], b"").end();
    assert_eq!(
        (answer, &*err),
        (Answer::Ended(1 << 8), "salloc: error: no\n")
    );
    assert_eq!(cancelled(&desk), None);
}

#[test]
fn an_allocation_with_a_shell_of_its_own_is_not_carried_out() {
    let desk = desk("touch \"$(dirname \"$0\")/ran\"");
    let (answer, _, _) = desk.ask(Client::Salloc, &["bash"], b"").end();
    assert!(matches!(answer, Answer::Refused(70, _)), "{answer:?}");
    assert!(!desk.directory.path().join("ran").exists());
}
