//! The lists that rules and the guard refer to by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pattern::{Fault, NameSet, PathSet};

/// The lists that the program itself asks for; a law without one does not load.
pub(crate) const REQUIRED: [&str; 6] = [
    "allowed_sockets",
    "bulk_exempt",
    "git_hosts",
    "in_place",
    "protected",
    "replacers",
];

/// All lists, and what they compile to; a list that several rules name is compiled once.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    entries: BTreeMap<String, Vec<String>>,
    paths: BTreeMap<String, Arc<PathSet>>,
    programs: BTreeMap<String, Arc<NameSet>>,
}

impl Lists {
    pub(crate) fn new(entries: BTreeMap<String, Vec<String>>) -> Self {
        Self {
            entries,
            ..Self::default()
        }
    }

    pub(crate) fn entries(&self, name: &str) -> &[String] {
        self.entries.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    pub(crate) fn has_program(&self, list: &str, program: &str) -> bool {
        match self.programs.get(list) {
            Some(set) => set.matches(program),
            None => NameSet::compile(self.entries(list).iter().map(String::as_str))
                .is_ok_and(|set| set.matches(program)),
        }
    }

    /// Compiles patterns over paths; `@list` stands for the entries of a list.
    pub(crate) fn paths(
        &mut self,
        words: &[String],
        is_eager: bool,
    ) -> Result<Arc<PathSet>, Fault> {
        let alone = list_alone(words);
        if let Some(set) = alone.and_then(|list| self.paths.get(list)) {
            return Ok(Arc::clone(set));
        }
        let texts = self.expand(words)?;
        // The entries of a list have been tried where they stand.
        if is_eager && alone.is_none() {
            PathSet::compile(texts.iter().map(String::as_str)).map(drop)?;
        }
        let set = Arc::new(PathSet::later(texts));
        if let Some(list) = alone {
            self.paths.insert(list.to_owned(), Arc::clone(&set));
        }
        Ok(set)
    }

    /// Compiles patterns over names of programs or hosts.
    pub(crate) fn programs(&mut self, words: &[String]) -> Result<Arc<NameSet>, Fault> {
        let alone = list_alone(words);
        if let Some(set) = alone.and_then(|list| self.programs.get(list)) {
            return Ok(Arc::clone(set));
        }
        let texts = self.expand(words)?;
        let set = Arc::new(NameSet::compile(texts.iter().map(String::as_str))?);
        if let Some(list) = alone {
            self.programs.insert(list.to_owned(), Arc::clone(&set));
        }
        Ok(set)
    }

    /// Returns the words with every `@list` replaced by its entries.
    pub(crate) fn expand(&self, words: &[String]) -> Result<Vec<String>, Fault> {
        let mut texts = Vec::with_capacity(words.len());
        for word in words {
            match word.strip_prefix('@') {
                Some(list) => {
                    let entries = self
                        .entries
                        .get(list)
                        .ok_or_else(|| format!("there is no list `{list}`"))?;
                    texts.extend(entries.iter().cloned());
                }
                None => texts.push(word.clone()),
            }
        }
        Ok(texts)
    }
}

fn list_alone(words: &[String]) -> Option<&str> {
    match words {
        [word] => word.strip_prefix('@'),
        _ => None,
    }
}
