//! What every door does with what it was asked to run. `judge` has it judged; here, from
//! a permit to a running program: what it needs to start, the guard around it, and what
//! is said when it has ended.

pub(crate) mod broker;
pub(crate) mod child;
mod ending;
mod halting;
pub(crate) mod judge;
mod reaching;
pub(crate) mod room;
mod shut;
mod tending;
mod toil;
pub(crate) mod trace;
pub(crate) mod vetting;
pub(crate) mod words;
pub(crate) mod world;

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::audit::{Record, Writer};
use crate::broker::Broker;
use crate::error::{Error, code};
use crate::gate::{Judgement, Permit, passes_while_halted};
use crate::guard::level::{Offer, accelerators};
use crate::guard::{self, Launch, Law};
use crate::policy::{Action, GuardLevel, HostClass, Limit, Origin, Purpose, Scene, Stage};
use crate::remote::plain::is_plain;
use crate::retain::Store;
use crate::session::Session;
use crate::sys;
use crate::sys::seccomp::Waiting;
use crate::ui;

use ending::{failed, finish};
use judge::Job;
use vetting::Approved;
use words::{arguments, environment, find};

/// Starts a job that may run, inside the guard, and returns its exit status.
pub(crate) fn launch(mut session: Session, job: Job, permit: Permit) -> Result<u8, Error> {
    let judgement = permit.spend();
    let reads_only = only_reads(&judgement);
    let is_program = matches!(job, Job::Program { .. });
    let arguments = arguments(job)?;
    let Some(mut program) = find(arguments.first()) else {
        return Ok(not_found(arguments.first()));
    };
    if sys::process::is_guarded() {
        // The outer session's supervisor enforces; this one has judged.
        return Err(become_it(&program, &arguments));
    }
    let offer = Offer::ask();
    if offer.level() == GuardLevel::D {
        if !reads_unguarded(&judgement) {
            return Err(no_guard(&offer));
        }
        return Err(become_it(&program, &arguments));
    }
    let scratch = session.places.scratch.clone();
    // A program that only reads seldom wants scratch: it is made when it does.
    let has_slurm = session.context.class != HostClass::Workstation;
    if has_slurm || !(reads_only && is_program) {
        make_scratch(&scratch)?;
    }
    if !reads_only {
        record(&session, &judgement, false);
    }
    let broker = broker::open(&mut session, Approved::Rules(approved(&judgement)))?;
    let shims = broker.as_ref().map(|broker| broker.door.directory());
    if let Some(name) = arguments.first()
        && let Some(shim) = shims.map(|shims| shims.join(name))
        && Path::new(name).components().count() == 1
        && shim.exists()
    {
        program = shim;
    }
    let environment = environment(&session, shims, std::env::vars_os());
    let origin = session.context.origin.clone();
    let launch = prepare(
        session,
        program,
        arguments,
        environment,
        offer,
        broker,
        !reads_only,
    );
    watch(launch, &origin, &scratch).map(end)
}

/// A program that is started inside a job, of which nothing has been judged but where it came from.
pub(crate) struct Start {
    pub(crate) session: Session,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// Whether it may ask Slurm for more.
    pub(crate) brokered: bool,
    /// For a program that makes namespaces of its own: all it may write.
    pub(crate) sealed: Option<Vec<PathBuf>>,
}

/// Starts a program inside the guard of a job, and returns its exit status.
pub(crate) fn start(start: Start) -> Result<u8, Error> {
    let mut session = start.session;
    if let Some(status) = room::refusal(&session) {
        return Ok(status);
    }
    let offer = Offer::ask();
    if offer.level() == GuardLevel::D {
        return Err(no_guard(&offer));
    }
    let broker = if start.brokered {
        broker::open(&mut session, Approved::Rules(Vec::new()))?
    } else {
        None
    };
    let shims = broker.as_ref().map(|broker| broker.door.directory());
    let environment = environment(&session, shims, start.environment.into_iter());
    let (origin, scratch) = (
        session.context.origin.clone(),
        session.places.scratch.clone(),
    );
    let (program, arguments) = (start.program, start.arguments);
    let mut launch = prepare(
        session,
        program,
        arguments,
        environment,
        offer,
        broker,
        true,
    );
    if start.sealed.is_some() {
        // Files are the kernel's business then, and nothing that was there can be reached.
        launch.stores.clear();
    }
    launch.law.sealed = start.sealed;
    let is_sealed = launch.law.sealed.is_some();
    let ended = watch(launch, &origin, &scratch)?;
    // Who sealed it has something to do yet.
    Ok(if is_sealed { ended.0 } else { end(ended) })
}

/// Ends as the program did: its status, or the signal it died of.
fn end((status, signal): (u8, Option<i32>)) -> u8 {
    if let Some(signal) = signal {
        // A caller's loop ends on Ctrl-C only if what it waits for died of it.
        sys::process::die_of(signal);
    }
    status
}

fn watch(launch: Launch, origin: &Origin, scratch: &Path) -> Result<(u8, Option<i32>), Error> {
    match guard::launch(launch) {
        Ok(outcome) => {
            finish(&outcome, origin);
            Ok((outcome.status, outcome.signal))
        }
        Err(failure) => {
            // Empty, or nothing but what we put there: nothing has run.
            let _ = fs::remove_dir(scratch);
            failed(failure).map(|status| (status, None))
        }
    }
}

/// Makes a session's scratch directory.
pub(crate) fn make_scratch(scratch: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().mode(0o700).create(scratch);
    made.map_err(|source| Error::File {
        path: scratch.to_owned(),
        source,
    })
}

fn no_guard(offer: &Offer) -> Error {
    Error::Guard(format!(
        "{}; only what provably changes nothing can run here (`hlrp-sh doctor` says more)",
        offer.reason()
    ))
}

/// Returns the rules that somebody was asked about: there is a permit, so the answer was yes.
fn approved(judgement: &Judgement) -> Vec<String> {
    let asked = judgement
        .refused()
        .map(|judged| judged.verdict.rule.to_string());
    asked.collect()
}

/// Returns the level of guard that will stand behind a verdict given now.
pub(crate) fn level() -> GuardLevel {
    if sys::process::is_guarded() {
        GuardLevel::A
    } else {
        Offer::ask().level()
    }
}

pub(crate) fn prepare(
    session: Session,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<OsString>,
    offer: Offer,
    broker: Option<Broker>,
    creates: bool,
) -> Launch {
    let stamp = session.stamp();
    let Session {
        id,
        policy,
        context,
        places,
        ..
    } = session;
    let policy = Arc::new(policy);
    let copy_limit = policy.limit(Limit::RetainCopyLimit);
    let stores = context
        .roots
        .iter()
        .map(|root| Store::new(root.clone(), id.clone(), copy_limit))
        .collect();
    let may_train = match context.class {
        HostClass::Login => false,
        HostClass::Workstation | HostClass::Compute => true,
    };
    let devices = if may_train && creates {
        accelerators()
    } else {
        Vec::new()
    };
    let unreadable = shut::devices(&policy, &context);
    let is_halted = Arc::new(AtomicBool::new(false));
    let keeping = halting::keeping(&policy, &context, &places, &stamp, creates);
    let facts = context.clone();
    let judge_policy = Arc::clone(&policy);
    let halted = Arc::clone(&is_halted);
    let judge = move |action: &Action, actor: Option<&str>| {
        if halted.load(Ordering::SeqCst) && !passes_while_halted(action) {
            return judge_policy.cite("quota.halt", None);
        }
        judge_policy.judge(
            action,
            &Scene {
                context: &facts,
                stage: Stage::Kernel,
                actor,
            },
        )
    };
    let born_limit = policy.limit(Limit::RetainBornLimit);
    let in_place = move |actor: &str| policy.is_listed("in_place", actor);
    let writer: Mutex<Option<Writer>> = Mutex::new(None);
    let witness_stamp = stamp.clone();
    let (farewell_stamp, audit) = (stamp.clone(), places.audit.clone());
    let farewell = move || {
        // A session that recorded nothing has nothing to close.
        if crate::audit::has_session(&audit, &farewell_stamp.session) {
            let _ = Writer::open(&audit, farewell_stamp).and_then(Writer::finish);
        }
    };
    let witness = move |denial: &guard::Denial| {
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_none() {
            *writer = Writer::open(&places.audit, witness_stamp.clone()).ok();
        }
        if let Some(writer) = writer.as_mut() {
            // The action is refused whether or not it can be recorded.
            let _ = writer.append(Record::refused(
                &stamp,
                &denial.action,
                &denial.target,
                &denial.program,
                &denial.rule,
            ));
        }
    };
    let proofs = match context.class {
        HostClass::Workstation => Vec::new(),
        HostClass::Login | HostClass::Compute => crate::slurm::proof::sockets(),
    };
    let law = Law {
        context,
        judge: Box::new(judge),
        in_place: Box::new(in_place),
        born_limit,
        door: None,
        proofs,
        devices,
        unreadable,
        sealed: None,
    };
    Launch {
        program,
        arguments,
        environment,
        law,
        stores,
        offer,
        creates,
        waiting: Waiting::Killable,
        witness: Box::new(witness),
        broker,
        farewell: Box::new(farewell),
        attendant: None,
        keeping,
        is_halted,
    }
}

/// Records what a line was judged to be, where it is refused or changes something.
///
/// `is_over`: nothing will run, so the session's record ends here.
pub(crate) fn record(session: &Session, judgement: &Judgement, is_over: bool) {
    let worth: Vec<_> = judgement
        .actions
        .iter()
        .filter(|judged| !is_read_only(&judged.action))
        .collect();
    if worth.is_empty() {
        return;
    }
    let written = Writer::open(&session.places.audit, session.stamp()).and_then(|mut writer| {
        worth
            .iter()
            .try_for_each(|judged| writer.action(&judged.action, None, &judged.verdict))?;
        if is_over { writer.finish() } else { Ok(()) }
    });
    if let Err(error) = written {
        ui::say(&format!("hlrp-sh: the audit cannot be written: {error}"));
    }
}

/// Returns whether nothing of a line changes anything, as far as its text says what its programs are.
fn only_reads(judgement: &Judgement) -> bool {
    let mut actions = judgement.actions.iter();
    actions.all(|judged| is_read_only(&judged.action))
}

/// Returns whether a line may run where nothing guards it: plain programs in a pipe, and none that could be another. A
/// shell has more ways to change what a name means than anybody lists.
pub(crate) fn reads_unguarded(judgement: &Judgement) -> bool {
    only_reads(judgement) && is_plain(&judgement.line)
}

/// Returns whether an action changes nothing.
pub(crate) fn is_read_only(action: &Action) -> bool {
    match action {
        Action::Read { .. } => true,
        Action::Exec { purpose, .. } => *purpose == Purpose::ReadOnly,
        _ => false,
    }
}

fn not_found(name: Option<&OsString>) -> u8 {
    let name = name
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    ui::say(&format!("hlrp-sh: {name}: command not found"));
    code::NOT_FOUND
}

/// Becomes the program; returns only why it could not.
fn become_it(program: &Path, arguments: &[OsString]) -> Error {
    let mut command = Command::new(program);
    if let Some((name, rest)) = arguments.split_first() {
        command.arg0(name).args(rest);
    }
    Error::File {
        path: program.to_owned(),
        source: command.exec(),
    }
}
