//! Carries code to another machine and back: rsync underneath, guarded at both ends.
//!
//! INVARIANT: nothing is ever deleted at either end, and what is replaced is kept by the
//! guard of the machine where that happens; what would happen is shown before it does.

mod plan;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::error::{Error, code};
use crate::gate::Answer;
use crate::remote::Host;
use crate::session::{Request, Session};
use crate::sys::process::is_guarded;
use crate::ui;

use plan::{Change, Plan};

/// Carry code to another machine, or back with `--pull`
///
/// What would change is shown first, and done once you say yes. Nothing is ever deleted;
/// what is replaced is kept by the guard at the receiving side, and `hlrp-sh restore` there
/// brings it back. What is newer there stays, unless `--newer` is given. What `.gitignore` names, `.git` and `.hlrp` stay where they are.
///
/// PATH is this directory where it is left out. Over there it is at the same place below
/// the home directory, or at `--to`.
///
///   hlrp-sh sync ai
///   hlrp-sh sync ai --pull config
///   hlrp-sh sync ai --to code/hlrp --yes
///
/// Exit status: 0 done, or there was nothing to do; 1 where it was not wanted.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The machine: `ai`, `me@login.example`
    #[arg(value_name = "HOST")]
    host: Host,
    /// What is carried: a directory or a file
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// From there to here
    #[arg(long)]
    pull: bool,
    /// Where it is over there: from the home directory, or absolute
    #[arg(long, value_name = "DIR")]
    to: Option<String>,
    /// Show what would change, and stop
    #[arg(long)]
    dry_run: bool,
    /// Do it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Replace also what is newer at the receiving side
    #[arg(long)]
    newer: bool,
    /// Leave out what matches, as rsync's --exclude has it
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Also what `.gitignore` names
    #[arg(long)]
    ignored: bool,
}

/// Lines of a dry run that are shown to a person.
const SHOWN: usize = 40;

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    let mut plan = Plan::make(args, &session)?;
    // A name that is typed for the first time may need a password: now, not in the middle.
    if !is_guarded() {
        let Some(there) = super::remote::prepare(&args.host, &plan.there)? else {
            return Ok(code::NO);
        };
        plan.has_no_parent |= !plan.is_pull && !there.has_parent;
    }
    let changes = match plan.foreseen() {
        Some(changes) => changes,
        None => {
            let said = Rsync::of(&plan, true).capture()?;
            if said.status != 0 {
                return Ok(said.status);
            }
            plan::changes(&said.text)
        }
    };
    show(&plan, &changes, json)?;
    if changes.is_empty() || args.dry_run {
        return Ok(code::DONE);
    }
    if !args.yes {
        let question = format!("Carry {} to {}?", count(changes.len()), plan.receiver());
        match ui::ask::ask(&question) {
            Answer::Yes => {}
            Answer::No | Answer::Interrupted => return Ok(code::NO),
            Answer::Nobody => {
                ui::say(
                    "hlrp-sh: nobody could be asked, so nothing is carried; `--yes` would have said yes",
                );
                return Ok(code::NO);
            }
        }
    }
    let done = Rsync::of(&plan, false).capture()?;
    let carried = plan::changes(&done.text);
    if done.status != 0 {
        ui::say(&format!(
            "hlrp-sh: {} of {} carried; the same command goes on from there",
            carried.len(),
            changes.len()
        ));
        return Ok(done.status);
    }
    tell(&plan, &carried);
    Ok(code::DONE)
}

/// Shows what would change, new before replaced.
fn show(plan: &Plan, changes: &[Change], json: bool) -> Result<(), Error> {
    if json {
        for change in changes {
            ui::json(change)?;
        }
        return Ok(());
    }
    if changes.is_empty() {
        ui::say(&format!(
            "nothing to carry: {} has all of it already",
            plan.receiver()
        ));
        return Ok(());
    }
    for change in changes.iter().take(SHOWN) {
        ui::data(&change.line())?;
    }
    if changes.len() > SHOWN {
        ui::data(&format!("… and {} more", changes.len() - SHOWN))?;
    }
    let replaced = changes.iter().filter(|change| change.is_replaced()).count();
    let new = changes.len() - replaced;
    ui::say(&format!(
        "{} → {}: {new} new, {replaced} replaced; what is replaced is kept on {}, nothing is deleted",
        plan.source(),
        plan.target(),
        plan.receiver()
    ));
    Ok(())
}

/// Says what was kept where.
fn tell(plan: &Plan, carried: &[Change]) {
    let replaced = carried.iter().filter(|change| change.is_replaced()).count();
    ui::say(&format!(
        "{} carried to {}.",
        count(carried.len()),
        plan.receiver()
    ));
    if replaced == 0 {
        return;
    }
    let show = match plan.is_pull {
        true => format!("hlrp-sh retained --path {}", ui::quoted(&plan.here_text())),
        false => format!(
            "hlrp-sh remote {} -C . -- retained --path {}",
            plan.host,
            ui::quoted(&plan.there)
        ),
    };
    ui::say(&format!(
        "The previous content of {} is in the store of {}: {show}",
        count(replaced),
        plan.receiver()
    ));
}

fn count(number: usize) -> String {
    match number {
        1 => "1 file".to_owned(),
        number => format!("{number} files"),
    }
}

/// One run of rsync, in a guard of its own; its `ssh` is the session's, so the far end is guarded, too.
struct Rsync {
    command: Command,
}

struct Said {
    text: String,
    status: u8,
}

impl Rsync {
    fn of(plan: &Plan, is_dry: bool) -> Self {
        let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hlrp-sh"));
        let mut command = Command::new(own);
        command.args(["run", "--", "rsync"]);
        command.args(plan.arguments(is_dry));
        command.current_dir(&plan.cwd);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        Self { command }
    }

    fn capture(mut self) -> Result<Said, Error> {
        let said = self.command.stderr(Stdio::inherit()).output();
        let said = said.map_err(|source| Error::Io {
            what: "rsync",
            source,
        })?;
        Ok(Said {
            text: String::from_utf8_lossy(&said.stdout).into_owned(),
            status: said
                .status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(code::SOFTWARE),
        })
    }
}
