//! What is about to happen, in the words the law uses. Pure data: facts about the
//! world (does the name exist, was it made by this session) are given, never fetched.

use std::path::PathBuf;

use serde::Serialize;

/// What is about to happen.
///
/// INVARIANT: match exhaustively; a new action must not compile until every place
/// that decides has thought about it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// A program is started; `purpose` says what for, where the program table knows.
    Exec {
        /// The program's base name, or what stands where it should stand.
        program: Target,
        /// Its arguments, as far as they are known (`Word::Dynamic` where not).
        args: Vec<Word>,
        /// What the program is used for here.
        purpose: Purpose,
    },
    /// A file is read.
    Read {
        /// What is read.
        target: Target,
    },
    /// Content of a file changes, or a new file gets content.
    Write {
        /// What is written.
        target: Target,
        /// In which manner.
        how: WriteHow,
    },
    /// A new name comes to be (`mkdir`, `touch`, `ln`, `mknod`).
    Create {
        /// The new name.
        target: Target,
        /// What comes to be there.
        node: Node,
    },
    /// Something is deleted.
    Delete {
        /// What is deleted.
        target: Target,
        /// What kind of thing that is.
        what: Deletable,
    },
    /// A name moves.
    Rename {
        /// The name it had.
        from: Target,
        /// The name it gets.
        to: Target,
        /// How many entries move in this command.
        entries: Entries,
    },
    /// A file is emptied or cut short.
    Truncate {
        /// The file.
        target: Target,
    },
    /// Mode, owner, extended attributes or times change.
    Chmod {
        /// Whose.
        target: Target,
        /// Which of them.
        change: Change,
        /// How many entries are changed in this command.
        entries: Entries,
    },
    /// A socket is connected.
    Connect {
        /// To what.
        endpoint: Endpoint,
    },
    /// A signal is sent.
    Signal {
        /// To whom.
        to: Recipient,
    },
    /// Work is handed to Slurm.
    Submit {
        /// The tool used: `sbatch`, `srun`, `salloc`.
        tool: String,
    },
    /// Slurm jobs are cancelled or altered.
    Cancel {
        /// Whose, and how many.
        scope: CancelScope,
    },
    /// Something runs on, or is copied to or from, another machine.
    Remote {
        /// The host as written.
        host: String,
        /// The command for it, `None` for a plain login.
        command: Option<String>,
        /// What the session there would be for.
        effect: RemoteEffect,
    },
    /// A training program is started here.
    Train {
        /// The entry point or launcher, as written.
        program: String,
    },
}

/// What an action acts upon.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "target", rename_all = "kebab-case")]
pub enum Target {
    /// A path that is known, with what is known of it.
    Path(PathFacts),
    /// A pattern or a name that is not a path (`*.log`, a program, a git ref).
    Pattern {
        /// The text.
        text: String,
    },
    /// Something that is only known when it runs (`$x`, `$(…)`).
    Dynamic {
        /// The text as written.
        text: String,
    },
}

impl Target {
    /// Returns a target for a name that is no path.
    pub fn name(text: impl Into<String>) -> Self {
        Self::Pattern { text: text.into() }
    }

    /// Returns a path target of which nothing else is known.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::Path(PathFacts {
            path: path.into(),
            presence: Presence::Unknown,
            born: None,
        })
    }

    /// Returns the text a person would recognise the target by.
    pub fn display(&self) -> String {
        match self {
            Self::Path(facts) => facts.path.display().to_string(),
            Self::Pattern { text } | Self::Dynamic { text } => text.clone(),
        }
    }
}

/// What is known of a path.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PathFacts {
    /// Absolute; `..` and symlinked directories resolved as far as they exist.
    pub path: PathBuf,
    /// Whether something is there now.
    pub presence: Presence,
    /// Whether this session made it (`None`: not known, which counts as pre-existing).
    pub born: Option<bool>,
}

/// Whether something has the name now, and what.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Nobody looked.
    Unknown,
    /// The name is free.
    Absent,
    /// A regular file of no bytes.
    EmptyFile,
    /// A regular file with content.
    File,
    /// A directory.
    Directory,
    /// A device, socket, FIFO or dangling symlink.
    Other,
}

impl Presence {
    /// Returns whether the name is known to be taken.
    pub fn is_taken(self) -> bool {
        match self {
            Self::Unknown | Self::Absent => false,
            Self::EmptyFile | Self::File | Self::Directory | Self::Other => true,
        }
    }
}

/// One argument of a command.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Known to the letter, quotes removed.
    Literal(String),
    /// Holds an unquoted pattern (`*.ckpt`), text as written.
    Glob(String),
    /// Known only when it runs.
    Dynamic(String),
}

impl Word {
    /// Returns the text, whatever kind it is.
    pub fn text(&self) -> &str {
        match self {
            Self::Literal(text) | Self::Glob(text) | Self::Dynamic(text) => text,
        }
    }
}

/// What a program is used for, as far as the law cares.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Known not to change anything.
    ReadOnly,
    /// Nothing special.
    Plain,
    /// Hands work to a process outside the guard (`at`, `systemd-run`, `docker run`).
    Delegate,
    /// A server that stays (`jupyter`, `tensorboard`).
    Serve,
    /// Unpacks a container image (`enroot import`).
    ImageImport,
    /// Starts a container (`enroot start`, `apptainer exec`).
    Container,
    /// Gives up work in progress that git could get back (`merge --abort`, `push --force-with-lease`).
    Abandon,
    /// Could not be worked out: the guard decides, or a person.
    Unknown,
}

/// In which manner content changes.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteHow {
    /// Content is added at the end (`>>`).
    Append,
    /// Content changes in place, or by an editor or formatter (`sed -i`, `sort -o`).
    Edit,
    /// New content is written over the old (`> f`, `tee f`, `-o f`).
    Overwrite,
    /// Another file takes the name (`cp`, `mv`, `install`, `ln -f`).
    Replace,
}

/// What a new name is.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Node {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A hard or symbolic link.
    Link,
    /// A device, FIFO or socket.
    Special,
    /// A mount.
    Mount,
}

/// What is deleted.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deletable {
    /// Files or directories.
    Path,
    /// Work, refs or objects of a version control system.
    Work,
    /// What a build, package manager or cache made (`make clean`, `pip uninstall`).
    Product,
    /// Something a service keeps: images, containers, remote objects, tables.
    Service,
    /// Content inside a file (`sed d`, `%d|wq`), all of it.
    Content,
}

/// How many entries a command touches.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entries {
    /// So many.
    Known(u64),
    /// Cannot be known before it runs (a loop, `xargs`).
    Unbounded,
    /// A whole tree, recursively.
    Tree,
}

/// Which attribute changes.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The mode, to one that keeps the owner's access.
    Mode,
    /// The mode, to one that takes the owner's access away or opens it to all (`000`, `777`).
    HarshMode,
    /// Owner or group.
    Owner,
    /// Extended attributes, access control lists, inode flags.
    Xattr,
    /// Times.
    Times,
}

/// Where a socket is connected to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// A socket with a path; `born` when a process of this session bound it.
    Unix {
        /// Where it lies.
        path: PathBuf,
        /// Whether this session made it.
        born: bool,
    },
    /// An abstract socket.
    Abstract {
        /// Its name, `@` for the leading NUL.
        name: String,
        /// Whether a process of this session listens there.
        born: bool,
    },
    /// An Internet address.
    Inet {
        /// The address as text.
        address: String,
        /// The port.
        port: u16,
        /// On this machine: whether a process of this session listens there, or one of the same user outside it.
        born: Option<bool>,
    },
    /// Any other family, by number.
    Other {
        /// `AF_*`.
        family: i32,
    },
}

/// Who gets a signal.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// Processes of this session, or named by id or job.
    Named,
    /// Everything, or everything of a user (`kill -9 -1`, `pkill -u me`).
    Everything,
    /// Processes found by name or pattern (`pkill python`).
    Matching,
    /// A process outside the session, seen by the guard.
    Outside,
}

/// Whose jobs are cancelled or altered.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancelScope {
    /// Named job ids.
    Named,
    /// All of one's own, or by state, name or partition.
    AllOwn,
    /// Somebody else's, or every job of the queue.
    Others,
    /// A cluster object that is not a job (`scontrol update node`, `sacctmgr modify`).
    Cluster,
}

/// What happens on the other machine.
#[derive(Clone, Copy, Debug, serde::Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemoteEffect {
    /// Provably only reads there.
    ReadOnly,
    /// May change something; judged by the same law there.
    Changes,
    /// Opens a session.
    Login,
    /// Uses an option that would run something outside the broker (`ProxyCommand`, `LocalCommand`).
    Bypass,
}
