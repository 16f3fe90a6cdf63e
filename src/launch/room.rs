//! Whether there is room to write: what every door asks before it lets a line pass.
//!
//! The file systems are asked each time, which takes microseconds; programs only where
//! their last answer is older than five minutes, and never inside a guard or the broker.

use crate::error::code;
use crate::gate::{Gate, Judgement};
use crate::policy::{Context, Decision, Limit, Policy};
use crate::quota::{self, FOR_A_LINE, Freshness, Report, Standing, Thresholds};
use crate::session::Session;
use crate::slurm::spool::Spec;
use crate::sys;
use crate::ui;

/// Returns the law's thresholds.
pub(crate) fn thresholds(policy: &Policy) -> Thresholds {
    Thresholds {
        halt_percent: policy.limit(Limit::QuotaHaltPercent),
        min_free: policy.limit(Limit::QuotaMinFree),
    }
}

/// Measures the roots of a session.
pub(crate) fn report(session: &Session, freshness: Freshness) -> Report {
    quota::read(&session.context.roots, &session.places.state, freshness)
}

/// Returns whether a session may write now.
pub(crate) fn standing(session: &Session) -> Standing {
    // Inside a guard no program could be believed; the outer session measures.
    let freshness = if sys::process::is_guarded() {
        Freshness::Known
    } else {
        FOR_A_LINE
    };
    report(session, freshness).standing(thresholds(&session.policy))
}

/// Returns the gate of a session, with the room that it has.
pub(crate) fn gate(session: &Session) -> Gate<'_> {
    Gate::new(&session.policy, &session.context).within(&standing(session))
}

/// Returns whether what is asked of the broker may be carried out.
pub(super) fn vetted(policy: &Policy, context: &Context, spec: &Spec) -> Standing {
    let report = quota::read(&context.roots, &spec.state, Freshness::Known);
    match quota::halted::of(&spec.state, &spec.session) {
        Some(halted) => Standing::Halted(halted.causes),
        None => report.standing(thresholds(policy)),
    }
}

/// Says why a job does not start, where there is no room; returns its exit status.
pub(super) fn refusal(session: &Session) -> Option<u8> {
    let standing = standing(session);
    let text = ui::room::verdict(&standing)?;
    // It stands in the job's log. A job has nobody to ask: what is not known does not hold it up.
    ui::say(&format!("hlrp-sh: {text}"));
    matches!(standing, Standing::Halted(_)).then_some(code::HALTED)
}

/// Returns the exit status for a line that was refused.
pub(crate) fn status(judgement: &Judgement) -> u8 {
    match judgement.decision {
        Decision::Halt => code::HALTED,
        Decision::Allow | Decision::Ask | Decision::Deny => code::DENIED,
    }
}
