//! The environment that a job is to have, as `--export` and `--export-file` say it.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::input::pairs;
use crate::slurm::spool::{KEPT, LOGIN, pack};

/// A variable and its value.
type Pair = (OsString, OsString);

/// What `--export` comes to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Export {
    /// The job's variables.
    pub(super) wanted: Vec<Pair>,
    /// Whether the job gets what a login on its node would have.
    pub(super) login: bool,
}

/// Works out what a job is to have. `file` is what `--export-file` names.
pub(super) fn export(
    environment: &[OsString],
    how: Option<&str>,
    file: Option<&[u8]>,
    scratch: &[PathBuf],
) -> Export {
    let caller: Vec<Pair> = pairs(environment)
        .filter_map(|pair| natural(pair, scratch))
        .collect();
    let mut export = Export::default();
    let word = how.unwrap_or("ALL");
    let is_all = word.eq_ignore_ascii_case("ALL") || word.is_empty();
    let is_nil = word.eq_ignore_ascii_case("NIL");
    export.login = !is_all && !is_nil;
    for entry in file.unwrap_or_default().split(|byte| *byte == 0) {
        let entry = OsString::from_vec(entry.to_vec());
        for pair in pairs(&[entry]).filter_map(|pair| natural(pair, scratch)) {
            set(&mut export.wanted, pair);
        }
    }
    if file.is_some() {
        // Nothing of the caller's environment comes with it.
        return export;
    }
    if is_all {
        export.wanted = caller;
        return export;
    }
    if !is_nil && !word.eq_ignore_ascii_case("NONE") {
        for token in tokens(word) {
            match token.split_once('=') {
                _ if token.eq_ignore_ascii_case("ALL") => {
                    let all = caller.iter().cloned();
                    all.for_each(|pair| set(&mut export.wanted, pair));
                }
                Some((name, value)) => {
                    let pair = (OsString::from(name), OsString::from(value));
                    if let Some(pair) = natural(pair, scratch) {
                        set(&mut export.wanted, pair);
                    }
                }
                None => {
                    let found = caller.iter().find(|(name, _)| name == token.as_str());
                    if let Some(pair) = found {
                        set(&mut export.wanted, pair.clone());
                    }
                }
            }
        }
    }
    for pair in caller {
        if pair.0.as_bytes().starts_with(b"SLURM_") {
            set(&mut export.wanted, pair);
        }
    }
    set(
        &mut export.wanted,
        ("SLURM_EXPORT_ENV".into(), word.to_owned().into()),
    );
    export
}

impl Export {
    /// Returns the same wrapped up, for the client's environment. Those named in `kept` win over what the image of a
    /// container says; the guard inside sees to it.
    ///
    /// INVARIANT: nothing that a request names stands plain in what is returned: the client, its libraries and its
    /// plugins are told by the environment what to open and to load.
    pub(super) fn pairs(&self, clean: &[Pair], kept: &[String]) -> Vec<Pair> {
        let mut clients = clean.to_vec();
        if self.login {
            clients.push((LOGIN.into(), "1".into()));
        }
        if !kept.is_empty() {
            clients.push((KEPT.into(), kept.join(",").into()));
        }
        pack(&self.wanted, &clients)
    }
}

fn set(all: &mut Vec<Pair>, pair: Pair) {
    all.retain(|(name, _)| *name != pair.0);
    all.push(pair);
}

/// Splits at commas outside quotes; the quotes go.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut quote: Option<char> = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ',' => tokens.push(String::new()),
            _ => {
                if let Some(token) = tokens.last_mut() {
                    token.push(c);
                }
            }
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Returns a variable as it would be without a session around; `None` for the session's own.
fn natural((name, value): Pair, scratch: &[PathBuf]) -> Option<Pair> {
    let text = name.to_str().unwrap_or_default();
    if text.starts_with("HLRP_SESSION")
        || text.starts_with("HLRP_ENVIRONMENT_")
        || text.starts_with("HLRP_FACTS_")
    {
        return None;
    }
    let is_scratch = |path: &Path| scratch.iter().any(|scratch| path.starts_with(scratch));
    match text {
        "TMPDIR" | "TMUX_TMPDIR" if is_scratch(Path::new(&value)) => None,
        "PATH" => {
            let kept = std::env::split_paths(&value).filter(|path| !is_scratch(path));
            let value = std::env::join_paths(kept).unwrap_or(value);
            Some((name, value))
        }
        _ => Some((name, value)),
    }
}
