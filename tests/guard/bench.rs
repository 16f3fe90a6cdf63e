//! A world for one test: a home of an unprivileged user, the program within that user's reach, and nothing left afterwards.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::running::{Ran, Running};

/// Who the tests are where root runs them.
pub const NOBODY: u32 = 65534;
/// Mounts a toolchain on `$0`, where it may, and goes on.
const MOUNTED: &str =
    r#"from=$1; shift; mount --bind "$from" "$0" && exec "$@" --path-add "$0/bin"; exec "$@""#;
/// Where programs are looked for.
pub const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// Returns whether root runs the tests.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Says that a test stays out, and why; `tests/run` decides whether it may.
pub fn skip(name: &str, reason: &str) {
    let line = format!("SKIP {name}: {reason}\n");
    print!("{line}");
    if let Some(path) = std::env::var_os("HLRP_SKIPS") {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}

/// Returns whether a program is there; says the test's skip if not.
pub fn has(program: &str, name: &str) -> bool {
    let there = PATH
        .split(':')
        .any(|directory| Path::new(directory).join(program).is_file());
    if !there {
        skip(name, &format!("{program} is not installed"));
    }
    there
}

/// One test's world. INVARIANT: what it removes lies within its own fresh directory.
pub struct Bench {
    directory: TempDir,
}

impl Bench {
    /// Makes a home with `notes.txt` in it, long before the session begins.
    pub fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in("/tmp")
            .unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        let bench = Self { directory };
        bench.place("home");
        bench.place("outside");
        bench.place("group");
        bench.file("home/notes.txt", "what was there before\n");
        bench.file("outside/other.txt", "somebody else's\n");
        bench
    }

    /// Returns a path of this world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Returns the home.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// Makes a directory of the user.
    pub fn place(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        give(&path);
        path
    }

    /// Makes a file of the user.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let missing = path.ancestors().skip(1);
        let missing: Vec<&Path> = missing
            .take_while(|directory| !directory.exists())
            .collect();
        for directory in missing.into_iter().rev() {
            fs::create_dir(directory).unwrap();
            give(directory);
        }
        fs::write(&path, text).unwrap();
        give(&path);
        path
    }

    /// Returns what a file of the world holds.
    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Returns the program under test, where the user can reach it.
    pub fn program(&self) -> PathBuf {
        self.within_reach(Path::new(env!("CARGO_BIN_EXE_hlrp-sh")))
    }

    /// Returns a file or directory of `tests/guard`, where the user can reach it.
    pub fn material(&self, name: &str) -> PathBuf {
        self.within_reach(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/guard")
                .join(name),
        )
    }

    /// Returns a directory for what is compiled once for many tests; this world's own where the user cannot reach that.
    pub fn workshop(&self) -> PathBuf {
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        let ours = fs::create_dir_all(&shared).is_ok()
            && tempfile::tempfile_in(&shared).is_ok()
            && is_reachable(&shared);
        if ours { shared } else { self.place("programs") }
    }

    fn within_reach(&self, path: &Path) -> PathBuf {
        if is_reachable(path) {
            return path.to_owned();
        }
        let copy = self.path("copies").join(path.file_name().unwrap());
        if !copy.exists() {
            copy_all(path, &copy);
        }
        copy
    }

    /// Returns a command of the user's in the home, with a clean environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", PATH)
            .env("HOME", self.home())
            // Where Slurm is installed this is a cluster, and a session without a group's directory only reads.
            .env("HLRP_DSS", self.path("group"))
            .env("LANG", "C.UTF-8")
            .current_dir(self.home())
            .stdin(Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// Returns a command that starts the program under test.
    pub fn shell(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.program());
        command.args(arguments);
        command
    }

    /// Returns the same under an outer filter that hides what newer kernels have.
    pub fn hiding(&self, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.command("/usr/bin/python3");
        command
            .arg(self.material("outer.py"))
            .args(options)
            .arg("--")
            .arg(self.program())
            .args(arguments);
        command
    }

    /// Returns a harness of `tests/guard` with its room; it becomes the user by itself.
    pub fn harness(&self, name: &str) -> Command {
        let (directory, file) = name.split_once('/').unwrap();
        // What `ordinary` takes from `programs` lies beside it.
        self.material("programs");
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(self.material(directory).join(file))
            .arg("--base-dir")
            .arg(self.place("trees"))
            .env_clear()
            .env("PATH", PATH)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if is_root() {
            command.args(["--uid", &NOBODY.to_string()]);
        }
        command
    }

    /// Returns the words that run a program in the guard, with these features of the kernel hidden.
    pub fn guard(&self, hidden: &[&str]) -> String {
        let program = self.program();
        if hidden.is_empty() {
            return format!("{} run --", program.display());
        }
        let (outer, hidden) = (self.material("outer.py"), hidden.join(" "));
        format!(
            "/usr/bin/python3 {} {hidden} -- {} run --",
            outer.display(),
            program.display()
        )
    }

    /// Puts the toolchain first on the harness's path. One that lies in root's own home is mounted where the user
    /// can reach it, in a mount namespace of the harness's own.
    pub fn with_toolchain(&self, harness: Command) -> Command {
        let toolchain = std::env::var_os("CARGO").map(PathBuf::from);
        let Some(toolchain) = toolchain.filter(|cargo| cargo.is_file()) else {
            return harness;
        };
        let programs = toolchain.parent().unwrap();
        if is_reachable(&toolchain) {
            let mut harness = harness;
            harness.arg("--path-add").arg(programs);
            return harness;
        }
        let mounts = Command::new("unshare").args(["-m", "true"]).output();
        if !mounts.is_ok_and(|output| output.status.success()) {
            return harness;
        }
        let place = self.place("toolchain");
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", MOUNTED])
            .arg(&place)
            .arg(programs.parent().unwrap())
            .arg(harness.get_program())
            .args(harness.get_args())
            .env_clear();
        for (name, value) in harness.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command
    }

    /// Runs the program under test and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Running::start(&mut self.shell(arguments)).end()
    }

    /// Runs one line.
    pub fn line(&self, line: &str) -> Ran {
        self.run(&["-c", line])
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        make_removable(self.directory.path());
    }
}

fn give(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// Returns whether everybody may walk there and read what is there; one's own files are always reachable.
fn is_reachable(path: &Path) -> bool {
    let needed = if path.is_dir() { 0o005 } else { 0o004 };
    let readable = path
        .metadata()
        .is_ok_and(|status| status.mode() & needed == needed);
    let mut above = path.ancestors().skip(1);
    !is_root()
        || (readable
            && above.all(|one| {
                one.metadata()
                    .is_ok_and(|status| status.mode() & 0o001 != 0)
            }))
}

/// Copies a tree, times and modes included, for everybody to read.
fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let status = from.symlink_metadata().unwrap();
    if status.is_symlink() {
        return symlink(fs::read_link(from).unwrap(), to).unwrap();
    }
    if status.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy_all(&from.join(&name), &to.join(&name));
        }
        return fs::set_permissions(to, Permissions::from_mode(0o755)).unwrap();
    }
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(status.mode() & 0o777 | 0o444)).unwrap();
    let copy = File::options().append(true).open(to).unwrap();
    copy.set_modified(status.modified().unwrap()).unwrap();
}

/// Gives back the permissions that a program took from directories of its own; no link is followed.
fn make_removable(directory: &Path) {
    let _ = fs::set_permissions(directory, Permissions::from_mode(0o755));
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_removable(&entry.path());
        }
    }
}
