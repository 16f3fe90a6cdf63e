//! What stands before a line: where this is, what one's jobs do, what the guard holds.
//!
//! Nothing is asked for here: everything was found out before. A narrow terminal gets
//! shorter parts, never a second row of them.

mod shown;

use std::path::{Path, PathBuf};

use nu_ansi_term::{Color, Style};

use super::afar::Afar;
use super::cache::Counts;
use super::paint::Look;
use crate::policy::{GuardLevel, HostClass};
use crate::ui::clean;

pub(crate) use shown::Shown;

/// What the prompt shows, as the session knows it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What kind of machine this is.
    pub class: HostClass,
    /// Its name.
    pub host: String,
    /// Who is here.
    pub user: String,
    /// The working directory.
    pub cwd: PathBuf,
    /// The home directory.
    pub home: PathBuf,
    /// What guards; nothing where nothing does.
    pub guard: Option<GuardLevel>,
    /// What was denied in this session.
    pub denials: usize,
    /// How the last line ended.
    pub status: i32,
    /// Why the session is halted, where it is.
    pub halted: Option<String>,
    /// The session's id.
    pub session: String,
    /// How full the fullest quota is, in a few letters: `71 %`. Nothing where nobody knows.
    pub quota: Option<String>,
    /// Other machines that are connected.
    pub afar: Vec<Afar>,
    /// Functions and aliases that the session has defined.
    pub names: Vec<String>,
}

/// A part of the prompt: its forms, the longest first, and its style.
struct Part {
    forms: Vec<String>,
    style: Style,
    /// The larger, the later it is shortened.
    worth: u8,
}

/// Returns the prompt's row of facts, no wider than `room` where that is possible.
pub(crate) fn row(facts: &Facts, counts: Option<&Counts>, look: Look, room: usize) -> String {
    let place = [host(facts), directory(facts, look)];
    let near = [counts.and_then(jobs), facts.quota.as_deref().map(quota)];
    let own = [Some(guard(facts, look)), denials(facts), status(facts)];
    let state = near.into_iter().flatten();
    let state = state.chain(facts.afar.iter().map(afar));
    let state = state.chain(own.into_iter().flatten());
    let mut parts: Vec<Part> = halted(facts).into_iter().collect();
    let before = parts.len();
    parts.extend(place);
    let middle = parts.len();
    parts.extend(state);
    let gap = look.either(" · ", " | ");
    let arrow = look.either(" ▸ ", " > ");
    let mut chosen = vec![0_usize; parts.len()];
    let form = |part: &Part, at: usize| part.forms.get(at).cloned().unwrap_or_default();
    let layout = |chosen: &[usize]| {
        let mut plain = 0;
        let mut text = String::new();
        let mut last = None;
        for (index, (part, at)) in parts.iter().zip(chosen).enumerate() {
            let shown = form(part, *at);
            if shown.is_empty() {
                continue;
            }
            let between = match last {
                None => "",
                Some(last) if last < before => gap,
                Some(last) if last < middle && index < middle => " ",
                Some(last) if last < middle => arrow,
                Some(_) => gap,
            };
            plain += between.chars().count() + shown.chars().count();
            text.push_str(&look.paint(Style::new().dimmed(), between));
            text.push_str(&look.paint(part.style, &shown));
            last = Some(index);
        }
        (plain, text)
    };
    loop {
        let (width, text) = layout(&chosen);
        let shorter = parts.iter().zip(&chosen).enumerate();
        let shorter = shorter.filter(|(_, (part, at))| *at + 1 < part.forms.len());
        let next = shorter.min_by_key(|(_, (part, _))| part.worth);
        let Some((index, _)) = next.filter(|_| width > room) else {
            return text;
        };
        if let Some(at) = chosen.get_mut(index) {
            *at += 1;
        }
    }
}

fn part<const N: usize>(forms: [String; N], style: Style, worth: u8) -> Part {
    Part {
        forms: forms.into(),
        style,
        worth,
    }
}

fn host(facts: &Facts) -> Part {
    let name = facts.host.split('.').next().unwrap_or_default();
    let name = clean(name);
    let class = facts.class.as_str();
    let style = Style::new().bold();
    if name.starts_with(class) {
        return part([name], style, 2);
    }
    let letter: String = class.chars().take(1).collect();
    let long = format!("{class}:{name}");
    part(
        [long, format!("{letter}:{name}"), class.to_owned()],
        style,
        2,
    )
}

fn directory(facts: &Facts, look: Look) -> Part {
    let (long, initials) = shortened(&facts.cwd, &facts.home);
    let last = facts.cwd.file_name();
    let last = last.map_or_else(|| "/".to_owned(), |name| clean(&name.to_string_lossy()));
    let last = if facts.cwd == facts.home {
        "~".to_owned()
    } else {
        last
    };
    let cut: String = last.chars().take(11).collect();
    let cut = if last.chars().count() > 12 {
        cut + look.either("…", "~")
    } else {
        last.clone()
    };
    let mut forms = vec![long, initials, last, cut];
    forms.dedup();
    if forms
        .first()
        .is_some_and(|form| form.chars().count() > LONG)
        && forms.len() > 1
    {
        forms.remove(0);
    }
    Part {
        forms,
        style: Style::new().fg(Color::Cyan),
        worth: 1,
    }
}

/// Directories longer than this are abbreviated however much room there is.
const LONG: usize = 48;

/// Returns a directory below `~`, and the same with all names but the last cut to a letter.
fn shortened(cwd: &Path, home: &Path) -> (String, String) {
    let (lead, rest) = match cwd.strip_prefix(home) {
        Ok(rest) => ("~", rest),
        Err(_) => ("", cwd.strip_prefix("/").unwrap_or(cwd)),
    };
    let names: Vec<String> = rest
        .iter()
        .map(|name| clean(&name.to_string_lossy()))
        .collect();
    let Some((last, above)) = names.split_last() else {
        let root = if lead.is_empty() { "/" } else { lead };
        return (root.to_owned(), root.to_owned());
    };
    let mut long = lead.to_owned();
    let mut short = lead.to_owned();
    for name in above {
        let most = if name.starts_with('.') { 2 } else { 1 };
        long.push('/');
        long.push_str(name);
        short.push('/');
        short.extend(name.chars().take(most));
    }
    (format!("{long}/{last}"), format!("{short}/{last}"))
}

fn jobs(counts: &Counts) -> Option<Part> {
    let text = |gap: &str| {
        let running = (counts.running > 0).then(|| format!("{}R", counts.running));
        let waiting = (counts.waiting > 0).then(|| format!("{}PD", counts.waiting));
        let both: Vec<String> = [running, waiting].into_iter().flatten().collect();
        both.join(gap)
    };
    let old = match counts.age.as_secs() {
        0..120 => String::new(),
        seconds => format!(" ({} min old)", seconds / 60),
    };
    let long = text(" ");
    let long = if long.is_empty() {
        "no jobs".to_owned()
    } else {
        long
    };
    Some(part(
        [format!("{long}{old}"), long, text("")],
        Style::new(),
        5,
    ))
}

fn quota(share: &str) -> Part {
    let long = format!("quota {}", clean(share));
    let short: String = clean(share).split_whitespace().collect();
    part([long, short], Style::new(), 5)
}

fn afar(far: &Afar) -> Part {
    let host = clean(&far.host);
    let host = host.rsplit('@').next().unwrap_or_default();
    let short = host.split('.').next().unwrap_or_default().to_owned();
    let jobs = far.jobs.map(|(running, waiting)| {
        let running = (running > 0).then(|| format!("{running}R"));
        let waiting = (waiting > 0).then(|| format!("{waiting}PD"));
        let both: Vec<String> = [running, waiting].into_iter().flatten().collect();
        match both.is_empty() {
            true => "no jobs".to_owned(),
            false => both.join(" "),
        }
    });
    let percent = far.percent.map(|percent| format!("{percent} %"));
    let with = |parts: &[&Option<String>]| {
        let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
        match parts.is_empty() {
            true => short.clone(),
            false => format!("{short}: {}", parts.join(", ")),
        }
    };
    part(
        [
            with(&[&jobs, &percent]),
            with(&[&jobs]),
            short.clone(),
            String::new(),
        ],
        Style::new(),
        2,
    )
}

fn guard(facts: &Facts, look: Look) -> Part {
    let off = look.either("✗", "off");
    match facts.guard {
        Some(GuardLevel::A) => {
            let on = look.either("✓", "on");
            let style = Style::new().fg(Color::Green);
            part([format!("guard {on}"), format!("g {on}")], style, 4)
        }
        Some(level @ (GuardLevel::B | GuardLevel::C)) => {
            let on = look.either("✓", "on");
            let style = Style::new().fg(Color::Green);
            part(
                [format!("guard {level:?} {on}"), format!("g{level:?}")],
                style,
                4,
            )
        }
        Some(GuardLevel::D) | None => {
            let style = Style::new().fg(Color::Red).bold();
            part(
                [format!("guard {off} read-only"), "read-only".into()],
                style,
                8,
            )
        }
    }
}

fn denials(facts: &Facts) -> Option<Part> {
    (facts.denials > 0).then(|| {
        let long = format!("{} denied", facts.denials);
        let short = format!("{}d", facts.denials);
        part([long, short, String::new()], Style::new().fg(Color::Red), 3)
    })
}

fn status(facts: &Facts) -> Option<Part> {
    (facts.status != 0).then(|| {
        let forms = [
            format!("exit {}", facts.status),
            format!("={}", facts.status),
        ];
        part(forms, Style::new().fg(Color::Red), 6)
    })
}

fn halted(facts: &Facts) -> Option<Part> {
    facts.halted.as_deref().map(|why| {
        let long = format!(" HALTED: {} ", clean(why));
        part(
            [long, " HALTED ".to_owned()],
            Style::new().fg(Color::Red).reverse().bold(),
            7,
        )
    })
}

#[cfg(test)]
mod tests;
