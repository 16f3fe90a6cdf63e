//! Composes the points of a submission: one tree, one moment, one environment for all.

use std::path::Path;

use jiff::civil::DateTime;

use crate::compose::composition::{Composition, Environment, Error as Fault, Request};
use crate::compose::node;
use crate::compose::overrides;
use crate::compose::tree::Tree;
use crate::error::Error;
use crate::session::Session;
use crate::slurm::submit::defaults::Defaults;
use crate::slurm::submit::plan::Refusal;
use crate::slurm::submit::{Composed, Composer, Host, Plan, Problem, Request as Submission, Value};

use crate::cli::project::Project;

/// Values of one sweep on the command line that are listed at most.
const MOST_VALUES: usize = 100_000;

/// What composes the points.
pub(in crate::cli) struct Composing {
    tree: Tree,
    name: String,
    environment: Environment,
    now: DateTime,
    defaults: Defaults,
}

impl Composing {
    pub(in crate::cli) fn new(
        project: &Project,
        name: &str,
        session: &Session,
    ) -> Result<Self, Error> {
        let wrong = |fault: &Fault| Error::Policy(told(fault).to_string());
        Ok(Self {
            tree: Tree::open(&project.config).map_err(|fault| wrong(&fault))?,
            name: name.to_owned(),
            environment: environment(Some(session)),
            now: jiff::Zoned::now().datetime(),
            defaults: Defaults::read().map_err(Error::Policy)?,
        })
    }

    /// Returns the moment as run directories are named by it.
    pub(in crate::cli) fn timestamp(&self) -> String {
        self.now.strftime("%Y-%m-%d_%H-%M-%S").to_string()
    }

    pub(in crate::cli) fn plan(
        &self,
        request: &Submission,
        host: &Host,
    ) -> Result<Plan, Vec<Problem>> {
        let compose = |overrides: &[String]| self.composed(overrides, host);
        let expand = |text: &str| self.expand(text);
        Plan::make(
            request,
            host,
            &Composer {
                compose: &compose,
                expand: &expand,
            },
        )
    }

    fn compose(&self, overrides: &[String], directory: &Path) -> Result<Composition, Fault> {
        self.tree.compose(&Request {
            config_name: Some(self.name.clone()),
            environment: self.environment.clone(),
            now: self.now,
            directory: directory.to_owned(),
            ..Request::new(overrides)
        })
    }

    fn composed(&self, overrides: &[String], host: &Host) -> Result<Composed<'_>, Refusal> {
        let composition = self
            .compose(overrides, &host.project)
            .map_err(|fault| told(&fault))?;
        let select = move |key: &str| match composition.select(key) {
            Ok(Some(value)) => Ok(Value::of(&value)),
            Ok(None) => Ok(self.defaults.get(key)),
            Err(fault) => Err(fault.to_string()),
        };
        Ok(Composed {
            select: Box::new(select),
        })
    }

    fn expand(&self, text: &str) -> Result<Option<Vec<String>>, Refusal> {
        let refused = |fault: overrides::Error| Refusal {
            what: fault.to_string(),
            instead: None,
        };
        let parsed = overrides::parse(text).map_err(refused)?;
        if !parsed.is_sweep() {
            return Ok(None);
        }
        let all = parsed.expand(MOST_VALUES, |group| self.tree.options(group));
        let all = all.map_err(refused)?.into_iter();
        let values = all.filter_map(|one| Some(one.split_once('=')?.1.to_owned()));
        Ok(Some(values.collect()))
    }

    /// Returns a value of what composes without overrides.
    pub(in crate::cli) fn value(&self, key: &str, project: &Path) -> Result<Value, Error> {
        let wrong = |fault: &Fault| Error::Policy(told(fault).to_string());
        let composition = self.compose(&[], project).map_err(|fault| wrong(&fault))?;
        // What must be given and is not counts as not said.
        let found = composition.select(key).ok().flatten();
        Ok(found.as_ref().map(Value::of).unwrap_or_default())
    }

    /// Writes down what a point's training composes, without secrets of the environment.
    pub(in crate::cli) fn text(
        &self,
        arguments: &[String],
        project: &Path,
    ) -> Result<String, Error> {
        let wrong = |fault: &Fault| Error::Policy(told(fault).to_string());
        let composition = self
            .compose(arguments, project)
            .map_err(|fault| wrong(&fault))?;
        let resolved = composition.resolved();
        // What waits for a value that only the training gives is written as it stands.
        let value = resolved.unwrap_or_else(|_| composition.config());
        Ok(without_secrets(&yaml(&value)))
    }
}

fn yaml(value: &node::Value) -> String {
    crate::compose::dump::to_yaml(value)
}

/// Returns what a composition sees: the caller's environment, and the DSS directory that the
/// policy names.
pub(in crate::cli) fn environment(session: Option<&Session>) -> Environment {
    let mut all: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    if let Some(dss) = session.and_then(dss)
        && !all.iter().any(|(name, _)| name == DSS)
    {
        all.push((DSS.to_owned(), dss));
    }
    all.into_iter().collect()
}

pub(in crate::cli) const DSS: &str = "HLRP_DSS";

/// Returns the DSS directory that the policy names, where it is one of the roots.
pub(in crate::cli) fn dss(session: &Session) -> Option<String> {
    let named = session.policy.roots().dss.clone()?;
    let path = match named.strip_prefix("~/") {
        Some(rest) => session.context.home.join(rest),
        None => Path::new(&named).to_owned(),
    };
    let path = path.canonicalize().ok()?;
    let is_root = session.context.roots.contains(&path);
    is_root.then(|| path.display().to_string())
}

/// Takes the values of secret variables out of a text.
fn without_secrets(text: &str) -> String {
    let mut text = text.to_owned();
    for value in crate::slurm::submit::secret::values(std::env::vars_os()) {
        text = text.replace(&value, "[redacted]");
    }
    text
}

fn told(fault: &Fault) -> Refusal {
    Refusal {
        what: fault.to_string(),
        instead: fault.hint().map(str::to_owned),
    }
}
