//! `policy`: what a rule says, or what is permitted and by what limits. It only tells.

use std::sync::Arc;

use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::{Decision, Limit, Policy, Rule};

use super::super::answer::{Fault, Place, data, parameters};
use super::super::desk::Seat;
use super::{aside, describe};

const DESCRIPTION: &str = "\
Explain a rule by its id (when it applies, why, what to do instead, examples of what is allowed and denied), or, without an id, list \
what is permitted: where you may write, which programs may replace files, every rule's decision, the limits. Nothing can be changed here.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The rule's id, as a denial names it: `fs.no-delete`
    #[serde(default)]
    rule: Option<String>,
}

#[derive(JsonSchema, Serialize)]
struct Output {
    /// The format of this answer.
    schema: &'static str,
    /// The rule that was asked about, part by part as the policy has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<serde_json::Map<String, Value>>")]
    parts: Vec<Value>,
    /// Every rule in short, where none was asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Short>,
    /// What may be done, where no rule was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    permitted: Option<Permitted>,
    /// Where this holds.
    place: Place,
}

#[derive(JsonSchema, Serialize)]
struct Short {
    /// Its id.
    rule: String,
    /// Which part of it, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    /// What it decides where it applies.
    decision: Decision,
    /// Why.
    because: String,
    /// What to do instead.
    #[serde(skip_serializing_if = "String::is_empty")]
    instead: String,
}

#[derive(JsonSchema, Serialize)]
struct Permitted {
    /// Directories below which you may write; protected names in them excepted.
    write_below: Vec<String>,
    /// The session's own scratch directory (`$TMPDIR`), cleared at its end.
    scratch: Vec<String>,
    /// Programs that may replace or remove files; what was there is retained.
    replacers: Vec<String>,
    /// Lines that the rules themselves give as allowed.
    examples: Vec<String>,
    /// Thresholds, in words.
    #[schemars(with = "serde_json::Map<String, Value>")]
    limits: Value,
}

pub(super) fn tool() -> Tool {
    let hints = ToolAnnotations::with_title("Explain the law")
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    describe::<Input, Output>("policy", DESCRIPTION, hints)
}

pub(super) async fn call(
    seat: &Arc<Seat>,
    call: CallToolRequestParams,
) -> Result<CallToolResponse, Fault> {
    let input: Input = parameters(call.arguments)?;
    let output = aside(seat, move |seat| {
        let law = seat
            .law()
            .map_err(|fault| Fault::new(fault.to_string(), ""))?;
        match input.rule {
            Some(id) => explain(seat, &law, &id),
            None => Ok(list(seat, &law)),
        }
    });
    data(&output.await??, false)
}

fn explain(seat: &Seat, law: &Policy, id: &str) -> Result<Output, Fault> {
    let of_it = law.rules().iter().filter(|rule| rule.id() == id);
    let parts: Vec<Value> = of_it.map(|rule| serde_json::json!(rule.text())).collect();
    if parts.is_empty() {
        let mut ids: Vec<&str> = law.rules().iter().map(Rule::id).collect();
        ids.dedup();
        return Err(Fault::new(
            format!("there is no rule `{id}`"),
            format!("there are {}", ids.join(", ")),
        ));
    }
    Ok(Output {
        schema: "hlrp.policy.rule/1",
        parts,
        rules: Vec::new(),
        permitted: None,
        place: Place::of(seat),
    })
}

fn list(seat: &Seat, law: &Policy) -> Output {
    const MOST_EXAMPLES: usize = 60;
    let session = seat.session();
    let context = &session.context;
    let paths = |paths: &[std::path::PathBuf]| -> Vec<String> {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    };
    let rules = law.rules().iter().map(|rule| Short {
        rule: rule.id().to_owned(),
        part: rule.text().part.clone(),
        decision: rule.decision(),
        because: rule.because().to_owned(),
        instead: rule.instead().to_owned(),
    });
    let examples = law
        .rules()
        .iter()
        .flat_map(|rule| &rule.text().examples.allow);
    let lines = examples.filter_map(|example| example.line.clone());
    let limits = Limit::ALL.iter().map(|limit| {
        let value = limit.display(law.limit(*limit));
        (limit.key().to_owned(), Value::from(value))
    });
    Output {
        schema: "hlrp.policy/1",
        parts: Vec::new(),
        rules: rules.collect(),
        permitted: Some(Permitted {
            write_below: paths(&context.roots),
            scratch: paths(&context.scratch),
            replacers: law.list("replacers").to_vec(),
            examples: lines.take(MOST_EXAMPLES).collect(),
            limits: Value::Object(limits.collect()),
        }),
        place: Place::of(seat),
    }
}
