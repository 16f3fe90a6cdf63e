//! Where policy files lie, and who may loosen what.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::load::LoadError;

/// One policy file, read.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Whose it is.
    pub kind: LayerKind,
    /// Where it lies.
    pub path: PathBuf,
    /// What stands in it.
    pub text: Arc<str>,
}

impl Layer {
    /// Reads a layer; `None` where there is no such file.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read.
    pub fn read(kind: LayerKind, path: PathBuf) -> Result<Option<Self>, LoadError> {
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Self {
                kind,
                path,
                text: text.into(),
            })),
            Err(fault) if is_absent(fault.kind()) => Ok(None),
            Err(fault) => Err(LoadError::unreadable(&path, &fault)),
        }
    }

    /// Reads every layer there is, the machine's first. `config` is the user's
    /// configuration directory, `project` the directory that holds `.hlrp/`.
    ///
    /// # Errors
    ///
    /// Where a file is there and cannot be read.
    pub fn read_all(config: &Path, project: Option<&Path>) -> Result<Vec<Self>, LoadError> {
        let places = [
            (LayerKind::Machine, Some(PathBuf::from(MACHINE))),
            (LayerKind::User, Some(config.join(USER))),
            (
                LayerKind::Project,
                project.map(|project| project.join(PROJECT)),
            ),
        ];
        places
            .into_iter()
            .filter_map(|(kind, path)| Some((kind, path?)))
            .filter_map(|(kind, path)| Self::read(kind, path).transpose())
            .collect()
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    kind == ErrorKind::NotFound || kind == ErrorKind::NotADirectory
}

/// Whose a policy file is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// The law that the program brings.
    Builtin,
    /// The administrator's, `/etc/hlrp-sh/policy.toml`.
    Machine,
    /// The user's, `$XDG_CONFIG_HOME/hlrp-sh/policy.toml`.
    User,
    /// The project's, `.hlrp/policy.toml`; it may only tighten.
    Project,
}

impl LayerKind {
    /// Returns whether it may only tighten.
    pub(crate) fn may_only_tighten(self) -> bool {
        match self {
            Self::Builtin | Self::Machine | Self::User => false,
            Self::Project => true,
        }
    }
}

const MACHINE: &str = "/etc/hlrp-sh/policy.toml";
const USER: &str = "policy.toml";
const PROJECT: &str = ".hlrp/policy.toml";
