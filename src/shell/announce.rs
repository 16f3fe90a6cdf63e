//! Says above the prompt what happened to one's jobs, each thing once.

use std::sync::mpsc::SyncSender;

use nu_ansi_term::{Color, Style};

use super::paint::Look;
use crate::audit::Timestamp;
use crate::slurm::query::{Event, Job, Seen, explain};
use crate::ui::clean;

/// Prints above the prompt while a line is typed, else with the next prompt.
#[derive(Clone, Debug)]
pub struct Announcer {
    sender: SyncSender<String>,
    /// The prompt has a row above the line, which what is said takes the place of.
    has_row: bool,
}

/// One row up, and that row empty.
const ROW_ABOVE: &str = "\x1b[1A\x1b[2K";

impl Announcer {
    pub(crate) fn new(sender: SyncSender<String>, has_row: bool) -> Self {
        Self { sender, has_row }
    }

    /// Says something. Where nobody has read what was said before, it is lost.
    pub fn say(&self, text: impl Into<String>) {
        // A full channel is a shell that has been away for long; `hlrp jobs` shows what is.
        let text = text.into();
        let text = if self.has_row {
            // The last row is for the prompt, or for what is said next.
            format!("{ROW_ABOVE}{}\n ", text.trim_end())
        } else {
            text
        };
        let _ = self.sender.try_send(text);
    }
}

/// Says what changed since the last look.
pub(crate) fn changes(seen: &mut Seen, jobs: &[Job], look: Look) -> Vec<String> {
    let changes = seen.compare(jobs);
    let told = changes
        .into_iter()
        .filter_map(|(event, job)| told(event, job, look));
    told.collect()
}

fn told(event: Event, job: &Job, look: Look) -> Option<String> {
    let (word, colour) = match event {
        Event::Present | Event::Queued => return None,
        Event::Requeued => ("waits again", Color::Yellow),
        Event::Started => ("started", Color::Green),
        Event::Ended => ("ended", Color::Green),
        Event::Cancelled => ("was cancelled", Color::Default),
        Event::Failed => ("failed", Color::Red),
    };
    let more = match event {
        Event::Started if !job.nodes.is_empty() => format!(" on {}", job.nodes),
        Event::Ended => job
            .elapsed
            .map_or_else(String::new, |seconds| format!(" after {}", lasted(seconds))),
        Event::Failed => explain(&job.state, job.exit, None)
            .map_or_else(String::new, |meaning| format!(": {meaning}")),
        _ => String::new(),
    };
    let id = job.id.to_string();
    Some(format!(
        "{} {} {} {}{}",
        look.paint(Style::new().dimmed(), &clock(&Timestamp::now())),
        look.paint(Style::new().fg(Color::Cyan), &id),
        clean(&job.name),
        look.paint(Style::new().fg(colour).bold(), word),
        clean(&more),
    ))
}

/// Returns a duration in the unit that fits: `42 s`, `12 min`, `3 h 5 min`.
pub(crate) fn lasted(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Returns the clock of a moment: `19:46Z`.
fn clock(at: &Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", text.get(11..16).unwrap_or_default())
}
