//! What a composition is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::DateTime;

/// What to compose.
#[derive(Clone, Debug)]
pub struct Request {
    /// The primary config; without one only what is added by `+group=option` is there.
    pub config_name: Option<String>,
    /// Overrides, in order.
    pub overrides: Vec<String>,
    /// What `${oc.env:…}` sees.
    pub environment: Environment,
    /// What `${now:…}` says.
    pub now: DateTime,
    /// What `${hydra.job.name}` says.
    pub job_name: String,
    /// What `${hydra.runtime.cwd}` says.
    pub directory: PathBuf,
    /// Claims that `${hydra:…}` has an answer, as it has inside a program that Hydra started.
    pub knows_hydra: bool,
    /// Whose behaviour is wanted.
    pub version: VersionBase,
}

/// Whose behaviour is wanted, where versions of Hydra differ.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum VersionBase {
    /// Hydra 1.1: `_group_` and `_name_` in packages, `.yml`, `optional: true`.
    V1_1,
    /// Hydra 1.2.
    V1_2,
    /// Hydra 1.3.
    #[default]
    V1_3,
}

/// Environment variables. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Environment(Arc<BTreeMap<String, String>>);

impl Request {
    /// Asks for `config`, as this process is, now.
    pub fn new(overrides: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            config_name: Some("config".to_owned()),
            overrides: overrides.into_iter().map(Into::into).collect(),
            environment: Environment::of_process(),
            now: jiff::Zoned::now().datetime(),
            job_name: "app".to_owned(),
            directory: std::env::current_dir().unwrap_or_default(),
            knows_hydra: true,
            version: VersionBase::default(),
        }
    }
}

impl VersionBase {
    /// Returns the version as Hydra writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

impl Environment {
    /// Returns the variables of this process; those that are no text are left out.
    pub fn of_process() -> Self {
        let all = std::env::vars_os();
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(Arc::new(variables.into_iter().collect()))
    }
}
