//! What stands around a session: bash, Slurm, quota, the law, and the places it writes to.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{AccessFlags, access};
use sha2::{Digest, Sha256};

use super::{Finding, chain};
use crate::gate::example;
use crate::launch::room;
use crate::policy::{BUILTIN, HostClass, LoadError, Policy};
use crate::quota::{Freshness, Standing};
use crate::session::Session;

pub(super) fn look(session: &Session) -> Vec<Finding> {
    let places = &session.places;
    vec![
        bash(),
        slurm(session.context.class),
        quota(session),
        law(session),
        place("state", &places.state, "XDG_STATE_HOME"),
        place("audit", &places.audit, "XDG_STATE_HOME"),
        place("scratch", &places.scratch, "SLURM_TMPDIR"),
        terminal(),
    ]
}

fn bash() -> Finding {
    match version("bash", "--version") {
        Some(version) => Finding::ok("bash", version),
        None => Finding::missing("bash", "not on PATH", "install bash, or add it to PATH"),
    }
}

fn slurm(class: HostClass) -> Finding {
    const CLIENTS: [&str; 5] = ["sbatch", "squeue", "scancel", "sacct", "scontrol"];
    let (there, absent): (Vec<&str>, Vec<&str>) =
        CLIENTS.iter().partition(|client| is_on_path(client));
    if absent.is_empty() {
        let version = version("sbatch", "--version").unwrap_or_else(|| "no version".to_owned());
        return Finding::ok("slurm", format!("{version}: {}", there.join(", ")));
    }
    if class == HostClass::Workstation && there.is_empty() {
        return Finding::ok("slurm", "no clients, as on any workstation");
    }
    Finding::missing(
        "slurm",
        format!("not on PATH: {}", absent.join(", ")),
        "add the directory of Slurm's clients to PATH, often `module load slurm`",
    )
}

/// Looks whether it can be read how full the roots are.
fn quota(session: &Session) -> Finding {
    let report = room::report(session, Freshness::Now);
    if let Some(unknown) = report.unknown.first() {
        return Finding::degraded(
            "quota",
            format!("{}: {}", unknown.tool, unknown.complaint),
            "whatever writes is asked about; `hlrp-sh quota` says more",
        );
    }
    let found = report.tightest().and_then(|one| {
        let (_, percent) = one.fullest()?;
        let root = one.root.display();
        Some(format!("{percent} % of {root} by {}", one.source.as_str()))
    });
    match report.standing(room::thresholds(&session.policy)) {
        Standing::Halted(_) => Finding::degraded(
            "quota",
            found.unwrap_or_default(),
            "sessions are halted: `hlrp-sh quota` says what is full",
        ),
        Standing::Open | Standing::Unknown(_) => Finding::ok(
            "quota",
            found.unwrap_or_else(|| "no root, so nothing to fill".to_owned()),
        ),
    }
}

fn law(session: &Session) -> Finding {
    let names: Vec<String> = ["built in".to_owned()]
        .into_iter()
        .chain(
            session
                .layers
                .iter()
                .map(|layer| layer.path.display().to_string()),
        )
        .collect();
    let found = format!("{}; sha256 {}", names.join(", "), fingerprint(session));
    match failures(session) {
        Ok(0) => Finding::ok("policy", format!("{found}; every example passes")),
        Ok(number) => Finding::missing(
            "policy",
            format!("{found}; {number} examples fail"),
            "hlrp-sh policy test says which",
        ),
        Err(error) => Finding::missing("policy", chain(&error), "hlrp-sh policy lint"),
    }
}

/// Runs the examples of the built-in law alone, and those of the other layers under all.
fn failures(session: &Session) -> Result<usize, LoadError> {
    let (_, above) = example::run(&Policy::load_with_examples(&[])?, |_| true);
    let all = Policy::load_with_examples(&session.layers)?;
    let (_, below) = example::run(&all, |rule| rule.layer() > 0);
    Ok(above.len() + below.len())
}

/// Returns the hash of every layer's text, in order, each with its length.
fn fingerprint(session: &Session) -> String {
    let mut hash = Sha256::new();
    let texts = session.layers.iter().map(|layer| layer.text.as_ref());
    for text in [BUILTIN].into_iter().chain(texts) {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Looks whether a directory can be written, or made.
fn place(subject: &'static str, path: &Path, variable: &str) -> Finding {
    let above = path.ancestors().find(|directory| directory.exists());
    let flags = AccessFlags::W_OK | AccessFlags::X_OK;
    let can = above.is_some_and(|above| above.is_dir() && access(above, flags).is_ok());
    let shown = path.display();
    if can {
        Finding::ok(subject, format!("{shown} can be written"))
    } else {
        Finding::missing(
            subject,
            format!("{shown} cannot be written"),
            format!("make it writable for you, or set {variable} to a directory that is"),
        )
    }
}

fn terminal() -> Finding {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Finding::ok("terminal", "a person can be asked")
    } else {
        Finding::degraded(
            "terminal",
            "nobody can be asked here",
            "what needs a yes is denied",
        )
    }
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory: PathBuf| directory.join(program))
        .any(|path| path.is_file() && access(&path, AccessFlags::X_OK).is_ok())
}

/// Returns the first line that a program says of its version.
fn version(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(flag)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().filter(|line| !line.is_empty())?;
    Some(line.to_owned())
}
