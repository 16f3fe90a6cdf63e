//! Names in the law: globs over paths and over program names.
//!
//! A pattern that begins with `~/` is below the home directory, with `/` it is
//! absolute; any other matches at any depth (`*.ckpt`, `runs/**`, `.git/hooks/*`).
//! `**` stands for any number of components, `*` never crosses a `/`.
//!
//! INVARIANT: a name that is not UTF-8 cannot escape a pattern; it is matched lossily.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use glob::Pattern;

/// What is wrong with a pattern.
pub(crate) type Fault = String;

/// A path cut into its components once, however many patterns look at it.
pub(crate) struct Names<'a> {
    names: Vec<&'a [u8]>,
    below_home: Option<usize>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(path: &'a Path, home: &Path) -> Self {
        let names: Vec<&[u8]> = components(path).collect();
        let mut depth = 0;
        let below = components(home).all(|name| {
            let same = names.get(depth).is_some_and(|mine| *mine == name);
            depth += 1;
            same
        });
        Self {
            below_home: (below && depth > 0).then_some(depth),
            names,
        }
    }

    fn from(&self, start: usize) -> &[&'a [u8]] {
        self.names.get(start..).unwrap_or_default()
    }
}

fn components(path: &Path) -> impl Iterator<Item = &[u8]> {
    path.as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty() && *name != b".")
}

/// Several path patterns, any of which may match; compiled when first looked at, so
/// that a law of which little is asked loads fast.
#[derive(Clone, Debug, Default)]
pub(crate) struct PathSet {
    texts: Vec<String>,
    globs: OnceLock<Vec<PathGlob>>,
}

impl PathSet {
    /// Compiles now, and finds what is wrong.
    pub(crate) fn compile<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Self, Fault> {
        let globs = texts
            .map(PathGlob::compile)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            texts: Vec::new(),
            globs: OnceLock::from(globs),
        })
    }

    /// Compiles later; the patterns have been found right already.
    pub(crate) fn later(texts: Vec<String>) -> Self {
        Self {
            texts,
            globs: OnceLock::new(),
        }
    }

    fn globs(&self) -> &[PathGlob] {
        self.globs.get_or_init(|| {
            let compile = |text: &String| PathGlob::compile(text).unwrap_or(PathGlob::EVERYTHING);
            self.texts.iter().map(compile).collect()
        })
    }

    pub(crate) fn matches(&self, names: &Names<'_>) -> bool {
        self.globs().iter().any(|glob| glob.matches(names))
    }

    /// Returns whether something below the path could match: the path is a
    /// directory on the way to a pattern.
    pub(crate) fn covers(&self, names: &Names<'_>) -> bool {
        self.globs().iter().any(|glob| glob.covers(names))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Anchor {
    Home,
    Top,
    Anywhere,
    Everything,
}

#[derive(Clone, Debug)]
struct PathGlob {
    anchor: Anchor,
    parts: Vec<Part>,
}

impl PathGlob {
    /// What stands for a pattern that cannot be compiled after all: refusing too much is safe.
    const EVERYTHING: Self = Self {
        anchor: Anchor::Everything,
        parts: Vec::new(),
    };

    fn compile(text: &str) -> Result<Self, Fault> {
        let (anchor, rest) = if let Some(rest) = text.strip_prefix("~/") {
            (Anchor::Home, rest)
        } else if let Some(rest) = text.strip_prefix('/') {
            (Anchor::Top, rest)
        } else {
            (Anchor::Anywhere, text)
        };
        let parts = rest
            .split('/')
            .filter(|part| !part.is_empty())
            .map(Part::compile)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|fault| format!("pattern `{text}`: {fault}"))?;
        if parts.iter().all(|part| matches!(part, Part::Deep)) && anchor == Anchor::Anywhere {
            return Err(format!("pattern `{text}` matches everything"));
        }
        Ok(Self { anchor, parts })
    }

    fn matches(&self, names: &Names<'_>) -> bool {
        match self.anchor {
            Anchor::Everything => true,
            Anchor::Top => is_match(&self.parts, names.from(0)),
            Anchor::Home => names
                .below_home
                .is_some_and(|depth| is_match(&self.parts, names.from(depth))),
            Anchor::Anywhere if self.parts.len() == 1 => {
                let last = names.names.len().saturating_sub(1);
                is_match(&self.parts, names.from(last))
            }
            Anchor::Anywhere => {
                (0..names.names.len()).any(|start| is_match(&self.parts, names.from(start)))
            }
        }
    }

    fn covers(&self, names: &Names<'_>) -> bool {
        match self.anchor {
            Anchor::Everything => true,
            Anchor::Top => is_covering(&self.parts, names.from(0)),
            Anchor::Home => names
                .below_home
                .is_some_and(|depth| is_covering(&self.parts, names.from(depth))),
            Anchor::Anywhere => {
                (0..names.names.len()).any(|start| is_covering(&self.parts, names.from(start)))
            }
        }
    }
}

/// One component of a pattern; the frequent shapes need no glob.
#[derive(Clone, Debug)]
enum Part {
    Deep,
    Any,
    Literal(Box<[u8]>),
    Suffix(Box<[u8]>),
    Glob(Pattern),
}

impl Part {
    fn compile(text: &str) -> Result<Self, Fault> {
        const SPECIAL: [char; 4] = ['*', '?', '[', ']'];
        if text == "**" {
            return Ok(Self::Deep);
        }
        if text == "*" {
            return Ok(Self::Any);
        }
        if text == ".." || text == "." {
            return Err(format!("`{text}` cannot stand in a pattern"));
        }
        if !text.contains(SPECIAL) {
            return Ok(Self::Literal(text.as_bytes().into()));
        }
        if let Some(rest) = text.strip_prefix('*')
            && !rest.contains(SPECIAL)
        {
            return Ok(Self::Suffix(rest.as_bytes().into()));
        }
        Pattern::new(text)
            .map(Self::Glob)
            .map_err(|fault| fault.msg.to_lowercase())
    }

    fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Deep | Self::Any => true,
            Self::Literal(text) => **text == *name,
            Self::Suffix(text) => name.ends_with(text),
            Self::Glob(pattern) => pattern.matches(&String::from_utf8_lossy(name)),
        }
    }
}

fn is_match(parts: &[Part], names: &[&[u8]]) -> bool {
    match (parts.split_first(), names.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((Part::Deep, rest)), None) => is_match(rest, names),
        (Some((Part::Deep, rest)), Some((_, deeper))) => {
            is_match(rest, names) || is_match(parts, deeper)
        }
        (Some(_), None) => false,
        (Some((part, rest)), Some((name, deeper))) => part.matches(name) && is_match(rest, deeper),
    }
}

fn is_covering(parts: &[Part], names: &[&[u8]]) -> bool {
    match (parts.split_first(), names.split_first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some((Part::Deep, _)), Some(_)) => true,
        (Some((part, rest)), Some((name, deeper))) => {
            part.matches(name) && is_covering(rest, deeper)
        }
    }
}

/// Several program or host names, any of which may match.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameSet {
    literals: Vec<Box<str>>,
    globs: Vec<Pattern>,
}

impl NameSet {
    pub(crate) fn compile<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Self, Fault> {
        let mut set = Self::default();
        for text in texts {
            if text.contains(['*', '?', '[']) {
                let glob = Pattern::new(text)
                    .map_err(|fault| format!("pattern `{text}`: {}", fault.msg.to_lowercase()))?;
                set.globs.push(glob);
            } else {
                set.literals.push(text.into());
            }
        }
        Ok(set)
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.literals.iter().any(|literal| **literal == *name)
            || self.globs.iter().any(|glob| glob.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let set = PathSet::compile([pattern].into_iter()).unwrap();
        set.matches(&Names::new(Path::new(path), Path::new("/home/me")))
    }

    fn covers(pattern: &str, path: &str) -> bool {
        let set = PathSet::compile([pattern].into_iter()).unwrap();
        set.covers(&Names::new(Path::new(path), Path::new("/home/me")))
    }

    #[test]
    fn patterns_match_by_components() {
        assert!(matches("*.ckpt", "/home/me/runs/a.ckpt"));
        assert!(!matches("*.ckpt", "/home/me/a.ckpt/readme"));
        assert!(matches("runs/**", "/dss/g/me/runs/1/metrics"));
        assert!(!matches("runs/**", "/dss/g/me/runs_old/1"));
        assert!(matches("~/.ssh/**", "/home/me/.ssh"));
        assert!(matches("~/.ssh/**", "/home/me/.ssh/config"));
        assert!(!matches("~/.ssh/**", "/home/you/.ssh/config"));
        assert!(matches(".git/hooks/*", "/home/me/x/.git/hooks/pre-commit"));
        assert!(!matches(".git/hooks/*", "/home/me/x/.git/hooks"));
        assert!(!matches("~/.profile", "/home/me/x/.profile"));
    }

    #[test]
    fn a_directory_on_the_way_is_covered() {
        assert!(covers("~/.config/systemd/user/**", "/home/me/.config"));
        assert!(covers(".git/hooks/*", "/home/me/x/.git"));
        assert!(!covers(".git/hooks/*", "/home/me/x"));
        assert!(!covers("~/.ssh/config", "/home/me/.ssh/config"));
    }

    #[test]
    fn a_name_that_is_not_utf8_does_not_escape() {
        let set = PathSet::compile([".git/hooks/*", "*.ckpt", "step?.pt"].into_iter()).unwrap();
        for name in [
            &b"/r/.git/hooks/\xff"[..],
            b"/r/\xff.ckpt",
            b"/r/step\xff.pt",
        ] {
            let path = Path::new(OsStr::from_bytes(name));
            assert!(set.matches(&Names::new(path, Path::new("/home/me"))));
        }
    }
}
