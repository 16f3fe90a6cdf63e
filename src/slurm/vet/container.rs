//! Containers: the guard's program and the roots must be inside, each at its own path,
//! and nothing else may stand at their place.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::getopt::Given;
use super::reading::Draft;

/// Returns whether a container is asked for.
pub(super) fn is_asked(given: &[Given]) -> bool {
    let asks = ["container-image", "container-name"];
    given.iter().any(|one| asks.contains(&one.name))
}

/// Judges the mounts and returns them with what the guard needs added.
pub(super) fn mounts(draft: &mut Draft<'_>, given: &[Given]) -> Option<String> {
    if !is_asked(given) {
        return None;
    }
    let asked = super::files::last(given, "container-mounts");
    let text = asked.and_then(|one| one.value.clone()).unwrap_or_default();
    let mut list: Vec<String> = Vec::new();
    let mut there: Vec<PathBuf> = Vec::new();
    for mount in text.split(',').filter(|mount| !mount.is_empty()) {
        let mut parts = mount.splitn(3, ':');
        let source = parts.next().unwrap_or_default();
        let target = parts
            .next()
            .filter(|text| !text.is_empty())
            .unwrap_or(source);
        if let Some(one) = asked
            && let Some((because, instead)) = fault(draft, source, target)
        {
            draft.refuse(one, &because, &instead);
        }
        if source == target {
            there.push(PathBuf::from(target));
        }
        list.push(mount.to_owned());
    }
    let mut needed: Vec<PathBuf> = draft.facts.spec.roots.clone();
    if let Some(directory) = draft.facts.program.parent() {
        needed.push(directory.to_owned());
    }
    let mut added: Vec<PathBuf> = Vec::new();
    for path in needed {
        let is_there = there.contains(&path);
        let is_below = added.iter().any(|mount| path.starts_with(mount));
        if !is_there && !is_below {
            list.push(format!("{0}:{0}", path.display()));
            added.push(path);
        }
    }
    Some(list.join(","))
}

/// Why a mount cannot be.
fn fault(draft: &Draft<'_>, source: &str, target: &str) -> Option<(String, String)> {
    let place = draft.facts.world.follow(Path::new(target));
    let lexical = crate::bash::lexical(Path::new(target));
    if source == target && lexical == Path::new(target) {
        return None;
    }
    let needed = draft.facts.spec.roots.iter().map(PathBuf::as_path);
    let needed = needed.chain(draft.facts.program.parent());
    let covers = |path: &Path| {
        [place.as_path(), lexical.as_path()]
            .iter()
            .any(|place| place.starts_with(path) || path.starts_with(place))
    };
    let also: [&str; 4] = ["/proc", "/sys", "/dev", "/run/munge"];
    let hides = needed.chain(also.iter().map(Path::new)).any(covers);
    hides.then(|| {
        (
            format!("at {target} the guard knows something else"),
            "mount it at a path of its own, such as /data".to_owned(),
        )
    })
}

/// Returns the option that keeps what we carry from an image's own variables of these names.
pub(super) fn keeps(carried: &[(OsString, OsString)]) -> OsString {
    let names = carried.iter().map(|(name, _)| name.to_string_lossy());
    let names = names.collect::<Vec<_>>().join(",");
    format!("--container-env={names}").into()
}

/// Returns the names of variables that the container is to take from outside. None of them reaches Slurm: the guard
/// in the container sets them.
pub(super) fn variables(given: &[Given]) -> Vec<String> {
    if !is_asked(given) {
        return Vec::new();
    }
    let names = given.iter().filter(|one| one.name == "container-env");
    let names = names.filter_map(|one| one.value.as_deref());
    names
        .flat_map(|names| names.split(','))
        .map(str::to_owned)
        .collect()
}
