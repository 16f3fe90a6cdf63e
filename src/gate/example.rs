//! Runs the examples of a policy, in a made-up home with a few files.
//!
//! INVARIANT: a layer whose examples fail does not hold; they run once for each
//! content, and again when it changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Gate, Judgement};
use crate::bash::{World, analyse};
use crate::policy::{
    Context, Decision, Example, HostClass, Layer, LoadError, Origin, Policy, Presence, Rule, Scene,
    Stage, Verdict,
};

/// An example that did not get its decision.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The rule, with its part.
    pub rule: String,
    /// The example.
    pub example: String,
    /// What it must get.
    pub wanted: Decision,
    /// What it got.
    pub decision: Decision,
    /// By which rules.
    pub by: Vec<String>,
    /// The number of the layer that wrote the rule.
    #[serde(skip)]
    pub layer: usize,
}

/// Runs the examples of every rule for which `is_meant` holds; returns how many ran, and
/// those that failed.
pub fn run(policy: &Policy, is_meant: impl Fn(&Rule) -> bool) -> (usize, Vec<Failure>) {
    let mut number = 0;
    let mut failures = Vec::new();
    for rule in policy.rules().iter().filter(|rule| is_meant(rule)) {
        let examples = &rule.text().examples;
        let lists = [
            (Decision::Allow, &examples.allow),
            (Decision::Ask, &examples.ask),
            (Decision::Deny, &examples.deny),
        ];
        for (wanted, list) in lists {
            for example in list {
                number += 1;
                failures.extend(failure(policy, rule, example, wanted));
            }
        }
    }
    (number, failures)
}

/// Checks the examples of the layers over the built-in law, once for each content.
/// `state` is where it is kept that a content has passed.
///
/// # Errors
///
/// Where an example does not get its decision.
pub fn vouch(policy: &Policy, layers: &[Layer], state: &Path) -> Result<(), LoadError> {
    if layers.is_empty() {
        return Ok(());
    }
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for layer in layers {
        hash.update(layer.text.len().to_le_bytes());
        hash.update(layer.text.as_bytes());
    }
    let name = hash
        .finalize()
        .iter()
        .fold(String::new(), |mut name, byte| {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
    let mark = state.join("vouched").join(name);
    if mark.exists() {
        return Ok(());
    }
    let (_, failures) = run(policy, |rule| rule.layer() > 0);
    if let Some(failure) = failures.first()
        && let Some(layer) = failure.layer.checked_sub(1).and_then(|n| layers.get(n))
    {
        let message = format!(
            "example `{}` of rule `{}` must be {}, and is {}",
            failure.example, failure.rule, failure.wanted, failure.decision
        );
        let hint = format!("it was decided by {}", failure.by.join(", "));
        return Err(LoadError::near(layer, &failure.example, message, hint));
    }
    // Where nothing can be kept, the examples run again next time.
    let _ = std::fs::create_dir_all(state.join("vouched"));
    let _ = std::fs::write(&mark, "");
    Ok(())
}

fn failure(policy: &Policy, rule: &Rule, example: &Example, wanted: Decision) -> Option<Failure> {
    let verdicts = verdicts(policy, example);
    let strictest = verdicts.iter().map(|verdict| verdict.decision).max();
    let decision = strictest.unwrap_or(Decision::Allow);
    let mut by: Vec<String> = verdicts
        .iter()
        .filter(|verdict| verdict.decision == decision)
        .map(|verdict| verdict.rule.to_string())
        .collect();
    by.dedup();
    let is_right =
        decision == wanted && (wanted == Decision::Allow || by.iter().any(|id| id == rule.id()));
    (!is_right).then(|| Failure {
        rule: rule.text().full_name(),
        example: example.display(),
        wanted,
        decision,
        by,
        layer: rule.layer(),
    })
}

/// Returns the verdicts on everything that an example would do.
pub fn verdicts(policy: &Policy, example: &Example) -> Vec<Verdict> {
    let context = context(example);
    if let Some(line) = &example.line {
        let judgement = judge(policy, &context, line, example);
        let verdicts = judgement.actions.into_iter().map(|judged| judged.verdict);
        return verdicts.collect();
    }
    let Some(event) = &example.kernel else {
        return Vec::new();
    };
    let scene = Scene {
        context: &context,
        stage: Stage::Kernel,
        actor: event.by.as_deref(),
    };
    event
        .to_action(&context.home)
        .map(|action| policy.judge(&action, &scene))
        .into_iter()
        .collect()
}

fn judge(policy: &Policy, context: &Context, line: &str, example: &Example) -> Judgement {
    let scenery = Scenery::new(context, &example.files);
    Gate::new(policy, context).judge(line, analyse(line, &scenery))
}

const HOME: &str = "/home/me";

fn context(example: &Example) -> Context {
    let home = PathBuf::from(HOME);
    let dss = example.dss.unwrap_or(true);
    let cwd = example.cwd.clone().unwrap_or_else(|| PathBuf::from("code"));
    Context {
        class: example.class.unwrap_or(HostClass::Login),
        host: "login1".to_owned(),
        user: "me".to_owned(),
        cwd: home.join(cwd),
        roots: if dss {
            vec![home.clone(), PathBuf::from("/dss/group/me")]
        } else {
            Vec::new()
        },
        scratch: vec![PathBuf::from("/tmp/hlrp-example")],
        own: vec![home.join(".hlrp"), home.join(".local/state/hlrp-sh")],
        home,
        origin: example.origin.clone().unwrap_or(Origin::Person),
        guard: example.guard(),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}

/// What is there in every example, below the working directory.
const FILES: [(&str, &str); 16] = [
    ("notes.txt", "text\n"),
    ("other.txt", "text\n"),
    ("x", "text\n"),
    ("a.txt", "text\n"),
    (
        "run.sh",
        "#!/bin/bash\nset -e\nmkdir -p out\npython eval.py > out/log.txt\nrm -f \"$tmp\"\n",
    ),
    ("sweep.sh", "#!/bin/bash\nrm notes.txt\n"),
    (
        "job.sbatch",
        "#!/bin/bash\n#SBATCH --gres=gpu:1\npython train.py\n",
    ),
    ("train.py", "import torch\n"),
    ("eval.py", "print(1)\n"),
    ("scripts/2_train_laq.py", "import torch\n"),
    (
        "Makefile",
        "all:\n\tgcc -o prog prog.c\nclean:\n\trm -rf build\n",
    ),
    ("Cargo.toml", "[package]\nname = \"x\"\n"),
    ("build/prog.o", "x"),
    ("src/main.c", "int main(void) { return 0; }\n"),
    ("old/.keep", ""),
    (".git/config", "[core]\n"),
];

const DIRECTORIES: [&str; 6] = [
    "empty",
    "dst",
    "runs/laq_0312",
    ".git/hooks",
    "build",
    "src",
];

const ABSOLUTE: [&str; 5] = [
    "/etc/hosts",
    "/tmp/x",
    "/home/me/.bashrc",
    "/dev/null",
    "/home/me/.ssh/config",
];

/// A made-up file system.
struct Scenery {
    cwd: PathBuf,
    entries: BTreeMap<PathBuf, (Presence, String)>,
}

impl Scenery {
    fn new(context: &Context, files: &[String]) -> Self {
        let mut scenery = Self {
            cwd: context.cwd.clone(),
            entries: BTreeMap::new(),
        };
        for (name, text) in FILES {
            scenery.add(&context.cwd.join(name), Presence::File, text);
        }
        for name in DIRECTORIES {
            scenery.add(&context.cwd.join(name), Presence::Directory, "");
        }
        for name in ABSOLUTE {
            let presence = if name.starts_with("/dev") {
                Presence::Other
            } else {
                Presence::File
            };
            scenery.add(Path::new(name), presence, "");
        }
        for name in [
            "/tmp",
            "/var/tmp",
            "/opt",
            "/dss/group/me",
            "/home/me/.hlrp/retained",
        ] {
            scenery.add(Path::new(name), Presence::Directory, "");
        }
        for name in files {
            let presence = if name.ends_with('/') {
                Presence::Directory
            } else {
                Presence::File
            };
            scenery.add(&context.cwd.join(name), presence, "text\n");
        }
        scenery
    }

    fn add(&mut self, path: &Path, presence: Presence, text: &str) {
        for parent in path.ancestors().skip(1) {
            let directory = (Presence::Directory, String::new());
            self.entries.entry(parent.to_owned()).or_insert(directory);
        }
        self.entries
            .insert(path.components().collect(), (presence, text.to_owned()));
    }
}

impl World for Scenery {
    fn stat(&self, path: &Path) -> Presence {
        self.entries
            .get(path)
            .map_or(Presence::Absent, |(presence, _)| *presence)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        let mut whole = PathBuf::new();
        for part in self.cwd.join(path).components() {
            match part {
                std::path::Component::ParentDir => drop(whole.pop()),
                std::path::Component::CurDir => {}
                other => whole.push(other),
            }
        }
        whole
    }

    fn follow(&self, path: &Path) -> PathBuf {
        self.resolve(path)
    }

    fn read(&self, path: &Path) -> Option<String> {
        match self.entries.get(path)? {
            (Presence::File, text) => Some(text.clone()),
            _ => None,
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        let pattern = glob::Pattern::new(pattern).ok()?;
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let matches = |path: &&PathBuf| pattern.matches_path_with(path, options);
        Some(self.entries.keys().filter(matches).cloned().collect())
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(self.cwd.clone())
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some(HOME.to_owned()),
            "PWD" => Some(self.cwd.display().to_string()),
            "USER" | "LOGNAME" => Some("me".to_owned()),
            "TMPDIR" => Some("/tmp/hlrp-example".to_owned()),
            _ => None,
        }
    }
}
