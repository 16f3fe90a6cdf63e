//! What the analyser may know of the world, and nothing else: names, links, small
//! files. [`Disk`] looks at the real one and only reads; [`Elsewhere`] knows nothing.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::policy::Presence;

/// Files larger than this are not followed.
const READ_LIMIT: u64 = 64 * 1024;
/// Patterns that match more than this many names are not counted to the end.
const GLOB_LIMIT: usize = 10_000;

/// What the analyser may ask.
pub trait World: Sync {
    /// Returns whether something has the name, and what.
    fn stat(&self, path: &Path) -> Presence;
    /// Returns an absolute path with `..` and symlinked directories resolved; the last name stays.
    fn resolve(&self, path: &Path) -> PathBuf;
    /// Returns the same with a symlink in the last place followed too.
    fn follow(&self, path: &Path) -> PathBuf;
    /// Returns the text of a small regular file.
    fn read(&self, path: &Path) -> Option<String>;
    /// Returns the names an absolute pattern matches; `None` where that cannot be known.
    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>>;
    /// Returns the working directory.
    fn cwd(&self) -> Option<PathBuf>;
    /// Returns a variable the caller vouches for: `HOME`, `PWD`, `USER`, `TMPDIR`.
    fn variable(&self, name: &str) -> Option<String>;
    /// Returns the text of a function the session defined earlier.
    fn function(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
    /// Returns the text of an alias the session defined earlier.
    fn alias(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
    /// Returns whether a Slurm job is the user's own; `None` where that is not known.
    fn owns_job(&self, id: &str) -> Option<bool> {
        let _ = id;
        None
    }
    /// Returns whether a job was submitted by a session, so that it has a guard; `None` where nobody knows it.
    fn is_guarded_job(&self, id: &str) -> Option<bool> {
        let _ = id;
        None
    }
    /// Returns whether this is the user's own name.
    fn is_own_user(&self, name: &str) -> bool {
        self.variable("USER").is_some_and(|user| user == name)
    }
}

/// The real file system, read only.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The working directory.
    pub cwd: PathBuf,
    /// The home directory.
    pub home: PathBuf,
    /// The user's name.
    pub user: String,
    /// The session's scratch directory, what `$TMPDIR` says inside it.
    pub scratch: Option<PathBuf>,
}

impl World for Disk {
    fn stat(&self, path: &Path) -> Presence {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Presence::Directory,
            Ok(found) if found.is_file() && found.len() == 0 => Presence::EmptyFile,
            Ok(found) if found.is_file() => Presence::File,
            Ok(_) => Presence::Other,
            Err(_) if fs::symlink_metadata(path).is_ok() => Presence::Other,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Presence::Absent,
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Presence::Absent,
            Err(_) => Presence::Unknown,
        }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        let path = self.cwd.join(path);
        match (path.parent(), path.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => canonical_prefix(parent).join(name),
            _ => canonical_prefix(&path),
        }
    }

    fn follow(&self, path: &Path) -> PathBuf {
        canonical_prefix(&self.cwd.join(path))
    }

    fn read(&self, path: &Path) -> Option<String> {
        let found = fs::metadata(path).ok()?;
        if !found.is_file() || found.len() > READ_LIMIT {
            return None;
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(path).ok()?;
        file.take(READ_LIMIT).read_to_end(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let mut found = Vec::new();
        for entry in glob::glob_with(pattern, options).ok()? {
            found.push(entry.ok()?);
            if found.len() > GLOB_LIMIT {
                break;
            }
        }
        Some(found)
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(self.cwd.clone())
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some(self.home.display().to_string()),
            "PWD" => Some(self.cwd.display().to_string()),
            "USER" | "LOGNAME" => Some(self.user.clone()),
            "TMPDIR" => self.scratch.as_ref().map(|path| path.display().to_string()),
            _ => None,
        }
    }
}

/// Resolves as much of a path as exists; the rest is taken as it stands.
fn canonical_prefix(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    let mut rest: Vec<&OsStr> = Vec::new();
    let mut head = path;
    loop {
        match (head.parent(), head.components().next_back()) {
            (Some(parent), Some(Component::Normal(name))) => {
                rest.push(name);
                head = parent;
            }
            (Some(parent), Some(Component::ParentDir)) => {
                // `missing/..`: nothing to resolve, so it is taken as text.
                let base = canonical_prefix(parent);
                let mut whole = base.parent().map_or(base.clone(), Path::to_path_buf);
                whole.extend(rest.iter().rev());
                return whole;
            }
            _ => break,
        }
        if let Ok(found) = fs::canonicalize(head) {
            let mut whole = found;
            whole.extend(rest.iter().rev());
            return whole;
        }
    }
    lexical(path)
}

/// Resolves `.` and `..` as text.
pub(crate) fn lexical(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
        }
    }
    whole
}

/// The far end of `ssh`: the same person and the same queue, but of its files nothing is
/// known, only that relative names are below its home `~`.
pub(crate) struct Elsewhere<'w>(pub(crate) &'w dyn World);

impl World for Elsewhere<'_> {
    fn stat(&self, _path: &Path) -> Presence {
        Presence::Unknown
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        lexical(path)
    }

    fn follow(&self, path: &Path) -> PathBuf {
        lexical(path)
    }

    fn read(&self, _path: &Path) -> Option<String> {
        None
    }

    fn glob(&self, _pattern: &str) -> Option<Vec<PathBuf>> {
        None
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(PathBuf::from("~"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "HOME" | "PWD" => Some("~".to_owned()),
            "USER" | "LOGNAME" => self.0.variable(name),
            _ => None,
        }
    }

    fn owns_job(&self, id: &str) -> Option<bool> {
        self.0.owns_job(id)
    }

    fn is_own_user(&self, name: &str) -> bool {
        self.0.is_own_user(name)
    }
}
