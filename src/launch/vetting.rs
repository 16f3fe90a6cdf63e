//! The law's word on what is asked of Slurm: reads a request, has it judged, and says
//! what is carried out, or explains why nothing is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::bash::{Disk, World};
use crate::broker::{Carry, Kind, Refusal};
use crate::error::code;
use crate::gate::{Gate, Judgement};
use crate::policy::{Context, Decision, Origin, Policy, Presence};
use crate::session::Session;
use crate::slurm::client::Clients;
use crate::slurm::owner;
use crate::slurm::spool::{self, Spec};
use crate::slurm::vet::{self, Facts, Finding, RULE, Request};
use crate::sys::sealed;
use crate::ui::{self, Denial};

use super::room;

/// The rules that a person says yes to are some words.
const LONGEST: u64 = 1 << 16;

/// What requests are judged by.
pub(crate) struct Vetting {
    policy: Policy,
    context: Context,
    spec: Spec,
    clients: Clients,
    clean: Vec<(OsString, OsString)>,
    /// Rules that a person has said yes to, for the line that this session runs.
    approved: Approved,
    program: OnceLock<Result<PathBuf, String>>,
}

/// What a person has said yes to.
#[derive(Clone, Debug)]
pub(crate) enum Approved {
    /// These rules, for the one line of the session.
    Rules(Vec<String>),
    /// What is written here while a line of the session runs, out of reach from inside.
    Kept(PathBuf),
}

impl Approved {
    /// Returns where it is kept for a session of many lines.
    pub(crate) fn of_session(session: &Session) -> Self {
        Self::Kept(session.places.state.join("approved").join(&session.id))
    }

    /// Makes the place, before the guard stands.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(crate) fn prepare(&self) -> std::io::Result<()> {
        match self {
            Self::Kept(path) => std::fs::create_dir_all(path.parent().unwrap_or(path)),
            Self::Rules(_) => Ok(()),
        }
    }

    /// Writes down what was said yes to, for the line that is about to run.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn put_down(&self, rules: &[String]) -> std::io::Result<()> {
        match self {
            Self::Kept(path) if !rules.is_empty() => {
                sealed::write(path, rules.join("\n").as_bytes())
            }
            Self::Kept(_) | Self::Rules(_) => Ok(()),
        }
    }

    /// Takes it back, when the line has ended, or the session.
    pub(crate) fn withdraw(&self) {
        if let Self::Kept(path) = self
            && path.symlink_metadata().is_ok()
        {
            sealed::remove(path);
        }
    }

    fn rules(&self) -> Vec<String> {
        match self {
            Self::Rules(rules) => rules.clone(),
            Self::Kept(path) => {
                // What a session planted there is nobody's yes.
                let text = sealed::read(path, LONGEST).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                text.lines().map(str::to_owned).collect()
            }
        }
    }
}

impl Vetting {
    /// Takes what a session knows.
    pub(crate) fn new(session: &Session, clients: Clients, approved: Approved) -> Option<Self> {
        let spec = Spec::of(
            &session.id,
            &session.context,
            &session.layers,
            session.places.config.clone(),
            session.places.state.clone(),
        );
        Some(Self {
            policy: Policy::load(&session.layers).ok()?,
            context: session.context.clone(),
            spec,
            clean: clients.environment().pairs().collect(),
            clients,
            approved,
            program: OnceLock::new(),
        })
    }

    /// Judges a request.
    ///
    /// # Errors
    /// Where it is denied, or the client itself would refuse it.
    pub(crate) fn carry(&self, request: &Request) -> Result<Carry, Refusal> {
        // Only what starts something needs it; to look or to cancel must not wait for a copy.
        let program = if needs_program(request) {
            match self.program.get_or_init(|| self.provide()) {
                Ok(program) => program.clone(),
                Err(reason) => return Err(self.without_program(request, reason)),
            }
        } else {
            PathBuf::new()
        };
        let world = self.world(&request.cwd);
        let context = self.context_at(&request.cwd);
        let facts = Facts {
            context: &context,
            world: &world,
            program: &program,
            spec: &self.spec,
            clean: &self.clean,
        };
        let reading = vet::read(request, facts)?;
        let room = room::vetted(&self.policy, &context, &self.spec);
        let gate = Gate::new(&self.policy, &context).within(&room);
        let judgement = gate.judge(&reading.line, reading.analysis);
        let is_open = |judgement: &Judgement| {
            judgement.decision == Decision::Allow
                || judgement.decision == Decision::Ask && self.is_approved(judgement)
        };
        if reading.findings.is_empty() && is_open(&judgement) {
            return self.put_down(request, reading.carry);
        }
        let findings = reading.findings.iter();
        let denials = findings.map(|one| self.denial(&reading.line, one));
        Err(self.refused(&judgement, denials.collect()))
    }

    /// Returns the world as it is seen from a directory.
    pub(super) fn world(&self, cwd: &Path) -> impl World {
        Queue {
            disk: Disk {
                cwd: cwd.to_owned(),
                home: self.context.home.clone(),
                user: self.context.user.clone(),
                scratch: self.context.scratch.first().cloned(),
            },
            vetting: self,
        }
    }

    /// Returns the session's facts, in a directory.
    pub(super) fn context_at(&self, cwd: &Path) -> Context {
        Context {
            cwd: cwd.to_owned(),
            ..self.context.clone()
        }
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(super) fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Notes where a job's output will be, before Slurm gets the job.
    fn put_down(&self, request: &Request, carry: Carry) -> Result<Carry, Refusal> {
        let script = carry.files.first().filter(|_| carry.kind == Kind::Submit);
        let outputs = script.and_then(|script| spool::read(script).ok()?.0.outputs);
        match outputs.map(|outputs| outputs.put_down(&self.spec.state)) {
            Some(Err(fault)) => Err(Refusal {
                rule: "slurm.submit".to_owned(),
                target: request.client.name().to_owned(),
                text: format!(
                    "hlrp-sh: nothing can be kept for the job in {}, so it is not submitted: {fault}",
                    self.spec.state.display()
                ),
                status: code::GUARD,
            }),
            _ => Ok(carry),
        }
    }

    /// Whether everything that is asked about was answered when the line was judged.
    pub(super) fn is_approved(&self, judgement: &Judgement) -> bool {
        let approved = self.approved.rules();
        judgement
            .refused()
            .all(|judged| approved.iter().any(|rule| *rule == *judged.verdict.rule))
    }

    /// Makes the refusal of what was judged, and of what was found besides.
    pub(super) fn refused(&self, judgement: &Judgement, findings: Vec<Denial>) -> Refusal {
        let is_judged_alone = findings.is_empty();
        let mut denials = findings;
        denials.extend(Denial::all(judgement));
        let mut text = match self.context.origin {
            Origin::Person | Origin::Script => ui::denial::render_all(&denials),
            Origin::Agent(_) => {
                let lines = denials.iter();
                let lines = lines.filter_map(|denial| serde_json::to_string(denial).ok());
                lines.collect::<Vec<_>>().join("\n")
            }
        };
        if is_judged_alone && judgement.decision == Decision::Ask {
            text.push_str(
                "\nnobody could be asked: a person at a terminal must say yes to this, in the line itself",
            );
        }
        let first = denials.first();
        Refusal {
            rule: first.map(|denial| denial.rule.clone()).unwrap_or_default(),
            target: first.map(|denial| denial.what.clone()).unwrap_or_default(),
            text,
            status: match judgement.decision {
                Decision::Halt => code::HALTED,
                Decision::Allow | Decision::Ask | Decision::Deny => code::DENIED,
            },
        }
    }

    /// Explains what no rule about files or jobs speaks of.
    fn denial(&self, line: &str, finding: &Finding) -> Denial {
        let verdict = self.policy.cite(RULE, None);
        Denial {
            schema: "hlrp.denial/1",
            decision: Decision::Deny,
            rule: verdict.rule.to_string(),
            line: line.to_owned(),
            span: finding.span.clone(),
            what: finding.what.clone(),
            via: finding.via.clone(),
            because: finding.because.clone(),
            instead: finding.instead.clone(),
            program: None,
            path: None,
        }
    }

    fn provide(&self) -> Result<PathBuf, String> {
        let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
        spool::provide(&self.context.home, &program).map_err(|fault| fault.to_string())
    }

    fn without_program(&self, request: &Request, reason: &str) -> Refusal {
        Refusal {
            rule: "slurm.submit".to_owned(),
            target: request.client.name().to_owned(),
            text: format!(
                "hlrp-sh: the guard cannot go with this job, so it is not submitted: no copy of the program in {}: \
                 {reason}",
                self.context.home.join(".local/share/hlrp-sh").display()
            ),
            status: code::GUARD,
        }
    }
}

fn needs_program(request: &Request) -> bool {
    use crate::slurm::client::Client;
    matches!(
        request.client,
        Client::Sbatch | Client::Srun | Client::Salloc
    )
}

/// The real file system, and Slurm's word on whose a job is.
struct Queue<'a> {
    disk: Disk,
    vetting: &'a Vetting,
}

impl World for Queue<'_> {
    fn stat(&self, path: &Path) -> Presence {
        self.disk.stat(path)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        self.disk.resolve(path)
    }

    fn follow(&self, path: &Path) -> PathBuf {
        self.disk.follow(path)
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.disk.read(path)
    }

    fn glob(&self, pattern: &str) -> Option<Vec<PathBuf>> {
        self.disk.glob(pattern)
    }

    fn cwd(&self) -> Option<PathBuf> {
        self.disk.cwd()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.disk.variable(name)
    }

    fn owns_job(&self, id: &str) -> Option<bool> {
        owner::owns(&self.vetting.clients, &self.vetting.context.user, id)
    }

    fn is_guarded_job(&self, id: &str) -> Option<bool> {
        owner::is_guarded(&self.vetting.clients, &self.vetting.spec.state, id)
    }
}
