//! Trees of configuration files: where they are looked for, and what each file says.
//!
//! A file is read and parsed once for all compositions of a [`Tree`]; copies share what was
//! parsed. Nothing is noticed that changes on disk after it was read.

mod config;
mod source;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::composition::Error;
use super::hydra;

pub(crate) use config::Config;
use source::Place;
pub use source::Source;

/// A directory of configuration files. Cloning is cheap, and shares what was read.
#[derive(Clone, Debug)]
pub struct Tree {
    directory: Arc<Path>,
    read: Arc<Mutex<Read>>,
}

/// What is known of the file system.
#[derive(Debug, Default)]
struct Read {
    kinds: HashMap<PathBuf, Kind>,
    configs: HashMap<(PathBuf, bool), Arc<Config>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Nothing,
    File,
    Directory,
}

impl Tree {
    /// Opens the tree below `directory`.
    ///
    /// # Errors
    /// When it is no directory that can be read.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, Error> {
        let directory = directory.into();
        let tree = Self {
            directory: directory.into(),
            read: Arc::default(),
        };
        if tree.kind(tree.directory.to_path_buf()) == Kind::Directory {
            Ok(tree)
        } else {
            Err(Error::no_directory(&tree.directory))
        }
    }

    /// Returns the configuration directory of the nearest project upwards.
    pub fn nearest(here: &Path, name: &str) -> Option<PathBuf> {
        let file = format!("{name}.yaml");
        here.ancestors()
            .map(|directory| directory.join("config"))
            .find(|config| config.join(&file).is_file())
    }

    /// Returns the directory it lies in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the options of a config group, Hydra's own included, in order.
    pub fn options(&self, group: &str) -> Vec<String> {
        self.search(false).options(group)
    }

    /// Returns the names of the config groups, from the top of the tree, in order.
    pub fn groups(&self) -> Vec<String> {
        self.search(false).groups()
    }

    /// Returns the search path of a composition, before what the primary config adds to it.
    pub(crate) fn search(&self, is_old: bool) -> Search<'_> {
        Search {
            tree: self,
            sources: vec![
                Source::builtin(),
                Source::main(&self.directory),
                Source::schema(),
            ],
            is_old,
        }
    }

    fn kind(&self, path: PathBuf) -> Kind {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = read.kinds.get(&path) {
            return *kind;
        }
        let kind = match std::fs::metadata(&path) {
            Ok(about) if about.is_file() => Kind::File,
            Ok(about) if about.is_dir() => Kind::Directory,
            _ => Kind::Nothing,
        };
        read.kinds.insert(path, kind);
        kind
    }

    fn config(&self, file: PathBuf, path: &str, is_old: bool) -> Result<Arc<Config>, Error> {
        let key = (file, is_old);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = read.configs.get(&key) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(Config::read(&key.0, path, is_old)?);
        read.configs.insert(key, Arc::clone(&config));
        Ok(config)
    }
}

/// The places where one composition looks, in order; the first that has a name wins.
#[derive(Clone, Debug)]
pub(crate) struct Search<'a> {
    tree: &'a Tree,
    pub(crate) sources: Vec<Source>,
    /// Behaves as Hydra 1.1 does.
    pub(crate) is_old: bool,
}

impl Search<'_> {
    /// Adds places before the last, which is Hydra's own schema.
    pub(crate) fn add(&mut self, path: &str, provider: &str) -> Result<(), Error> {
        let source = Source::parse(path, provider)?;
        let last = self.sources.len().saturating_sub(1);
        self.sources.insert(last, source);
        Ok(())
    }

    /// Returns a configuration by its path from the top; nothing where there is none.
    pub(crate) fn config(&self, path: &str) -> Result<Option<Arc<Config>>, Error> {
        for source in &self.sources {
            match &source.place {
                Place::Builtin => {
                    if let Some(config) = hydra::packaged(&self.plain(path)) {
                        return Ok(Some(config));
                    }
                }
                Place::Schema => return Ok(hydra::structured(&self.plain(path))),
                Place::Directory(directory) => {
                    let file = directory.join(self.file_name(path));
                    if self.tree.kind(file.clone()) == Kind::File {
                        return self.tree.config(file, path, self.is_old).map(Some);
                    }
                }
                Place::Unavailable => {}
            }
        }
        Ok(None)
    }

    /// Claims that there is such a configuration, readable or not.
    pub(crate) fn has_config(&self, path: &str) -> bool {
        self.sources.iter().any(|source| match &source.place {
            Place::Builtin => hydra::packaged(&self.plain(path)).is_some(),
            Place::Schema => hydra::structured(&self.plain(path)).is_some(),
            Place::Directory(directory) => {
                self.tree.kind(directory.join(self.file_name(path))) == Kind::File
            }
            Place::Unavailable => false,
        })
    }

    /// Claims that there is such a group.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.sources.iter().any(|source| match &source.place {
            Place::Builtin | Place::Schema => hydra::is_group(group),
            Place::Directory(directory) => self.tree.kind(directory.join(group)) == Kind::Directory,
            Place::Unavailable => false,
        })
    }

    /// Returns the names of the configurations in a group, in order.
    pub(crate) fn options(&self, group: &str) -> Vec<String> {
        let mut options = BTreeSet::new();
        for source in &self.sources {
            match &source.place {
                Place::Builtin | Place::Schema => {
                    options.extend(hydra::options(group).map(str::to_owned));
                }
                Place::Directory(directory) => {
                    for name in names(&directory.join(group)) {
                        let file = self.file_name(&name);
                        if self.tree.kind(directory.join(group).join(&file)) == Kind::File {
                            let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
                            options.insert(stem.to_owned());
                        }
                    }
                }
                Place::Unavailable => {}
            }
        }
        options.into_iter().collect()
    }

    /// Returns the groups, from the top, in order; links that lead into a circle end somewhere.
    pub(crate) fn groups(&self) -> Vec<String> {
        const DEPTH: usize = 8;
        let mut groups: BTreeSet<String> = hydra::groups().map(str::to_owned).collect();
        let mut open: Vec<(PathBuf, String, usize)> = Vec::new();
        for source in &self.sources {
            if let Place::Directory(directory) = &source.place {
                open.push((directory.clone(), String::new(), 0));
            }
        }
        while let Some((directory, above, depth)) = open.pop() {
            for name in names(&directory) {
                let inside = directory.join(&name);
                if depth < DEPTH && self.tree.kind(inside.clone()) == Kind::Directory {
                    let group = if above.is_empty() {
                        name
                    } else {
                        format!("{above}/{name}")
                    };
                    groups.insert(group.clone());
                    open.push((inside, group, depth + 1));
                }
            }
        }
        groups.into_iter().collect()
    }

    /// The name of the file of a configuration.
    fn file_name(&self, path: &str) -> String {
        let is_complete = path.ends_with(".yaml") || (self.is_old && path.ends_with(".yml"));
        if is_complete {
            path.to_owned()
        } else {
            format!("{path}.yaml")
        }
    }

    fn plain(&self, path: &str) -> String {
        let file = self.file_name(path);
        file.strip_suffix(".yaml").unwrap_or(&file).to_owned()
    }
}

/// The names in a directory; none where it cannot be read.
fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| !name.starts_with('.') && name != "__pycache__" && name != "__init__.py")
        .collect()
}
