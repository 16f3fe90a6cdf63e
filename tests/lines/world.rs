//! The one world in which every line of the tables is judged, read from `tables/world.toml`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use hlrp_sh::bash::World;
use hlrp_sh::policy::Presence;
use serde::Deserialize;

/// Where the machine's own names are looked up.
const OF_THE_MACHINE: [&str; 8] = [
    "/etc", "/bin", "/usr", "/lib", "/lib64", "/sbin", "/dev", "/proc",
];

#[derive(Debug, Deserialize)]
struct Text {
    home: PathBuf,
    cwd: PathBuf,
    tmpdir: PathBuf,
    user: String,
    slurm: SlurmText,
    #[serde(default)]
    file: Vec<FileText>,
    #[serde(default)]
    dir: Vec<DirText>,
    #[serde(default)]
    symlink: Vec<LinkText>,
}

#[derive(Debug, Deserialize)]
struct SlurmText {
    own_jobs: Vec<u64>,
    other_jobs: Vec<u64>,
}

#[derive(Debug, Deserialize)]
struct FileText {
    path: PathBuf,
    #[serde(default)]
    content: String,
}

#[derive(Debug, Deserialize)]
struct DirText {
    path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct LinkText {
    path: PathBuf,
    target: PathBuf,
}

#[derive(Clone, Debug)]
enum Node {
    Directory,
    File(String),
    Link(PathBuf),
}

/// Names, contents and links, all made up.
#[derive(Debug)]
pub(crate) struct Picture {
    home: PathBuf,
    cwd: PathBuf,
    tmpdir: PathBuf,
    user: String,
    own_jobs: Vec<u64>,
    other_jobs: Vec<u64>,
    nodes: BTreeMap<PathBuf, Node>,
}

impl Picture {
    pub(crate) fn read() -> Self {
        let text: Text = toml::from_str(include_str!("tables/world.toml")).unwrap();
        let mut picture = Self {
            home: text.home,
            cwd: text.cwd,
            tmpdir: text.tmpdir,
            user: text.user,
            own_jobs: text.slurm.own_jobs,
            other_jobs: text.slurm.other_jobs,
            nodes: BTreeMap::new(),
        };
        for directory in ["/tmp", "/var/tmp", "/opt", "/dev/shm", "/mnt"] {
            picture.add(Path::new(directory), Node::Directory);
        }
        let (home, cwd, tmpdir) = (
            picture.home.clone(),
            picture.cwd.clone(),
            picture.tmpdir.clone(),
        );
        for directory in [home, cwd, tmpdir] {
            picture.add(&directory, Node::Directory);
        }
        for file in text.file {
            picture.add(&file.path, Node::File(file.content));
        }
        for directory in text.dir {
            picture.add(&directory.path, Node::Directory);
        }
        for link in text.symlink {
            picture.add(&link.path, Node::Link(link.target));
        }
        picture
    }

    fn add(&mut self, path: &Path, node: Node) {
        let path = self.home.join(path);
        for above in path.ancestors().skip(1) {
            self.nodes
                .entry(above.to_owned())
                .or_insert(Node::Directory);
        }
        self.nodes.insert(path, node);
    }

    fn walk(&self, path: &Path, follow_last: bool) -> PathBuf {
        let mut rest: Vec<Component<'_>> = Vec::new();
        let whole = self.cwd.join(path);
        rest.extend(whole.components());
        let mut done = PathBuf::new();
        let last = rest.len();
        for (number, part) in rest.into_iter().enumerate() {
            match part {
                Component::ParentDir => drop(done.pop()),
                Component::CurDir => {}
                other => done.push(other),
            }
            let is_last = number + 1 == last;
            if let Some(Node::Link(target)) = self.nodes.get(&done)
                && (follow_last || !is_last)
            {
                let parent = done.parent().unwrap_or(Path::new("/")).to_owned();
                done = self.walk(&parent.join(target), true);
            }
        }
        done
    }
}

impl World for Picture {
    fn stat(&self, path: &Path) -> Presence {
        if OF_THE_MACHINE.iter().any(|prefix| path.starts_with(prefix))
            && !path.starts_with("/dev/shm")
        {
            return match std::fs::metadata(path) {
                Ok(found) if found.is_dir() => Presence::Directory,
                Ok(found) if found.is_file() && found.len() == 0 => Presence::EmptyFile,
                Ok(found) if found.is_file() => Presence::File,
                Ok(_) => Presence::Other,
                Err(_) => Presence::Absent,
            };
        }
        match self.nodes.get(&self.walk(path, true)) {
            None if matches!(self.nodes.get(&self.walk(path, false)), Some(Node::Link(_))) => {
                Presence::Other
            }
            None => Presence::Absent,
            Some(Node::Directory) => Presence::Directory,
            Some(Node::File(text)) if text.is_empty() => Presence::EmptyFile,
            Some(Node::File(_)) => Presence::File,
            Some(Node::Link(_)) => Presence::Other,
        }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        self.walk(path, false)
    }

    fn follow(&self, path: &Path) -> PathBuf {
        self.walk(path, true)
    }

    fn read(&self, path: &Path) -> Option<String> {
        match self.nodes.get(&self.walk(path, true))? {
            Node::File(text) => Some(text.clone()),
            Node::Directory | Node::Link(_) => None,
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        if OF_THE_MACHINE
            .iter()
            .any(|prefix| pattern.starts_with(prefix))
        {
            return Some(glob::glob(pattern).ok()?.flatten().collect());
        }
        let pattern = glob::Pattern::new(pattern).ok()?;
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        Some(
            self.nodes
                .keys()
                .filter(|path| pattern.matches_path_with(path, options))
                .cloned()
                .collect(),
        )
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(self.cwd.clone())
    }

    fn owns_job(&self, id: &str) -> Option<bool> {
        let id = id.parse().ok()?;
        match (self.own_jobs.contains(&id), self.other_jobs.contains(&id)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        let path = |path: &Path| Some(path.display().to_string());
        match name {
            "HOME" => path(&self.home),
            "PWD" => path(&self.cwd),
            "TMPDIR" => path(&self.tmpdir),
            "USER" | "LOGNAME" => Some(self.user.clone()),
            _ => None,
        }
    }
}
