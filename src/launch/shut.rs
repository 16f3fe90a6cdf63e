//! Devices that nobody may open where a session is: the GPUs of a login node.
//!
//! INVARIANT: which they are is what the law says of each that is there, and nothing that the environment says.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::policy::{Action, Context, PathFacts, Policy, Presence, Scene, Stage, Target};

/// The list that names them.
const LIST: &str = "accelerators";

/// Returns the devices that the law keeps shut here.
pub(super) fn devices(policy: &Policy, context: &Context) -> Vec<PathBuf> {
    let mut directories: Vec<&Path> = policy
        .list(LIST)
        .iter()
        .filter_map(|pattern| Path::new(pattern).parent())
        .collect();
    directories.sort_unstable();
    directories.dedup();
    let entries = directories
        .into_iter()
        .filter_map(|directory| directory.canonicalize().ok()?.read_dir().ok())
        .flat_map(Iterator::flatten);
    let devices = entries.filter(|entry| {
        entry
            .file_type()
            .is_ok_and(|kind| kind.is_char_device() || kind.is_block_device())
    });
    let mut found: Vec<PathBuf> = devices
        .map(|entry| entry.path())
        .filter(|path| !may_be_read(policy, context, path))
        .collect();
    found.sort_unstable();
    found
}

fn may_be_read(policy: &Policy, context: &Context, path: &Path) -> bool {
    let action = Action::Read {
        target: Target::Path(PathFacts {
            path: path.to_owned(),
            presence: Presence::Other,
            born: Some(false),
        }),
    };
    let scene = Scene {
        context,
        stage: Stage::Kernel,
        actor: None,
    };
    policy.judge(&action, &scene).is_allowed()
}
