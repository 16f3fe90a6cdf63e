//! How full things are: bars that can be read without colours, and the question that is
//! put when a session is halted.

use super::measure::size;
use super::style::{Paint, clean};
use crate::quota::halted::Halted;
use crate::quota::{Cause, Reading, Report, Standing, Thresholds, Usage, What};

/// Columns of a bar.
const WIDTH: u64 = 24;

/// Returns a bar for each reading, root by root.
pub fn bars(report: &Report, thresholds: Thresholds) -> String {
    let tightest = report.tightest();
    let mut text = String::new();
    let mut root = None;
    for reading in &report.readings {
        if root != Some(&reading.root) {
            root = Some(&reading.root);
            text.push_str(&clean(&reading.root.display().to_string()));
            text.push('\n');
        }
        for what in [What::Space, What::Inodes] {
            let is_tightest = tightest == Some(reading)
                && reading
                    .fullest()
                    .is_some_and(|(fullest, _)| fullest == what);
            text.push_str(&line(reading, what, thresholds, is_tightest));
        }
    }
    for unknown in &report.unknown {
        text.push_str(&format!(
            "{}\n  {} {}: {}\n",
            clean(&unknown.root.display().to_string()),
            Paint::Yellow.on("unknown"),
            clean(&unknown.tool),
            clean(&unknown.complaint)
        ));
    }
    text
}

fn line(reading: &Reading, what: What, thresholds: Thresholds, is_tightest: bool) -> String {
    let usage = reading.usage(what);
    let Some(percent) = usage.percent() else {
        // Used without a limit: said for space, where somebody counts it.
        return match (what, usage.used) {
            (What::Inodes, _) | (_, 0) => String::new(),
            (What::Space, used) => format!(
                "  {:<6} {} used, no limit  {}\n",
                "space",
                size(used),
                Paint::Dim.on(&source(reading))
            ),
        };
    };
    let word = match what {
        What::Space => "space",
        What::Inodes => "files",
    };
    let is_full = percent >= thresholds.halt_percent;
    let bar = bar(percent, thresholds.halt_percent);
    let shown = format!("{percent:>3} %");
    format!(
        "{} {word:<6} {bar} {}  {}  {}\n",
        if is_tightest { ">" } else { " " },
        if is_full {
            Paint::Red.on(&format!("{shown} full"))
        } else {
            shown
        },
        amounts(usage, what),
        Paint::Dim.on(&source(reading)),
    )
}

/// Draws a bar in ASCII, with a mark where sessions are halted.
fn bar(percent: u64, halt: u64) -> String {
    let full = percent.min(100) * WIDTH / 100;
    let mark = halt.min(100) * WIDTH / 100;
    let cell = |at: u64| match at {
        at if at == mark => '|',
        at if at < full => '#',
        _ => '.',
    };
    format!("[{}]", (0..=WIDTH).map(cell).collect::<String>())
}

fn amounts(usage: Usage, what: What) -> String {
    let limit = usage.limit.unwrap_or(0);
    match what {
        What::Space => format!("{} of {}", size(usage.used), size(limit)),
        What::Inodes => format!("{} of {limit}", usage.used),
    }
}

fn source(reading: &Reading) -> String {
    let age = match reading.age {
        0..=2 => String::new(),
        age => format!(", {age} s ago"),
    };
    format!("{} {}{age}", reading.source.as_str(), clean(&reading.of))
}

/// Returns what it comes to, where it is not simply that there is room.
pub fn verdict(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Open => None,
        Standing::Unknown(_) => Some(format!(
            "{}: how full it is cannot be read, so whatever writes is asked about",
            Paint::Yellow.on("unknown")
        )),
        Standing::Halted(causes) => {
            let lines = causes.iter().map(cause);
            Some(format!(
                "{}  {}\n{}",
                Paint::Red.on("halted"),
                Paint::Cyan.on("quota.halt"),
                lines.collect::<Vec<_>>().join("\n")
            ))
        }
    }
}

/// Says that a session is halted.
pub fn session(halted: &Halted) -> String {
    format!(
        "{}  session {} since {}, {} processes stopped: hlrp-sh resume",
        Paint::Red.on("halted"),
        clean(&halted.session),
        clean(&halted.since),
        halted.stopped
    )
}

fn cause(cause: &Cause) -> String {
    let free = match (cause.what, cause.usage.available) {
        (_, None) => String::new(),
        (What::Space, Some(free)) => format!(", {} left", size(free)),
        (What::Inodes, Some(free)) => format!(", {free} left"),
    };
    format!(
        "  {} % of the {} of {}{free}: {} ({} {})",
        cause.percent,
        match cause.what {
            What::Space => "space",
            What::Inodes => "files",
        },
        clean(&cause.root.display().to_string()),
        amounts(cause.usage, cause.what),
        cause.source.as_str(),
        clean(&cause.of),
    )
}

/// Returns the question that is put to the person when a session is halted.
pub fn question(halted: &Halted) -> String {
    let mut text = format!(
        "{}  {}  session {}\n",
        Paint::Red.on("halted"),
        Paint::Cyan.on("quota.halt"),
        clean(&halted.session)
    );
    for one in &halted.causes {
        text.push_str(&cause(one));
        text.push('\n');
    }
    text.push_str(&format!(
        "  {} processes are stopped where they stand, nothing is lost; queued jobs are not touched\n",
        halted.stopped
    ));
    if !halted.growing.is_empty() {
        text.push_str("growing in this session:\n");
    }
    for growing in &halted.growing {
        let program = growing.program.as_deref().unwrap_or("closed");
        text.push_str(&format!(
            "  {:>10}  {}  {}\n",
            size(growing.bytes),
            clean(&growing.path.display().to_string()),
            Paint::Dim.on(&clean(program))
        ));
    }
    text.push_str(
        "what can be done without deleting:\n  \
         ask for a larger quota\n  \
         copy finished runs to an archive system, and ask the owner of the data what may go there for good\n  \
         let the next runs write elsewhere: logging.root_dir=DIR\n\
         then, on a terminal of your own: hlrp-sh resume",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_full_it_is_and_where_the_limit_is() {
        assert_eq!(bar(0, 95), "[......................|..]");
        assert_eq!(bar(50, 95), "[############..........|..]");
        assert_eq!(bar(100, 95), "[######################|#.]");
    }
}
