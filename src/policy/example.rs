//! What a rule says of itself: lines and kernel events with the decision they
//! must get. Lines are judged from above, where the analyser is.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::action::{
    Action, Change, Deletable, Endpoint, Entries, Node, PathFacts, Presence, Recipient, Target,
    WriteHow,
};
use super::context::{GuardLevel, HostClass, Origin};
use super::document::{GuardWord, Kind};

/// The examples of a rule, by the decision they must get.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Must be allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Example>,
    /// Must be asked about, by this rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<Example>,
    /// Must be denied, by this rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<Example>,
}

impl Examples {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.ask.is_empty() && self.deny.is_empty()
    }
}

/// A line, or an event in the kernel, and the world in which it is judged.
/// Without more words: a person at a guarded login node, in `~/code`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Example {
    /// The line.
    pub line: Option<String>,
    /// The event in the kernel, in place of a line.
    pub kernel: Option<Event>,
    /// On what kind of machine; a login node where nothing is said.
    pub class: Option<HostClass>,
    /// By whom; a person where nothing is said.
    pub origin: Option<Origin>,
    /// Below home, `code` where nothing is said.
    pub cwd: Option<PathBuf>,
    /// What exists besides, below the working directory; a final `/` makes a directory.
    pub files: Vec<String>,
    /// The kernel guard behind it; level A where nothing is said.
    pub guard: Option<GuardWord>,
    /// Whether a DSS directory is configured; it is where nothing is said.
    pub dss: Option<bool>,
}

impl Example {
    /// Returns the guard that stands behind it.
    pub fn guard(&self) -> Option<GuardLevel> {
        match self.guard.unwrap_or(GuardWord::A) {
            GuardWord::A => Some(GuardLevel::A),
            GuardWord::B => Some(GuardLevel::B),
            GuardWord::C => Some(GuardLevel::C),
            GuardWord::D => Some(GuardLevel::D),
            GuardWord::None => None,
        }
    }

    /// Returns what a person would recognise it by.
    pub fn display(&self) -> String {
        match (&self.line, &self.kernel) {
            (Some(line), _) => line.clone(),
            (None, Some(event)) => event.display(),
            (None, None) => String::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleTable {
    line: Option<String>,
    kernel: Option<Event>,
    class: Option<HostClass>,
    origin: Option<Origin>,
    cwd: Option<PathBuf>,
    #[serde(default)]
    files: Vec<String>,
    guard: Option<GuardWord>,
    dss: Option<bool>,
}

impl<'de> Deserialize<'de> for Example {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExampleVisitor)
    }
}

struct ExampleVisitor;

impl<'de> Visitor<'de> for ExampleVisitor {
    type Value = Example;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line, or a table with `line` or `kernel`")
    }

    fn visit_str<E: de::Error>(self, line: &str) -> Result<Example, E> {
        Ok(Example {
            line: Some(line.to_owned()),
            ..Example::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Example, A::Error> {
        let table = ExampleTable::deserialize(MapAccessDeserializer::new(map))?;
        if table.line.is_some() == table.kernel.is_some() {
            return Err(de::Error::custom(
                "an example has a `line` or a `kernel` event, and not both",
            ));
        }
        Ok(Example {
            line: table.line,
            kernel: table.kernel,
            class: table.class,
            origin: table.origin,
            cwd: table.cwd,
            files: table.files,
            guard: table.guard,
            dss: table.dss,
        })
    }
}

/// An event as the guard reports it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The kind of action.
    pub on: Kind,
    /// The path, `~/` for home.
    pub path: Option<String>,
    /// Where a rename goes.
    pub to: Option<String>,
    /// The program that acts.
    pub by: Option<String>,
    /// What is there; a file where nothing is said.
    pub presence: Option<Presence>,
    /// Whether this session made it; it did not where nothing is said.
    pub born: Option<bool>,
    /// How it is written.
    pub how: Option<WriteHow>,
    /// What comes to be.
    pub node: Option<Node>,
    /// What changes.
    pub change: Option<Change>,
    /// How many so far.
    pub entries: Option<u64>,
    /// An abstract socket's name.
    pub socket: Option<String>,
    /// A port.
    pub port: Option<u16>,
    /// The number of another address family.
    pub family: Option<i32>,
}

impl Event {
    /// Returns the event in a few words: `git: delete ~/code/notes.txt`.
    fn display(&self) -> String {
        let by = self.by.as_deref().unwrap_or("a program");
        let mut text = format!("{by}: {:?}", self.on).to_lowercase();
        for part in [&self.path, &self.socket, &self.to].into_iter().flatten() {
            text.push(' ');
            text.push_str(part);
        }
        let facts = [
            self.port.map(|port| format!("port {port}")),
            self.family.map(|family| format!("family {family}")),
            self.entries.map(|number| format!("after {number}")),
            self.born
                .filter(|born| *born)
                .map(|_| "made by this session".to_owned()),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            text.push_str(&format!(" ({})", facts.join(", ")));
        }
        text
    }

    /// Returns the action, `home` standing for `~`.
    pub fn to_action(&self, home: &std::path::Path) -> Option<Action> {
        let expand = |text: &String| match text.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => PathBuf::from(text),
        };
        let path = self.path.as_ref().map(expand);
        let born = self.born.unwrap_or(false);
        let target = path.clone().map(|path| {
            Target::Path(PathFacts {
                path,
                presence: self.presence.unwrap_or(Presence::File),
                born: Some(born),
            })
        });
        let entries = Entries::Known(self.entries.unwrap_or(1));
        Some(match self.on {
            Kind::Read => Action::Read { target: target? },
            Kind::Write => Action::Write {
                target: target?,
                how: self.how.unwrap_or(WriteHow::Edit),
            },
            Kind::Create => Action::Create {
                target: target?,
                node: self.node.unwrap_or(Node::File),
            },
            Kind::Delete => Action::Delete {
                target: target?,
                what: Deletable::Path,
            },
            Kind::Rename => Action::Rename {
                from: target?,
                to: Target::Path(PathFacts {
                    path: self.to.as_ref().map(expand)?,
                    presence: Presence::Absent,
                    born: None,
                }),
                entries,
            },
            Kind::Truncate => Action::Truncate { target: target? },
            Kind::Chmod => Action::Chmod {
                target: target?,
                change: self.change.unwrap_or(Change::Mode),
                entries,
            },
            Kind::Connect => Action::Connect {
                endpoint: match (path, &self.socket, self.port) {
                    (Some(path), _, _) => Endpoint::Unix { path, born },
                    (None, Some(name), _) => Endpoint::Abstract {
                        name: name.clone(),
                        born,
                    },
                    (None, None, Some(port)) => Endpoint::Inet {
                        address: "192.0.2.1".to_owned(),
                        port,
                        born: self.born,
                    },
                    (None, None, None) => Endpoint::Other {
                        family: self.family?,
                    },
                },
            },
            Kind::Signal => Action::Signal {
                to: Recipient::Outside,
            },
            Kind::Any | Kind::Exec | Kind::Submit | Kind::Cancel | Kind::Remote | Kind::Train => {
                return None;
            }
        })
    }
}
