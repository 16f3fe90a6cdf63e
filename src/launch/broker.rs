//! The broker of a session, put together: the real clients, the law's word on what they
//! are asked, the record.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::audit::{Record, Writer};
use crate::error::Error;
use crate::policy::HostClass;
use crate::session::Session;
use crate::slurm::broker::{Broker, Door};
use crate::slurm::client::Clients;
use crate::slurm::vet::{self, Kind, Request, Vetter, Witness};

use super::vetting::{Approved, Vetting};

/// Makes the broker of a session, and its door in the scratch directory; none where Slurm is not.
///
/// `approved`: the rules that a person has said yes to, for the line that this session runs.
pub(crate) fn open(session: &mut Session, approved: Approved) -> Result<Option<Broker>, Error> {
    match session.context.class {
        HostClass::Workstation => return Ok(None),
        HostClass::Login | HostClass::Compute => {}
    }
    let context = &session.context;
    let mut writable: Vec<&Path> = context.roots.iter().map(|root| root.as_path()).collect();
    writable.extend(context.scratch.iter().map(|scratch| scratch.as_path()));
    // Also where this session may only read: another may have written there.
    writable.push(&context.home);
    let Ok(clients) = Clients::find(&writable) else {
        return Ok(None);
    };
    let scratch = &session.places.scratch;
    let made =
        std::env::current_exe().and_then(|program| Door::make(scratch, &program, clients.names()));
    let door = made.map_err(|source| Error::File {
        path: scratch.join("bin"),
        source,
    })?;
    session.context.own.push(door.directory().to_owned());
    Ok(Some(Broker {
        door,
        vetter: vetter(session, &clients, approved),
        clients,
        witness: witness(session),
    }))
}

/// Returns the law's word on requests.
fn vetter(session: &Session, clients: &Clients, approved: Approved) -> Vetter {
    match Vetting::new(session, clients.clone(), approved) {
        Some(vetting) => Box::new(move |request| vetting.carry(request)),
        // The law was read a moment ago; without it nothing but looking is carried.
        None => Box::new(vet::looking),
    }
}

/// Returns what records answers before anything is done about them.
fn witness(session: &Session) -> Witness {
    let stamp = session.stamp();
    let audit = session.places.audit.clone();
    let writer: Mutex<Option<Writer>> = Mutex::new(None);
    Box::new(move |request, verdict| {
        let client = request.client.name();
        let record = match verdict {
            Ok(carry) => {
                let action = match carry.kind {
                    Kind::Look => return Ok(()),
                    Kind::Submit | Kind::Step | Kind::Allocate => "submit",
                    Kind::Cancel => "cancel",
                };
                Record::carried(&stamp, action, &line(request), client)
            }
            Err(refusal) => {
                Record::refused(&stamp, "submit", &refusal.target, client, &refusal.rule)
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

/// Returns a request as a line, for the record.
fn line(request: &Request) -> String {
    let words = request.args.iter().map(|word| word.to_string_lossy());
    let name = std::borrow::Cow::Borrowed(request.client.name());
    let words: Vec<_> = std::iter::once(name).chain(words).collect();
    words.join(" ")
}
