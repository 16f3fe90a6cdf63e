//! Which state of the project a run was made from.
//!
//! INVARIANT: no program that the project's repository names is run: filters, hooks,
//! monitors, fetches. A session may write a repository's configuration, and this also runs
//! outside of sessions. So git compares through a repository of our own, which has the
//! project's objects and index and none of its configuration.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::hash::BuildHasher;
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::sys::process::is_guarded;

/// Where git is looked for: nowhere that a session could write, whatever PATH says.
const PROGRAMS: [&str; 3] = ["/usr/bin/git", "/usr/local/bin/git", "/bin/git"];
/// Bytes of a file of the repository's that are taken over: its list of ignored names.
const MOST_IGNORED: u64 = 1 << 20;

/// The commit, and what was changed and not committed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// The commit.
    pub commit: String,
    /// Changes to what git knows, as a patch, cut where it is too large.
    pub diff: String,
    /// Whether the patch was cut.
    pub is_cut: bool,
    /// Names that differ or that git does not know, as `git status` shows them.
    pub status: String,
}

impl State {
    /// Asks git; `None` where the project is no repository, or there is no git. Reads, and
    /// writes nothing, not even git's own index.
    pub fn of(project: &Path, limit: u64) -> Option<Self> {
        let known = Known::of(project)?;
        let own = Own::of(&known).ok()?;
        let changes = own.changes(&known, limit);
        let (status, diff, is_cut) = changes.unwrap_or_else(|| {
            let unknown = "# what was changed is not known: git could not compare\n".to_owned();
            (unknown, String::new(), false)
        });
        Some(Self {
            commit: known.commit,
            diff,
            is_cut,
            status,
        })
    }
}

/// What the project's repository says of itself. Asking for it runs nothing.
struct Known {
    program: &'static str,
    commit: String,
    /// The kind of its hashes.
    format: String,
    top: PathBuf,
    objects: PathBuf,
    index: PathBuf,
    exclude: PathBuf,
}

impl Known {
    fn of(project: &Path) -> Option<Self> {
        let program = PROGRAMS.into_iter().find(|path| Path::new(path).exists())?;
        let line = |arguments: &[&str]| {
            let mut command = plain(program, project);
            command.args(["rev-parse"]).args(arguments);
            let (bytes, is_cut) = ask(command, 1 << 16)?;
            let text = String::from_utf8(bytes).ok()?;
            let text = text.strip_suffix('\n')?.to_owned();
            (!is_cut && !text.is_empty()).then_some(text)
        };
        let path = |name| Some(project.join(line(&["--git-path", name])?));
        let absolute = |path: PathBuf| path.canonicalize().ok();
        Some(Self {
            program,
            commit: line(&["--verify", "HEAD^0"])
                .filter(|hash| hash.chars().all(|c| c.is_ascii_hexdigit()))?,
            format: line(&["--show-object-format"])
                .filter(|format| format == "sha256")
                .unwrap_or_else(|| "sha1".to_owned()),
            top: absolute(PathBuf::from(line(&["--show-toplevel"])?))?,
            objects: absolute(path("objects")?)?,
            index: absolute(path("index")?)?,
            exclude: path("info/exclude")?,
        })
    }
}

/// A repository of our own, gone when it is dropped.
struct Own(PathBuf);

impl Own {
    fn of(known: &Known) -> io::Result<Self> {
        // Outside a session `TMPDIR` may be where one writes.
        let parent = match is_guarded() {
            true => std::env::temp_dir(),
            false => PathBuf::from("/tmp"),
        };
        let number = RandomState::new().hash_one(std::process::id());
        let place = parent.join(format!("hlrp-git-{number:016x}"));
        DirBuilder::new().mode(0o700).create(&place)?;
        let own = Self(place);
        fs::create_dir(own.0.join("refs"))?;
        fs::create_dir(own.0.join("info"))?;
        fs::write(own.0.join("HEAD"), format!("{}\n", known.commit))?;
        let config = match known.format.as_str() {
            "sha256" => {
                "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha256\n"
            }
            _ => "[core]\nrepositoryformatversion = 0\n",
        };
        fs::write(own.0.join("config"), config)?;
        if known.exclude.is_file()
            && let Ok(file) = fs::File::open(&known.exclude)
        {
            let mut names = Vec::new();
            file.take(MOST_IGNORED).read_to_end(&mut names)?;
            fs::write(own.0.join("info/exclude"), names)?;
        }
        Ok(own)
    }

    /// Returns the names that differ, the patch, and whether it was cut.
    fn changes(&self, known: &Known, limit: u64) -> Option<(String, String, bool)> {
        let asked = |arguments: &[&str]| {
            let mut command = plain(known.program, &known.top);
            command
                .args(arguments)
                .env("GIT_DIR", &self.0)
                .env("GIT_WORK_TREE", &known.top)
                .env("GIT_OBJECT_DIRECTORY", &known.objects)
                .env("GIT_INDEX_FILE", &known.index);
            let (bytes, is_cut) = ask(command, limit)?;
            Some((String::from_utf8_lossy(&bytes).into_owned(), is_cut))
        };
        let (status, _) = asked(&["status", "--porcelain=v1", "--ignore-submodules=all"])?;
        if status.is_empty() {
            return Some((status, String::new(), false));
        }
        let (diff, is_cut) = asked(&[
            "diff",
            "HEAD",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--ignore-submodules=all",
        ])?;
        Some((status, diff, is_cut))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // It is ours alone, and a rest of it in `/tmp` does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns a call of git that reads no configuration but that of its repository, nor what
/// the environment says to git.
fn plain(program: &str, directory: &Path) -> Command {
    let mut command = Command::new(program);
    let is_gits = |name: &OsString| name.as_encoded_bytes().starts_with(b"GIT_");
    for name in std::env::vars_os().map(|(name, _)| name).filter(is_gits) {
        command.env_remove(name);
    }
    let options = [
        "--no-pager",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        // A colleague's repository is read too: nothing of it is run.
        "-c",
        "safe.directory=*",
        "-C",
    ];
    command
        .args(options.map(OsStr::new))
        .arg(directory)
        .envs([
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ALLOW_PROTOCOL", ""),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Returns what git says, up to a limit of bytes, and whether there was more.
fn ask(mut command: Command, limit: u64) -> Option<(Vec<u8>, bool)> {
    let mut child = command.spawn().ok()?;
    let mut bytes = Vec::new();
    let mut pipe = child.stdout.take()?;
    let read = (&mut pipe)
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes);
    let is_cut = u64::try_from(bytes.len()).is_ok_and(|length| length > limit);
    drop(pipe);
    let status = child.wait().ok()?;
    read.ok()?;
    if !status.success() && !is_cut {
        return None;
    }
    bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Some((bytes, is_cut))
}
