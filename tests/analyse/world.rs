//! A world made of a list of names, for tests.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use hlrp_sh::bash::World;
use hlrp_sh::policy::Presence;

/// Names and contents; a name that ends in `/` is a directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake {
    files: BTreeMap<PathBuf, Option<String>>,
}

impl Fake {
    /// A project as it lies in the tests.
    pub(crate) fn project() -> Self {
        Self::default()
            .with("foo", "x")
            .with("bar", "y")
            .with("a", "1")
            .with("thesis.tex", "text")
            .with("run.log", "log")
            .with("empty", "")
            .with("m.ckpt", "weights")
            .with("notes.txt", "n")
            .with("config.yaml", "k: v")
            .with("dir/inner", "i")
            .with("build/out.o", "o")
            .with("runs/laq_0312/m.ckpt", "w")
            .with("logs/a.log", "a")
            .with("logs/b.log", "b")
            .with("logs/c.log", "c")
            .with("clean.sh", "#!/bin/bash\nrm foo\nrm -rf \"$TMP\"/x\nrm -f missing.txt\n")
            .with("hello.sh", "#!/bin/sh\necho hello\nmkdir -p out\n")
            .with("job.sbatch", "#!/bin/bash\n#SBATCH --output=logs/%j.out\n#SBATCH -e err.txt\nsrun python scripts/2_train_laq.py\n")
            .with("wipe.sbatch", "#!/bin/bash\nrm -rf runs/laq_0312\n")
            .with("Makefile", "CLEANUP = foo\nall: prog\nprog:\n\tgcc -o prog prog.c\nwipe-foo:\n\trm -f $(CLEANUP)\nclean:\n\trm -rf build\ntrain:\n\tpython scripts/2_train_laq.py\nlater:\n\trm -f $@ $$x\n")
            .with("justfile", "train:\n    python scripts/2_train_laq.py\nrmfoo:\n    @rm foo\n")
            .with("cmds.txt", "rm -rf runs\n")
            .with("lib.sh", "wipe() { rm -rf \"$1\"; }\nCMD=rm\n")
            .with("big.txt", "rm x\nls\n")
    }

    /// Adds a file, and the directories above it.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        let path = Path::new("/home/me/proj").join(name);
        for above in path.ancestors().skip(1) {
            self.files.entry(above.to_path_buf()).or_insert(None);
        }
        self.files.insert(path, Some(text.to_owned()));
        self
    }
}

impl World for Fake {
    fn stat(&self, path: &Path) -> Presence {
        match self.files.get(&clean(path)) {
            None => Presence::Absent,
            Some(None) => Presence::Directory,
            Some(Some(text)) if text.is_empty() => Presence::EmptyFile,
            Some(Some(_)) => Presence::File,
        }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        clean(path)
    }

    fn follow(&self, path: &Path) -> PathBuf {
        clean(path)
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.files.get(&clean(path)).cloned().flatten()
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        let pattern = glob::Pattern::new(pattern).ok()?;
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        Some(
            self.files
                .keys()
                .filter(|path| pattern.matches_path_with(path, options))
                .cloned()
                .collect(),
        )
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some("/home/me/proj".into())
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/me".into()),
            "PWD" => Some("/home/me/proj".into()),
            "USER" => Some("me".into()),
            "TMPDIR" => Some("/tmp/hlrp-1".into()),
            _ => None,
        }
    }
}

fn clean(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}
