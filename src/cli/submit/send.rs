//! Calls sbatch, and says what came of it.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, code};
use crate::launch::vetting::{Approved, Vetting};
use crate::session::Session;
use crate::slurm::client::{Client, Clients, Error as ClientError, Output};
use crate::slurm::submit::manifest::{Entry, Manifest};
use crate::slurm::submit::queue::{self, Ended, Refused};
use crate::slurm::submit::{Plan, Unit, carry};
use crate::slurm::vet::Request;
use crate::sys::process::is_guarded;
use crate::ui;

use super::{Work, composing};

/// Slurm, as far as submission speaks to it.
pub(in crate::cli) struct Slurm {
    pub(super) clients: Clients,
    /// The law between us and sbatch; nothing inside a session, where the broker has it.
    vetting: Option<Vetting>,
    dss: Option<String>,
}

/// Keeps the descriptors free at which sbatch finds its files. Comes before anything is opened.
pub(in crate::cli) fn prepare() -> Result<(), Error> {
    crate::sys::spawn::reserve_files().map_err(|source| Error::Io {
        what: "descriptors for sbatch",
        source,
    })
}

impl Slurm {
    /// Speaks to Slurm as this session may. `approved` are the rules that a person said yes to.
    pub(in crate::cli) fn new(clients: Clients, session: &Session, approved: Vec<String>) -> Self {
        let vetting = match is_guarded() {
            true => None,
            false => Vetting::new(session, clients.clone(), Approved::Rules(approved)),
        };
        Self {
            clients,
            vetting,
            dss: composing::dss(session),
        }
    }

    /// Has the law read a script before anything is made.
    pub(in crate::cli) fn vet(
        &self,
        unit: &Unit,
        submission: &str,
        after: Option<&str>,
    ) -> Result<(), Refused> {
        let Some(vetting) = &self.vetting else {
            // The broker reads it when it is handed over.
            return Ok(());
        };
        let entry = Entry::of(unit);
        let request = self.request(
            &entry,
            submission,
            after,
            unit.script.text.clone().into_bytes(),
        );
        match vetting.carry(&request.map_err(broken)?) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(Refused::Denied(refusal.status, refusal.text)),
        }
    }

    /// Has sbatch queue the script of an entry, with the guard in the job.
    fn sbatch(
        &self,
        entry: &Entry,
        submission: &str,
        after: Option<&str>,
    ) -> Result<String, Refused> {
        let Some(vetting) = &self.vetting else {
            let ours = self.ours(entry, submission);
            return self.through_the_broker(queue::arguments(entry, after), &ours);
        };
        let script = std::fs::read(&entry.script).map_err(broken)?;
        let request = self
            .request(entry, submission, after, script)
            .map_err(broken)?;
        let carry = vetting
            .carry(&request)
            .map_err(|refusal| Refused::Denied(refusal.status, refusal.text))?;
        let said = carry::sbatch(&self.clients, &request, &carry).map_err(broken)?;
        match ClientError::unless_done(Client::Sbatch, said) {
            Ok(said) => Ok(said.stdout),
            Err(fault) => Err(refused(&fault)),
        }
    }

    fn request(
        &self,
        entry: &Entry,
        submission: &str,
        after: Option<&str>,
        script: Vec<u8>,
    ) -> std::io::Result<Request> {
        Ok(Request {
            client: Client::Sbatch,
            args: queue::arguments(entry, after),
            environment: environment(&self.ours(entry, submission)),
            cwd: std::env::current_dir()?,
            umask: umask(),
            script: Some(script),
        })
    }

    /// Returns what tells the job its run.
    fn ours(&self, entry: &Entry, submission: &str) -> Vec<(&'static str, OsString)> {
        let own = entry.script.parent().unwrap_or(Path::new("/"));
        let tasks = entry.tasks.as_ref();
        let run = tasks.map_or(own, |tasks| &tasks.directory);
        let mut ours = vec![
            ("HLRP_SUBMISSION", OsString::from(submission)),
            ("HLRP_RUN_DIRECTORY", run.as_os_str().to_owned()),
        ];
        if let Some(tasks) = tasks {
            ours.push(("HLRP_RUN_TASKS", tasks.list.as_os_str().to_owned()));
        }
        if let Some(dss) = &self.dss {
            ours.push((composing::DSS, dss.into()));
        }
        ours
    }

    fn through_the_broker(
        &self,
        arguments: Vec<OsString>,
        ours: &[(&str, OsString)],
    ) -> Result<String, Refused> {
        let broken = |fault: std::io::Error| Refused::Unreachable(fault.to_string());
        let path = self
            .clients
            .path(Client::Sbatch)
            .map_err(|fault| refused(&fault))?;
        let said = std::process::Command::new(path)
            .args(arguments)
            .envs(ours.iter().map(|(name, value)| (name, value)))
            .output()
            .map_err(broken)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = Output {
            stdout: text(&said.stdout),
            stderr: text(&said.stderr),
            status: said
                .status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
        };
        match ClientError::unless_done(Client::Sbatch, said) {
            Ok(said) => Ok(said.stdout),
            Err(fault) => Err(refused(&fault)),
        }
    }
}

/// Returns the caller's environment as a vetter reads it, with what tells the job its run.
fn environment(ours: &[(&str, OsString)]) -> Vec<OsString> {
    let own = ours
        .iter()
        .map(|(name, value)| (OsString::from(name), value.clone()));
    let others = std::env::vars_os().filter(|(name, _)| !ours.iter().any(|(own, _)| name == own));
    crate::slurm::client::block(others.chain(own))
}

/// Returns this process's file mode mask.
fn umask() -> u32 {
    let mask = crate::sys::file::set_umask(0o077);
    crate::sys::file::set_umask(mask);
    mask
}

fn broken(fault: std::io::Error) -> Refused {
    Refused::No(fault.to_string())
}

fn refused(fault: &ClientError) -> Refused {
    match fault.code() {
        code::UNREACHABLE => Refused::Unreachable(fault.to_string()),
        _ => Refused::No(fault.to_string()),
    }
}

/// Queues some entries of a manifest.
pub(in crate::cli) fn queue(
    after: Option<&str>,
    manifest: &mut Manifest,
    path: &Path,
    entries: &[usize],
    slurm: &Slurm,
) -> Result<Ended, Error> {
    let id = manifest.id.clone();
    let mut call = |entry: &Entry| slurm.sbatch(entry, &id, after);
    queue::queue(manifest, path, entries, &mut call).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Returns the exit status for how a queueing ended.
pub(in crate::cli) fn status(ended: &Ended) -> u8 {
    match ended {
        Ended::Whole => code::DONE,
        Ended::At {
            why: Refused::Unreachable(_),
            ..
        } => code::UNREACHABLE,
        Ended::At {
            why: Refused::No(_),
            ..
        } => code::NO,
        Ended::At {
            why: Refused::Denied(status, _),
            ..
        } => *status,
    }
}

/// Lets Slurm say when the jobs would start.
pub(super) fn try_out(work: &Work<'_>, plan: &Plan, clients: &Clients) -> Result<u8, Error> {
    for unit in &plan.units {
        let mut arguments: Vec<OsString> = vec!["--test-only".into()];
        arguments.extend(unit.options.iter().map(OsString::from));
        if let Some(job) = &work.args.after {
            arguments.push(format!("--dependency=afterok:{job}").into());
        }
        let script = unit.script.text.as_bytes();
        let said = clients.capture(Client::Sbatch, arguments, Some(script))?;
        // sbatch says it on stderr.
        for line in said.stderr.lines().chain(said.stdout.lines()) {
            ui::data(&ui::clean(line.strip_prefix("sbatch: ").unwrap_or(line)))?;
        }
    }
    Ok(code::DONE)
}
