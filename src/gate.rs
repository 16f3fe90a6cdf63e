//! Nothing has an effect without a [`Permit`], and only the gate makes permits.
//!
//! INVARIANT: a permit is made in one place, from a judgement in which nothing is
//! denied and everything asked about was answered yes; it is used up by the effect.

pub mod example;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::bash::{Analysis, Site};
use crate::policy::{
    Action, Context, Decision, HostClass, Policy, Purpose, RemoteEffect, Scene, Stage, Target,
    Verdict,
};
use crate::quota::Standing;

/// Judges what is about to happen, and asks where the law says so.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    policy: &'a Policy,
    context: &'a Context,
    room: Room,
}

/// Whether there is room to write, as the gate takes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Room {
    Enough,
    Unknown,
    None,
}

impl<'a> Gate<'a> {
    /// Returns the gate of a session.
    pub fn new(policy: &'a Policy, context: &'a Context) -> Self {
        Self {
            policy,
            context,
            room: Room::Enough,
        }
    }

    /// Returns the gate of a session that is halted: only looking and cancelling pass.
    pub fn halted(self) -> Self {
        Self {
            room: Room::None,
            ..self
        }
    }

    /// Returns the gate of a session with so much room: halted, or asking where it is not known.
    pub fn within(self, standing: &Standing) -> Self {
        let room = match standing {
            Standing::Open => self.room,
            Standing::Unknown(_) if self.room == Room::Enough => Room::Unknown,
            Standing::Unknown(_) => self.room,
            Standing::Halted(_) => Room::None,
        };
        Self { room, ..self }
    }

    /// Judges everything that a line would do.
    pub fn judge(&self, line: &str, analysis: Analysis) -> Judgement {
        let actions = analysis.actions.into_iter().map(|found| Judged {
            verdict: self.verdict(&found.action, found.stage, &found.site),
            action: found.action,
            span: found.span,
            stage: found.stage,
            site: found.site,
            via: found.via,
        });
        Judgement::new(line, actions.collect(), analysis.incomplete)
    }

    /// Judges one action that did not come from a line.
    pub fn judge_action(&self, what: &str, action: Action, stage: Stage) -> Judgement {
        let judged = Judged {
            verdict: self.verdict(&action, stage, &Site::Here),
            action,
            span: 0..what.len(),
            stage,
            site: Site::Here,
            via: Vec::new(),
        };
        Judgement::new(what, vec![judged], None)
    }

    /// Makes a permit, asking where the law says so; or hands the judgement back.
    ///
    /// # Errors
    ///
    /// Where something is denied, or was not answered with yes.
    pub fn pass(
        &self,
        judgement: Judgement,
        asker: &mut dyn FnMut(&Judgement, &Judged) -> Answer,
    ) -> Result<Permit, Refusal> {
        if judgement.decision >= Decision::Deny {
            return Err(Refusal {
                judgement,
                answer: None,
            });
        }
        match first_no(&judgement, asker) {
            None => Ok(Permit { judgement }),
            answer @ Some(_) => Err(Refusal { judgement, answer }),
        }
    }

    fn verdict(&self, action: &Action, stage: Stage, site: &Site) -> Verdict {
        let elsewhere;
        let context = match site {
            Site::Here => self.context,
            Site::Job => {
                elsewhere = in_job(self.context);
                &elsewhere
            }
            Site::Remote(host) => {
                elsewhere = on_host(self.context, host);
                &elsewhere
            }
            Site::RemoteJob(host) => {
                elsewhere = in_job(&on_host(self.context, host));
                &elsewhere
            }
        };
        let scene = Scene {
            context,
            stage,
            actor: None,
        };
        let verdict = self.policy.judge(action, &scene);
        let part = match self.room {
            Room::Enough => return verdict,
            Room::Unknown => Some("unknown"),
            Room::None => None,
        };
        if passes_while_halted(action) {
            return verdict;
        }
        verdict.stricter(self.policy.cite("quota.halt", part))
    }
}

/// Everything that a line would do, with the verdicts.
#[derive(Clone, Debug, Serialize)]
#[must_use]
pub struct Judgement {
    /// The format.
    pub schema: &'static str,
    /// The line.
    pub line: String,
    /// The strictest decision.
    pub decision: Decision,
    /// The actions, in the order of the text.
    pub actions: Vec<Judged>,
    /// Why some of it could not be worked out.
    pub incomplete: Option<String>,
}

impl Judgement {
    fn new(line: &str, actions: Vec<Judged>, incomplete: Option<String>) -> Self {
        let decisions = actions.iter().map(|judged| judged.verdict.decision);
        Self {
            schema: "hlrp.check/1",
            line: line.to_owned(),
            decision: decisions.max().unwrap_or(Decision::Allow),
            actions,
            incomplete,
        }
    }

    /// Returns the actions that are not simply allowed.
    pub fn refused(&self) -> impl Iterator<Item = &Judged> {
        self.actions
            .iter()
            .filter(|judged| !judged.verdict.is_allowed())
    }
}

/// One action with its verdict.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// What would happen.
    pub action: Action,
    /// The answer.
    pub verdict: Verdict,
    /// The bytes of the line that say so.
    pub span: Range<usize>,
    /// Whether the line itself says it, or a file that it names.
    pub stage: Stage,
    /// Where it would happen.
    pub site: Site,
    /// What was followed to find it, outermost first.
    pub via: Vec<String>,
}

/// What a person said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It may happen.
    Yes,
    /// It may not.
    No,
    /// It may not: the question was interrupted (Ctrl-C).
    Interrupted,
    /// There was nobody to ask, which means no.
    Nobody,
}

/// Proof that the gate let a line pass. Whatever has an effect takes it by value.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    judgement: Judgement,
}

impl Permit {
    /// Returns the line that was let pass.
    pub fn line(&self) -> &str {
        &self.judgement.line
    }

    /// Returns what was judged.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// Uses the permit up and returns what was judged, for the record.
    pub fn spend(self) -> Judgement {
        self.judgement
    }
}

/// A line that may not run.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was judged.
    pub judgement: Judgement,
    /// What the person said, where one was asked.
    pub answer: Option<Answer>,
}

/// Asks once for each rule and place, until somebody does not say yes.
fn first_no(
    judgement: &Judgement,
    asker: &mut dyn FnMut(&Judgement, &Judged) -> Answer,
) -> Option<Answer> {
    let mut asked: Vec<(&str, &Range<usize>)> = Vec::new();
    for judged in judgement.refused() {
        let question = (&*judged.verdict.rule, &judged.span);
        if asked.contains(&question) {
            continue;
        }
        asked.push(question);
        match asker(judgement, judged) {
            Answer::Yes => {}
            answer @ (Answer::No | Answer::Interrupted | Answer::Nobody) => return Some(answer),
        }
    }
    None
}

/// What still passes while the session is halted: looking, cancelling, ending processes.
pub(crate) fn passes_while_halted(action: &Action) -> bool {
    match action {
        Action::Read { .. } | Action::Cancel { .. } | Action::Signal { .. } => true,
        Action::Exec { purpose, .. } => *purpose == Purpose::ReadOnly,
        Action::Remote { effect, .. } => *effect == RemoteEffect::ReadOnly,
        Action::Write {
            target: Target::Path(facts),
            ..
        } => ["/dev/null", "/dev/tty", "/dev/stdout", "/dev/stderr"]
            .iter()
            .any(|device| facts.path == Path::new(device)),
        Action::Write { .. }
        | Action::Create { .. }
        | Action::Delete { .. }
        | Action::Rename { .. }
        | Action::Truncate { .. }
        | Action::Chmod { .. }
        | Action::Connect { .. }
        | Action::Submit { .. }
        | Action::Train { .. } => false,
    }
}

/// Returns the facts of a job that this session submits.
fn in_job(context: &Context) -> Context {
    Context {
        class: HostClass::Compute,
        ..context.clone()
    }
}

/// Where another machine may keep what is one's own; the rest of it is surely the system's.
const FAR_ROOTS: [&str; 14] = [
    "~",
    "/dss",
    "/home",
    "/hpc",
    "/scratch",
    "/work",
    "/project",
    "/projects",
    "/data",
    "/lustre",
    "/gpfs",
    "/p",
    "/u",
    "/nfs",
];

/// Returns what is assumed of another machine: that it is a login node, whose home is `~`.
/// Which of its directories are the user's is not known here; the guard over there judges them.
fn on_host(context: &Context, host: &str) -> Context {
    let mut roots = FAR_ROOTS.map(PathBuf::from).to_vec();
    roots.extend(context.roots.iter().cloned());
    Context {
        class: HostClass::Login,
        host: host.to_owned(),
        cwd: PathBuf::from("~"),
        home: PathBuf::from("~"),
        roots,
        scratch: Vec::new(),
        own: Vec::new(),
        ..context.clone()
    }
}
