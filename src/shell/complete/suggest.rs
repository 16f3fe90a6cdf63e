//! What may stand at a place: decides which source knows.

use super::hydra::{self, Trees};
use super::line::{Place, Role, place};
use super::options::{self, Ours};
use super::paths::{self, Want};
use super::queue::{self, Thing};
use super::{Candidate, Scene, quote};
use crate::slurm::client::Client;

/// Suggestions made at most.
const MOST: usize = 1_000;

/// Returns what may stand at a byte of a line, and the byte at which it begins.
pub(crate) fn at(
    line: &str,
    pos: usize,
    scene: &Scene<'_>,
    trees: &mut Trees,
) -> (usize, Vec<Candidate>) {
    let place = place(line.get(..pos).unwrap_or(line));
    let mut found = match place.role {
        _ if variable(&place).is_some() => variables(&place, scene),
        Role::Target => paths::names(&place, scene, Want::All),
        Role::Command => commands(&place, scene),
        Role::Argument => argument(&place, scene, trees),
    };
    found.truncate(MOST);
    (place.start, found)
}

fn commands(place: &Place, scene: &Scene<'_>) -> Vec<Candidate> {
    if place.value.contains('/') || place.value.starts_with('~') {
        return paths::names(place, scene, Want::Programs);
    }
    if place.raw.is_empty() {
        return Vec::new();
    }
    let named = scene.names.beginning(&place.value).into_iter();
    named
        .map(|(name, about)| Candidate {
            word: quote::instead(place, &name, true),
            shown: name,
            about: Some(about.to_owned()),
            is_whole: true,
        })
        .collect()
}

fn argument(place: &Place, scene: &Scene<'_>, trees: &mut Trees) -> Vec<Candidate> {
    let command = place.words.first().map_or("", String::as_str);
    let name = command.rsplit('/').next().unwrap_or(command);
    let found = match name {
        "hlrp-sh" | "hlrp" => ours(place, scene, trees),
        "cd" | "pushd" | "rmdir" => return paths::names(place, scene, Want::Directories),
        "export" | "unset" | "readonly" | "declare" | "local" => names_of_variables(place, scene),
        "type" | "which" | "whereis" | "man" | "help" | "hash" => commands(place, scene),
        _ if Client::named(name.as_ref()).is_some() => slurm(name, place, scene),
        _ if place.value.starts_with('-') => options::of_program(name, &place.value),
        _ => Vec::new(),
    };
    if found.is_empty() {
        paths::names(place, scene, Want::All)
    } else {
        found
    }
}

/// Commands of ours whose operands are overrides.
const COMPOSING: [&str; 5] = ["compose", "race", "submit", "sweep", "train"];
/// Commands of ours whose operands are jobs.
const OF_JOBS: [&str; 3] = ["cancel", "logs", "status"];
/// What only the shell itself knows of `hlrp`.
const INSIDE: [(&str, &str); 3] = [
    ("help", "What the shell itself can do"),
    ("undo", "Restore what the last line replaced or removed"),
    ("why", "Explain the last denial"),
];

fn ours(place: &Place, scene: &Scene<'_>, trees: &mut Trees) -> Vec<Candidate> {
    let words = place.words.get(1..).unwrap_or_default();
    let ours = options::follow(scene.program, words);
    let command = ours.path.last().map_or("", String::as_str);
    if let Some(found) = of_option(&ours, place, scene) {
        return found;
    }
    if place.value.starts_with('-') {
        return ours.options(&place.value);
    }
    if COMPOSING.contains(&command) {
        let others = words.iter().skip(1);
        let others = others.filter(|word| !word.starts_with('-') && word.contains('='));
        let others: Vec<String> = others.cloned().collect();
        let config = config(words);
        return hydra::overrides(trees, &scene.cwd, config, &others, &place.value);
    }
    if OF_JOBS.contains(&command) {
        return queue::things(Thing::Job, &scene.cache.known(), "", &place.value);
    }
    let mut found = ours.commands(&place.value);
    if ours.path.is_empty() && place.words.first().is_some_and(|word| word == "hlrp") {
        let inside = INSIDE
            .iter()
            .filter(|(name, _)| name.starts_with(&place.value));
        found.extend(inside.map(|(name, about)| Candidate {
            word: (*name).to_owned(),
            shown: (*name).to_owned(),
            about: Some((*about).to_owned()),
            is_whole: true,
        }));
    }
    found
}

/// Returns what an option may have as its value, where the word is one.
fn of_option(ours: &Ours<'_>, place: &Place, scene: &Scene<'_>) -> Option<Vec<Candidate>> {
    let (option, head, beginning) = match place.value.split_once('=') {
        Some((option, rest)) if option.starts_with("--") => (option, format!("{option}="), rest),
        _ if ours.option.is_some() => ("", String::new(), place.value.as_str()),
        _ => return None,
    };
    let found = ours.values(option, &head, beginning);
    if !found.is_empty() {
        return Some(found);
    }
    let named = ours.option.and_then(clap::Arg::get_long);
    let named = named.map_or_else(|| option.to_owned(), |long| format!("--{long}"));
    let thing = queue::of_option(&named)?;
    Some(queue::things(thing, &scene.cache.known(), &head, beginning))
}

/// Returns the configuration directory that the line names.
fn config(words: &[String]) -> Option<&str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--config-dir" {
            return words.next().map(String::as_str);
        }
        if let Some(directory) = word.strip_prefix("--config-dir=") {
            return Some(directory);
        }
    }
    None
}

fn slurm(name: &str, place: &Place, scene: &Scene<'_>) -> Vec<Candidate> {
    let known = scene.cache.known();
    let before = place.words.last().map_or("", String::as_str);
    let value = place.value.as_str();
    if let Some((option, rest)) = value.split_once('=')
        && let Some(thing) = queue::of_option(option)
    {
        let (head, beginning) = listed(rest);
        return queue::things(thing, &known, &format!("{option}={head}"), beginning);
    }
    if let Some(thing) = queue::of_option(before).filter(|_| place.words.len() > 1) {
        let (head, beginning) = listed(value);
        return queue::things(thing, &known, head, beginning);
    }
    if value.starts_with('-') {
        return options::of_program(name, value);
    }
    let of_jobs =
        name == "scancel" || name == "scontrol" && place.words.iter().any(|word| word == "job");
    if of_jobs {
        return queue::things(Thing::Job, &known, "", value);
    }
    Vec::new()
}

/// Splits a list after its last comma.
fn listed(text: &str) -> (&str, &str) {
    let at = text.rfind(',').map_or(0, |comma| comma + 1);
    text.split_at_checked(at).unwrap_or(("", text))
}

/// Returns the byte at which a variable begins that ends at the cursor.
fn variable(place: &Place) -> Option<(usize, bool)> {
    if place.quote.is_some_and(|(quote, _)| quote == '\'') {
        return None;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let head = place.raw.trim_end_matches(is_name);
    let head = head
        .strip_suffix('{')
        .filter(|head| head.ends_with('$'))
        .unwrap_or(head);
    let at = head.strip_suffix('$')?.len();
    let is_escaped = head.get(..at)?.ends_with('\\');
    let is_braced = place.raw.get(at + 1..)?.starts_with('{');
    (!is_escaped).then_some((at, is_braced))
}

fn variables(place: &Place, scene: &Scene<'_>) -> Vec<Candidate> {
    let Some((at, is_braced)) = variable(place) else {
        return Vec::new();
    };
    let head = place.raw.get(..at).unwrap_or_default();
    let (open, close) = if is_braced { ("${", "}") } else { ("$", "") };
    let beginning = place.raw.get(at + open.len()..).unwrap_or_default();
    let mut names = (scene.variables)();
    names.sort();
    let fitting = names.into_iter().filter(|name| name.starts_with(beginning));
    fitting
        .map(|name| Candidate {
            word: format!("{head}{open}{name}{close}"),
            shown: format!("{open}{name}{close}"),
            about: None,
            is_whole: place.quote.is_none(),
        })
        .collect()
}

fn names_of_variables(place: &Place, scene: &Scene<'_>) -> Vec<Candidate> {
    let mut names = (scene.variables)();
    names.sort();
    let fitting = names
        .into_iter()
        .filter(|name| name.starts_with(&place.value));
    fitting
        .map(|name| Candidate {
            word: name.clone(),
            shown: name,
            about: None,
            is_whole: true,
        })
        .collect()
}
