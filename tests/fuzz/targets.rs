//! What must hold for any input: shared by the property tests here and by cargo-fuzz
//! in `fuzz/`.

use std::path::{Path, PathBuf};

use hlrp_sh::bash::{World, analyse};
use hlrp_sh::guard::fuzzing;
use hlrp_sh::policy::{Action, Layer, LayerKind, Policy, Presence};

/// A world in which every other name exists and files are short scripts.
#[derive(Debug)]
struct Halfway;

impl World for Halfway {
    fn stat(&self, path: &Path) -> Presence {
        match path.as_os_str().len() % 3 {
            0 => Presence::Absent,
            1 => Presence::File,
            _ => Presence::Directory,
        }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn follow(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn read(&self, path: &Path) -> Option<String> {
        (path.as_os_str().len().is_multiple_of(2))
            .then(|| "echo \"$1\"; bash other.sh; make x\n".to_owned())
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        (pattern.len().is_multiple_of(2))
            .then(|| vec![PathBuf::from("/h/a"), PathBuf::from("/h/b")])
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(PathBuf::from("/h"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/h".to_owned())
    }
}

/// The analyser never breaks off, points into the text, says the same twice, and an
/// added command is never lost.
pub fn analyser(text: &str) {
    let first = analyse(text, &Halfway);
    for found in &first.actions {
        assert!(
            text.get(found.span.clone()).is_some(),
            "{:?} lies outside of {text:?}",
            found.span
        );
    }
    let broke_off = first
        .incomplete
        .as_deref()
        .is_some_and(|reason| reason.contains("broke off"));
    assert!(!broke_off, "{text:?}");
    if first.incomplete.is_some() || text.contains("<<") || text.ends_with('\\') {
        return;
    }
    let again = analyse(text, &Halfway);
    assert_eq!(first.actions.len(), again.actions.len(), "{text:?}");
    let longer = format!("{text}\nshred /h/zzz");
    let more = analyse(&longer, &Halfway);
    let deletes = more.actions.iter().any(
        |found| matches!(&found.action, Action::Delete { target, .. } if target.display().contains("zzz")),
    );
    // A name that is not known may have become `shred`'s: then that is said.
    let says_so = more.incomplete.is_some() || text.contains("shred") || text.contains("alias");
    assert!(deletes || says_so, "{longer:?}");
}

/// A policy loads or is refused with a place; what it may not loosen stays.
pub fn policy(text: &str) {
    for kind in [LayerKind::Machine, LayerKind::User, LayerKind::Project] {
        let layer = Layer {
            kind,
            path: PathBuf::from("policy.toml"),
            text: text.into(),
        };
        match Policy::load(std::slice::from_ref(&layer)) {
            Ok(policy) => drop(policy),
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
        if kind == LayerKind::Project {
            drop(Policy::load_over(&layer, &[]));
        }
    }
}

/// Nothing the kernel's tables, a socket address or a path may hold breaks their readers.
pub fn notification(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines() {
        fuzzing::listener(line, 8080);
        fuzzing::abstract_socket(line, "@x");
        fuzzing::abstract_socket(line, "");
    }
    if let Some((_, port)) = fuzzing::inet(bytes) {
        let written = bytes
            .get(2..4)
            .map(|two| u16::from(two[0]) << 8 | u16::from(two[1]));
        assert_eq!(Some(port), written);
    }
    if let Some(path) = fuzzing::unix_path(bytes) {
        assert!(bytes[2..].starts_with(path.to_bytes()));
    }
    let (directory, name, slash) = fuzzing::split(bytes);
    assert!(!name.contains(&b'/'));
    let mut whole = directory.to_vec();
    whole.extend_from_slice(name);
    assert!(bytes.starts_with(&whole));
    let rest = bytes.get(whole.len()..).unwrap();
    assert!(rest.iter().all(|byte| *byte == b'/'));
    assert_eq!(slash, !rest.is_empty());
}
