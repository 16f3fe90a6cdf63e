//! What Hydra itself knows only at the end: choices, overrides, where and as what it runs.

use super::error::{Error, Kind};
use super::request::Request;
use crate::compose::defaults::Resolved;
use crate::compose::hydra;
use crate::compose::node::{Dict, Key, Value};
use crate::compose::overrides::Override;
use crate::compose::tree::Search;

/// Fills in what Hydra itself knows only now.
pub(super) fn finish(
    root: &mut Value,
    request: &Request,
    overrides: &[Override],
    resolved: &Resolved<'_>,
    search: &Search<'_>,
) -> Result<(), Error> {
    let missing = || Error::composition("the node `hydra` is gone").hinted("keep ~hydra out");
    let (own, task): (Vec<&Override>, Vec<&Override>) =
        overrides.iter().partition(|one| one.is_hydra());
    let hydra = root
        .as_dict_mut()
        .and_then(|root| root.get_mut("hydra")?.as_dict_mut())
        .ok_or_else(missing)?;
    let texts = |ours: &[&Override]| {
        let texts = ours.iter().map(|one| Value::from(one.text.as_str()));
        texts.collect::<Vec<_>>()
    };
    let told = section(hydra, "overrides").ok_or_else(missing)?;
    for (name, ours) in [("hydra", &own), ("task", &task)] {
        let list = told.get_mut(name).and_then(Value::as_list_mut);
        list.ok_or_else(missing)?.items.extend(texts(ours));
    }
    let runtime = section(hydra, "runtime").ok_or_else(missing)?;
    let choices = section(runtime, "choices").ok_or_else(missing)?;
    for (group, option) in &resolved.choices {
        match option {
            Some(option) => choices.set(group, option.as_str()),
            None => choices.set(group, Value::Null),
        }
    }
    runtime.set("version", hydra::VERSION);
    runtime.set("version_base", request.version.as_str());
    runtime.set("cwd", request.directory.to_string_lossy().into_owned());
    let sources = search.sources.iter().map(|source| {
        let pairs = [
            ("path", source.path.as_str()),
            ("schema", source.scheme),
            ("provider", source.provider.as_str()),
        ];
        let pairs = pairs.map(|(key, value)| (Key::from(key), Value::from(value)));
        Value::from(Dict::from_iter(pairs))
    });
    runtime.set("config_sources", sources.collect::<Vec<_>>());
    let job = section(hydra, "job").ok_or_else(missing)?;
    copy_environment(job, request)?;
    if job.get("name").is_none_or(Value::is_missing) {
        job.set("name", request.job_name.as_str());
    }
    let dirname = override_dirname(job, &task);
    job.set("override_dirname", dirname);
    match &request.config_name {
        Some(name) => job.set("config_name", name.as_str()),
        None => job.set("config_name", Value::Null),
    }
    Ok(())
}

fn section<'a>(dict: &'a mut Dict, name: &str) -> Option<&'a mut Dict> {
    dict.get_mut(name)?.as_dict_mut()
}

fn copy_environment(job: &mut Dict, request: &Request) -> Result<(), Error> {
    let names = job.get("env_copy").and_then(Value::as_list);
    let names = names.map(|list| list.items.clone()).unwrap_or_default();
    for name in names.iter().filter_map(Value::as_str) {
        let value = request.environment.get(name).ok_or_else(|| {
            let message = format!("`hydra.job.env_copy`: `{name}` is not in the environment");
            Error::new(Kind::Invalid("KeyError"), message)
        })?;
        if let Some(set) = section(job, "env_set") {
            set.set(name, value);
        }
    }
    Ok(())
}

/// The overrides as a part of a directory's name.
fn override_dirname(job: &Dict, task: &[&Override]) -> String {
    let how = job
        .get("config")
        .and_then(|config| config.get("override_dirname"));
    let text = |name: &str, otherwise: &str| {
        let value = how.and_then(|how| how.get(name)?.as_str());
        value.unwrap_or(otherwise).to_owned()
    };
    let excluded = how.and_then(|how| how.get("exclude_keys")?.as_list());
    let excluded: Vec<&str> = excluded
        .into_iter()
        .flat_map(|list| list.iter().filter_map(Value::as_str))
        .collect();
    let kept = task
        .iter()
        .filter(|one| !excluded.contains(&one.key.as_str()));
    let mut lines: Vec<&str> = kept.map(|one| one.text.as_str()).collect();
    lines.sort_unstable();
    lines
        .join(&text("item_sep", ","))
        .replace('=', &text("kv_sep", "="))
}
