//! Composing: overrides and defaults lists in, one configuration out, with Hydra's own node.
//!
//! `request` is what is asked. `merge` puts the configurations together, `apply` does what
//! overrides say about values, `finish` fills Hydra's own node in. `blame` and `error` say what is
//! wrong, `origin` finds where it was written.

mod apply;
mod blame;
mod error;
mod finish;
mod merge;
mod origin;
mod request;

use std::path::Path;

use indexmap::IndexMap;
use jiff::civil::DateTime;

pub use super::defaults::Step;
pub use error::{Error, Kind};
pub use request::{Environment, Request, VersionBase};

use super::defaults;
use super::hydra;
use super::interpolation::{Found, Place, Walk};
use super::node::{self, Dict, Value};
use super::overrides::{self, Element, Override};
use super::resolver::World;
use super::tree::{Search, Source, Tree};

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
    knows_hydra: bool,
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
        let mut root = merge::merged(&resolved.steps, &search, &world)?;
        if let Some(flags) = root.flags_mut() {
            flags.structured = Some(true);
        }
        apply::values(&mut root, &resolved.values, &world)?;
        finish::finish(&mut root, request, &overrides, &resolved, &search)?;
        Ok(Composition {
            root,
            choices: resolved.choices,
            defaults: resolved.steps,
            sources: search.sources,
            tree: self.clone(),
            is_old: search.is_old,
            environment: request.environment.clone(),
            now: request.now,
            knows_hydra: request.knows_hydra,
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
        .and_then(|one| one.value.as_ref())
        .map(apply::value)
        .transpose()
        .map_err(|fault| Error::of_value(Kind::Composition, &fault))?;
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

impl Error {
    fn sweep(one: &Override) -> Self {
        let is_list = matches!(
            &one.value,
            Some(Element::Sweep(sweep))
                if matches!(&**sweep, overrides::Sweep::Choice(choice) if choice.is_simple)
        );
        let message = format!(
            "override `{}` is a sweep, and one value is wanted",
            one.text
        );
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

    /// Takes Hydra's own node away, as Hydra's `compose` function does: then nothing can refer
    /// to it.
    #[must_use]
    pub fn without_hydra(mut self) -> Self {
        self.root = self.config();
        self
    }

    /// Returns the value at a dotted key, resolved; nothing where there is none.
    ///
    /// # Errors
    /// When an interpolation has no value, or a value that must be given is missing.
    pub fn select(&self, key: &str) -> Result<Option<Value>, Error> {
        self.asked(|world| {
            let found = node::select_resolved(&self.root, key, world)?;
            match (found, self.hydra()) {
                (Some(found), Some(own)) if key.starts_with("hydra.") => {
                    hydra::admit_at(own, key, found).map(Some)
                }
                (found, _) => Ok(found),
            }
        })
    }

    /// Returns the directory of the tree.
    pub fn directory(&self) -> &Path {
        self.tree.directory()
    }

    /// Returns Hydra's own node, resolved; what is missing there stays missing.
    ///
    /// # Errors
    /// When an interpolation has no value.
    pub fn resolved_hydra(&self) -> Result<Option<Value>, Error> {
        let own = self.resolved_where(|key| key == "hydra")?;
        Ok(own.get("hydra").cloned())
    }

    /// Returns the whole configuration without Hydra's own node, resolved.
    ///
    /// # Errors
    /// When an interpolation has no value.
    pub fn resolved(&self) -> Result<Value, Error> {
        self.resolved_where(|key| key != "hydra")
    }

    fn resolved_where(&self, is_wanted: impl Fn(&str) -> bool) -> Result<Value, Error> {
        self.asked(|world| {
            let mut walk = Walk::new(world);
            let mut resolved = Dict::default();
            let keys = self.root.as_dict().into_iter().flat_map(Dict::keys);
            for key in keys.filter(|key| is_wanted(key.as_str().unwrap_or_default())) {
                let Some(place) = Place::at(&self.root, std::slice::from_ref(key)) else {
                    continue;
                };
                let value = match walk.dereference(&place)? {
                    Found::Node(place) => walk.resolved(&place)?,
                    Found::Plain(value) => value,
                };
                resolved.insert(key.clone(), value);
            }
            Ok(Value::from(resolved))
        })
    }

    /// Asks with the world of the composition, and says where what fails was written.
    fn asked<T>(&self, ask: impl FnOnce(&World<'_>) -> Result<T, node::Error>) -> Result<T, Error> {
        let env = |name: &str| self.environment.get(name).map(str::to_owned);
        let world = World {
            env: &env,
            now: self.now,
            hydra: self.knows_hydra.then_some(&self.root),
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
