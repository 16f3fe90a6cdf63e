//! Composing: overrides and defaults lists in, one configuration out, with Hydra's own node.
//!
//! `blame` and `error` say what is wrong, `origin` finds where it was written, `apply` does what
//! overrides say about values, `request` is what is asked.

mod apply;
mod blame;
mod error;
mod origin;
mod request;

use indexmap::IndexMap;
use jiff::civil::DateTime;

pub use super::defaults::Step;
pub use error::{Error, Kind};
pub use request::{Environment, Request, VersionBase};

use super::defaults::{self, Resolved};
use super::hydra;
use super::node::{self, Change, Class, Dict, Key, Value};
use super::overrides::{self, Element, Override};
use super::resolver::World;
use super::tree::{Config, Search, Source, Tree};

/// A composed configuration.
#[derive(Clone, Debug)]
pub struct Composition {
    /// Everything, with Hydra's own node under `hydra`; nothing is resolved.
    root: Value,
    /// The option of each group that was chosen; `None` is `null`.
    pub choices: IndexMap<String, Option<String>>,
    /// The configurations that were merged, in order.
    pub defaults: Vec<Step>,
    /// Where they were looked for, in order.
    pub sources: Vec<Source>,
    tree: Tree,
    is_old: bool,
    environment: Environment,
    now: DateTime,
}

impl Tree {
    /// Composes a configuration.
    ///
    /// # Errors
    /// When an override does not parse, a file is missing or unreadable, or something
    /// contradicts something else.
    pub fn compose(&self, request: &Request) -> Result<Composition, Error> {
        let overrides = request.overrides.iter();
        let overrides = overrides.map(|text| overrides::parse(text));
        let overrides: Result<Vec<_>, _> = overrides.collect();
        let overrides = overrides.map_err(|fault| Error::of_override(&fault))?;
        let env = |name: &str| request.environment.get(name).map(str::to_owned);
        let world = World {
            env: &env,
            now: request.now,
            hydra: None,
            custom: None,
        };
        let mut search = self.search(request.version == VersionBase::V1_1);
        extend_search(&mut search, request, &overrides, &world)?;
        if let Some(sweep) = overrides.iter().find(|one| one.is_sweep()) {
            return Err(Error::sweep(sweep));
        }
        let name = request.config_name.as_deref();
        let resolved = defaults::resolve(name, &overrides, &search, &world)?;
        let mut root = merged(&resolved.steps, &search, &world)?;
        if let Some(flags) = root.flags_mut() {
            flags.structured = Some(true);
        }
        apply::values(&mut root, &resolved.values, &world)?;
        finish(&mut root, request, &overrides, &resolved, &search)?;
        Ok(Composition {
            root,
            choices: resolved.choices,
            defaults: resolved.steps,
            sources: search.sources,
            tree: self.clone(),
            is_old: search.is_old,
            environment: request.environment.clone(),
            now: request.now,
        })
    }
}

/// Adds what the primary config, or an override, says about the search path.
fn extend_search(
    search: &mut Search<'_>,
    request: &Request,
    overrides: &[Override],
    world: &World<'_>,
) -> Result<(), Error> {
    let mut overridden = overrides
        .iter()
        .filter(|one| one.key_element() == "hydra.searchpath");
    let overridden = overridden
        .next()
        .and_then(|one| one.value.clone())
        .map(|value| apply::value(&value));
    let mut from_primary = None;
    if let Some(name) = &request.config_name
        && let Some(primary) = search.config(name)?
    {
        if primary.content.as_dict().is_none() {
            let message = format!("the primary config `{name}` must be a mapping");
            return Err(Error::composition(message).in_file(primary.file.as_deref()));
        }
        let selected = node::select(&primary.content, "hydra.searchpath", world);
        from_primary = selected.map_err(|fault| Error::of_value(Kind::Composition, &fault))?;
    }
    let provider = match overridden {
        Some(_) => "hydra.searchpath in command-line",
        None => "hydra.searchpath in main",
    };
    let list = match overridden.or(from_primary) {
        None | Some(Value::Null) => return Ok(()),
        Some(list) => list,
    };
    let refused = || {
        let shown = node::display(&list);
        Error::composition(format!("`hydra.searchpath` is `{shown}`"))
            .hinted("it is a list of texts: [file:///directory]")
    };
    for place in list.as_list().ok_or_else(refused)?.iter() {
        search.add(place.as_str().ok_or_else(refused)?, provider)?;
    }
    Ok(())
}

/// Merges the configurations of the list, each below its package.
fn merged(steps: &[Step], search: &Search<'_>, world: &World<'_>) -> Result<Value, Error> {
    const OWN: &str = "hydra/config";
    let mut root = Value::empty();
    let mut is_typed = false;
    for step in steps {
        let Some(config) = search.config(&step.config)? else {
            continue;
        };
        let at_fault = |fault: node::Error| {
            let key = fault.key().unwrap_or_default().to_owned();
            let message = format!("`{}` cannot be merged: {}", step.config, fault.message());
            Error {
                message,
                ..Error::of_value(error::raised(fault.class()), &fault)
            }
            .at(origin::in_step(&key, step, search).or_else(|| Some((config.file.clone()?, None))))
        };
        let mut content = embedded(&config, &step.package, world).map_err(at_fault)?;
        if !step.is_primary && step.config != OWN {
            refuse_searchpath(&content, step, world)?;
        }
        if is_typed && let Some(incoming) = content.get("hydra") {
            let current = root.get("hydra").unwrap_or(&Value::Null);
            let admitted = hydra::admit(current, incoming.clone()).map_err(|fault| {
                let fault = fault.seen_as(Class::ConfigKeyError);
                at_fault(fault)
            })?;
            if let Some(dict) = content.as_dict_mut() {
                dict.set("hydra", admitted);
            }
        }
        node::merge(&mut root, &content, world).map_err(at_fault)?;
        is_typed |= step.config == OWN;
    }
    Ok(root)
}

/// Puts a configuration below its package.
fn embedded(config: &Config, package: &str, world: &World<'_>) -> Result<Value, node::Error> {
    if package.is_empty() {
        return Ok(config.content.clone());
    }
    let plain = package.bytes().all(|byte| !matches!(byte, b'[' | b']'));
    if plain && package.split('.').all(|part| !part.is_empty()) {
        let mut content = config.content.clone();
        for part in package.rsplit('.') {
            content = Value::from(Dict::from_iter([(Key::from(part), content)]));
        }
        return Ok(content);
    }
    let mut root = Value::empty();
    let change = Change {
        merge: false,
        force_add: false,
    };
    node::update(&mut root, package, config.content.clone(), change, world)?;
    Ok(root)
}

fn refuse_searchpath(content: &Value, step: &Step, world: &World<'_>) -> Result<(), Error> {
    if content.get("hydra").is_none() {
        return Ok(());
    }
    let found = node::select(content, "hydra.searchpath", world);
    match found.map_err(|fault| Error::of_value(Kind::Composition, &fault))? {
        None | Some(Value::Null) => Ok(()),
        Some(_) => {
            let message = format!("`{}` may not set `hydra.searchpath`", step.config);
            Err(Error::composition(message).hinted("only the primary config may"))
        }
    }
}

/// Fills in what Hydra itself knows only now.
fn finish(
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
    let how = job.get("config").and_then(|config| config.get("override_dirname"));
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

impl Error {
    fn sweep(one: &Override) -> Self {
        let is_list = matches!(
            &one.value,
            Some(Element::Sweep(sweep))
                if matches!(&**sweep, overrides::Sweep::Choice(choice) if choice.is_simple)
        );
        let message = format!("override `{}` is a sweep, and one value is wanted", one.text);
        let key = one.key_element();
        let hint = match one.text.split_once('=') {
            Some((_, value)) if is_list => {
                format!("a list is {key}=[{value}], a text {key}='{value}'")
            }
            _ => "submit it: each point becomes a job".to_owned(),
        };
        Self::composition(message).hinted(hint)
    }
}

impl Composition {
    /// Returns the configuration without Hydra's own node; nothing is resolved.
    pub fn config(&self) -> Value {
        let mut config = self.root.clone();
        if let Some(dict) = config.as_dict_mut() {
            dict.remove("hydra");
        }
        config
    }

    /// Returns Hydra's own node; nothing is resolved.
    pub fn hydra(&self) -> Option<&Value> {
        self.root.get("hydra")
    }

    /// Returns everything, with Hydra's own node under `hydra`; nothing is resolved.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Returns the value at a dotted key, resolved; nothing where there is none.
    ///
    /// # Errors
    /// When an interpolation has no value, or a value that must be given is missing.
    pub fn select(&self, key: &str) -> Result<Option<Value>, Error> {
        self.asked(|world| node::select_resolved(&self.root, key, world))
    }

    /// Returns the whole configuration without Hydra's own node, resolved.
    ///
    /// # Errors
    /// When an interpolation has no value.
    pub fn resolved(&self) -> Result<Value, Error> {
        let mut resolved = Dict::default();
        for (key, _) in self.root.as_dict().into_iter().flat_map(Dict::iter) {
            if key.as_str() == Some("hydra") {
                continue;
            }
            let path = [key.clone()];
            let value = self.asked(|world| node::resolved_at(&self.root, &path, world))?;
            resolved.insert(key.clone(), value);
        }
        Ok(Value::from(resolved))
    }

    /// Asks with the world of the composition, and says where what fails was written.
    fn asked<T>(
        &self,
        ask: impl FnOnce(&World<'_>) -> Result<T, node::Error>,
    ) -> Result<T, Error> {
        let env = |name: &str| self.environment.get(name).map(str::to_owned);
        let world = World {
            env: &env,
            now: self.now,
            hydra: Some(&self.root),
            custom: None,
        };
        ask(&world).map_err(|fault| {
            let error = Error::of_value(Kind::Value(fault.class()), &fault);
            let search = self.tree.search(self.is_old);
            let place = fault
                .key()
                .and_then(|key| origin::of_key(key, &self.defaults, &search));
            error.at(place)
        })
    }
}
