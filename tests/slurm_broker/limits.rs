//! Callers that are not of the session, or do not keep to the protocol.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::Command;

use hlrp_sh::broker::frame::{Answer, HEADER, header};
use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::vet::Kind;
use hlrp_sh::sys::socket;

use super::desk::{Desk, asked, send};

fn desk() -> Desk {
    Desk::open(&[(Client::Squeue, "echo fine")], Kind::Look)
}

fn still_serves(desk: &Desk) {
    let (answer, out, _) = desk.ask(Client::Squeue, &[], b"").end();
    assert_eq!((answer, &*out), (Answer::Ended(0), "fine\n"));
}

#[test]
fn nobody_who_dials_for_himself_is_let_in() {
    let desk = desk();
    // The shim itself, outside any session: another process than the one whose connections count.
    let output = Command::new(desk.door().join("squeue")).output().unwrap();
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("the broker of this session does not answer"),
        "{said}"
    );
    assert!(desk.recorded.lock().unwrap().is_empty());
    still_serves(&desk);
}

#[test]
fn the_directory_and_its_names_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let desk = desk();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(desk.door()), 0o500);
    assert_eq!(mode(&desk.door().join(".hlrp-broker")), 0o600);
}

#[test]
fn what_is_no_request_is_turned_away() {
    let desk = desk();
    let cwd = File::open("/").unwrap();
    let four = [cwd.as_fd(); 4];
    let body = asked(Client::Squeue, &[]).encode();
    let turned_away = |bytes: &[u8], handed: usize, rest: &[u8]| {
        let mut connection = desk.dial();
        let handed = four.iter().chain(&four).take(handed).copied();
        let handed: Vec<_> = handed.collect();
        socket::send_with(connection.as_fd(), bytes, &handed).unwrap();
        let _ = connection.write_all(rest);
        let _ = connection.shutdown(std::net::Shutdown::Write);
        match Answer::read(&mut connection) {
            Ok(Some(Answer::Refused(..)) | None) | Err(_) => {}
            other => panic!("{other:?}"),
        }
    };
    let whole = header(body.len()).unwrap();
    turned_away(&whole, 0, &body);
    turned_away(&whole, 3, &body);
    turned_away(&whole, 5, &body);
    turned_away(&[0; HEADER], 4, &body);
    turned_away(b"x", 4, b"");
    turned_away(&header(9).unwrap(), 4, b"not a one");
    turned_away(&whole, 4, &body[..body.len() - 1]);
    let mut huge = whole;
    huge[8..].copy_from_slice(&u32::MAX.to_be_bytes());
    turned_away(&huge, 4, &body);
    assert!(desk.recorded.lock().unwrap().is_empty());
    still_serves(&desk);
}

#[test]
fn more_descriptors_than_fit_are_refused_and_closed() {
    let desk = desk();
    let cwd = File::open("/").unwrap();
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    for _ in 0..20 {
        let mut connection = desk.dial();
        let body = asked(Client::Squeue, &[]).encode();
        let many = [cwd.as_fd(); 30];
        send(&mut connection, &body, &many);
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest);
    }
    // The broker of this test is in this very process.
    crate::guard::running::within("descriptors are left open", || {
        (open() <= before + 3).then_some(())
    });
    still_serves(&desk);
}

#[test]
fn callers_that_say_nothing_hold_nobody_up() {
    let desk = desk();
    let silent: Vec<_> = (0..60).map(|_| desk.dial()).collect();
    still_serves(&desk);
    drop(silent);
    still_serves(&desk);
}

#[test]
fn too_many_at_once_are_told_so() {
    let desk = Desk::open(&[(Client::Squeue, "echo fine")], Kind::Look);
    let mut silent = Vec::new();
    let mut told = None;
    for _ in 0..700 {
        let mut connection = desk.dial();
        connection
            .set_read_timeout(Some(std::time::Duration::from_millis(1)))
            .unwrap();
        if let Ok(Some(answer)) = Answer::read(&mut connection) {
            told = Some(answer);
            break;
        }
        silent.push(connection);
    }
    let Some(Answer::Refused(75, text)) = told else {
        panic!("{} were let in, then {told:?}", silent.len());
    };
    assert!(text.contains("run already"), "{text}");
}
