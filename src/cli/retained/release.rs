//! Frees what is retained, for a person at a terminal and outside of any session.

use std::io::IsTerminal;

use crate::audit::{Since, Timestamp};
use crate::cli::permit::{Clerk, target};
use crate::error::{Error, code};
use crate::policy::{Action, Decision, Deletable, Origin, Presence};
use crate::retain::Kept;
use crate::retain::release::{PROGRAM, release};
use crate::session::Session;
use crate::ui;

/// What it is recorded as.
const RULE: &str = "retained.release";

/// Free what is retained, for good
///
/// Shows the list, and asks for the number of things on it. Only a person at a terminal
/// can answer, and only outside of a session: nothing that runs inside the guard can
/// ever free what the guard keeps.
///
///   hlrp-sh retained release --before 2026-01-31
///   hlrp-sh retained release --before 30d
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
#[group(required = true, multiple = true)]
pub(super) struct Args {
    /// Retained before: a date (2026-01-31), or so long ago (90m, 12h, 7d)
    #[arg(long, value_name = "DATE")]
    before: Option<Since>,
    /// Of this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session, json: bool) -> Result<u8, Error> {
    let mut clerk = Clerk::new(session, PROGRAM);
    if let Some(why) = refusal(session, clerk.guarded) {
        ui::say(&format!("{why}; nothing was freed."));
        return Ok(code::DENIED);
    }
    // The law may be made stricter than this, never looser: the checks above stay.
    let verdict = session.policy.cite(RULE, None);
    if verdict.decision != Decision::Allow {
        let because = ui::clean(&verdict.because);
        ui::say(&format!("{}: {because}; nothing was freed.", verdict.rule));
        return Ok(code::DENIED);
    }
    let (_, mut kept) = super::read(session)?;
    kept.retain(|kept| is_meant(args, kept));
    if kept.is_empty() {
        ui::say("nothing that is retained is meant by this.");
        return Ok(code::DONE);
    }
    ui::say(&super::table(&kept));
    let weight: u64 = kept.iter().map(Kept::weight).sum();
    let number = u64::try_from(kept.len()).unwrap_or(u64::MAX);
    let question = format!(
        "This frees {} and cannot be undone. Type {number} to free {number} things, anything else to keep them: ",
        ui::size(weight)
    );
    if ui::ask::number(&question) != Some(number) {
        ui::say("everything is kept.");
        return Ok(code::NO);
    }
    let mut freed = 0;
    let mut failed = false;
    for kept in &kept {
        clerk.record(&action(kept), &verdict)?;
        match release(kept) {
            Ok(bytes) => {
                freed += bytes;
                if json {
                    ui::json(&super::Shown::new(kept))?;
                }
            }
            Err(source) => {
                failed = true;
                let path = kept.directory().join(&kept.stored);
                ui::error(&Error::File { path, source });
            }
        }
    }
    ui::say(&format!("{} freed.", ui::size(freed)));
    Ok(if failed { code::NO } else { code::DONE })
}

/// Says why nobody here may free anything.
fn refusal(session: &Session, guarded: bool) -> Option<&'static str> {
    if guarded {
        return Some("this is inside a session; what is retained is freed outside, by a person");
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Some(
            "there is no terminal here, and only a person at one may free what is retained",
        );
    }
    match &session.context.origin {
        Origin::Person => None,
        Origin::Script | Origin::Agent(_) => Some("only a person may free what is retained"),
    }
}

fn is_meant(args: &Args, kept: &Kept) -> bool {
    let time =
        Timestamp::from(std::time::UNIX_EPOCH + std::time::Duration::from_secs(kept.entry.time));
    kept.is_kept()
        && args.session.as_ref().is_none_or(|id| *id == kept.session)
        && args.before.as_ref().is_none_or(|before| time < before.0)
}

fn action(kept: &Kept) -> Action {
    let path = kept.directory().join(&kept.stored);
    Action::Delete {
        target: target(&path, Presence::Unknown),
        what: Deletable::Path,
    }
}
