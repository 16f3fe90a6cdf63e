//! Shows, explains, tests and lints the law.

mod explain;
mod lint;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use crate::error::{Error, code};
use crate::gate::example;
use crate::policy::{BUILTIN, Decision, Layer, LayerKind, Limit, Policy, Rule};
use crate::session::{Request, Session};
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// Show, explain, test or lint the law
///
///   hlrp-sh policy show
///   hlrp-sh policy explain fs.no-delete
///   hlrp-sh policy test ~/.config/hlrp-sh/policy.toml
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List every rule and threshold that holds here
    ///
    ///   hlrp-sh policy show --text | less
    #[command(verbatim_doc_comment)]
    Show {
        /// Print the built-in law as it is written
        #[arg(long)]
        text: bool,
    },
    /// Explain one rule, with its examples
    ///
    ///   hlrp-sh policy explain fs.no-delete
    #[command(verbatim_doc_comment)]
    Explain {
        /// Its id
        #[arg(value_name = "RULE")]
        id: String,
    },
    /// Run the examples of every rule
    ///
    ///   hlrp-sh policy test .hlrp/policy.toml
    ///
    /// Exit status 1 where one does not get its decision.
    #[command(verbatim_doc_comment)]
    Test {
        /// A policy file to lay over the law first
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Look for rules that are likely mistakes
    ///
    ///   hlrp-sh policy lint .hlrp/policy.toml
    ///
    /// Exit status 1 where there are any, 78 where a file does not load.
    #[command(verbatim_doc_comment)]
    Lint {
        /// A policy file to lay over the law first
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let layers = session.layers;
    match &args.command {
        Command::Show { text: true } if !json => ui::data(BUILTIN).map(|()| code::DONE),
        Command::Show { .. } => show(&Policy::load_with_examples(&layers)?, &layers, json),
        Command::Explain { id } => explain::run(&Policy::load_with_examples(&layers)?, id, json),
        Command::Test { file } => test(&law(layers, file.as_deref())?, json),
        Command::Lint { file } => lint::run(&law(layers, file.as_deref())?, json),
    }
}

/// Returns the law with a file as the user's own layer over it; a file that is a whole
/// law of its own stands alone.
fn law(mut layers: Vec<Layer>, file: Option<&Path>) -> Result<Policy, Error> {
    if let Some(path) = file {
        let layer = Layer::read(LayerKind::User, path.to_owned())?;
        let layer = layer.ok_or_else(|| Error::File {
            path: path.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        })?;
        if let Ok(policy) = Policy::load_over(&layer, &[]) {
            return Ok(policy);
        }
        layers.push(layer);
    }
    Ok(Policy::load_with_examples(&layers)?)
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    layers: Vec<String>,
    limits: serde_json::Map<String, serde_json::Value>,
    rules: Vec<&'a crate::policy::RuleText>,
}

fn show(policy: &Policy, layers: &[Layer], json: bool) -> Result<u8, Error> {
    let sources = ["built in".to_owned()].into_iter();
    let sources: Vec<String> = sources
        .chain(layers.iter().map(|layer| layer.path.display().to_string()))
        .collect();
    if json {
        let limits = Limit::ALL.iter().map(|limit| {
            let value = policy.limit(*limit);
            (limit.key().to_owned(), value.into())
        });
        ui::json(&Shown {
            schema: "hlrp.policy/1",
            layers: sources,
            limits: limits.collect(),
            rules: policy.rules().iter().map(Rule::text).collect(),
        })?;
        return Ok(code::DONE);
    }
    let mut table = Table::new(["rule", "part", "decides", "locked", "from"]);
    for rule in policy.rules() {
        let text = rule.text();
        let locked = if text.locked == Some(true) { "yes" } else { "" };
        table.row([
            Cell::painted(rule.id(), Paint::Cyan),
            Cell::from(text.part.as_deref().unwrap_or_default()),
            Cell::painted(&rule.decision().to_string(), paint(rule.decision())),
            Cell::from(locked),
            Cell::from(sources.get(rule.layer()).map_or("", String::as_str)),
        ]);
    }
    let mut limits = Table::new(["threshold", "value"]);
    for limit in Limit::ALL {
        limits.row([
            Cell::painted(limit.key(), Paint::Cyan),
            Cell::from(limit.display(policy.limit(limit))),
        ]);
    }
    ui::data(&format!("{}\n{}", table.render(), limits.render()))?;
    Ok(code::DONE)
}

fn paint(decision: Decision) -> Paint {
    match decision {
        Decision::Allow => Paint::Green,
        Decision::Ask => Paint::Yellow,
        Decision::Deny | Decision::Halt => Paint::Red,
    }
}

/// Runs the examples of each layer under the layers that its author knew: what a
/// lower layer tightens is no fault of the law above.
fn results(policy: &Policy) -> Result<(usize, Vec<example::Failure>), Error> {
    if policy.rules().iter().all(|rule| rule.layer() == 0) {
        return Ok(example::run(policy, |_| true));
    }
    let (above, mut failures) = example::run(&Policy::load_with_examples(&[])?, |_| true);
    let (below, found) = example::run(policy, |rule| rule.layer() > 0);
    failures.extend(found);
    Ok((above + below, failures))
}

fn test(policy: &Policy, json: bool) -> Result<u8, Error> {
    let (number, failures) = results(policy)?;
    if json {
        ui::json(&serde_json::json!({
            "schema": "hlrp.policy.test/1",
            "examples": number,
            "failures": failures,
        }))?;
    } else {
        for failure in &failures {
            ui::data(&format!(
                "{}  `{}` must be {}, and is {} by {}",
                Paint::Cyan.on(&failure.rule),
                ui::clean(&failure.example),
                failure.wanted,
                failure.decision,
                failure.by.join(", "),
            ))?;
        }
        ui::say(&format!("{number} examples, {} failed.", failures.len()));
    }
    Ok(if failures.is_empty() {
        code::DONE
    } else {
        code::NO
    })
}
