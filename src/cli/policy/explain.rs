//! Explains one rule: what it decides, when, why, what to do instead, with examples.

use serde_json::Value;

use super::paint;
use crate::error::{Error, code};
use crate::policy::{Example, Policy, Rule};
use crate::ui::{self, Paint, clean};

pub(super) fn run(policy: &Policy, id: &str, json: bool) -> Result<u8, Error> {
    let rules: Vec<&Rule> = policy
        .rules()
        .iter()
        .filter(|rule| rule.id() == id)
        .collect();
    if rules.is_empty() {
        return Err(Error::No(unknown(policy, id)));
    }
    if json {
        let parts: Vec<_> = rules.iter().map(|rule| rule.text()).collect();
        ui::json(&serde_json::json!({
            "schema": "hlrp.policy.rule/1",
            "id": id,
            "parts": parts,
        }))?;
        return Ok(code::DONE);
    }
    let texts: Vec<String> = rules.iter().map(|rule| explain(rule)).collect();
    ui::data(&texts.join("\n"))?;
    Ok(code::DONE)
}

fn unknown(policy: &Policy, id: &str) -> String {
    let area = id.split('.').next().unwrap_or_default();
    let mut ids: Vec<&str> = policy.rules().iter().map(Rule::id).collect();
    ids.dedup();
    let near: Vec<&str> = ids
        .iter()
        .copied()
        .filter(|one| one.split('.').next() == Some(area) || one.ends_with(id))
        .collect();
    let shown = if near.is_empty() { ids } else { near };
    format!("there is no rule `{id}`; there are {}", shown.join(", "))
}

fn explain(rule: &Rule) -> String {
    let text = rule.text();
    let decision = rule.decision();
    let mut out = format!(
        "{}  {}{}\n",
        paint(decision).on(&decision.to_string()),
        Paint::Cyan.on(rule.id()),
        text.part
            .as_ref()
            .map_or_else(String::new, |part| format!("  ({part})")),
    );
    let mut part = |name: &str, value: &str| {
        if !value.is_empty() {
            let name = Paint::Dim.on(&format!("{name:<8}"));
            out.push_str(&format!("  {name}  {}\n", clean(value)));
        }
    };
    part("why", rule.because());
    part("instead", rule.instead());
    if text.cited == Some(true) {
        part("when", "the program finds out by itself that it applies");
    }
    if let Some(on) = &text.on {
        part("on", &words(&serde_json::json!(on)));
    }
    if let Some(when) = &text.when {
        for condition in &when.0 {
            part("when", &words(&serde_json::json!(condition)));
        }
    }
    if let Some(unless) = &text.unless {
        for condition in &unless.0 {
            part("unless", &words(&serde_json::json!(condition)));
        }
    }
    if text.locked == Some(true) {
        part("locked", "lower layers may only make it stricter");
    }
    let lists: [(&str, &[Example]); 3] = [
        ("allowed", &text.examples.allow),
        ("asked", &text.examples.ask),
        ("denied", &text.examples.deny),
    ];
    for (name, list) in lists {
        for example in list {
            part(name, &example.display());
        }
    }
    out
}

/// Writes a condition as a person reads it: `stage is line, name is @artefacts`.
fn words(value: &Value) -> String {
    match value {
        Value::Object(keys) => {
            let facts: Vec<String> = keys
                .iter()
                .map(|(key, value)| match value {
                    Value::Bool(true) => key.replace('_', " "),
                    Value::Bool(false) => format!("not {}", key.replace('_', " ")),
                    other => format!("{} is {}", key.replace('_', " "), words(other)),
                })
                .collect();
            facts.join(", ")
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(words).collect();
            values.join(" or ")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
