//! What was ended while it ran, because it used too much of what is everybody's.

use std::time::Duration;

use super::style::{Paint, clean};

/// Something that is being ended.
pub struct Ended<'a> {
    /// The rule.
    pub rule: &'a str,
    /// The command.
    pub command: &'a str,
    /// The CPU that it and what it started have used.
    pub used: Duration,
    /// How long it has to end by itself.
    pub grace: Duration,
    /// Why.
    pub because: &'a str,
    /// What to do instead.
    pub instead: &'a str,
}

/// Renders it in the four parts of a denial.
pub fn ended(ended: &Ended<'_>) -> String {
    let label = |word: &str| Paint::Dim.on(&format!("{word:<8}"));
    format!(
        "\n{}  {}\n  {} {}\n  {} {} s of CPU by it and what it started; SIGTERM now, SIGKILL in {} s\n  {} {}\n  {} {}\n  {} hlrp-sh policy explain {}",
        Paint::Red.on("stopped"),
        Paint::Cyan.on(ended.rule),
        Paint::Dim.on("│"),
        clean(ended.command),
        Paint::Dim.on("│"),
        ended.used.as_secs(),
        ended.grace.as_secs(),
        label("why"),
        clean(ended.because),
        label("instead"),
        clean(ended.instead),
        label("more"),
        clean(ended.rule),
    )
}
