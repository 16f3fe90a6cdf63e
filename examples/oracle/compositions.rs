//! The operation `compose`: one configuration of a tree, with Hydra's own node where it is wanted.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::path::PathBuf;

use hlrp_sh::compose::composition::{Composition, Environment, Error, Request, VersionBase};
use hlrp_sh::compose::dump::to_yaml;
use hlrp_sh::compose::node::{Key, Value, full_key};
use hlrp_sh::compose::tree::Tree;
use serde_json::Value as Json;

use super::code::{encode, text};
use super::values::{now, variable};
use crate::Answer;

/// The keys of Hydra's own node that are compared.
const HYDRA: [&str; 24] = [
    "hydra.run.dir",
    "hydra.sweep.dir",
    "hydra.sweep.subdir",
    "hydra.job.name",
    "hydra.job.override_dirname",
    "hydra.job.config_name",
    "hydra.job.id",
    "hydra.job.num",
    "hydra.job.chdir",
    "hydra.overrides.task",
    "hydra.overrides.hydra",
    "hydra.runtime.choices",
    "hydra.runtime.config_sources",
    "hydra.runtime.version",
    "hydra.mode",
    "hydra.verbose",
    "hydra.searchpath",
    "hydra.output_subdir",
    "hydra.launcher",
    "hydra.sweeper",
    "hydra.env",
    "hydra.job.env_set",
    "hydra.job_logging.version",
    "hydra.hydra_logging.version",
];

thread_local! {
    static TREES: RefCell<HashMap<PathBuf, Tree>> = RefCell::default();
}

/// The configuration that a question asks for.
pub(crate) fn compose(question: &Json) -> Answer {
    let refused = |error: Error| (error.class(), error.to_string());
    let field = |name: &str| question.get(name).and_then(Json::as_str);
    let directory = PathBuf::from(root()).join(field("config_dir").unwrap_or_default());
    let tree = TREES.with_borrow_mut(|trees| match trees.get(&directory) {
        Some(tree) => Ok(tree.clone()),
        None => {
            let tree = Tree::open(&directory)?;
            trees.insert(directory, tree.clone());
            Ok(tree)
        }
    });
    let tree = tree.map_err(refused)?;
    let overrides = question.get("overrides").and_then(Json::as_array);
    let overrides = overrides.into_iter().flatten().filter_map(Json::as_str);
    let request = Request {
        config_name: field("config_name").map(str::to_owned),
        environment: environment(question),
        now: now(),
        job_name: field("job_name").unwrap_or("app").to_owned(),
        knows_hydra: false,
        version: match field("version_base") {
            Some("1.1") => VersionBase::V1_1,
            Some("1.2") => VersionBase::V1_2,
            _ => VersionBase::V1_3,
        },
        ..Request::new(overrides)
    };
    let composition = tree.compose(&request).map_err(refused)?;
    let with_hydra = question.get("return_hydra_config").and_then(Json::as_bool);
    Ok(described(composition, with_hydra == Some(true)))
}

fn root() -> String {
    env::var("CASES_ROOT").unwrap_or_default()
}

fn environment(question: &Json) -> Environment {
    let own = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let asked = question.get("env").and_then(Json::as_object);
    let asked = asked.into_iter().flat_map(|asked| asked.keys().cloned());
    own.chain(asked)
        .filter_map(|name| {
            let value = variable(question, &name)?;
            Some((name, value))
        })
        .collect()
}

fn described(composition: Composition, with_hydra: bool) -> Vec<(&'static str, String)> {
    let composition = if with_hydra {
        composition
    } else {
        composition.without_hydra()
    };
    let config = composition.config();
    let mut members = vec![("unresolved", encode(&config))];
    match composition.resolved() {
        Ok(resolved) => {
            members.push(("resolved", encode(&resolved)));
            members.push(("resolve_error", "null".to_owned()));
        }
        Err(error) => {
            members.push(("resolved", "null".to_owned()));
            members.push((
                "resolve_error",
                format!("{{\"class\":{}}}", text(&error.class())),
            ));
        }
    }
    if with_hydra {
        let keys = HYDRA.map(|key| format!("{}:{}", text(key), hydra(&composition, key)));
        members.push(("hydra", format!("{{{}}}", keys.join(","))));
    } else {
        let mut missing = Vec::new();
        find_missing(&config, &config, &mut Vec::new(), &mut missing);
        missing.sort();
        members.push(("yaml", text(&to_yaml(&config))));
        members.push(("missing", Json::from(missing).to_string()));
    }
    members
}

fn hydra(composition: &Composition, key: &str) -> String {
    match composition.select(key) {
        Ok(Some(Value::Str(mode))) if key == "hydra.mode" => {
            format!("{{\"$enum\":\"RunMode.{mode}\"}}")
        }
        // The recorded answers write the root of the cases this way.
        Ok(value) => encode(&value.unwrap_or_default()).replace(&root(), "@R@"),
        Err(error) => format!("{{\"$error\":{}}}", text(&error.class())),
    }
}

fn find_missing(root: &Value, here: &Value, path: &mut Vec<Key>, missing: &mut Vec<String>) {
    if here.is_missing() {
        missing.push(full_key(root, path));
    }
    let pairs: Vec<(Key, &Value)> = match here {
        Value::Dict(dict) => dict
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::List(list) => {
            let items = list.iter().enumerate();
            items
                .map(|(index, value)| (Key::index(index), value))
                .collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in pairs {
        path.push(key);
        find_missing(root, value, path, missing);
        path.pop();
    }
}
