//! What is carried from where to where, as rsync is told it, and what rsync says of it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Args;
use crate::error::Error;
use crate::remote::Host;
use crate::session::Session;
use crate::ui::clean;

/// One carrying.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) host: Host,
    pub(super) is_pull: bool,
    pub(super) cwd: PathBuf,
    here: PathBuf,
    /// Over there: from the home directory, or absolute. Without a slash at its end.
    pub(super) there: String,
    is_directory: bool,
    is_ignored_carried: bool,
    replaces_newer: bool,
    exclude: Vec<String>,
    /// The receiver has no directory yet to put it in. An rsync before 3.2.3 cannot make one.
    pub(super) has_no_parent: bool,
}

/// What happens to one name.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Change {
    schema: &'static str,
    path: String,
    change: &'static str,
}

/// Never carried: each side has its own.
const OWN: [&str; 2] = ["/.hlrp/", ".git"];

impl Plan {
    pub(super) fn make(args: &Args, session: &Session) -> Result<Self, Error> {
        let cwd = session.context.cwd.clone();
        let path = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
        let here = crate::bash::lexical(&cwd.join(&path));
        let home = &session.context.home;
        let there = match &args.to {
            Some(place) => place.clone(),
            None => {
                let below = here.strip_prefix(home).ok().and_then(Path::to_str);
                below.map(str::to_owned).ok_or_else(|| {
                    Error::Usage(format!(
                        "`{}` is not below the home directory; `--to DIR` says where it is over there",
                        here.display()
                    ))
                })?
            }
        };
        let there = there.strip_prefix("~/").unwrap_or(&there);
        let there = there.trim_end_matches('/').to_owned();
        if there.is_empty() || there == "~" || here == *home {
            return Err(Error::Usage(
                "a whole home directory is not carried; name a directory in it".to_owned(),
            ));
        }
        let is_odd = |text: &str| text.chars().any(char::is_control);
        if is_odd(&there) || here.to_str().is_none_or(is_odd) {
            return Err(Error::Usage(
                "a name with control characters is not carried".to_owned(),
            ));
        }
        if !args.pull && !here.exists() {
            return Err(Error::No(format!("there is no `{}`", here.display())));
        }
        let exclude = args.exclude.iter();
        if let Some(bad) = exclude.clone().find(|pattern| is_odd(pattern)) {
            return Err(Error::Usage(format!("`{}` is no pattern", clean(bad))));
        }
        Ok(Self {
            host: args.host.clone(),
            is_pull: args.pull,
            is_ignored_carried: args.ignored,
            replaces_newer: args.newer,
            exclude: exclude.cloned().collect(),
            has_no_parent: args.pull && !here.parent().is_some_and(Path::is_dir),
            is_directory: here.is_dir() || !here.exists(),
            cwd,
            here,
            there,
        })
    }

    /// Returns rsync's arguments.
    pub(super) fn arguments(&self, is_dry: bool) -> Vec<OsString> {
        // No owners and no devices; nothing that could delete. By content: an edit in the same
        // second that keeps the length is an edit.
        let options = ["-rlptc", "--itemize-changes", "--out-format=%i %n", "-8"];
        let mut words: Vec<OsString> = options.map(OsString::from).into();
        if is_dry {
            words.push("--dry-run".into());
        }
        if self.has_no_parent {
            words.push("--mkpath".into());
        }
        if !self.replaces_newer {
            words.push("--update".into());
        }
        words.extend(OWN.map(|own| format!("--exclude={own}").into()));
        words.extend(
            self.exclude
                .iter()
                .map(|pattern| format!("--exclude={pattern}").into()),
        );
        if !self.is_ignored_carried {
            words.push("--filter=:- .gitignore".into());
        }
        words.push("--".into());
        let slash = if self.is_directory { "/" } else { "" };
        // Absolute, so that no colon in it can be a host.
        let mut here = self.here.clone().into_os_string();
        here.push(slash);
        // Not `~`, and no option: what is not absolute is from the home directory.
        let place = match self.there.starts_with('/') {
            true => self.there.clone(),
            false => format!("./{}", self.there),
        };
        let there: OsString = format!("{}:{place}{slash}", self.host).into();
        match self.is_pull {
            true => words.extend([there, here]),
            false => words.extend([here, there]),
        }
        words
    }

    /// Returns what would change where rsync cannot say: a single file to a directory that is not there yet, of which its
    /// dry run makes an error.
    pub(super) fn foreseen(&self) -> Option<Vec<Change>> {
        let name = self.here.file_name()?.to_string_lossy().into_owned();
        (self.has_no_parent && !self.is_directory && !self.is_pull).then(|| {
            vec![Change {
                schema: "hlrp.sync/1",
                path: name,
                change: "new",
            }]
        })
    }

    pub(super) fn here_text(&self) -> String {
        self.here.to_string_lossy().into_owned()
    }

    /// Returns who receives: a host, or this machine.
    pub(super) fn receiver(&self) -> String {
        match self.is_pull {
            true => "this machine".to_owned(),
            false => self.host.to_string(),
        }
    }

    fn far(&self) -> String {
        let home = if self.there.starts_with('/') {
            ""
        } else {
            "~/"
        };
        format!("{}:{home}{}", self.host, clean(&self.there))
    }

    pub(super) fn source(&self) -> String {
        match self.is_pull {
            true => self.far(),
            false => clean(&self.here_text()),
        }
    }

    pub(super) fn target(&self) -> String {
        match self.is_pull {
            true => clean(&self.here_text()),
            false => self.far(),
        }
    }
}

impl Change {
    pub(super) fn is_replaced(&self) -> bool {
        self.change == "replaced"
    }

    /// Returns it as a person reads it.
    pub(super) fn line(&self) -> String {
        format!("{:<8}  {}", self.change, clean(&self.path))
    }
}

/// Reads what rsync itemizes: files and links that are sent; directories and mere times are nothing to tell.
pub(super) fn changes(text: &str) -> Vec<Change> {
    let line = |line: &str| {
        let (what, path) = line.split_once(' ')?;
        let mut letters = what.chars();
        let (way, kind) = (letters.next()?, letters.next()?);
        if what.len() != 11 || !matches!(way, '<' | '>' | 'c') || !matches!(kind, 'f' | 'L') {
            return None;
        }
        let is_new = what.ends_with("+++++++++");
        Some(Change {
            schema: "hlrp.sync/1",
            path: path.to_owned(),
            change: if is_new { "new" } else { "replaced" },
        })
    };
    let mut changes: Vec<Change> = text.lines().filter_map(line).collect();
    changes.sort_by_key(Change::is_replaced);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rsync_itemizes_is_read() {
        let text = "cd+++++++++ src/\n<f+++++++++ src/a b.rs\n<f.st...... x\n.d..t...... ./\n\
                    cL+++++++++ link -> x\n.f...p..... mode\nnonsense\n*deleting   gone\n";
        let read: Vec<_> = changes(text)
            .into_iter()
            .map(|change| (change.change, change.path))
            .collect();
        let expected = [
            ("new", "src/a b.rs"),
            ("new", "link -> x"),
            ("replaced", "x"),
        ];
        let expected = expected.map(|(change, path)| (change, path.to_owned()));
        assert_eq!(read, expected);
    }
}
