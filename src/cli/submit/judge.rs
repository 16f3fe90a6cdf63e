//! The law's word on a submission: what it makes here, what its commands do in the job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::bash::{Disk, Site, analyse};
use crate::gate::{Answer, Judgement, Permit};
use crate::launch::room;
use crate::policy::{Action, Decision, Node, Origin, PathFacts, Presence, Stage, Target, WriteHow};
use crate::session::Session;
use crate::slurm::submit::problem::Kind;
use crate::slurm::submit::{Host, Job, Plan};
use crate::ui::{self, Denial};

/// Everything that was judged.
pub(in crate::cli) struct Judged {
    /// Of what is made here.
    places: Vec<Judgement>,
    /// Of what is run.
    commands: Vec<Judgement>,
}

/// Judges what a submission makes here and runs in its jobs.
pub(in crate::cli) fn judge(session: &Session, host: &Host, plan: &Plan) -> Judged {
    let gate = room::gate(session);
    let directories = plan.jobs.iter().map(|job| &job.directory);
    let caches = plan.jobs.iter().map(|job| &job.settings.cache_dir);
    let all: Vec<&PathBuf> = [&plan.group]
        .into_iter()
        .chain(directories)
        .chain(caches)
        .collect();
    let places = self::places(session, &all).places;
    let mut judgements = Vec::new();
    let logs = plan.jobs.iter().filter(|job| job.settings.slurm);
    if let Some(job) = logs.clone().next() {
        let tool = "sbatch".to_owned();
        let what = format!("sbatch {}", job.name);
        judgements.push(gate.judge_action(&what, Action::Submit { tool }, Stage::Line));
    }
    let world = Disk {
        cwd: host.project.clone(),
        home: session.context.home.clone(),
        user: session.context.user.clone(),
        scratch: Some(session.places.scratch.clone()),
    };
    let mut commands: BTreeSet<(&str, bool)> = BTreeSet::new();
    for job in &plan.jobs {
        for command in &job.settings.pre_commands {
            if commands.insert((command, job.settings.slurm)) {
                judgements.push(gate.judge(command, in_its_place(analyse(command, &world), job)));
            }
        }
    }
    // What runs here is judged as if it had been typed here.
    for job in plan.jobs.iter().filter(|job| !job.settings.slurm).take(1) {
        let words = [super::local::entry(job), job.arguments.clone()].concat();
        let analysis = crate::bash::analyse_program(&words, &world);
        judgements.push(gate.judge(&words.join(" "), analysis));
        // Whatever its command is called, an experiment that runs here trains here.
        let program = words.first().cloned().unwrap_or_default();
        let what = format!("submit {}", job.name);
        judgements.push(gate.judge_action(&what, Action::Train { program }, Stage::Line));
    }
    Judged {
        places,
        commands: judgements,
    }
}

/// Judges making directories and files here, each once.
pub(in crate::cli) fn places(session: &Session, all: &[&PathBuf]) -> Judged {
    let gate = room::gate(session);
    let unique: BTreeSet<&PathBuf> = all.iter().copied().collect();
    let judge = |place: &&PathBuf| gate.judge_action(&line(place), creation(place), Stage::Line);
    // Of a thousand directories that may be made side by side the first stands in the record for all.
    let first = unique.first().copied();
    let kept = unique.iter().filter_map(|place| {
        let judgement = judge(place);
        (judgement.decision > Decision::Allow || Some(*place) == first).then_some(judgement)
    });
    Judged {
        places: kept.collect(),
        commands: Vec::new(),
    }
}

fn line(place: &Path) -> String {
    format!("mkdir {}", ui::quoted(&place.to_string_lossy()))
}

fn creation(place: &Path) -> Action {
    let is_there = place.is_dir();
    let target = Target::Path(PathFacts {
        path: resolved(place),
        presence: if is_there {
            Presence::Directory
        } else {
            Presence::Absent
        },
        born: None,
    });
    match is_there {
        // What is there already is added to.
        true => Action::Write {
            target,
            how: WriteHow::Append,
        },
        false => Action::Create {
            target,
            node: Node::Directory,
        },
    }
}

/// Resolves as much of a path as exists, so that a link does not hide where it leads.
fn resolved(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let (Ok(found), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return found.join(rest);
        }
    }
    path.to_owned()
}

/// Puts what a command would do where it will: into the job, or here.
fn in_its_place(mut analysis: crate::bash::Analysis, job: &Job) -> crate::bash::Analysis {
    if job.settings.slurm {
        for found in &mut analysis.actions {
            found.site = match &found.site {
                Site::Here | Site::Job => Site::Job,
                Site::Remote(host) | Site::RemoteJob(host) => Site::RemoteJob(host.clone()),
            };
        }
    }
    analysis
}

impl Judged {
    /// Returns what was judged elsewhere.
    pub(in crate::cli) fn of(judgement: Judgement) -> Self {
        Self {
            places: Vec::new(),
            commands: vec![judgement],
        }
    }

    pub(in crate::cli) fn is_denied(&self) -> bool {
        self.denied().next().is_some()
    }

    /// Returns what kind of refusal it is, where something is refused.
    pub(in crate::cli) fn refused(&self) -> Option<Kind> {
        let decisions = self.denied().map(|one| one.decision);
        decisions.max().map(|decision| match decision {
            Decision::Halt => Kind::Halted,
            Decision::Allow | Decision::Ask | Decision::Deny => Kind::Denied,
        })
    }

    fn denied(&self) -> impl Iterator<Item = &Judgement> {
        let all = self.places.iter().chain(&self.commands);
        all.filter(|one| one.decision >= Decision::Deny)
    }

    /// Shows what is denied: of many places the first two.
    pub(in crate::cli) fn show(&self, session: &Session) {
        let is_denied = |one: &&Judgement| one.decision >= Decision::Deny;
        let places: Vec<&Judgement> = self.places.iter().filter(is_denied).collect();
        for judgement in places.iter().take(2) {
            tell(session, judgement);
        }
        if places.len() > 2 {
            ui::say(&format!("and {} more places", places.len() - 2));
        }
        for judgement in self.commands.iter().filter(is_denied) {
            tell(session, judgement);
        }
    }

    /// Asks where the law says so; nothing where the answer is not yes.
    pub(in crate::cli) fn pass(self, session: &Session) -> Option<Vec<Permit>> {
        let gate = room::gate(session);
        let mut permits = Vec::new();
        for judgement in self.places.into_iter().chain(self.commands) {
            let mut ask = |judgement: &Judgement, judged: &crate::gate::Judged| {
                ui::say(&Denial::new(&judgement.line, judged).render());
                ui::ask::ask("Submit it all the same?")
            };
            match gate.pass(judgement, &mut ask) {
                Ok(permit) => permits.push(permit),
                Err(refusal) => {
                    note(session, &refusal.judgement, true);
                    if refusal.answer.is_none() {
                        tell(session, &refusal.judgement);
                    }
                    if refusal.answer == Some(Answer::Nobody) {
                        ui::say(
                            "nobody could be asked: a person at a terminal must say yes to this",
                        );
                    }
                    return None;
                }
            }
        }
        Some(permits)
    }
}

fn tell(session: &Session, judgement: &Judgement) {
    let denials = Denial::all(judgement);
    match session.context.origin {
        Origin::Person | Origin::Script => ui::say(&ui::denial::render_all(&denials)),
        Origin::Agent(_) => {
            for text in denials
                .iter()
                .filter_map(|one| serde_json::to_string(one).ok())
            {
                ui::say(&text);
            }
        }
    }
}

/// Returns the rules that a person said yes to.
pub(in crate::cli) fn approved(permits: &[Permit]) -> Vec<String> {
    let judgements = permits.iter().map(Permit::judgement);
    let refused = judgements.flat_map(Judgement::refused);
    let mut rules: Vec<String> = refused
        .map(|judged| judged.verdict.rule.to_string())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

/// Records what was permitted, now that it happens.
pub(in crate::cli) fn record(session: &Session, permits: Vec<Permit>) {
    for permit in permits {
        note(session, &permit.spend(), false);
    }
}

/// Writes to the record; inside a session its supervisor does.
fn note(session: &Session, judgement: &Judgement, is_over: bool) {
    if !crate::sys::process::is_guarded() {
        crate::launch::record(session, judgement, is_over);
    }
}
