//! Shows the record, or says whether somebody touched it.

use clap::{Subcommand, ValueEnum};

use crate::audit::{self, Filter, Since, Trouble, read, verify};
use crate::error::{Error, code};
use crate::policy::Decision;
use crate::session::{Request, Session};
use crate::ui::table::{Cell, Table};
use crate::ui::{self, Paint};

/// Show the record of what was asked about or changed something
///
///   hlrp-sh audit --since 2d --decision deny
///   hlrp-sh audit verify
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Of this session only
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Decided by this rule only
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Decided so only
    #[arg(long, value_enum)]
    decision: Option<Word>,
    /// Not before: a date (2026-01-31), or so long ago (90m, 12h, 7d)
    #[arg(long, value_name = "TIME")]
    since: Option<Since>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for lines that were edited, removed or reordered
    ///
    /// Exit status 1 where somebody changed the record. A line cut short by a crash is
    /// told, and is nobody's doing.
    ///
    ///   hlrp-sh audit verify
    #[command(verbatim_doc_comment)]
    Verify,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Word {
    Allow,
    Ask,
    Deny,
    Halt,
}

impl Word {
    fn to_decision(self) -> Decision {
        match self {
            Self::Allow => Decision::Allow,
            Self::Ask => Decision::Ask,
            Self::Deny => Decision::Deny,
            Self::Halt => Decision::Halt,
        }
    }
}

pub(super) fn run(args: &Args, json: bool) -> Result<u8, Error> {
    let directory = Session::open(&Request::default())?.places.audit;
    let unreadable = |source| Error::File {
        path: directory.clone(),
        source,
    };
    match &args.command {
        Some(Command::Verify) => show_report(&verify(&directory).map_err(unreadable)?, json),
        None => {
            let filter = Filter {
                session: args.session.clone(),
                rule: args.rule.clone(),
                decision: args.decision.map(Word::to_decision),
                since: args.since.clone(),
            };
            show_entries(&read(&directory, &filter).map_err(unreadable)?, json)
        }
    }
}

fn show_entries(entries: &[audit::Entry], json: bool) -> Result<u8, Error> {
    if json {
        for entry in entries {
            ui::json(entry)?;
        }
        return Ok(code::DONE);
    }
    if entries.is_empty() {
        ui::say("no record matches.");
        return Ok(code::DONE);
    }
    let mut table = Table::new(["time", "decision", "rule", "program", "action", "target"]);
    for entry in entries {
        let record = &entry.body;
        let paint = match record.decision {
            Decision::Allow => Paint::Green,
            Decision::Ask => Paint::Yellow,
            Decision::Deny | Decision::Halt => Paint::Red,
        };
        table.row([
            Cell::painted(&entry.time.to_string(), Paint::Dim),
            Cell::painted(&record.decision.to_string(), paint),
            Cell::painted(&record.rule, Paint::Cyan),
            Cell::from(record.program.as_deref().unwrap_or("-")),
            Cell::from(&record.action),
            Cell::from(&record.target),
        ]);
    }
    ui::data(&table.render())?;
    Ok(code::DONE)
}

fn show_report(report: &audit::Report, json: bool) -> Result<u8, Error> {
    if json {
        ui::json(report)?;
    } else {
        for finding in &report.findings {
            let paint = match finding.trouble {
                Trouble::Torn | Trouble::Open => Paint::Dim,
                Trouble::Edited
                | Trouble::Removed
                | Trouble::Reordered
                | Trouble::Cut
                | Trouble::Missing
                | Trouble::Unlisted => Paint::Red,
            };
            let place = format!("{}:{}", finding.file.display(), finding.line);
            ui::data(&format!(
                "{}  {}",
                paint.on(finding.trouble.as_str()),
                ui::clean(&place)
            ))?;
        }
        let word = if report.is_tampered() {
            "somebody changed the record"
        } else {
            "the record is sound"
        };
        ui::say(&format!(
            "{} records of {} sessions: {word}.",
            report.records, report.sessions
        ));
    }
    Ok(if report.is_tampered() {
        code::NO
    } else {
        code::DONE
    })
}
