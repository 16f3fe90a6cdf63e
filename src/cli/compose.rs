//! `hlrp-sh compose`: shows what a line of overrides composes to, and how it comes about.

mod info;

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::project::Project;
use super::submit;
use crate::compose::composition::{Composition, Error as Fault, Request};
use crate::compose::dump::to_yaml;
use crate::compose::node::{Dict, Key, Value, display};
use crate::compose::overrides;
use crate::compose::tree::Tree;
use crate::error::{Error, code};
use crate::session;
use crate::ui;

/// Show the configuration that overrides compose to
///
/// Composes `config/config.yaml` of the project, with the overrides, as Hydra 1.3 does, and
/// prints it as YAML. Nothing is run and nothing is written.
///
///   hlrp-sh compose experiment=stage1_cluster cluster=mcml_x100
///   hlrp-sh compose experiment=stage3_cluster --resolve --package training.optimizer
///   hlrp-sh compose experiment=stage1_local --info defaults
///   hlrp-sh compose experiment=stage1_local --json | jq .config.seed
///
/// An override is `key=value` for a key that is there, `+key=value` for a new one, `++key=value`
/// for either, `~key` to take one away, and `group=option` to choose a file of a group. A list is
/// `key=[a,b]`, a text with signs in it `key='a, b'`.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Hydra's overrides, e.g. `cluster=lrz_h100 training.optimizer.lr=3e-4`
    #[arg(value_name = "OVERRIDE", allow_hyphen_values = false)]
    overrides: Vec<String>,
    /// The directory of the configuration, in place of the project's `config`
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// The primary configuration
    #[arg(long, value_name = "NAME", default_value = "config")]
    config_name: String,
    /// Which part: the program's own, Hydra's, or all
    #[arg(long, value_enum, value_name = "PART", default_value_t = Part::Job)]
    cfg: Part,
    /// Only what is at this dotted key
    #[arg(long, value_name = "KEY")]
    package: Option<String>,
    /// Put values in the place of interpolations
    #[arg(long)]
    resolve: bool,
    /// Print YAML, which is what is printed anyway
    #[arg(long, conflicts_with = "json")]
    yaml: bool,
    /// Print how it comes about: files in their order, choices, or where files are looked for
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["package", "resolve"])]
    info: Option<Info>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    /// What the program sees
    Job,
    /// Hydra's own node
    Hydra,
    /// Both
    All,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Info {
    /// The files that are merged, in order, with their packages
    Defaults,
    /// The option of each group
    Config,
    /// The directories in which files are looked for, in order
    Searchpath,
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    for text in &args.overrides {
        overrides::parse(text).map_err(|fault| bad_override(&fault))?;
    }
    let project = Project::find(args.config_dir.as_deref(), &args.config_name)?;
    // Only the policy could name another DSS directory, and finding out costs as much as composing.
    let session = match std::env::var_os(submit::DSS) {
        Some(_) => None,
        None => Some(session::Session::open(&session::Request::default())?),
    };
    let tree = Tree::open(&project.config).map_err(|fault| told(&fault))?;
    let composition = tree.compose(&Request {
        config_name: Some(args.config_name.clone()),
        environment: submit::environment(session.as_ref()),
        directory: project.root.clone(),
        ..Request::new(&args.overrides)
    });
    let composition = composition.map_err(|fault| told(&fault))?;
    match args.info {
        Some(Info::Defaults) => info::defaults(&composition, json),
        Some(Info::Config) => info::choices(&composition, json),
        Some(Info::Searchpath) => info::searchpath(&composition, json),
        None => config(&composition, args, json),
    }
}

fn bad_override(fault: &overrides::Error) -> Error {
    let mut text = fault.to_string();
    if let Some(drawn) = fault.drawn() {
        for line in drawn.lines() {
            text.push_str(&format!("\n  {line}"));
        }
    }
    if let Some(hint) = &fault.hint {
        text.push_str(&format!("\nhint: {hint}"));
    }
    Error::Usage(text)
}

fn told(fault: &Fault) -> Error {
    let mut text = fault.to_string();
    if let Some(hint) = fault.hint() {
        text.push_str(&format!("\nhint: {hint}"));
    }
    if fault.is_bad_override() {
        Error::Usage(text)
    } else {
        Error::Policy(text)
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    config_dir: String,
    choices: &'a indexmap::IndexMap<String, Option<String>>,
    config: Value,
}

fn config(composition: &Composition, args: &Args, json: bool) -> Result<u8, Error> {
    let whole = part(composition, args).map_err(|fault| told(&fault))?;
    let package = args.package.as_deref().filter(|key| *key != "_global_");
    let value = match package {
        None => whole,
        Some(key) => at(&whole, key).ok_or_else(|| {
            let names = whole.as_dict().into_iter().flat_map(Dict::keys);
            let names: Vec<String> = names.map(ToString::to_string).collect();
            let text = format!("there is no `{key}`\nhint: there are {}", names.join(", "));
            Error::Policy(text)
        })?,
    };
    if json {
        ui::json(&Shown {
            schema: "hlrp.compose/1",
            config_dir: composition.directory().display().to_string(),
            choices: &composition.choices,
            config: value,
        })?;
        return Ok(code::DONE);
    }
    let mut text = String::new();
    if value.is_container() {
        if let Some(key) = package {
            text.push_str(&format!("# @package {key}\n"));
        }
        text.push_str(&to_yaml(&value));
    } else {
        text.push_str(&display(&value));
        text.push('\n');
    }
    ui::text(&text)?;
    Ok(code::DONE)
}

/// The part of the whole that is wanted, resolved where that is wanted.
fn part(composition: &Composition, args: &Args) -> Result<Value, Fault> {
    let job = || {
        if args.resolve {
            composition.resolved()
        } else {
            Ok(composition.config())
        }
    };
    let hydra = || {
        let own = if args.resolve {
            composition.resolved_hydra()?
        } else {
            composition.hydra().cloned()
        };
        let mut own = own.unwrap_or_default();
        if let Some(own) = own.as_dict_mut() {
            own.remove("help");
            own.remove("hydra_help");
        }
        Ok::<_, Fault>(own)
    };
    let with = |own: Value, rest: Value| {
        let mut whole = Dict::from_iter([(Key::from("hydra"), own)]);
        for (key, value) in rest.as_dict().into_iter().flat_map(Dict::iter) {
            whole.insert(key.clone(), value.clone());
        }
        Value::from(whole)
    };
    Ok(match args.cfg {
        Part::Job => job()?,
        Part::Hydra => with(hydra()?, Value::Null),
        Part::All => with(hydra()?, job()?),
    })
}

fn at(whole: &Value, key: &str) -> Option<Value> {
    let parts = crate::compose::node::split(key);
    let found = parts.iter().try_fold(whole, |here, part| match here {
        Value::List(list) => list.get(part.parse::<usize>().ok()?),
        _ => here.get(part),
    });
    found.cloned()
}
