//! The project that a line is about: the directory above its configuration.

use std::path::{Path, PathBuf};

use crate::compose::tree::Tree;
use crate::error::Error;

/// A project.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Project {
    /// The directory above the configuration, resolved.
    pub(super) root: PathBuf,
    /// The configuration directory, resolved.
    pub(super) config: PathBuf,
}

impl Project {
    /// Finds the nearest project upwards, or takes the configuration that is named.
    pub(super) fn find(config: Option<&Path>, name: &str) -> Result<Self, Error> {
        let here = std::env::current_dir().map_err(|source| Error::Io {
            what: "the working directory",
            source,
        })?;
        let config = match config {
            Some(directory) => here.join(directory),
            None => Tree::nearest(&here, name).ok_or_else(|| {
                Error::No(format!(
                    "neither here nor above is a directory with `config/{name}.yaml`: go into the project, or name \
                     its configuration with --config-dir"
                ))
            })?,
        };
        let config = config.canonicalize().map_err(|source| Error::File {
            path: config.clone(),
            source,
        })?;
        let root = config.parent().unwrap_or(&config).to_owned();
        Ok(Self { root, config })
    }
}
