//! What a program starts with: its words, its file, its environment.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::session::Session;

use super::judge::{Job, NOT_INTERACTIVE};

/// Returns the words the program starts with.
pub(crate) fn arguments(job: Job) -> Result<Vec<OsString>, Error> {
    let words = |words: Vec<String>| words.into_iter().map(OsString::from);
    Ok(match job {
        Job::Interactive { .. } => {
            return Err(Error::Usage(NOT_INTERACTIVE.to_owned()));
        }
        Job::Line {
            line,
            flags,
            arguments,
        } => [OsString::from("bash")]
            .into_iter()
            .chain(words(flags))
            .chain(["-c".into(), "--".into(), line.into()])
            .chain(words(arguments))
            .collect(),
        Job::Script { path, arguments } => ["bash".into(), "--".into(), path.into_os_string()]
            .into_iter()
            .chain(words(arguments))
            .collect(),
        Job::Program { arguments } => words(arguments).collect(),
    })
}

/// Where programs are looked for when nobody says.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Finds a program as bash would: by its path, else along `PATH`.
pub(crate) fn find(name: Option<&OsString>) -> Option<PathBuf> {
    let name = Path::new(name?);
    if name.components().count() > 1 {
        return Some(name.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| PATH.into());
    let candidates: Vec<PathBuf> = std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .filter(|path| path.is_file())
        .collect();
    let runnable = |path: &&PathBuf| {
        path.metadata()
            .is_ok_and(|status| status.permissions().mode() & 0o111 != 0)
    };
    candidates
        .iter()
        .find(runnable)
        .or(candidates.first())
        .cloned()
}

/// What proves to Slurm who somebody is, or leads its clients elsewhere.
const STRIPPED: [&str; 2] = ["SLURM_JWT", "SLURM_SACK_SOCKET"];

/// Returns the caller's environment, with the session's scratch for temporary files, and its shims first on `PATH`.
pub(crate) fn environment(
    session: &Session,
    shims: Option<&Path>,
    base: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<OsString> {
    let base: Vec<(OsString, OsString)> = base.collect();
    let mut ours = vec![
        ("TMPDIR", session.places.scratch.clone().into_os_string()),
        // tmux puts its socket into /tmp unless told otherwise: a server started here is this session's.
        (
            "TMUX_TMPDIR",
            session.places.scratch.clone().into_os_string(),
        ),
        ("HLRP_SESSION", session.id.clone().into()),
    ];
    if let Some(shims) = shims {
        let path = base.iter().find(|(name, _)| name == "PATH");
        let path = path.map_or(OsStr::new(PATH), |(_, path)| path);
        let mut first = shims.as_os_str().to_owned();
        first.push(":");
        first.push(path);
        ours.push(("PATH", first));
    }
    let is_ours = |name: &OsString| ours.iter().any(|(own, _)| name == own);
    let is_stripped = |name: &OsString| STRIPPED.iter().any(|stripped| name == stripped);
    let others = base
        .iter()
        .filter(|(name, _)| !is_ours(name) && !is_stripped(name))
        .cloned();
    let all = others.chain(
        ours.iter()
            .map(|(name, value)| (OsString::from(name), value.clone())),
    );
    all.map(|(name, value)| {
        let mut entry = name.into_vec();
        entry.push(b'=');
        entry.extend(value.into_vec());
        OsString::from_vec(entry)
    })
    .collect()
}
