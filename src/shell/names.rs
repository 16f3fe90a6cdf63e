//! The names that can stand where a command stands: builtins, what is on `PATH`, what the
//! session defined.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Names of commands. Cloning shares them.
#[derive(Clone, Default)]
pub(crate) struct Names {
    shared: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// Programs of each directory of `PATH`, with when it was last changed.
    directories: BTreeMap<PathBuf, (Option<SystemTime>, Vec<String>)>,
    programs: BTreeSet<String>,
    defined: BTreeSet<String>,
    has_looked: bool,
}

/// bash's own, and its reserved words.
pub(crate) const BUILTINS: [&str; 78] = [
    ".",
    ":",
    "[",
    "[[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "case",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "enable",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "fi",
    "for",
    "function",
    "getopts",
    "hash",
    "help",
    "history",
    "hlrp",
    "if",
    "in",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "select",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "then",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "until",
];

const ALSO: [&str; 4] = ["wait", "while", "{", "}"];

impl Names {
    /// Claims that nobody knows a command of this name. What is not plain text is not judged.
    pub(crate) fn is_strange(&self, word: &str) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._+-[:".contains(c);
        if !word.chars().all(is_plain) {
            return false;
        }
        let known = self.lock();
        known.has_looked
            && !known.programs.contains(word)
            && !known.defined.contains(word)
            && !builtins().any(|name| name == word)
    }

    /// Returns the names that begin so, with what they are.
    pub(crate) fn beginning(&self, prefix: &str) -> Vec<(String, &'static str)> {
        let known = self.lock();
        let mut found: BTreeMap<String, &'static str> = BTreeMap::new();
        let programs = known.programs.range(prefix.to_owned()..);
        for name in programs.take_while(|name| name.starts_with(prefix)) {
            found.insert(name.clone(), "program");
        }
        for name in builtins().filter(|name| name.starts_with(prefix)) {
            found.insert(name.to_owned(), "builtin");
        }
        for name in known.defined.iter().filter(|name| name.starts_with(prefix)) {
            found.insert(name.clone(), "yours");
        }
        found.into_iter().collect()
    }

    /// Takes what the session has defined: functions and aliases.
    pub(crate) fn define(&self, names: &[String]) {
        self.lock().defined = names.iter().cloned().collect();
    }

    /// Reads the directories of `PATH` that have changed, in a thread of its own.
    pub(crate) fn refresh(&self) {
        let names = self.clone();
        let _ = std::thread::Builder::new()
            .name("path".into())
            .spawn(move || names.read());
    }

    fn read(&self) {
        let path = env::var_os("PATH").unwrap_or_default();
        let before = std::mem::take(&mut self.lock().directories);
        let mut directories = BTreeMap::new();
        for directory in env::split_paths(&path) {
            let changed = directory.metadata().and_then(|about| about.modified()).ok();
            let listed = match before.get(&directory) {
                Some((at, listed)) if *at == changed => listed.clone(),
                _ => programs(&directory),
            };
            directories.insert(directory, (changed, listed));
        }
        let mut known = self.lock();
        known.programs = directories
            .values()
            .flat_map(|(_, listed)| listed.iter().cloned())
            .collect();
        known.directories = directories;
        known.has_looked = true;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn builtins() -> impl Iterator<Item = &'static str> {
    BUILTINS.into_iter().chain(ALSO)
}

fn programs(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let runnable = |path: &Path| {
        let about = path.metadata();
        about.is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            runnable(&entry.path()).then_some(name)
        })
        .collect()
}
