//! Where a data set lies: a directory of its own, or one of Hugging Face's caches. Never the network.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Error;

/// The caches that a name is looked for in.
#[derive(Clone, Debug)]
pub struct Caches {
    /// LeRobot's own (`HF_LEROBOT_HOME`): `ORG/NAME` below it.
    pub lerobot: PathBuf,
    /// The hub's (`HF_HUB_CACHE`): `datasets--ORG--NAME/snapshots/REVISION` below it.
    pub hub: PathBuf,
}

impl Caches {
    /// Returns the caches that the environment names, as `huggingface_hub` and `lerobot` read it.
    pub fn from_environment() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let cache = set("XDG_CACHE_HOME").map_or_else(
            || PathBuf::from(set("HOME").unwrap_or_default()).join(".cache"),
            PathBuf::from,
        );
        let home = set("HF_HOME").map_or_else(|| cache.join("huggingface"), PathBuf::from);
        Self {
            lerobot: set("HF_LEROBOT_HOME").map_or_else(|| home.join("lerobot"), PathBuf::from),
            hub: set("HF_HUB_CACHE").map_or_else(|| home.join("hub"), PathBuf::from),
        }
    }

    /// Returns the directory of a data set: `name` itself where it is one, else `ORG/NAME` in the caches.
    ///
    /// # Errors
    ///
    /// Where it is nowhere.
    pub fn find(&self, name: &str, revision: &str) -> Result<PathBuf, Error> {
        let places = [
            Some(PathBuf::from(name)),
            Some(self.lerobot.join(name)),
            snapshot(&self.hub, name, revision),
            snapshot(&self.lerobot.join("hub"), name, revision),
        ];
        let found = places.into_iter().flatten().find(|place| is_set(place));
        found.ok_or_else(|| Error::NotHere {
            name: name.into(),
            revision: revision.into(),
            looked: format!("`{}` or `{}`", self.lerobot.display(), self.hub.display()),
        })
    }
}

/// Returns whether a directory is, or was meant to be, a data set.
fn is_set(place: &Path) -> bool {
    place.join("meta").is_dir()
}

/// Returns the snapshot of a revision: the commit that `refs/REVISION` names, or the commit itself.
fn snapshot(hub: &Path, name: &str, revision: &str) -> Option<PathBuf> {
    let folder = hub.join(format!("datasets--{}", name.replace('/', "--")));
    let commit = fs::read_to_string(folder.join("refs").join(revision));
    let commit = commit.map_or_else(|_| revision.to_owned(), |text| text.trim().to_owned());
    Some(folder.join("snapshots").join(commit)).filter(|place| place.is_dir())
}
