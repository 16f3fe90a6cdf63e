//! `ssh` as a process of a session asks for it: its arguments taken apart as OpenSSH takes
//! them, what may pass of them, and what they become: the same, with the far end guarded.
//!
//! INVARIANT: what the real `ssh` is run with is made here, word by word; a word of the
//! caller's is in it only as a destination or as an option that `options` lets pass.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::far::{self, Far};
use super::options::{self, Letter};
use super::{git, jump, plain};
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
    /// Where sessions may write: no connection is kept there.
    pub writable: Vec<PathBuf>,
}

impl Program {
    /// Finds it; never where a session may write.
    pub fn find(writable: &[&Path]) -> Option<Self> {
        let path = program("ssh", writable)?;
        let agent = std::env::var_os("SSH_AUTH_SOCK").map(|path| ("SSH_AUTH_SOCK".into(), path));
        let agent: Vec<(OsString, OsString)> = agent.into_iter().collect();
        let environment = Environment::of_caller().with(&agent, |_| true);
        Some(Self {
            path,
            environment,
            writable: writable.iter().map(|path| path.to_path_buf()).collect(),
        })
    }

    /// Begins a command of it, with what a call carries over its clean environment.
    pub(super) fn command(&self, carried: &[(OsString, OsString)]) -> Command {
        let mut command = Command::new(&self.path);
        let environment = self.environment.with(carried, is_carried);
        command.env_clear().envs(environment.pairs());
        command
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
    /// The real `ssh`, for machines on the way.
    pub ssh: &'a Path,
    /// Where connections that are open already have their sockets; `%C` and its like are ssh's.
    pub control: Option<&'a Path>,
    /// Ports of SSH daemons.
    pub ssh_ports: &'a [String],
    /// Who asks, where it is an agent.
    pub agent: Option<&'a str>,
    /// Whether what is asked for provably only looks over there.
    pub looks: bool,
    /// Whether it is git's own business with a host that serves git and nothing else.
    pub is_git: bool,
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

    /// Whether this is git's own business with a host of the policy's list, and the real `ssh` says that it goes there.
    pub fn is_git(
        &self,
        program: &Program,
        call: &Call,
        setting: &Setting<'_>,
        git_hosts: &[String],
    ) -> bool {
        let asks = match &self.command {
            // What such a host says to whoever asks who he is.
            None => true,
            Some(command) => git::is_pack(command),
        };
        let mut options = self.options.iter();
        let is_plain = options.all(|(letter, value, _)| {
            options::is_of_git(*letter, value.as_deref().unwrap_or_default())
        });
        asks && is_plain && git::is_host(git_hosts, self.host()) && {
            let mut words = self.options(setting);
            words.extend(self.to());
            git::leads_there(program, &words, &carried(call), git_hosts)
        }
    }

    /// Returns the options of the real `ssh`.
    fn options(&self, setting: &Setting<'_>) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        let mut set = |text: &str| args.extend(["-o".into(), text.into()]);
        // What comes first counts.
        for fixed in FIXED {
            set(fixed);
        }
        if !self.has('L') {
            set("ClearAllForwardings=yes");
        }
        // The path is our own and has no blank; `%C` names the connection.
        let control = setting.control.map_or("none".into(), Path::to_string_lossy);
        let control = format!("ControlPath={control}");
        set(&control);
        for (letter, value, _) in &self.options {
            // A subsystem is not asked for, a line runs its server; an escape character would come last, and count.
            if matches!(letter, 's' | 'e') {
                continue;
            }
            if let Some(hops) = options::hops(*letter, value.as_deref().unwrap_or_default()) {
                let way = jump::through(setting.ssh, &control, hops);
                args.extend(["-o".into(), format!("ProxyCommand={way}").into()]);
                continue;
            }
            args.push(format!("-{letter}").into());
            args.extend(value.as_ref().map(OsString::from));
        }
        args
    }

    /// Returns the words that say where to.
    fn to(&self) -> impl Iterator<Item = OsString> {
        let destination = self.destination.as_ref().map(|(text, _)| text.into());
        std::iter::once("--".into()).chain(destination)
    }

    /// Returns what is carried out.
    pub fn carry(&self, call: &Call, setting: &Setting<'_>) -> Carry {
        let mut args = self.options(setting);
        let runs = !self.asks_itself() && !self.has('N');
        let far = match &self.command {
            _ if !runs || setting.is_git => None,
            Some(command) if self.has('s') && command == "sftp" => Some(Far::FileServer),
            Some(command) => match plain::stages(command).filter(|_| setting.looks) {
                Some(stages) => Some(Far::Look(command, stages)),
                None => Some(Far::Line(command)),
            },
            None => Some(Far::Session),
        };
        if far == Some(Far::Session) && call.on_terminal && !self.has('T') {
            args.push("-t".into());
        }
        args.extend(self.to());
        let command = far.map(|far| far::command(&far, self.host(), setting.agent));
        let command = command.or_else(|| self.command.clone().filter(|_| runs));
        args.extend(command.map(OsString::from));
        Carry {
            args,
            environment: carried(call),
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

/// What every connection of a session is made with. Nobody can be asked: the terminal is the session's; and
/// nothing is learned of other machines, since nobody could say whether it is true.
pub(super) const FIXED: [&str; 15] = [
    "IgnoreUnknown=EnableEscapeCommandline,ForkAfterAuthentication",
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "CheckHostIP=no",
    "AddKeysToAgent=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ForkAfterAuthentication=no",
    "Tunnel=no",
    "EnableEscapeCommandline=no",
    "EscapeChar=none",
    "ControlMaster=no",
];

/// Whether a variable may be the real `ssh`'s over the clean ones, whoever asks for it.
pub fn is_carried(name: &OsStr) -> bool {
    name == "TERM" || name == "GIT_PROTOCOL" || name == "COLUMNS" || name == "LINES"
}

/// Returns the variables of a call that the real `ssh` gets.
fn carried(call: &Call) -> Vec<(OsString, OsString)> {
    let pairs = crate::slurm::vet::pairs(&call.environment);
    pairs.filter(|(name, _)| is_carried(name)).collect()
}
