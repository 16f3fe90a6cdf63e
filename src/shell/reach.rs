//! Opens the connection that a typed line will use, while the person can still be asked for a
//! password: inside the guard nobody can, and the terminal is the session's.

use std::path::Path;

use crate::gate::Judgement;
use crate::policy::{Action, RemoteEffect};
use crate::remote::command::Program;
use crate::remote::connection::Asked;
use crate::remote::{Connection, Host, git, sockets};
use crate::session::Session;

/// Programs that go by `ssh`.
const PROGRAMS: [&str; 4] = ["ssh", "scp", "sftp", "rsync"];
/// Options that make another connection than the host's own.
const OTHER: [&str; 7] = ["-p", "-l", "-J", "-o", "-i", "-P", "-e"];

/// Opens what a line needs, where there is no connection yet. Where that does not work, the line itself says why.
pub(super) fn connect(session: &Session, host: &Host) {
    let name = host.as_str().rsplit('@').next().unwrap_or_default();
    let is_git = git::is_host(session.policy.list("git_hosts"), name);
    let roots = session.context.roots.iter();
    let mut writable: Vec<&Path> = roots.map(|root| root.as_path()).collect();
    writable.push(&session.context.home);
    let program = Program::find(&writable).filter(|_| !is_git);
    if program.is_some_and(|program| Connection::open(&program, host, Asked::Person).is_ok()) {
        let _ = sockets::remember(&session.places.state, host);
    }
}

/// Returns the one machine that a line goes to by its plain name.
pub(super) fn host(judgement: &Judgement) -> Option<Host> {
    let first = judgement.line.split_whitespace().next()?;
    let is_other = |word: &str| OTHER.iter().any(|option| word.starts_with(option));
    let is_plain = !judgement.line.split_whitespace().any(is_other);
    if !PROGRAMS.contains(&first) || !is_plain {
        return None;
    }
    let mut hosts = judgement
        .actions
        .iter()
        .filter_map(|judged| match &judged.action {
            Action::Remote { host, effect, .. } if *effect != RemoteEffect::Bypass => Some(host),
            _ => None,
        });
    let host = hosts.next()?;
    hosts
        .all(|other| other == host)
        .then(|| host.parse().ok())?
}
