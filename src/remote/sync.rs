//! A directory on two machines: what rsync is told, and what it says that it would do.
//!
//! INVARIANT: nothing is ever deleted on either side, and nothing newer is overwritten
//! unless that was asked for; what is replaced, the guard of the receiving side retains.

use std::path::Path;

use super::Host;

/// Never goes over: what each machine has of its own, and what is no code.
const OWN: [&str; 14] = [
    ".git/",
    ".hlrp/",
    ".venv/",
    "venv/",
    "__pycache__/",
    "*.pyc",
    "node_modules/",
    "target/",
    "runs/",
    "outputs/",
    "wandb/",
    "checkpoints/",
    "*.ckpt",
    "*.safetensors",
];

/// Which way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// From here to there.
    Push,
    /// From there to here.
    Pull,
}

/// What is to be the same.
#[derive(Clone, Copy, Debug)]
pub struct Sync<'a> {
    /// The other machine.
    pub host: &'a Host,
    /// The directory here.
    pub here: &'a Path,
    /// The directory there, relative to its home or absolute.
    pub there: &'a str,
    /// Which way.
    pub way: Way,
    /// Patterns that do not go over besides our own.
    pub exclude: &'a [String],
    /// Whether `.gitignore` files say what does not go over.
    pub ignores: bool,
    /// Whether what is newer on the receiving side is replaced as well.
    pub newer: bool,
}

/// How rsync names what it does, a line each: the itemized change, the size, the name.
const FORMAT: &str = "--out-format=%i|%l|%n";

impl Sync<'_> {
    /// Returns rsync's arguments.
    pub fn arguments(&self, dry: bool) -> Vec<String> {
        let mut words: Vec<String> = [
            "--recursive",
            "--links",
            "--perms",
            "--times",
            "--protect-args",
            FORMAT,
        ]
        .map(str::to_owned)
        .into();
        if dry {
            words.push("--dry-run".to_owned());
        }
        if !self.newer {
            words.push("--update".to_owned());
        }
        let own = OWN.iter().map(|own| (*own).to_owned());
        words.extend(
            own.chain(self.exclude.iter().cloned())
                .map(|one| format!("--exclude={one}")),
        );
        if self.ignores {
            words.push("--filter=:- .gitignore".to_owned());
        }
        // With a slash at its end: the content, and not the directory by its name.
        let here = format!("{}/", self.here.display());
        let there = format!("{}:{}/", self.host, self.there.trim_end_matches('/'));
        words.push("--".to_owned());
        words.extend(match self.way {
            Way::Push => [here, there],
            Way::Pull => [there, here],
        });
        words
    }
}

/// Something that goes over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its name below the directory.
    pub name: String,
    /// What becomes of it on the receiving side.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
}

/// What becomes of something on the receiving side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It comes to be.
    New,
    /// Its content is replaced.
    Replaced,
    /// Its mode or its time alone is set.
    Touched,
}

impl Kind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replaced => "replaced",
            Self::Touched => "touched",
        }
    }
}

/// Reads what rsync said (`%i` of rsync(1)); directories are left out, and whatever is no such line.
pub fn changes(said: &str) -> Vec<Change> {
    said.lines().filter_map(change).collect()
}

fn change(line: &str) -> Option<Change> {
    let mut fields = line.splitn(3, '|');
    let (item, size, name) = (fields.next()?, fields.next()?, fields.next()?);
    let mut letters = item.chars();
    let (update, kind) = (letters.next()?, letters.next()?);
    let is_item = matches!(update, '<' | '>' | 'c' | 'h' | '.')
        && matches!(kind, 'f' | 'L' | 'd' | 'S' | 'D');
    if !is_item || kind == 'd' || item.len() < 4 {
        return None;
    }
    let rest = letters.as_str();
    Some(Change {
        name: name.to_owned(),
        kind: if rest.starts_with('+') {
            Kind::New
        } else if matches!(update, '<' | '>' | 'c') {
            Kind::Replaced
        } else {
            Kind::Touched
        },
        size: size.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_deleted_whatever_is_asked() {
        let host: Host = "me@ai".parse().unwrap();
        let exclude = ["--delete".to_owned()];
        for way in [Way::Push, Way::Pull] {
            for (dry, newer, ignores) in [(true, true, false), (false, false, true)] {
                let sync = Sync {
                    host: &host,
                    here: Path::new("/home/me/a b"),
                    there: "--delete",
                    way,
                    exclude: &exclude,
                    ignores,
                    newer,
                };
                let words = sync.arguments(dry);
                let at = words.iter().position(|word| word == "--").unwrap();
                let (options, places) = words.split_at(at);
                assert!(options.iter().all(|word| {
                    !word.starts_with("--del")
                        && !word.starts_with("--remove")
                        && !word.starts_with("--inplace")
                }));
                assert_eq!(options.contains(&"--dry-run".to_owned()), dry);
                assert_eq!(options.contains(&"--update".to_owned()), !newer);
                let mut places = places[1..].to_vec();
                places.sort();
                assert_eq!(places, ["/home/me/a b/", "me@ai:--delete/"]);
            }
        }
    }

    #[test]
    fn what_rsync_says_is_read() {
        let said = "cd+++++++++|4096|./\n<f+++++++++|12|a|b.txt\n>f.st......|3|x\n.f...p.....|4|mode\n\
                    cL+++++++++|1|link\nsending incremental file list\n\n*deleting|0|x\n|||\n";
        let found: Vec<_> = changes(said)
            .into_iter()
            .map(|one| (one.name, one.kind.word(), one.size))
            .collect();
        let expected = [
            ("a|b.txt", "new", 12),
            ("x", "replaced", 3),
            ("mode", "touched", 4),
            ("link", "new", 1),
        ];
        assert_eq!(
            found,
            expected.map(|(name, word, size)| (name.to_owned(), word, size))
        );
    }
}
