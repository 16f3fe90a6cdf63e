//! The broker of a session, put together: the real clients and `ssh`, the law's word on
//! what they are asked, the record.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::audit::{Record, Writer};
use crate::broker::{Broker, Call, Called, Door, Kind, Refusal, Vetter, Witness};
use crate::error::{Error, code};
use crate::policy::HostClass;
use crate::remote::command::Program;
use crate::remote::sockets;
use crate::session::Session;
use crate::slurm::client::{Client, Clients};
use crate::slurm::vet::{self, Request};

use super::vetting::{Approved, Vetting};

/// Makes the broker of a session, and its door in the scratch directory; none where there is neither Slurm nor `ssh`.
///
/// `approved`: the rules that a person has said yes to, for the line that this session runs.
pub(crate) fn open(session: &mut Session, approved: Approved) -> Result<Option<Broker>, Error> {
    let context = &session.context;
    let mut writable: Vec<&Path> = context.roots.iter().map(|root| root.as_path()).collect();
    writable.extend(context.scratch.iter().map(|scratch| scratch.as_path()));
    // Also where this session may only read: another may have written there.
    writable.push(&context.home);
    let clients = match context.class {
        HostClass::Workstation => Clients::default(),
        HostClass::Login | HostClass::Compute => Clients::find(&writable).unwrap_or_default(),
    };
    let ssh = Program::find(&writable);
    let mut names: Vec<&str> = clients.names().map(Client::name).collect();
    if ssh.is_some() {
        names.extend(["ssh", "scp", "sftp"]);
    }
    if names.is_empty() {
        return Ok(None);
    }
    let scratch = &session.places.scratch;
    let made = std::env::current_exe().and_then(|program| Door::make(scratch, &program, names));
    let door = made.map_err(|source| Error::File {
        path: scratch.join("bin"),
        source,
    })?;
    session.context.own.push(door.directory().to_owned());
    Ok(Some(Broker {
        door,
        vetter: vetter(session, &clients, ssh.clone(), approved),
        clients,
        ssh,
        witness: witness(session),
    }))
}

/// Returns the law's word on requests.
fn vetter(
    session: &Session,
    clients: &Clients,
    ssh: Option<Program>,
    approved: Approved,
) -> Vetter {
    match Vetting::new(session, clients.clone(), approved) {
        Some(vetting) => Box::new(move |call| match call.called {
            Called::Slurm(client) => vetting.carry(&Request::of(client, call)),
            Called::Ssh => {
                let ssh = ssh.as_ref().ok_or_else(uncarried)?;
                let control = sockets::known(&ssh.writable);
                vetting.reach(call, ssh, control.as_deref())
            }
        }),
        // The law was read a moment ago; without it nothing but looking is carried.
        None => Box::new(|call| match call.called {
            Called::Slurm(client) => vet::looking(&Request::of(client, call)),
            Called::Ssh => Err(uncarried()),
        }),
    }
}

fn uncarried() -> Refusal {
    Refusal {
        rule: "remote.guarded".to_owned(),
        target: "ssh".to_owned(),
        text: "hlrp-sh: `ssh` is not carried out of this session".to_owned(),
        status: code::DENIED,
    }
}

/// Returns what records answers before anything is done about them.
fn witness(session: &Session) -> Witness {
    let stamp = session.stamp();
    let audit = session.places.audit.clone();
    let writer: Mutex<Option<Writer>> = Mutex::new(None);
    Box::new(move |call, verdict| {
        let name = call.called.name();
        let record = match verdict {
            Ok(carry) => {
                let action = match carry.kind {
                    Kind::Look => return Ok(()),
                    Kind::Submit | Kind::Step | Kind::Allocate => "submit",
                    Kind::Cancel => "cancel",
                    Kind::Reach => "remote",
                };
                Record::carried(&stamp, action, &line(call), name)
            }
            Err(refusal) => {
                let action = match call.called {
                    Called::Slurm(_) => "submit",
                    Called::Ssh => "remote",
                };
                Record::refused(&stamp, action, &refusal.target, name, &refusal.rule)
            }
        };
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = match writer.as_mut() {
            Some(writer) => writer,
            None => writer.insert(Writer::open(&audit, stamp.clone())?),
        };
        writer.append(record)
    })
}

/// Returns a call as a line, for the record.
fn line(call: &Call) -> String {
    let words = call.args.iter().map(|word| word.to_string_lossy());
    let name = std::borrow::Cow::Borrowed(call.called.name());
    let words: Vec<_> = std::iter::once(name).chain(words).collect();
    words.join(" ")
}
