//! One place of a search path.

use std::path::{Path, PathBuf};

use crate::compose::composition::Error;

/// One place where configurations are looked for.
#[derive(Clone, Debug)]
pub struct Source {
    /// Who asked for it.
    pub provider: String,
    /// `file`, `pkg` or `structured`.
    pub scheme: &'static str,
    /// What follows `://`.
    pub path: String,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum Place {
    /// What Hydra brings as files.
    Builtin,
    /// What Hydra brings as classes.
    Schema,
    Directory(PathBuf),
    /// A Python package that is not here.
    Unavailable,
}

impl Source {
    pub(super) fn builtin() -> Self {
        Self::new("hydra", "pkg", "hydra.conf", Place::Builtin)
    }

    pub(super) fn schema() -> Self {
        Self::new("schema", "structured", "", Place::Schema)
    }

    pub(super) fn main(directory: &Path) -> Self {
        let path = directory.to_string_lossy();
        Self::new(
            "main",
            "file",
            &path,
            Place::Directory(directory.to_owned()),
        )
    }

    fn new(provider: &str, scheme: &'static str, path: &str, place: Place) -> Self {
        Self {
            provider: provider.to_owned(),
            scheme,
            path: path.to_owned(),
            place,
        }
    }

    /// Reads an entry of `hydra.searchpath`: a directory, `file://DIRECTORY` or `pkg://PACKAGE`.
    ///
    /// Python packages are looked for in the directories of `PYTHONPATH` and in the current one.
    pub(super) fn parse(path: &str, provider: &str) -> Result<Self, Error> {
        match path.split_once("://") {
            None => {
                let place = Place::Directory(PathBuf::from(path));
                Ok(Self::new(provider, "file", path, place))
            }
            Some(("file", rest)) => {
                let place = Place::Directory(PathBuf::from(rest));
                Ok(Self::new(provider, "file", rest, place))
            }
            Some(("pkg", rest)) => {
                let package = rest.replace('/', ".");
                let package = package.trim_end_matches('.');
                let place = match package {
                    "hydra.conf" => Place::Builtin,
                    _ => find_package(package).map_or(Place::Unavailable, Place::Directory),
                };
                Ok(Self::new(provider, "pkg", package, place))
            }
            Some((scheme, _)) => Err(Error::unknown_scheme(scheme, path)),
        }
    }

    /// Claims that it is there.
    pub fn is_available(&self) -> bool {
        match &self.place {
            Place::Builtin | Place::Schema => true,
            Place::Directory(directory) => directory.is_dir(),
            Place::Unavailable => false,
        }
    }
}

fn find_package(package: &str) -> Option<PathBuf> {
    let path: PathBuf = package.split('.').collect();
    let listed = std::env::var_os("PYTHONPATH").unwrap_or_default();
    let listed: Vec<_> = std::env::split_paths(&listed).collect();
    let current = std::env::current_dir().ok();
    let all = listed.into_iter().chain(current);
    all.map(|directory| directory.join(&path))
        .find(|directory| directory.join("__init__.py").is_file())
}
