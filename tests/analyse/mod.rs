//! The analyser: lines, and what they would do.

mod coverage;
mod law;
mod lines;
mod places;
mod world;

use hlrp_sh::bash::{Analysis, Site, analyse};
use hlrp_sh::policy::{Action, Entries, Purpose, Stage, Target};

pub(crate) use world::Fake;

/// Returns what a line would do, but for programs that are plainly started, one
/// short phrase an action.
pub(crate) fn gist(line: &str) -> Vec<String> {
    gist_in(line, &Fake::project())
}

pub(crate) fn gist_in(line: &str, world: &Fake) -> Vec<String> {
    phrases(&analyse(line, world))
}

fn phrases(analysis: &Analysis) -> Vec<String> {
    analysis
        .actions
        .iter()
        .filter_map(|found| {
            let phrase = phrase(&found.action)?;
            let site = match &found.site {
                Site::Here => String::new(),
                Site::Job => "job: ".into(),
                Site::Remote(host) => format!("{host}: "),
                Site::RemoteJob(host) => format!("{host}: job: "),
            };
            let stage = if found.stage == Stage::File {
                "file: "
            } else {
                ""
            };
            Some(format!("{site}{stage}{phrase}"))
        })
        .collect()
}

fn phrase(action: &Action) -> Option<String> {
    Some(match action {
        Action::Exec {
            program, purpose, ..
        } => match purpose {
            Purpose::ReadOnly | Purpose::Plain => return None,
            other => format!("{} {}", word(other), name(program)),
        },
        Action::Read { .. } => return None,
        Action::Write { target, how } => format!("{} {}", word(how), name(target)),
        Action::Create { target, node } => format!("create {} {}", word(node), name(target)),
        Action::Delete { target, what } => format!("delete {} {}", word(what), name(target)),
        Action::Rename { from, to, entries } => {
            format!("rename {} -> {}{}", name(from), name(to), count(*entries))
        }
        Action::Truncate { target } => format!("truncate {}", name(target)),
        Action::Chmod {
            target,
            change,
            entries,
        } => {
            format!("{} {}{}", word(change), name(target), count(*entries))
        }
        Action::Connect { .. } => "connect".into(),
        Action::Signal { to } => format!("signal {}", word(to)),
        Action::Submit { tool } => format!("submit {tool}"),
        Action::Cancel { scope } => format!("cancel {}", word(scope)),
        Action::Remote { host, effect, .. } => format!("remote {host} {}", word(effect)),
        Action::Train { program } => format!("train {program}"),
    })
}

fn count(entries: Entries) -> String {
    match entries {
        Entries::Known(1) => String::new(),
        Entries::Known(number) => format!(" x{number}"),
        Entries::Unbounded => " x?".into(),
        Entries::Tree => " tree".into(),
    }
}

fn word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn name(target: &Target) -> String {
    match target {
        Target::Path(facts) => {
            let path = facts.path.display().to_string();
            let path = path
                .strip_prefix("/home/me/proj/")
                .unwrap_or(&path)
                .to_owned();
            let taken = if facts.presence.is_taken() { "!" } else { "" };
            format!("{path}{taken}")
        }
        Target::Pattern { text } => text.clone(),
        Target::Dynamic { text } => format!("<{text}>"),
    }
}
