//! Reads single keys of a configuration as what they must be.
//!
//! INVARIANT: a value of the wrong kind is a problem, never another value.

use std::path::Path;

use super::limit;
use super::problem::{Problem, Subject, keep};
use super::settings::{Checkpoint, Select, tidy};
use super::value::Value;
use super::word::printable;

/// Reads keys, and notes whatever is wrong with them.
pub(crate) struct Reader<'a> {
    pub(crate) select: &'a Select<'a>,
    pub(crate) found: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    /// Looks a key up; what a preset does not say stands below `submit.unsaid`.
    pub(crate) fn value(&mut self, key: &str) -> Value {
        let value = self.look(key);
        let unsaid = UNSAID.iter().find(|(said, _)| *said == key);
        match unsaid {
            Some((_, unsaid)) if value.is_null() => self.look(unsaid),
            _ => value,
        }
    }

    fn look(&mut self, key: &str) -> Value {
        match (self.select)(key) {
            Ok(value) => value,
            Err(reason) => {
                let what = format!("`{key}` cannot be read: {reason}");
                self.wrong(key, what, "see it with `hlrp-sh compose`");
                Value::Null
            }
        }
    }

    fn wrong(&mut self, key: &str, what: String, instead: &str) {
        let problem = Problem::config(Subject::Key(key.to_owned()), what, instead);
        self.found.push(problem);
    }

    /// Reads a scalar on one line. Empty text counts as nothing, as it does for Python.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.value(key);
        let text = value.text();
        if text.is_none() && !value.is_null() {
            self.wrong(
                key,
                format!("`{key}` is {}, and must be a single value", value.kind()),
                "write one value",
            );
        }
        let text = text.filter(|text| !text.is_empty())?;
        keep(printable(key, &text), self.found)?;
        Some(text)
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key) {
            Value::Null => None,
            Value::Bool(value) => Some(value),
            other => {
                let what = format!("`{key}` is {}, and must be true or false", other.kind());
                self.wrong(key, what, "write true or false");
                None
            }
        }
    }

    pub(crate) fn count(&mut self, key: &str) -> Option<u64> {
        let value = self.value(key);
        let number = match &value {
            Value::Null => return None,
            Value::Int(number) => u64::try_from(*number).ok(),
            Value::Float(number) if number.fract() == 0.0 && *number >= 0.0 => Some(*number as u64),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let shown = value.text().unwrap_or_else(|| value.kind().to_owned());
            let what = format!("`{key}` is {shown}, and must be a whole number, not negative");
            self.wrong(key, what, "write a whole number");
        }
        number
    }

    pub(crate) fn positive(&mut self, key: &str) -> Option<u64> {
        let number = self.count(key)?;
        if number == 0 {
            let what = format!("`{key}` is 0");
            self.wrong(key, what, "write 1 or more, or leave it out");
            return None;
        }
        Some(number)
    }

    pub(crate) fn limits(&mut self) -> (Option<String>, Option<String>) {
        let (memory, time) = ("cluster.compute.mem_gb", "cluster.compute.time_limit");
        let value = self.value(memory);
        let memory = keep(limit::memory(memory, &value), self.found).flatten();
        let value = self.value(time);
        let time = keep(limit::time(time, &value), self.found).flatten();
        (memory, time)
    }

    /// Reads one command or several; lines may be broken, nothing else that controls.
    pub(crate) fn commands(&mut self, key: &str) -> Vec<String> {
        let items = match self.value(key) {
            Value::Null => return Vec::new(),
            Value::List(items) => items,
            single => vec![single],
        };
        let mut commands = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Value::Text(text) = item else {
                if !item.is_null() {
                    let what = format!("`{key}[{index}]` is {}, and must be text", item.kind());
                    self.wrong(
                        key,
                        what,
                        "write text, in quotes where YAML would read a number",
                    );
                }
                continue;
            };
            let visible = text.replace(['\n', '\t'], " ");
            if keep(printable(key, &visible), self.found).is_some() && !text.trim().is_empty() {
                commands.push(text.trim().to_owned());
            }
        }
        commands
    }

    pub(crate) fn list(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            Value::Null => Vec::new(),
            Value::List(items) => items.iter().filter_map(Value::text).collect(),
            other => {
                let what = format!("`{key}` is {}, and must be a list of words", other.kind());
                self.wrong(
                    key,
                    what,
                    "write one word an entry: `[python, -m, my.training]`",
                );
                Vec::new()
            }
        }
    }

    pub(crate) fn pairs(&mut self, key: &str) -> Vec<(String, String)> {
        let entries = match self.value(key) {
            Value::Null => return Vec::new(),
            Value::Map(entries) => entries,
            other => {
                let what = format!("`{key}` is {}, and must be a mapping", other.kind());
                self.wrong(key, what, "write one `NAME: value` a line");
                return Vec::new();
            }
        };
        let mut pairs = Vec::new();
        for (name, value) in entries {
            let Some(text) = value.text() else { continue };
            if !is_variable(&name) {
                let what = format!("`{name}` is no name of a variable");
                self.wrong(key, what, "use letters, digits and `_`");
            } else if keep(printable(key, &text), self.found).is_some() {
                pairs.push((name, text));
            }
        }
        pairs
    }

    /// Finds the conda environment: the one the tree names, else by training program.
    pub(crate) fn conda(&mut self) -> Option<String> {
        if let Some(name) = self.text("environment.conda_env") {
            return Some(name);
        }
        let is_said = matches!((self.select)("environment"), Ok(Value::Map(_)));
        if is_said {
            return None;
        }
        let script = self.text("submit.script")?;
        let known = self.pairs_of_any("submit.unsaid.conda_envs");
        let found = known.into_iter().find(|(name, _)| *name == script);
        found.map(|(_, environment)| environment)
    }

    fn pairs_of_any(&mut self, key: &str) -> Vec<(String, String)> {
        match self.look(key) {
            Value::Map(entries) => entries
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.text()?)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Finds the checkpoints that are files; what may be a name on a hub is left alone.
    pub(crate) fn checkpoints(&mut self, project: &Path) -> Vec<Checkpoint> {
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        for key in CHECKPOINTS {
            let Ok(Value::Text(text)) = (self.select)(key) else {
                continue;
            };
            let path = Path::new(&text);
            let is_file = path.is_absolute() || FILES.iter().any(|ending| text.ends_with(ending));
            let is_remote = text.contains("://");
            if text.is_empty()
                || !is_file
                || is_remote
                || keep(printable(key, &text), self.found).is_none()
            {
                continue;
            }
            let found = Checkpoint {
                key: key.to_owned(),
                path: tidy(&project.join(path)),
                is_absolute: path.is_absolute(),
            };
            if !checkpoints.iter().any(|known| known.path == found.path) {
                checkpoints.push(found);
            }
        }
        checkpoints
    }
}

/// Keys that name a checkpoint the training reads.
const CHECKPOINTS: [&str; 8] = [
    "model.laq.checkpoint",
    "training.resume_from_checkpoint",
    "training.load_weights_from",
    "model.stage1.checkpoint",
    "lerobot.policy.lam_checkpoint_path",
    "lerobot.policy.stage2_artifact",
    "lerobot.resume_from",
    "lerobot_eval.policy_path",
];

/// Where it is said what a preset gets that does not say so itself.
const UNSAID: [(&str, &str); 5] = [
    ("cluster.compute.num_nodes", "submit.unsaid.num_nodes"),
    (
        "cluster.compute.tasks_per_node",
        "submit.unsaid.tasks_per_node",
    ),
    (
        "cluster.compute.gpus_per_node",
        "submit.unsaid.gpus_per_node",
    ),
    ("cluster.compute.time_limit", "submit.unsaid.time_limit"),
    ("cluster.container.python_bin", "submit.unsaid.python_bin"),
];

/// Returns whether a shell takes it as the name of a variable.
fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Endings of files that are surely checkpoints, and no names on a hub.
const FILES: [&str; 5] = [".ckpt", ".pt", ".pth", ".safetensors", ".bin"];
