//! Hydra's own node: the configurations it brings, and the types of its keys.

mod builtin;
mod schema;

use std::sync::{Arc, OnceLock};

use super::tree::Config;
use super::yaml;

pub(crate) use schema::{admit, admit_at, is_fixed};

/// The version whose behaviour is followed.
pub(crate) const VERSION: &str = "1.3.2";

/// A configuration that Hydra brings.
struct Brought {
    path: &'static str,
    package: Option<&'static str>,
    text: &'static str,
    /// Comes from a class, which is looked for last; files are looked for first.
    is_structured: bool,
    parsed: OnceLock<Option<Arc<Config>>>,
}

impl Brought {
    const fn file(path: &'static str, package: Option<&'static str>, text: &'static str) -> Self {
        Self {
            path,
            package,
            text,
            is_structured: false,
            parsed: OnceLock::new(),
        }
    }

    const fn class(path: &'static str, text: &'static str) -> Self {
        Self {
            path,
            package: None,
            text,
            is_structured: true,
            parsed: OnceLock::new(),
        }
    }

    fn config(&self) -> Option<Arc<Config>> {
        let parse = || {
            let content = yaml::load(self.text.as_bytes()).ok()?;
            let package = self.package.map(str::to_owned);
            Config::new(package, content, false).ok().map(Arc::new)
        };
        self.parsed.get_or_init(parse).clone()
    }
}

fn brought(path: &str, is_structured: bool) -> Option<Arc<Config>> {
    let mut all = builtin::ALL.iter();
    let one = all.find(|one| one.is_structured == is_structured && one.path == path)?;
    one.config()
}

/// Returns a configuration that Hydra brings as a file.
pub(crate) fn packaged(path: &str) -> Option<Arc<Config>> {
    brought(path, false)
}

/// Returns a configuration that Hydra brings as a class.
pub(crate) fn structured(path: &str) -> Option<Arc<Config>> {
    brought(path, true)
}

/// Returns the groups that Hydra brings.
pub(crate) fn groups() -> impl Iterator<Item = &'static str> {
    let below = builtin::ALL.iter();
    let below = below.filter_map(|one| one.path.rsplit_once('/').map(|(group, _)| group));
    below.chain(["hydra"])
}

/// Claims that Hydra brings a group of that name.
pub(crate) fn is_group(group: &str) -> bool {
    let group = group.trim_end_matches('/');
    group.is_empty() || groups().any(|known| known == group)
}

/// Returns the options that Hydra brings for a group.
pub(crate) fn options(group: &str) -> impl Iterator<Item = &'static str> {
    builtin::ALL.iter().filter_map(move |one| {
        let (known, name) = one.path.rsplit_once('/')?;
        (known == group).then_some(name)
    })
}
