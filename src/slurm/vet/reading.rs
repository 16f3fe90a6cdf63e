//! What a request would do, before the law has spoken: the line that a person is shown,
//! the actions it comes to, what no law could let pass, and what would be carried.

use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::getopt::{Cut, Fault, Given, Word};
use super::options::Options;
use super::{Carry, Kind, Refusal, Request};
use crate::bash::{Analysis, Site, Spanned, World, quoted};
use crate::error::code;
use crate::policy::{Action, Context, PathFacts, Stage, Target};
use crate::slurm::spool::Spec;

/// What a vetter goes by.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The session.
    pub context: &'a Context,
    /// The world, seen from the caller's directory.
    pub world: &'a dyn World,
    /// Where the program is for the job.
    pub program: &'a Path,
    /// What goes with the job.
    pub spec: &'a Spec,
    /// What a client has in its environment whatever is asked.
    pub clean: &'a [(OsString, OsString)],
}

/// Something that no rule about files or jobs speaks of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Where the line says it.
    pub span: Range<usize>,
    /// What it is, in a few words.
    pub what: String,
    /// Why not.
    pub because: String,
    /// What to do instead.
    pub instead: String,
    /// What it was found through.
    pub via: Vec<String>,
}

/// What a request would do.
#[derive(Debug)]
pub struct Reading {
    /// The line as a person would have typed it.
    pub line: String,
    /// What would happen.
    pub analysis: Analysis,
    /// What may not be, whatever the rules say.
    pub findings: Vec<Finding>,
    /// What is carried out where nothing is refused.
    pub carry: Carry,
}

/// Why a reading ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The client itself would refuse it.
    Refused(Refusal),
    /// What it is cannot be told, which is a finding.
    Found(Box<Reading>),
}

/// A reading that is being made.
pub(super) struct Draft<'a> {
    pub(super) request: &'a Request,
    pub(super) facts: Facts<'a>,
    pub(super) line: String,
    pub(super) words: Vec<Word>,
    pub(super) analysis: Analysis,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Draft<'a> {
    /// Begins with the words of the line.
    pub(super) fn new(request: &'a Request, facts: Facts<'a>) -> Result<Self, Stop> {
        let mut line = request.client.name().to_owned();
        let mut words = Vec::new();
        for word in &request.args {
            let Some(text) = word.to_str() else {
                let text = word.to_string_lossy();
                return Err(Self::usage_of(request, &format!("`{text}` is not UTF-8")));
            };
            line.push(' ');
            let start = line.len();
            line.push_str(&quoted(text));
            words.push(Word {
                text: text.to_owned(),
                span: start..line.len(),
            });
        }
        Ok(Self {
            request,
            facts,
            line,
            words,
            analysis: Analysis::default(),
            findings: Vec::new(),
        })
    }

    /// Takes the line's words apart.
    pub(super) fn cut(&self, options: &Options) -> Result<Cut, Stop> {
        super::getopt::cut(&self.words, options).map_err(|fault| self.fault(fault, Vec::new()))
    }

    /// Returns what a fault comes to; an option that nobody knows is a finding.
    pub(super) fn fault(&self, fault: Fault, via: Vec<String>) -> Stop {
        let client = self.request.client.name();
        match fault {
            Fault::Usage(text) => self.usage(&format!(
                "{client}: {text}\nTry \"{client} --help\" for more information"
            )),
            Fault::Unknown(word) => Stop::Found(Box::new(Reading {
                line: self.line.clone(),
                analysis: Analysis::default(),
                findings: vec![Finding {
                    span: word.span,
                    what: format!("asks for {}", word.text),
                    because: "this option is not known here, and what follows it could be its value or a command"
                        .to_owned(),
                    instead: format!("check its spelling with `{client} --help`, or leave it out"),
                    via,
                }],
                carry: Carry {
                    args: vec!["--help".into()],
                    environment: Vec::new(),
                    files: Vec::new(),
opened: Vec::new(),
                    reads_input: false,
                    kind: Kind::Look,
                },
            })),
        }
    }

    /// Refuses as the client itself would.
    pub(super) fn usage(&self, text: &str) -> Stop {
        Self::usage_of(self.request, text)
    }

    fn usage_of(request: &Request, text: &str) -> Stop {
        Stop::Refused(Refusal {
            rule: String::new(),
            target: request.client.name().to_owned(),
            text: text.to_owned(),
            status: code::NO,
        })
    }

    /// Returns all of the line.
    pub(super) fn whole(&self) -> Range<usize> {
        0..self.line.len()
    }

    /// Notes an action of the client itself.
    pub(super) fn act(&mut self, action: Action, span: Range<usize>, via: Vec<String>) {
        self.analysis.actions.push(Spanned {
            action,
            span,
            stage: Stage::Line,
            site: Site::Here,
            via,
        });
    }

    /// Notes what may not be.
    pub(super) fn refuse(&mut self, given: &Given, because: &str, instead: &str) {
        self.findings.push(Finding {
            span: self.span_of(given),
            what: format!("asks for --{}", given.name),
            because: because.to_owned(),
            instead: instead.to_owned(),
            via: given.via.clone().into_iter().collect(),
        });
    }

    /// Where the line says an option; the client's name where something else says it.
    pub(super) fn span_of(&self, given: &Given) -> Range<usize> {
        if given.span.is_empty() {
            0..self.request.client.name().len()
        } else {
            given.span.clone()
        }
    }

    /// Returns a target with what there is to know of it; links in its last place are followed.
    pub(super) fn target(&self, path: &Path) -> Target {
        let path = self.request.cwd.join(path);
        let presence = self.facts.world.stat(&path);
        let device = ["/dev/null", "/dev/stdout", "/dev/stderr"]
            .iter()
            .any(|device| path == Path::new(device));
        let path = if device {
            path
        } else {
            self.facts.world.follow(&path)
        };
        Target::Path(PathFacts {
            path,
            presence,
            born: None,
        })
    }

    /// Adds what a job would do.
    pub(super) fn add(&mut self, analysis: Analysis) {
        self.analysis.actions.extend(analysis.actions);
        if self.analysis.incomplete.is_none() {
            self.analysis.incomplete = analysis.incomplete;
        }
    }

    /// Ends with what would be carried.
    pub(super) fn finish(self, carry: Carry) -> Reading {
        Reading {
            line: self.line,
            analysis: self.analysis,
            findings: self.findings,
            carry,
        }
    }
}

/// The rule that speaks of options.
pub const RULE: &str = "slurm.option";

/// Returns a path below a directory, as text resolves it.
pub(super) fn below(directory: &Path, path: &str) -> PathBuf {
    directory.join(path)
}
