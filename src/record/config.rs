//! What a run was told: its `config.yaml`, what tells two of them apart, and what it says
//! about the record itself.
//!
//! INVARIANT: every default stands in `config/results/defaults.yaml`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::compose::node::{Value, display};
use crate::compose::yaml;

const DEFAULTS: &str = include_str!("../../config/results/defaults.yaml");
/// So many letters of a hash tell configurations apart.
const HASH: usize = 6;

/// What the record reads of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file with the measurements.
    pub metrics_file: String,
    /// Which of them count; `None`: all.
    pub metrics: Option<Vec<String>>,
    /// How many count at most where none is named.
    pub most: usize,
    /// Which files are searched where there are no measurements.
    pub log_files: Vec<String>,
    /// Bytes of a file's end that are read.
    pub tail: u64,
    /// Bytes that are read at most.
    pub whole: u64,
}

impl Settings {
    /// Returns what holds where a run says nothing.
    ///
    /// # Errors
    ///
    /// Where the file that the program was built with is no YAML.
    pub fn defaults() -> Result<Self, String> {
        let root = yaml::create(DEFAULTS).map_err(|fault| fault.to_string())?;
        let mut settings = Self {
            metrics_file: String::new(),
            metrics: None,
            most: 0,
            log_files: Vec::new(),
            tail: 0,
            whole: 0,
        };
        settings.take(&root);
        Ok(settings)
    }

    /// Returns these with what a run's own configuration says over them.
    ///
    /// # Errors
    ///
    /// Where its part about the record is no YAML.
    pub fn with(&self, config: &str) -> Result<Self, String> {
        let mut own = self.clone();
        if let Some(block) = block(config, "results") {
            let root = yaml::create(&block).map_err(|fault| fault.to_string())?;
            if let Some(results) = root.get("results") {
                own.take(results);
            }
        }
        Ok(own)
    }

    fn take(&mut self, node: &Value) {
        let number = |key: &str| {
            let number = node.get(key).and_then(Value::as_int);
            number.and_then(|number| u64::try_from(number).ok())
        };
        if let Some(text) = node.get("metrics_file").and_then(Value::as_str) {
            text.clone_into(&mut self.metrics_file);
        }
        if let Some(list) = node.get("metrics") {
            self.metrics = names(list);
        }
        if let Some(list) = node.get("log_files").and_then(names) {
            self.log_files = list;
        }
        if let Some(most) = number("most_metrics").and_then(|most| usize::try_from(most).ok()) {
            self.most = most;
        }
        self.tail = number("tail_kb").map_or(self.tail, |kb| kb.saturating_mul(1024));
        self.whole = number("most_kb").map_or(self.whole, |kb| kb.saturating_mul(1024));
    }
}

fn names(node: &Value) -> Option<Vec<String>> {
    match node.as_list() {
        Some(list) => Some(list.iter().map(display).collect()),
        None => node.as_str().map(|one| vec![one.to_owned()]),
    }
}

/// Returns what tells a configuration apart: what differs between two runs of the same
/// configuration, their directory and their time, does not count.
pub fn hash(config: &str, directory: &str, created: &str) -> String {
    let name = directory.rsplit('/').next().unwrap_or_default();
    let mut text = config.to_owned();
    for own in [directory, name, created] {
        if !own.is_empty() && text.contains(own) {
            text = text.replace(own, "RUN");
        }
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().take(HASH).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Returns a value that stands one level below the top: `cluster.name`.
pub fn value(config: &str, group: &str, key: &str) -> Option<String> {
    let block = block(config, group)?;
    let prefix = format!("  {key}:");
    let found = block.lines().find_map(|line| line.strip_prefix(&prefix))?;
    let found = found.trim().trim_matches(['\'', '"']);
    (!found.is_empty() && found != "null").then(|| found.to_owned())
}

/// Returns a key of the top with everything below it. What the program wrote itself has
/// such keys at the beginning of a line, so that a whole file need not be parsed for one.
fn block(config: &str, key: &str) -> Option<String> {
    let head = format!("{key}:");
    let mut lines = config.lines().skip_while(|line| !line.starts_with(&head));
    let mut text = format!("{}\n", lines.next()?);
    for line in lines.take_while(|line| line.starts_with([' ', '-']) || line.is_empty()) {
        text.push_str(line);
        text.push('\n');
    }
    Some(text)
}

/// Returns every value of a configuration under its whole name.
///
/// # Errors
///
/// Where it is no YAML.
pub fn flat(config: &str) -> Result<BTreeMap<String, String>, String> {
    let root = yaml::create(config).map_err(|fault| fault.to_string())?;
    let mut all = BTreeMap::new();
    walk(&root, "", &mut all);
    Ok(all)
}

fn walk(node: &Value, name: &str, all: &mut BTreeMap<String, String>) {
    match node.as_dict() {
        Some(dict) if !dict.is_empty() => {
            for (key, value) in dict.iter() {
                let whole = match name {
                    "" => key.to_string(),
                    above => format!("{above}.{key}"),
                };
                walk(value, &whole, all);
            }
        }
        _ => {
            all.insert(name.to_owned(), display(node));
        }
    }
}
