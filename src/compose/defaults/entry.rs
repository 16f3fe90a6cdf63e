//! One line of a defaults list, and where it stands: which group, which package.

use crate::compose::node::Value;

/// What a line names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    /// `- path/to/config`
    Config(String),
    /// `- group: option`
    Group { group: String, option: Choice },
}

/// What is chosen of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Choice {
    /// `null`: nothing.
    Nothing,
    /// One option.
    One(String),
    /// A list of options.
    Many(Vec<String>),
}

/// One line of a defaults list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) target: Target,
    pub(crate) package: Option<String>,
    pub(crate) is_optional: bool,
    pub(crate) is_override: bool,
    /// Comes from `+group=option`, not from a file.
    pub(crate) is_appended: bool,
    /// The option comes from the command line.
    pub(crate) is_chosen: bool,
}

/// The own keys of the configuration whose list it is.
pub(super) const SELF: &str = "_self_";

impl Entry {
    pub(crate) fn own() -> Self {
        Self::of(Target::Config(SELF.to_owned()), None)
    }

    pub(crate) fn config(path: &str) -> Self {
        Self::of(Target::Config(path.to_owned()), None)
    }

    pub(crate) fn of(target: Target, package: Option<String>) -> Self {
        let here = |package: String| {
            if package == "_here_" {
                String::new()
            } else {
                package
            }
        };
        Self {
            target,
            package: package.map(here),
            is_optional: false,
            is_override: false,
            is_appended: false,
            is_chosen: false,
        }
    }

    pub(crate) fn is_self(&self) -> bool {
        match &self.target {
            Target::Config(path) => path == SELF,
            Target::Group { option, .. } => *option == Choice::One(SELF.to_owned()),
        }
    }

    /// Claims that what is chosen depends on other choices.
    pub(crate) fn is_interpolation(&self) -> bool {
        match &self.target {
            Target::Config(path) => path.contains("${"),
            Target::Group { option, .. } => {
                matches!(option, Choice::One(name) if name.contains("${"))
            }
        }
    }

    /// Puts it into a list that lies in the group `base` and whose package is `parent`.
    pub(crate) fn placed(mut self, base: &str, parent: &str) -> Placed {
        let package = self.package.take();
        let mut placed = Placed {
            entry: self,
            base: base.to_owned(),
            parent: parent.to_owned(),
            header: None,
        };
        placed.entry.package = package.map(|package| {
            if package.contains("_group_") {
                let group = placed.default_package();
                format!("_global_.{}", package.replace("_group_", &group))
            } else {
                package
            }
        });
        placed
    }
}

/// A line of a defaults list, where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) entry: Entry,
    base: String,
    parent: String,
    /// What the file's own `# @package` says.
    header: Option<String>,
}

impl Placed {
    /// The path as it is written, and whether it starts at the top of the tree.
    fn written(&self) -> (&str, bool) {
        let path = match &self.entry.target {
            Target::Config(path) => path,
            Target::Group { group, .. } => group,
        };
        match path.strip_prefix('/') {
            Some(path) => (path, true),
            None => (path, false),
        }
    }

    /// The group as it is written.
    fn relative_group(&self) -> &str {
        let (path, _) = self.written();
        match self.entry.target {
            Target::Config(_) => path.rsplit_once('/').map_or("", |(group, _)| group),
            Target::Group { .. } => path,
        }
    }

    /// The group, from the top of the tree.
    pub(crate) fn group(&self) -> String {
        let (_, is_absolute) = self.written();
        let group = self.relative_group();
        if is_absolute || self.base.is_empty() {
            group.to_owned()
        } else if group.is_empty() {
            self.base.clone()
        } else {
            format!("{}/{group}", self.base)
        }
    }

    /// The path of the configuration, from the top of the tree.
    pub(crate) fn path(&self) -> String {
        match &self.entry.target {
            Target::Group { .. } => {
                let name = self.name().unwrap_or("None");
                format!("{}/{name}", self.group())
            }
            Target::Config(_) => {
                let (path, is_absolute) = self.written();
                if is_absolute || self.base.is_empty() {
                    path.to_owned()
                } else {
                    format!("{}/{path}", self.base)
                }
            }
        }
    }

    /// The name of the configuration; nothing for `null` and for lists.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.entry.target {
            Target::Config(path) => Some(path.rsplit_once('/').map_or(path, |(_, name)| name)),
            Target::Group { option, .. } => match option {
                Choice::One(name) => Some(name),
                Choice::Nothing | Choice::Many(_) => None,
            },
        }
    }

    /// Claims that the name is still to be chosen.
    pub(crate) fn is_missing(&self) -> bool {
        self.name() == Some(Value::MISSING)
    }

    pub(crate) fn is_group(&self) -> bool {
        matches!(self.entry.target, Target::Group { .. })
    }

    fn default_package(&self) -> String {
        self.group().replace('/', ".")
    }

    /// Takes the package that the file itself names.
    pub(crate) fn set_header(&mut self, header: Option<&str>, is_old: bool) {
        let Some(header) = header else {
            return;
        };
        if is_old && header == "_group_" {
            return;
        }
        let header = match header {
            "" => "_global_".to_owned(),
            "_global_" => header.to_owned(),
            _ if header.starts_with("_global_.") => header.to_owned(),
            _ => format!("_global_.{header}"),
        };
        self.header = Some(if is_old {
            header.replace("_group_", &self.default_package())
        } else {
            header
        });
    }

    /// The package that its keys go to, from the top of the configuration.
    pub(crate) fn package(&self, is_old: bool) -> String {
        self.package_of(self.entry.package.as_ref().or(self.header.as_ref()), is_old)
    }

    fn package_of(&self, package: Option<&String>, is_old: bool) -> String {
        let mut package = match package {
            Some(package) => package.clone(),
            None => self.relative_group().replace('/', "."),
        };
        if is_old && let Some(name) = self.name() {
            package = package.replace("_name_", name);
        }
        let whole = if self.parent.is_empty() {
            package
        } else if package.is_empty() {
            self.parent.clone()
        } else {
            format!("{}.{package}", self.parent)
        };
        match whole.rsplit_once("_global_") {
            Some((_, rest)) => rest.chars().skip(1).collect(),
            None => whole,
        }
    }

    /// How an override names this choice: `group`, or `group@package`.
    pub(crate) fn override_key(&self, is_old: bool) -> String {
        let group = self.group();
        let package = self.package_of(self.entry.package.as_ref(), is_old);
        if package == group.replace('/', ".") {
            return group;
        }
        let package = if package.is_empty() {
            "_global_"
        } else {
            &package
        };
        format!("{group}@{package}")
    }
}
