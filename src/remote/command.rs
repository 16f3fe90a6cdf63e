//! `ssh` as a process of a session asks for it: its arguments taken apart as OpenSSH takes
//! them, what may pass of them, and what they become: the same, with the far end guarded.
//!
//! INVARIANT: what the real `ssh` is run with is made here, word by word; a word of the
//! caller's is in it only as a destination or as an option that `options` lets pass.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::far::{self, Far};
use super::options::{self, Letter};
use crate::bash::quoted;
use crate::broker::{Call, Carry, Kind};
use crate::slurm::client::{Environment, program};

/// The real `ssh`.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// The clean environment that it runs in.
    pub environment: Environment,
}

impl Program {
    /// Finds it; never where a session may write.
    pub fn find(writable: &[&Path]) -> Option<Self> {
        let path = program("ssh", writable)?;
        let agent = std::env::var_os("SSH_AUTH_SOCK").map(|path| ("SSH_AUTH_SOCK".into(), path));
        let agent: Vec<(OsString, OsString)> = agent.into_iter().collect();
        let environment = Environment::of_caller().with(&agent, |_| true);
        Some(Self { path, environment })
    }
}

/// What may not pass.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// Where the line says it.
    pub span: Range<usize>,
    /// What it is.
    pub what: String,
    /// Why not.
    pub because: String,
    /// What to do instead.
    pub instead: String,
}

/// What a person's or a policy's word adds to a call.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Where connections that are open already have their sockets; `%C` and its like are ssh's.
    pub control: Option<&'a Path>,
    /// Hosts that serve git and nothing else.
    pub git_hosts: &'a [String],
    /// Ports of SSH daemons.
    pub ssh_ports: &'a [String],
    /// Who asks, where it is an agent.
    pub agent: Option<&'a str>,
    /// Whether what is asked for provably only looks over there.
    pub looks: bool,
}

/// An `ssh` command line, taken apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The line, as a person would have typed it.
    pub line: String,
    /// Options in their order: the letter, and its value.
    options: Vec<(char, Option<String>, Range<usize>)>,
    /// Where to, and where the line says it.
    destination: Option<(String, Range<usize>)>,
    /// The words of the command, joined as ssh joins them.
    command: Option<String>,
}

/// Takes arguments apart.
///
/// # Errors
/// What `ssh` itself would say: an option that it does not have, or one without its value.
pub fn read(args: &[OsString]) -> Result<Asked, String> {
    let mut asked = Asked {
        line: "ssh".to_owned(),
        options: Vec::new(),
        destination: None,
        command: None,
    };
    let mut words = Vec::new();
    for word in args {
        let text = word.to_str();
        let text = text.ok_or_else(|| format!("`{}` is not UTF-8", word.to_string_lossy()))?;
        asked.line.push(' ');
        let start = asked.line.len();
        asked.line.push_str(&quoted(text));
        words.push((text, start..asked.line.len()));
    }
    let mut words = words.into_iter().peekable();
    let mut ended = false;
    while let Some((word, span)) = words.next() {
        let letters = word
            .strip_prefix('-')
            .filter(|rest| !rest.is_empty() && !ended);
        match letters {
            Some("-") => ended = true,
            Some(letters) => {
                let mut letters = letters.chars();
                while let Some(one) = letters.next() {
                    let takes = match options::letter(one) {
                        Some(Letter::Alone | Letter::NotAlone(..)) => false,
                        Some(Letter::Value | Letter::Read | Letter::NotValue(..)) => true,
                        None => return Err(format!("unknown option -- {one}")),
                    };
                    let value = if takes {
                        let rest = letters.as_str().to_owned();
                        letters = "".chars();
                        let next = || words.next().map(|(word, _)| word.to_owned());
                        let value = Some(rest).filter(|rest| !rest.is_empty()).or_else(next);
                        Some(value.ok_or_else(|| format!("option requires an argument -- {one}"))?)
                    } else {
                        None
                    };
                    asked.options.push((one, value, span.clone()));
                }
            }
            None if asked.destination.is_none() => {
                asked.destination = Some((word.to_owned(), span));
                // Options may stand behind it, also after a `--` before it.
                ended = false;
            }
            None => {
                let rest = std::iter::once(word).chain(words.by_ref().map(|(word, _)| word));
                asked.command = Some(rest.collect::<Vec<_>>().join(" "));
            }
        }
    }
    Ok(asked)
}

impl Asked {
    fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(one, ..)| *one == letter)
    }

    /// Returns the host alone, as the line names it.
    pub fn host(&self) -> &str {
        let text = self.destination.as_ref().map_or("", |(text, _)| text);
        let text = text.strip_prefix("ssh://").unwrap_or(text);
        text.rsplit_once('@').map_or(text, |(_, host)| host)
    }

    /// Whether it asks `ssh` something about itself, and nobody else.
    fn asks_itself(&self) -> bool {
        self.has('V') || self.has('Q') || self.has('G')
    }

    /// Returns what may not pass, whatever the law says.
    pub fn findings(&self, setting: &Setting<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        let host = self.host();
        let mut refuse = |span: &Range<usize>, what: String, because: &str, instead: &str| {
            found.push(Found {
                span: span.clone(),
                what,
                because: because.to_owned(),
                instead: instead.replace("{host}", host),
            });
        };
        for (letter, value, span) in &self.options {
            let text = value.as_deref().unwrap_or_default();
            match options::letter(*letter) {
                Some(Letter::NotAlone(because, instead) | Letter::NotValue(because, instead)) => {
                    refuse(span, format!("asks for -{letter}"), because, instead);
                }
                Some(Letter::Read) => {
                    let (what, may) = match letter {
                        'o' => {
                            let (keyword, value) = options::keyword(text);
                            (keyword.to_owned(), options::may_pass(keyword, value))
                        }
                        'L' => (
                            format!("-L {text}"),
                            options::is_forwarding(text, setting.ssh_ports),
                        ),
                        _ => (format!("-J {text}"), options::may_pass("ProxyJump", text)),
                    };
                    if !may {
                        refuse(
                            span,
                            format!("asks for {what}"),
                            "the connection is held outside the guard, where this would run, write or open something of its own",
                            "leave it out, or put what this host needs into ~/.ssh/config yourself",
                        );
                    }
                }
                Some(Letter::Value) if *letter == 'l' && !options::is_destination(text) => {
                    refuse(
                        span,
                        format!("asks for the user {text}"),
                        ODD,
                        "name the user by letters and digits",
                    );
                }
                Some(Letter::Alone | Letter::Value) | None => {}
            }
        }
        if let Some((text, span)) = &self.destination {
            let bare = text.strip_prefix("ssh://").unwrap_or(text);
            let bare = bare.strip_suffix('/').unwrap_or(bare);
            if !options::is_destination(bare) {
                refuse(
                    span,
                    format!("goes to {text}"),
                    ODD,
                    "name the host as ~/.ssh/config or the network does",
                );
            }
        }
        found
    }

    /// Whether this is a git host, asked for nothing but git.
    fn is_git(&self, setting: &Setting<'_>) -> bool {
        let renamed = self.options.iter().any(|(letter, value, _)| {
            let text = value.as_deref().unwrap_or_default();
            *letter == 'o' && options::keyword(text).0.eq_ignore_ascii_case("hostname")
        });
        let is_known = setting
            .git_hosts
            .iter()
            .any(|known| glob::Pattern::new(known).is_ok_and(|known| known.matches(self.host())));
        let asks = match &self.command {
            // What such a host says to whoever asks who he is.
            None => !self.has('s'),
            Some(command) => is_pack(command),
        };
        is_known && asks && !renamed
    }

    /// Returns what is carried out.
    pub fn carry(&self, call: &Call, setting: &Setting<'_>) -> Carry {
        let mut args: Vec<OsString> = Vec::new();
        let mut set = |text: &str| args.extend(["-o".into(), text.into()]);
        // What comes first counts.
        for fixed in FIXED {
            set(fixed);
        }
        if !self.has('L') {
            set("ClearAllForwardings=yes");
        }
        set("ControlMaster=no");
        match setting.control {
            // The path is our own and has no blank; `%C` names the connection.
            Some(control) => set(&format!("ControlPath={}", control.display())),
            None => set("ControlPath=none"),
        }
        for (letter, value, _) in &self.options {
            if *letter == 's' {
                continue;
            }
            args.push(format!("-{letter}").into());
            args.extend(value.as_ref().map(OsString::from));
        }
        let destination = self.destination.as_ref().map(|(text, _)| text);
        let runs = !self.asks_itself() && !self.has('N');
        let far = match &self.command {
            _ if !runs || self.is_git(setting) => None,
            Some(command) if self.has('s') && command == "sftp" => Some(Far::FileServer),
            Some(command) if setting.looks => Some(Far::Look(command)),
            Some(command) => Some(Far::Line(command)),
            None => Some(Far::Session),
        };
        if far == Some(Far::Session) && call.on_terminal && !self.has('T') {
            args.push("-t".into());
        }
        args.push("--".into());
        args.extend(destination.map(OsString::from));
        let command = far.map(|far| far::command(&far, self.host(), setting.agent));
        let command = command.or_else(|| self.command.clone().filter(|_| runs));
        args.extend(command.map(OsString::from));
        let pairs = crate::slurm::vet::pairs(&call.environment);
        Carry {
            args,
            environment: pairs.filter(|(name, _)| is_carried(name)).collect(),
            files: Vec::new(),
            opened: Vec::new(),
            reads_input: !self.has('n'),
            kind: if self.asks_itself() {
                Kind::Look
            } else {
                Kind::Reach
            },
        }
    }
}

const ODD: &str = "some ssh_config puts this into a shell's line, where it would be run";

/// What every connection of a session is made with. Nobody can be asked: the terminal is the session's.
const FIXED: [&str; 8] = [
    "IgnoreUnknown=EnableEscapeCommandline,ForkAfterAuthentication",
    "BatchMode=yes",
    "PermitLocalCommand=no",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ForkAfterAuthentication=no",
    "Tunnel=no",
    "EnableEscapeCommandline=no",
];

/// Whether a variable may be the real `ssh`'s over the clean ones, whoever asks for it.
pub fn is_carried(name: &OsStr) -> bool {
    name == "TERM" || name == "GIT_PROTOCOL" || name == "COLUMNS" || name == "LINES"
}

/// Whether a command is one of git's own, for one repository (git-shell(1), `git-lfs`).
fn is_pack(command: &str) -> bool {
    let Some((program, rest)) = command.split_once(' ') else {
        return false;
    };
    let is_plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%~' ".contains(c);
    matches!(
        program,
        "git-upload-pack"
            | "git-receive-pack"
            | "git-upload-archive"
            | "git-lfs-authenticate"
            | "git-lfs-transfer"
    ) && rest.chars().all(is_plain)
}
