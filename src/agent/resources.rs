//! What can be read: the law, the place, the space, the record, what jobs write.
//!
//! INVARIANT: reading changes nothing, and shows no other session that is still going on.

use std::sync::Arc;

use nix::sys::statvfs::statvfs;
use rmcp::RoleServer;
use rmcp::model::{
    ErrorData, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::audit::{self, Filter};
use crate::policy::{Limit, Rule};

use super::answer::Place;
use super::desk::Seat;

const POLICY: &str = "hlrp://policy";
const CONTEXT: &str = "hlrp://context";
const QUOTA: &str = "hlrp://quota";
const AUDIT: &str = "hlrp://audit/";
const JSON: &str = "application/json";
/// Records of one session that are shown, the latest.
const MOST_RECORDS: usize = 500;

/// Returns what there is.
pub(super) fn all(seat: &Seat) -> Vec<Resource> {
    let one = |uri: &str, name: &str, what: &str| {
        Resource::new(uri, name)
            .with_description(what)
            .with_mime_type(JSON)
    };
    let own = format!("{AUDIT}{}", seat.session.id);
    vec![
        one(
            POLICY,
            "policy",
            "The law: every rule with its conditions and examples, and the limits",
        ),
        one(
            CONTEXT,
            "context",
            "Where this is and what may be written, with the evidence",
        ),
        one(
            QUOTA,
            "quota",
            "Room left below each root, as far as it is known",
        ),
        one(
            &own,
            "audit",
            "The record of this session, chained by hashes",
        ),
    ]
}

/// Returns what there is of each kind.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new("hlrp://audit/{session}", "audit")
            .with_description("The record of this session, or of one that has ended")
            .with_mime_type(JSON),
        ResourceTemplate::new("hlrp://job/{id}/log", "job log")
            .with_description("The last lines that a job wrote: output and errors")
            .with_mime_type("text/plain"),
    ]
}

/// Reads one.
pub(super) async fn read(
    seat: &Arc<Seat>,
    uri: String,
    _context: &RequestContext<RoleServer>,
) -> Result<ReadResourceResponse, ErrorData> {
    let shared = Arc::clone(seat);
    let wanted = uri.clone();
    let found = tokio::task::spawn_blocking(move || find(&shared, &wanted)).await;
    let mut value =
        found.map_err(|_| ErrorData::internal_error("the work was given up", None))??;
    if let Value::Object(map) = &mut value {
        map.insert("place".to_owned(), json!(Place::of(seat)));
    }
    let contents = ResourceContents::text(value.to_string(), uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]).into())
}

fn find(seat: &Seat, uri: &str) -> Result<Value, ErrorData> {
    match uri {
        POLICY => policy(seat),
        CONTEXT => context(seat),
        QUOTA => Ok(quota(seat)),
        _ => match uri.strip_prefix(AUDIT) {
            Some(session) => record(seat, session),
            None => Err(not_found(format!(
                "there is no `{uri}`; there are {POLICY}, {CONTEXT}, {QUOTA}, {AUDIT}SESSION, hlrp://job/ID/log"
            ))),
        },
    }
}

fn policy(seat: &Seat) -> Result<Value, ErrorData> {
    let law = seat.law().map_err(internal)?;
    let own = seat
        .session
        .layers
        .iter()
        .map(|layer| layer.path.display().to_string());
    let layers: Vec<String> = std::iter::once("built in".to_owned()).chain(own).collect();
    let limits = Limit::ALL.iter().map(|limit| {
        let value = law.limit(*limit);
        (limit.key().to_owned(), Value::from(value))
    });
    Ok(json!({
        "schema": "hlrp.policy/1",
        "layers": layers,
        "limits": Value::Object(limits.collect()),
        "rules": law.rules().iter().map(Rule::text).collect::<Vec<_>>(),
    }))
}

fn context(seat: &Seat) -> Result<Value, ErrorData> {
    let mut value = serde_json::to_value(&*seat.context()).map_err(internal)?;
    if let Value::Object(map) = &mut value {
        map.insert("schema".to_owned(), "hlrp.context/1".into());
        if let Some(advice) = &seat.session.advice {
            map.insert("advice".to_owned(), advice.as_str().into());
        }
    }
    Ok(value)
}

/// What the file systems say. A user's own quota is another thing, and is not asked for yet: it says so.
fn quota(seat: &Seat) -> Value {
    let policy = &seat.session.policy;
    let least = policy.limit(Limit::QuotaMinFree);
    let roots = seat.session.context.roots.iter().map(|root| {
        let path = root.display().to_string();
        match statvfs(root) {
            Ok(found) => {
                let size = found.fragment_size();
                let free = found.blocks_available() * size;
                json!({
                    "path": path,
                    "free_bytes": free,
                    "total_bytes": found.blocks() * size,
                    "free_inodes": found.files_available(),
                    "total_inodes": found.files(),
                    "is_below_minimum": free < least,
                })
            }
            Err(errno) => json!({ "path": path, "unknown": errno.desc() }),
        }
    });
    json!({
        "schema": "hlrp.space/1",
        "roots": roots.collect::<Vec<_>>(),
        "quota": "not known: what a user's own quota allows is not asked for yet; these are numbers of whole file systems",
        "limits": {
            Limit::QuotaHaltPercent.key(): policy.limit(Limit::QuotaHaltPercent),
            Limit::QuotaMinFree.key(): least,
        },
    })
}

/// The record of this session, or of one that has ended: what others do now is theirs.
fn record(seat: &Seat, session: &str) -> Result<Value, ErrorData> {
    let directory = &seat.session.places.audit;
    if session != seat.session.id {
        let sittings = audit::sessions(directory).map_err(internal)?;
        let sitting = sittings.iter().find(|sitting| sitting.session == session);
        if !sitting.is_some_and(|sitting| sitting.ended.is_some()) {
            return Err(not_found(format!(
                "no session `{session}` that has ended; this one is `{}`",
                seat.session.id
            )));
        }
    }
    let filter = Filter {
        session: Some(session.to_owned()),
        ..Filter::default()
    };
    let mut records = audit::read(directory, &filter).map_err(internal)?;
    let left_out = records.len().saturating_sub(MOST_RECORDS);
    records.drain(..left_out);
    Ok(json!({
        "schema": "hlrp.audit/1",
        "session": session,
        "records": records,
        "left_out": left_out,
    }))
}

fn not_found(said: String) -> ErrorData {
    ErrorData::resource_not_found(said, None)
}

fn internal(fault: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(fault.to_string(), None)
}
