//! Looks for rules and lists that load and are likely mistakes.

use serde::Serialize;

use crate::error::{Error, code};
use crate::policy::{Decision, Policy, Rule};
use crate::ui::{self, Paint};

#[derive(Debug, Serialize)]
struct Remark {
    about: String,
    message: &'static str,
}

pub(super) fn run(policy: &Policy, json: bool) -> Result<u8, Error> {
    let mut remarks: Vec<Remark> = policy.rules().iter().flat_map(rule).collect();
    remarks.extend(trusted(policy));
    if json {
        ui::json(&serde_json::json!({
            "schema": "hlrp.policy.lint/1",
            "remarks": remarks,
        }))?;
    } else {
        for remark in &remarks {
            ui::data(&format!(
                "{}  {}",
                Paint::Cyan.on(&remark.about),
                remark.message
            ))?;
        }
        ui::say(&format!("{} remarks.", remarks.len()));
    }
    Ok(if remarks.is_empty() {
        code::DONE
    } else {
        code::NO
    })
}

fn rule(rule: &Rule) -> Vec<Remark> {
    let text = rule.text();
    let examples = &text.examples;
    let is_cited = text.cited == Some(true);
    let forbids = rule.decision() > Decision::Allow;
    let checks = [
        (
            forbids && text.instead.as_deref().unwrap_or_default().is_empty() && !is_cited,
            "says no, and not what to do instead",
        ),
        (
            forbids && !is_cited && examples.ask.is_empty() && examples.deny.is_empty(),
            "has no example of what it forbids",
        ),
        (
            forbids && !is_cited && examples.allow.is_empty(),
            "has no example of what it still allows",
        ),
        (
            forbids
                && text.when.is_none()
                && text.unless.is_none()
                && !is_cited
                && examples.allow.is_empty(),
            "forbids a kind of action altogether",
        ),
    ];
    checks
        .into_iter()
        .filter(|(is_wrong, _)| *is_wrong)
        .map(|(_, message)| Remark {
            about: text.full_name(),
            message,
        })
        .collect()
}

/// Programs that run anything, or whose trade is deletion, undo the law when they are trusted.
fn trusted(policy: &Policy) -> impl Iterator<Item = Remark> {
    const GENERAL: [&str; 14] = [
        "bash", "sh", "dash", "zsh", "python", "python3", "perl", "ruby", "node", "rm", "find",
        "mv", "busybox", "env",
    ];
    GENERAL
        .into_iter()
        .filter(|program| policy.is_listed("replacers", program))
        .map(|program| Remark {
            about: format!("replacers: {program}"),
            message: "runs or deletes anything; trusting it undoes fs.no-delete",
        })
}
