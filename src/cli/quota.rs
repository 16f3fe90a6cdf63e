//! Says how full every root is, by whom, and where the limit stands.

use serde::Serialize;

use crate::error::{Error, code};
use crate::launch::room;
use crate::quota::{Freshness, Reading, Report, Standing, Thresholds, halted};
use crate::session::{Request, Session};
use crate::sys::process::is_guarded;
use crate::ui;

/// Show how full each root is, in bytes and in files
///
/// Every source that knows a limit: the file system itself, quotas of users, groups and
/// projects, Lustre, GPFS, LRZ's DSS. `|` marks where sessions are halted; the fullest
/// line has a `>`.
///
///   hlrp-sh quota
///   hlrp-sh quota --json | jq '.readings[] | {root, source, space}'
///
/// Exit status: 0 there is room, 75 a limit is reached.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) place: super::Where,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    #[serde(flatten)]
    report: &'a Report,
    thresholds: Thresholds,
    tightest: Option<&'a Reading>,
    halted: bool,
    sessions: Vec<halted::Halted>,
}

pub(super) fn run(_args: &Args, json: bool) -> Result<u8, Error> {
    let session = Session::open(&Request::default())?;
    // Inside a guard the programs cannot be asked: what was known outside is shown, with its age.
    let freshness = if is_guarded() {
        Freshness::Known
    } else {
        Freshness::Now
    };
    let report = room::report(&session, freshness);
    let thresholds = room::thresholds(&session.policy);
    let standing = report.standing(thresholds);
    let sessions = halted::all(&session.places.state);
    let is_halted = matches!(standing, Standing::Halted(_));
    if json {
        ui::json(&Shown {
            schema: "hlrp.quota/1",
            tightest: report.tightest(),
            report: &report,
            thresholds,
            halted: is_halted,
            sessions,
        })?;
    } else {
        ui::data(&ui::room::bars(&report, thresholds))?;
        if let Some(text) = ui::room::verdict(&standing) {
            ui::say(&text);
        }
        for one in &sessions {
            ui::say(&ui::room::session(one));
        }
        if let Some(advice) = session.advice {
            ui::say(&format!("no root to write in: {advice}"));
        }
    }
    Ok(if is_halted { code::HALTED } else { code::DONE })
}
