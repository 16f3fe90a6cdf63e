//! Overrides of a composed configuration: groups with their options, dotted keys with the
//! values they have now.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Candidate;
use super::quote::escaped;
use crate::compose::composition::Request;
use crate::compose::node::{Dict, Value, display};
use crate::compose::tree::Tree;
use crate::shell::cache::Dated;

/// What was composed lately.
#[derive(Default)]
pub(crate) struct Trees {
    composed: Vec<(Key, Dated<Composed>)>,
}

type Key = (PathBuf, Vec<String>);

#[derive(Clone)]
struct Composed {
    tree: Tree,
    root: Option<Value>,
}

/// Files are read again after so long.
const FRESH: Duration = Duration::from_secs(10);
/// Compositions kept.
const KEPT: usize = 8;
/// Suggestions made at most.
const MOST: usize = 500;

/// Returns how an override may go on. `others` are the overrides that stand already.
pub(crate) fn overrides(
    trees: &mut Trees,
    cwd: &Path,
    config: Option<&str>,
    others: &[String],
    value: &str,
) -> Vec<Candidate> {
    let directory = match config {
        Some(directory) => Some(cwd.join(directory)),
        None => Tree::nearest(cwd, "config"),
    };
    let Some(known) = directory.and_then(|directory| trees.composed(&directory, others)) else {
        return Vec::new();
    };
    let bare = value.trim_start_matches(['+', '~']);
    let sign = value.get(..value.len() - bare.len()).unwrap_or_default();
    let mut found = match bare.split_once('=') {
        Some((key, rest)) => values(&known.value, key, rest),
        None => keys(&known.value, bare),
    };
    let age = known.age();
    for one in &mut found {
        one.word = escaped(&format!("{sign}{}", one.word), None);
        one.shown.insert_str(0, sign);
        if known.at.elapsed().as_secs() > 1 {
            one.about = one.about.take().map(|about| format!("{about} · {age}"));
        }
    }
    found.truncate(MOST);
    found
}

impl Trees {
    fn composed(&mut self, directory: &Path, others: &[String]) -> Option<Dated<Composed>> {
        let key = (directory.to_owned(), others.to_vec());
        self.composed
            .retain(|(_, known)| known.at.elapsed() < FRESH);
        if let Some((_, known)) = self.composed.iter().find(|(at, _)| *at == key) {
            return Some(known.clone());
        }
        let tree = Tree::open(directory).ok()?;
        let compose = |overrides: &[String]| {
            let request = Request::new(overrides);
            Some(tree.compose(&request).ok()?.config())
        };
        // Overrides that do not fit, or that sweep, are left out; so much is known without them.
        let root = compose(others).or_else(|| {
            let alone = others
                .iter()
                .filter(|one| compose(std::slice::from_ref(*one)).is_some());
            let alone: Vec<String> = alone.cloned().collect();
            compose(&alone).or_else(|| compose(&[]))
        });
        let known = Dated::now(Composed { tree, root });
        if self.composed.len() >= KEPT {
            self.composed.remove(0);
        }
        self.composed.push((key, known.clone()));
        Some(known)
    }
}

/// Returns what may stand after `key=`: options of a group, or what a key has now.
fn values(known: &Composed, key: &str, rest: &str) -> Vec<Candidate> {
    // Of a sweep it is the last that is being typed.
    let (before, beginning) = match rest.rsplit_once(',') {
        Some((before, last)) => (format!("{before},"), last),
        None => (String::new(), rest),
    };
    let group = key.split('@').next().unwrap_or(key);
    let mut all: Vec<(String, String)> = known
        .tree
        .options(group)
        .into_iter()
        .map(|option| (option, format!("option of {group}")))
        .collect();
    if all.is_empty()
        && let Some(value) = known.root.as_ref().and_then(|root| find(root, key))
    {
        if value.as_bool().is_some() {
            let now = display(value);
            for word in ["true", "false"] {
                let is_now = now.eq_ignore_ascii_case(word);
                let about = if is_now { "as it is" } else { "" };
                all.push((word.to_owned(), about.to_owned()));
            }
        } else if value.as_dict().is_none() {
            all.push((display(value), "as it is".to_owned()));
        }
    }
    all.into_iter()
        .filter(|(value, _)| value.starts_with(beginning))
        .map(|(value, about)| Candidate {
            word: format!("{key}={before}{value}"),
            shown: value,
            about: (!about.is_empty()).then_some(about),
            is_whole: true,
        })
        .collect()
}

/// Returns the groups and keys that begin so, a level at a time.
fn keys(known: &Composed, beginning: &str) -> Vec<Candidate> {
    let is_own = |group: &String| !group.starts_with("hydra") || beginning.starts_with("hydra");
    let groups = known.tree.groups().into_iter().filter(is_own);
    let groups = groups.filter(|group| group.starts_with(beginning));
    let mut found: Vec<Candidate> = groups
        .filter(|group| !known.tree.options(group).is_empty())
        .map(|group| Candidate {
            word: format!("{group}="),
            shown: format!("{group}="),
            about: Some(format!("{} options", known.tree.options(&group).len())),
            is_whole: false,
        })
        .collect();
    let (above, last) = match beginning.rsplit_once('.') {
        Some((above, last)) => (Some(above), last),
        None => (None, beginning),
    };
    let inside = known.root.as_ref().and_then(|root| match above {
        Some(above) => find(root, above),
        None => Some(root),
    });
    let lead = above.map_or_else(String::new, |above| format!("{above}."));
    for (key, value) in inside
        .and_then(Value::as_dict)
        .into_iter()
        .flat_map(Dict::iter)
    {
        let Some(name) = key.as_str().filter(|name| name.starts_with(last)) else {
            continue;
        };
        let (end, about) = match value.as_dict() {
            Some(dict) => (".", format!("{} keys", dict.len())),
            None => ("=", display(value)),
        };
        let word = format!("{lead}{name}{end}");
        if found.iter().all(|one| one.word != word) {
            found.push(Candidate {
                shown: word.clone(),
                word,
                about: Some(about),
                is_whole: false,
            });
        }
    }
    found
}

fn find<'v>(root: &'v Value, key: &str) -> Option<&'v Value> {
    key.split('.').try_fold(root, |value, name| value.get(name))
}
