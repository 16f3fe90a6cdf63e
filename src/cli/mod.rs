//! The command line: one file a subcommand, each with its arguments, its help and `run`.
//!
//! INVARIANT: a word that is no subcommand is a script, as with any shell; nothing
//! here decides, it asks the gate.

mod archive;
mod audit;
mod cancel;
mod check;
mod completions;
mod compose;
mod context;
mod diff;
mod doctor;
mod far;
mod hook;
mod image;
mod invocation;
mod job;
mod jobs;
mod logs;
mod man;
mod mcp;
mod note;
mod permit;
mod policy;
mod project;
mod quota;
mod race;
mod remote;
mod restore;
mod results;
mod resume;
mod retained;
mod run;
mod shim;
mod status;
mod submit;
mod sync;
mod train;
mod watch;

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, code};
use crate::launch::child::entry;
use crate::remote::Host;
use crate::ui;

use invocation::Invocation;

/// A shell that cannot lose your data
///
/// Runs ordinary bash lines. A line is judged before it runs, and what its programs
/// really do is judged again in the kernel: nothing that existed is ever erased.
#[derive(Debug, Parser)]
#[command(
    name = "hlrp-sh",
    version,
    override_usage = "hlrp-sh -c LINE [ARGS]...\n       hlrp-sh SCRIPT [ARGS]...\n       hlrp-sh run -- PROGRAM [ARGS]...\n       hlrp-sh COMMAND [--json]",
    after_help = EXIT,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Print one JSON object, or one a line, in place of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT: &str = "\
`-c LINE` and SCRIPT run as bash would run them; `run -- PROGRAM` runs one program without a shell.

  hlrp-sh -c 'make && ./simulate > out.txt'
  hlrp-sh job.sh 42
  hlrp-sh run -- python3 prepare.py
  hlrp-sh check 'rm -rf runs/old'

Exit status: 0 done, 1 the answer is no, 2 usage, 69 Slurm or a host is unreachable,
70 a fault of this program, 75 halted for now, 77 denied, 78 bad policy or configuration,
125 the guard cannot start, 128+n signal, otherwise that of the program itself.";

#[derive(Debug, Subcommand)]
enum Command {
    Archive(archive::Args),
    Audit(audit::Args),
    Cancel(cancel::Args),
    Check(check::Args),
    Completions(completions::Args),
    Compose(compose::Args),
    Context(context::Args),
    Diff(diff::Args),
    Doctor(doctor::Args),
    #[command(hide = true)]
    Far(far::Args),
    Hook(hook::Args),
    Image(image::Args),
    Jobs(jobs::Args),
    Logs(logs::Args),
    Man(man::Args),
    Mcp(mcp::Args),
    Note(note::Args),
    Policy(policy::Args),
    Quota(quota::Args),
    Race(race::Args),
    Remote(remote::Args),
    Restore(restore::Args),
    Results(results::Args),
    Resume(resume::Args),
    Retained(retained::Args),
    Run(run::Args),
    Status(status::Args),
    Sync(sync::Args),
    Train(train::Args),
    Watch(watch::Args),
    Submit(submit::Args),
}

/// Where a command that looks may look, besides here.
#[derive(clap::Args, Clone, Debug)]
struct Where {
    /// Look on this machine, over ssh, in place of this one
    #[arg(long, value_name = "HOST")]
    host: Option<Host>,
}

impl Command {
    /// Returns the other machine that is asked about.
    fn host(&self) -> Option<&Host> {
        let place = match self {
            Self::Jobs(args) => &args.place,
            Self::Logs(args) => &args.place,
            Self::Quota(args) => &args.place,
            Self::Status(args) => &args.place,
            _ => return None,
        };
        place.host.as_ref()
    }
}

/// Does what the arguments say, and returns the exit status.
pub fn main(arguments: Vec<OsString>) -> u8 {
    let result = match shim::name(&arguments) {
        Some(name) => shim::run(name, &arguments),
        None if job::is_entry(&arguments) => job::run(&arguments),
        None if race::watch::is_entry(&arguments) => race::watch::run(&arguments),
        None if entry::is_entry(&arguments) => entry::run(),
        None => match invocation::parse(&arguments, subcommands) {
            Ok(Invocation::Command) => command(arguments),
            Ok(Invocation::Shell(job)) => run::job(job),
            Err(error) => Err(error),
        },
    };
    match result {
        Ok(status) => status,
        Err(error) => {
            ui::error(&error);
            if let Some(hint) = error.hint() {
                ui::say(&format!("hint: {hint}"));
            }
            error.code()
        }
    }
}

fn command(arguments: Vec<OsString>) -> Result<u8, Error> {
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(fault) => {
            let text = fault.render().ansi().to_string();
            if fault.use_stderr() {
                ui::say(&text);
                return Ok(code::USAGE);
            }
            ui::data(&text)?;
            return Ok(code::DONE);
        }
    };
    if let Some(host) = cli.command.host() {
        return remote::forward(host, &arguments);
    }
    match cli.command {
        Command::Archive(args) => archive::run(&args, cli.json),
        Command::Audit(args) => audit::run(&args, cli.json),
        Command::Cancel(args) => cancel::run(&args, cli.json),
        Command::Check(args) => check::run(&args, cli.json),
        Command::Completions(args) => completions::run(&args, cli.json),
        Command::Compose(args) => compose::run(&args, cli.json),
        Command::Context(args) => context::run(&args, cli.json),
        Command::Diff(args) => diff::run(&args, cli.json),
        Command::Doctor(args) => doctor::run(&args, cli.json),
        Command::Far(args) => far::run(&args),
        Command::Hook(args) => hook::run(&args, cli.json),
        Command::Image(args) => image::run(&args, cli.json),
        Command::Jobs(args) => jobs::run(&args, cli.json),
        Command::Logs(args) => logs::run(&args, cli.json),
        Command::Man(args) => man::run(&args, cli.json),
        Command::Mcp(args) => mcp::run(&args),
        Command::Note(args) => note::run(&args, cli.json),
        Command::Policy(args) => policy::run(&args, cli.json),
        Command::Quota(args) => quota::run(&args, cli.json),
        Command::Race(args) => race::run(&args, cli.json),
        Command::Remote(args) => remote::run(&args, cli.json),
        Command::Restore(args) => restore::run(&args, cli.json),
        Command::Results(args) => results::run(&args, cli.json),
        Command::Resume(args) => resume::run(&args, cli.json),
        Command::Retained(args) => retained::run(&args, cli.json),
        Command::Run(args) => run::program(args),
        Command::Status(args) => status::run(&args, cli.json),
        Command::Sync(args) => sync::run(&args, cli.json),
        Command::Train(args) => train::run(&args, cli.json),
        Command::Watch(args) => watch::run(&args, cli.json),
        Command::Submit(args) => submit::run(&args, cli.json),
    }
}

fn subcommands() -> Vec<String> {
    let command = Cli::command();
    let names = command
        .get_subcommands()
        .map(|one| one.get_name().to_owned());
    names.collect()
}
