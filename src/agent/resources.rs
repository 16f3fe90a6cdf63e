//! What can be read: the law, the place, the space, the record, what jobs write.
//!
//! INVARIANT: reading changes nothing, and shows no other session that is still going on.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::{
    ErrorData, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::audit::{self, Filter};
use crate::policy::{Limit, Rule};
use crate::quota;

use super::answer::Place;
use super::desk::Seat;
use super::line::{self, Done};
use super::program;

const POLICY: &str = "hlrp://policy";
const CONTEXT: &str = "hlrp://context";
const QUOTA: &str = "hlrp://quota";
const AUDIT: &str = "hlrp://audit/";
const JOB: &str = "hlrp://job/";
const JSON: &str = "application/json";
/// Lines of a job's log that are shown, the last.
const LOG_LINES: u32 = 200;
/// Records of one session that are shown, the latest.
const MOST_RECORDS: usize = 500;

/// Returns what there is.
pub(super) fn all(seat: &Seat) -> Vec<Resource> {
    let one = |uri: &str, name: &str, what: &str| {
        Resource::new(uri, name)
            .with_description(what)
            .with_mime_type(JSON)
    };
    let own = format!("{AUDIT}{}", seat.session().id);
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
    context: &RequestContext<RoleServer>,
) -> Result<ReadResourceResponse, ErrorData> {
    if let Some(id) = uri
        .strip_prefix(JOB)
        .and_then(|rest| rest.strip_suffix("/log"))
    {
        return log(seat, &uri, id, context).await;
    }
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

/// Has the program itself show it, in the session's shell.
async fn log(
    seat: &Arc<Seat>,
    uri: &str,
    id: &str,
    context: &RequestContext<RoleServer>,
) -> Result<ReadResourceResponse, ErrorData> {
    let line = program::log(id, LOG_LINES).map_err(|fault| not_found(fault.to_string()))?;
    let done = line::run(seat, &line, None, None, context).await;
    let done = done.map_err(|fault| internal(fault.to_string()))?;
    match done {
        Done::Ran(ran) if ran.status == 0 => {
            let contents = ResourceContents::text(ran.out.text, uri);
            Ok(ReadResourceResult::new(vec![contents]).into())
        }
        Done::Ran(ran) => Err(not_found(ran.err.text)),
        Done::Refused(_) | Done::Later(_) => {
            Err(not_found("the law does not let it be shown".to_owned()))
        }
    }
}

fn find(seat: &Seat, uri: &str) -> Result<Value, ErrorData> {
    match uri {
        POLICY => policy(seat),
        CONTEXT => context(seat),
        QUOTA => room(seat),
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
    let session = seat.session();
    let own = session
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
        if let Some(advice) = &seat.session().advice {
            map.insert("advice".to_owned(), advice.as_str().into());
        }
    }
    Ok(value)
}

/// What every source says of each root, asked again where the last answer is old.
fn room(seat: &Seat) -> Result<Value, ErrorData> {
    let session = seat.session();
    let (policy, context) = (&session.policy, &session.context);
    let report = quota::read(&context.roots, &session.places.state, quota::FOR_A_WATCH);
    let mut value = serde_json::to_value(&report).map_err(internal)?;
    if let Value::Object(map) = &mut value {
        map.insert("schema".to_owned(), "hlrp.quota/1".into());
        map.insert("roots".to_owned(), json!(context.roots));
        map.insert(
            "limits".to_owned(),
            json!({
                Limit::QuotaHaltPercent.key(): policy.limit(Limit::QuotaHaltPercent),
                Limit::QuotaMinFree.key(): policy.limit(Limit::QuotaMinFree),
            }),
        );
    }
    Ok(value)
}

/// The record of this session, or of one that has ended: what others do now is theirs.
fn record(seat: &Seat, session: &str) -> Result<Value, ErrorData> {
    let own = seat.session();
    let directory = &own.places.audit;
    if session != own.id {
        let sittings = audit::sessions(directory).map_err(internal)?;
        let sitting = sittings.iter().find(|sitting| sitting.session == session);
        if sitting.is_none_or(|sitting| sitting.ended.is_none()) {
            return Err(not_found(format!(
                "no session `{session}` that has ended; this one is `{}`",
                own.id
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
