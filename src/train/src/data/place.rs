//! Where a data set lies: a directory of its own, or one of Hugging Face's caches. Never the network.

use std::env;
use std::ffi::OsString;
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
        Self::named_by(|name| env::var_os(name))
    }

    /// Returns the caches that these variables name.
    fn named_by(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let own = PathBuf::from(variable("HOME").unwrap_or_default());
        let set = |name| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            let path = PathBuf::from(value);
            // What a shell leaves as it is, in quotes or after a name with a dot.
            let below = path.strip_prefix("~").map(|rest| own.join(rest));
            Some(below.unwrap_or(path))
        };
        let cache = set("XDG_CACHE_HOME").unwrap_or_else(|| own.join(".cache"));
        let home = set("HF_HOME").unwrap_or_else(|| cache.join("huggingface"));
        let hub = set("HF_HUB_CACHE").or_else(|| set("HUGGINGFACE_HUB_CACHE"));
        Self {
            lerobot: set("HF_LEROBOT_HOME").unwrap_or_else(|| home.join("lerobot")),
            hub: hub.unwrap_or_else(|| home.join("hub")),
        }
    }

    /// Returns the directory of a data set: `name` itself where it is one, else `ORG/NAME` in the caches. Of LeRobot's own
    /// nobody knows the revision: another than `main` is looked for in the hub's first.
    ///
    /// # Errors
    ///
    /// Where it is nowhere.
    pub fn find(&self, name: &str, revision: &str) -> Result<PathBuf, Error> {
        let own = || Some(self.lerobot.join(name));
        let places = [
            Some(PathBuf::from(name)),
            own().filter(|_| revision == MAIN),
            snapshot(&self.hub, name, revision),
            snapshot(&self.lerobot.join("hub"), name, revision),
            own(),
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

/// The revision of which LeRobot's cache holds copies.
const MAIN: &str = "main";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_where_the_environment_says() {
        let of = |set: &[(&str, &str)]| {
            let caches = Caches::named_by(|name| {
                let set = set.iter().find(|(key, _)| *key == name);
                set.map(|(_, value)| OsString::from(value))
            });
            [caches.lerobot, caches.hub].map(|path| path.display().to_string())
        };
        let home = ("HOME", "/home/me");
        let usual = "/home/me/.cache/huggingface";
        assert_eq!(
            of(&[home]),
            [format!("{usual}/lerobot"), format!("{usual}/hub")]
        );
        let more = [home, ("HF_HOME", "~/hf"), ("HF_HUB_CACHE", "")];
        assert_eq!(of(&more), ["/home/me/hf/lerobot", "/home/me/hf/hub"]);
        let more = [
            home,
            ("HUGGINGFACE_HUB_CACHE", "/old"),
            ("HF_LEROBOT_HOME", "~/le"),
        ];
        assert_eq!(of(&more), ["/home/me/le", "/old"]);
        let more = [
            home,
            ("HUGGINGFACE_HUB_CACHE", "/old"),
            ("HF_HUB_CACHE", "/new"),
        ];
        assert_eq!(of(&more)[1], "/new");
    }
}
