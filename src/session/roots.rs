//! What may be written: home, one DSS directory, further directories of a workstation.
//!
//! INVARIANT: a root is a directory of the caller's own, resolved; never one that
//! holds the home directory, never a part of the system.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, eaccess};

use super::surroundings::Surroundings;
use crate::error::Error;
use crate::policy::{Context, HostClass, RootsText};

/// What may be written, and why.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roots {
    /// The roots; none where the session may only read.
    pub paths: Vec<PathBuf>,
    /// Why, one line a fact.
    pub evidence: Vec<String>,
    /// What a person should do.
    pub advice: Option<String>,
}

/// Returns `$HOME` where the caller owns it, else what the system says.
pub(super) fn home(around: &Surroundings) -> Result<PathBuf, Error> {
    let candidates = [around.path("HOME"), around.passwd_home.clone()];
    candidates
        .into_iter()
        .flatten()
        .find_map(|path| own_directory(&path, around).ok())
        .ok_or_else(|| Error::Session {
            what: "home directory".to_owned(),
            source: std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "neither $HOME nor the passwd entry names a directory of yours",
            ),
        })
}

/// Finds the roots.
pub(super) fn find(
    around: &Surroundings,
    home: &Path,
    class: HostClass,
    text: &RootsText,
) -> Roots {
    let mut roots = Roots::default();
    let dss = dss(around, home, text, &mut roots.evidence);
    let is_cluster = class != HostClass::Workstation;
    if is_cluster && dss.is_none() {
        let lack = match roots.evidence.is_empty() {
            true => "no DSS directory is configured".to_owned(),
            false => format!("no DSS directory is taken ({})", roots.evidence.join("; ")),
        };
        roots.evidence.push(lack + Context::READS_ONLY);
        roots.advice = Some(format!("export HLRP_DSS=/dss/GROUP/{}", around.user));
        return roots;
    }
    roots.evidence.push(format!("home is {}", home.display()));
    roots.paths.push(home.to_owned());
    roots.paths.extend(dss);
    for name in &text.further {
        if is_cluster {
            let fact = format!("the further root {name} counts on a workstation only");
            roots.evidence.push(fact);
            continue;
        }
        match candidate(name, around, home) {
            Ok(path) => {
                let fact = format!("the policy adds the root {}", path.display());
                roots.evidence.push(fact);
                roots.paths.push(path);
            }
            Err(reason) => roots.evidence.push(format!("no root {name}: {reason}")),
        }
    }
    roots.paths.dedup();
    roots
}

/// Returns the DSS directory that the environment or the policy names.
fn dss(
    around: &Surroundings,
    home: &Path,
    text: &RootsText,
    evidence: &mut Vec<String>,
) -> Option<PathBuf> {
    let named = [
        ("HLRP_DSS", around.text("HLRP_DSS")),
        ("the policy", text.dss.as_deref()),
    ];
    for (source, name) in named {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        match candidate(name, around, home) {
            Ok(path) => {
                evidence.push(format!(
                    "{source} names the DSS directory {}",
                    path.display()
                ));
                return Some(path);
            }
            Err(reason) => evidence.push(format!("{source} names {name}: {reason}")),
        }
    }
    None
}

fn candidate(name: &str, around: &Surroundings, home: &Path) -> Result<PathBuf, String> {
    let path = match name.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(name),
    };
    let path = own_directory(&path, around)?;
    if home.starts_with(&path) && home != path {
        return Err("it holds the home directory".to_owned());
    }
    let needed = AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK;
    eaccess(&path, needed).map_err(|fault| match fault {
        Errno::EROFS => "it is mounted read-only".to_owned(),
        _ => "it is yours, and you may not write in it (ls -ld shows its mode)".to_owned(),
    })?;
    Ok(path)
}

/// Returns whether a directory is the caller's own and no part of the system.
pub(super) fn is_own(path: &Path, around: &Surroundings) -> bool {
    own_directory(path, around).is_ok()
}

/// Resolves a directory and checks that it is the caller's own and no part of the system.
fn own_directory(path: &Path, around: &Surroundings) -> Result<PathBuf, String> {
    if !path.is_absolute() {
        return Err("it is not absolute".to_owned());
    }
    let path = path
        .canonicalize()
        .map_err(|fault| fault.to_string().to_lowercase())?;
    let found = path.metadata().map_err(|fault| fault.to_string())?;
    if !found.is_dir() {
        return Err("it is no directory".to_owned());
    }
    if found.uid() != around.uid {
        return Err("it belongs to somebody else".to_owned());
    }
    let is_system = path == Path::new("/")
        || SYSTEM.iter().any(|directory| path.starts_with(directory))
        || PARENTS.iter().any(|directory| path == Path::new(directory));
    if is_system {
        return Err("it is a part of the system".to_owned());
    }
    Ok(path)
}

/// Never written, nothing below them either.
const SYSTEM: [&str; 10] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr",
];

/// Not roots themselves, though something below them may be.
const PARENTS: [&str; 9] = [
    "/home", "/dss", "/mnt", "/media", "/opt", "/run", "/srv", "/tmp", "/var",
];
