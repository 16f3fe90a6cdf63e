//! The environment that a job is to have, wrapped so that nothing between here and the
//! guard inside the job acts on it: loaders, plugins of Slurm, container tools.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What carries it.
const NAME: &str = "HLRP_ENVIRONMENT_";
/// Bytes of one variable; the kernel takes no more than 128 KiB.
const CHUNK: usize = 96 * 1024;
/// An entry that the job is to have.
const WANTED: u8 = b'+';
/// An entry that is only the client's own.
const CLIENTS: u8 = b'-';

/// Among the client's own: the job gets what a login has, below what it is to have.
pub const LOGIN: &str = "HLRP_LOGIN";

/// Among the client's own: names, with commas between, that a container's image must not say otherwise.
pub const KEPT: &str = "HLRP_KEPT";

/// A variable and its value.
type Pair = (OsString, OsString);

/// What carries the facts for the guard.
const FACTS: &str = "HLRP_FACTS_";

/// Wraps the facts for the guard of a task, which it believes by their hash alone.
pub fn pack_facts(facts: &str) -> Vec<Pair> {
    let chunks = facts.as_bytes().chunks(CHUNK).enumerate();
    chunks
        .map(|(number, chunk)| {
            let name = OsString::from(format!("{FACTS}{number:03}"));
            (name, OsString::from_vec(chunk.to_vec()))
        })
        .collect()
}

/// Returns the facts that an environment carries.
pub fn unpack_facts(started: &[Pair]) -> Vec<u8> {
    let is_facts = |pair: &&Pair| pair.0.as_bytes().starts_with(FACTS.as_bytes());
    let mut chunks: Vec<&Pair> = started.iter().filter(is_facts).collect();
    chunks.sort();
    let values = chunks.iter().map(|(_, value)| value.as_bytes());
    values.flat_map(|value| value.iter().copied()).collect()
}

/// Wraps an environment. `clients` is what the client has of its own, which is no job's.
pub fn pack(wanted: &[Pair], clients: &[Pair]) -> Vec<Pair> {
    let mut text = Vec::new();
    let entries = wanted.iter().map(|pair| (WANTED, pair));
    for (kind, (name, value)) in entries.chain(clients.iter().map(|pair| (CLIENTS, pair))) {
        text.push(kind);
        for byte in name.as_bytes().iter().chain(b"=").chain(value.as_bytes()) {
            match byte {
                b'\\' => text.extend_from_slice(b"\\\\"),
                b'\n' => text.extend_from_slice(b"\\n"),
                byte => text.push(*byte),
            }
        }
        text.extend_from_slice(b"\\0");
    }
    let chunks = text.chunks(CHUNK).enumerate();
    chunks
        .map(|(number, chunk)| {
            let name = OsString::from(format!("{NAME}{number:03}"));
            (name, OsString::from_vec(chunk.to_vec()))
        })
        .collect()
}

/// Returns the environment that a job is to have, out of the one that it was started with: what was wrapped, and
/// over it what Slurm added.
pub fn unpack(started: &[Pair]) -> Vec<Pair> {
    let is_wrapped = |pair: &&Pair| pair.0.as_bytes().starts_with(NAME.as_bytes());
    let mut chunks: Vec<&Pair> = started.iter().filter(is_wrapped).collect();
    chunks.sort();
    let text: Vec<u8> = chunks
        .iter()
        .flat_map(|(_, value)| value.as_bytes().iter().copied())
        .collect();
    let (mut wanted, mut clients): (Vec<Pair>, Vec<Pair>) = (Vec::new(), Vec::new());
    for (kind, pair) in entries(&text) {
        match kind {
            WANTED => wanted.push(pair),
            _ => clients.push(pair),
        }
    }
    let has_login = clients.iter().any(|(name, _)| name == LOGIN);
    let kept = clients.iter().find(|(name, _)| name == KEPT);
    let kept = kept.map(|(_, names)| names.as_bytes()).unwrap_or_default();
    let is_kept = |name: &OsStr| {
        kept.split(|byte| *byte == b',')
            .any(|one| one == name.as_bytes())
    };
    for pair in started.iter().filter(|pair| !is_ours(&pair.0)) {
        let is_wanted = wanted.iter().any(|(name, _)| *name == pair.0);
        let is_clients = clients.contains(pair) && (is_wanted || !has_login || !is_login(&pair.0));
        // Set by the client because of what carries the environment.
        let is_list =
            pair.0 == "SLURM_EXPORT_ENV" && pair.1.as_bytes().starts_with(NAME.as_bytes());
        let is_ahead = is_wanted && (has_login || is_kept(&pair.0)) && !is_slurms(&pair.0);
        if is_clients || is_list || is_ahead {
            continue;
        }
        wanted.retain(|(name, _)| *name != pair.0);
        wanted.push(pair.clone());
    }
    wanted
}

/// Whether a variable carries a wrapped environment, or facts for the guard.
pub(crate) fn is_ours(name: &OsStr) -> bool {
    [NAME, FACTS]
        .iter()
        .any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()))
}

/// What Slurm sets for a job.
fn is_slurms(name: &OsStr) -> bool {
    let set = [
        "SLURM",
        "PMI",
        "CUDA_VISIBLE",
        "GPU_DEVICE",
        "ROCR_VISIBLE",
        "ZE_AFFINITY",
    ];
    let also = ["TMPDIR", "HOSTNAME", "ENVIRONMENT"];
    let text = name.to_str().unwrap_or_default();
    set.iter().any(|prefix| text.starts_with(prefix)) || also.contains(&text)
}

/// What everybody has who logs in.
fn is_login(name: &OsStr) -> bool {
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL"]
        .iter()
        .any(|login| name == *login)
}

fn entries(text: &[u8]) -> Vec<(u8, Pair)> {
    let mut found = Vec::new();
    let mut entry = Vec::new();
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            entry.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => entry.push(b'\n'),
            Some(b'0') => found.extend(entry_of(&std::mem::take(&mut entry))),
            Some(other) => entry.push(*other),
            None => {}
        }
    }
    found
}

fn entry_of(entry: &[u8]) -> Option<(u8, Pair)> {
    let (kind, rest) = entry.split_first()?;
    let at = rest.iter().position(|byte| *byte == b'=')?;
    let (name, value) = rest.split_at_checked(at)?;
    let name = OsString::from_vec(name.to_vec());
    let value = OsString::from_vec(value.get(1..)?.to_vec());
    Some((*kind, (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> Pair {
        (name.into(), value.into())
    }

    #[test]
    fn what_is_wrapped_comes_back_and_slurm_stands_over_it() {
        let wanted = [
            pair("A", "x\ny\\n=z"),
            pair("PATH", "/mine"),
            pair("SLURM_JOB_ID", "1"),
            pair("LONG", &"l\\".repeat(CHUNK)),
        ];
        let clients = [pair("PATH", "/usr/bin"), pair("TERM", "dumb")];
        let mut started = pack(&wanted, &clients);
        started.extend(clients.clone());
        started.push(pair("SLURM_JOB_ID", "2"));
        let mut got = unpack(&started);
        got.sort();
        let mut expected = wanted.to_vec();
        expected.retain(|(name, _)| name != "SLURM_JOB_ID");
        expected.push(pair("SLURM_JOB_ID", "2"));
        expected.sort();
        assert_eq!(got, expected);
    }
}
