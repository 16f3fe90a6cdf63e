//! `cp`, `mv`, `ln`, `install`, `rename`: what comes to be, what moves, what is replaced.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect};
use crate::bash::walk::Walker;
use crate::policy::{Action, Entries, Node, PathFacts, Presence, Target, Word, WriteHow};

/// Sources beyond this are not looked at one by one.
const LIMIT: usize = 64;

pub(crate) fn copy(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let Some((sources, place)) = places(cut) else {
        return Feed::Text(String::new());
    };
    let empties = sources.iter().all(|source| source.text() == "/dev/null");
    let keeps = cut.has("-n --no-clobber -b --backup")
        || cut
            .value("--update")
            .is_some_and(|how| how.starts_with("none"));
    if let ([source], Some(to)) = (sources.as_slice(), place.known())
        && walker.presence(to) != Presence::Directory
        && let Some(path) = walker.absolute(to)
    {
        let flow = walker.file_feed(source);
        let append = false;
        walker.keep(Some(crate::bash::Kept { path, append }), &flow);
    }
    for target in destinations(walker, &sources, &place, cut) {
        record(
            walker,
            target,
            &place,
            keeps,
            empties,
            cut.has("-s -l --symbolic-link --link"),
        );
    }
    Feed::Text(String::new())
}

pub(crate) fn install(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.has("-d --directory") {
        walker.plain(call);
        let effect = Effect::Create(Node::Directory);
        walker.effect(effect, &cut.operands, call.name, &call.span);
        return Feed::Text(String::new());
    }
    copy(walker, call, cut)
}

pub(crate) fn rename(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let Some((sources, place)) = places(cut) else {
        return Feed::Text(String::new());
    };
    if place.text().starts_with("/dev/") && !place.text().starts_with("/dev/shm") {
        // Whatever is moved there is gone.
        for source in &sources {
            walker.delete(source, crate::policy::Deletable::Path);
        }
        return Feed::Text(String::new());
    }
    let flattens = sources.iter().any(|source| is_deep(source));
    let entries = if flattens {
        Entries::Tree
    } else {
        walker.entries(&sources)
    };
    let keeps = cut.has("-n --no-clobber -b --backup")
        || cut
            .value("--update")
            .is_some_and(|how| how.starts_with("none"));
    let spread: Vec<Field> = sources
        .iter()
        .flat_map(|source| spread(walker, source))
        .collect();
    let several = spread.len() > 1;
    for source in &spread {
        let from = walker.target(source, false);
        let to = destination(walker, source, &place, cut, several);
        let is_taken = matches!(&to, Target::Path(facts) if facts.presence.is_taken());
        let same = from == to;
        let to = if keeps { unlooked(to) } else { to };
        walker.emit(
            Action::Rename {
                from,
                to: to.clone(),
                entries,
            },
            call.span.clone(),
        );
        if is_taken && !keeps && !same {
            let how = WriteHow::Replace;
            walker.emit(Action::Write { target: to, how }, place.span.clone());
        }
    }
    Feed::Text(String::new())
}

pub(crate) fn link(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let forced = cut.has("-f --force") && !cut.has("-b --backup");
    let (sources, place) = match cut.operands.as_slice() {
        [only] if !cut.has("-t --target-directory") => {
            let here = Field::literal(".", only.span.clone());
            (vec![*only], here)
        }
        _ => match places(cut) {
            Some((sources, place)) => (sources, place),
            None => return Feed::Text(String::new()),
        },
    };
    for target in destinations(walker, &sources, &place, cut) {
        let is_taken = matches!(&target, Target::Path(facts) if facts.presence.is_taken());
        let action = if forced && is_taken {
            let how = WriteHow::Replace;
            Action::Write { target, how }
        } else {
            let node = Node::Link;
            Action::Create { target, node }
        };
        walker.emit(action, place.span.clone());
    }
    Feed::Text(String::new())
}

/// `rename s/a/b/ FILES`: what the new names are is not worked out.
pub(crate) fn rename_many(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let skip = match cut.operands.first() {
        Some(first) if first.text().contains('/') && !cut.has("-e") => 1,
        Some(_) if cut.operands.len() > 2 => 2,
        _ => 0,
    };
    let files = cut.operands.get(skip..).unwrap_or_default();
    if files.is_empty() {
        return Feed::Text(String::new());
    }
    let entries = walker.entries(files);
    for file in files {
        let from = walker.target(file, false);
        let to = Target::Dynamic {
            text: format!("{} renamed", file.text()),
        };
        walker.emit(Action::Rename { from, to, entries }, file.span.clone());
    }
    Feed::Text(String::new())
}

/// Whether a pattern reaches into several directories: moving what it matches flattens them.
fn is_deep(source: &Field) -> bool {
    match &source.word {
        Word::Glob(pattern) => {
            let wild = pattern.split('/').filter(|part| part.contains(['*', '?']));
            pattern.contains("**") || wild.count() > 1
        }
        Word::Literal(_) | Word::Dynamic(_) => false,
    }
}

/// With `-n` and `--backup` it does not matter what has the name.
fn unlooked(target: Target) -> Target {
    match target {
        Target::Path(facts) => Target::path(facts.path),
        other @ (Target::Pattern { .. } | Target::Dynamic { .. }) => other,
    }
}

/// Splits operands into sources and the destination.
fn places<'a>(cut: &Cut<'a>) -> Option<(Vec<&'a Field>, Field)> {
    if let Some(directory) = cut
        .find("-t --target-directory")
        .and_then(|flag| flag.value.clone())
    {
        return Some((cut.operands.clone(), directory));
    }
    let (last, sources) = cut.operands.split_last()?;
    if sources.is_empty() {
        return None;
    }
    Some((sources.to_vec(), (*last).clone()))
}

/// Returns a source, or what its pattern matches now.
fn spread(walker: &Walker<'_>, source: &Field) -> Vec<Field> {
    if let Word::Glob(pattern) = &source.word
        && let Some(found) = walker.matches(pattern)
        && !found.is_empty()
        && found.len() <= LIMIT
    {
        return found
            .iter()
            .map(|path| Field::literal(&path.display().to_string(), source.span.clone()))
            .collect();
    }
    vec![source.clone()]
}

fn destinations(
    walker: &Walker<'_>,
    sources: &[&Field],
    place: &Field,
    cut: &Cut<'_>,
) -> Vec<Target> {
    let spread: Vec<Field> = sources
        .iter()
        .flat_map(|source| spread(walker, source))
        .collect();
    let several = spread.len() > 1;
    spread
        .iter()
        .flat_map(|source| {
            let target = destination(walker, source, place, cut, several);
            merged(walker, source, target, cut)
        })
        .collect()
}

/// Returns the name a source gets.
fn destination(
    walker: &Walker<'_>,
    source: &Field,
    place: &Field,
    cut: &Cut<'_>,
    several: bool,
) -> Target {
    let Some(name) = place.known() else {
        return walker.target(place, false);
    };
    let as_file = cut.has("-T --no-target-directory")
        || (cut.has("-n --no-dereference") && cut.has("-s --symbolic"));
    let into = several || cut.has("-t --target-directory") || name.ends_with('/');
    let is_directory = !as_file && (into || walker.presence(name) == Presence::Directory);
    if !is_directory {
        return walker.target_of(name);
    }
    match &source.word {
        Word::Literal(text) => {
            let base = text
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(text);
            match base {
                "." | ".." | "" => walker.target_of(name),
                base => walker.target_of(&format!("{}/{base}", name.trim_end_matches('/'))),
            }
        }
        Word::Glob(_) | Word::Dynamic(_) => match walker.target_of(name) {
            // Some name inside the directory, which one is not known.
            Target::Path(facts) => Target::Path(PathFacts {
                path: facts.path.join("…"),
                presence: Presence::Unknown,
                born: None,
            }),
            other => other,
        },
    }
}

/// A directory copied onto a directory merges: what it replaces are the names in both.
fn merged(walker: &Walker<'_>, source: &Field, target: Target, cut: &Cut<'_>) -> Vec<Target> {
    let Target::Path(facts) = &target else {
        return vec![target];
    };
    let (Presence::Directory, Some(name)) = (facts.presence, source.known()) else {
        return vec![target];
    };
    if !cut.has("-r -R -a --recursive --archive") {
        return vec![target];
    }
    let inside = walker.matches(&format!(
        "{}/*",
        name.trim_end_matches("/.").trim_end_matches('/')
    ));
    let clash: Vec<Target> = inside
        .into_iter()
        .flatten()
        .take(LIMIT)
        .filter_map(|path| {
            let inner = facts.path.join(path.file_name()?);
            walker
                .world
                .stat(&inner)
                .is_taken()
                .then(|| walker.target_of(&inner.display().to_string()))
        })
        .collect();
    if clash.is_empty() {
        return vec![Target::Path(PathFacts {
            path: facts.path.clone(),
            presence: Presence::Unknown,
            born: None,
        })];
    }
    clash
}

fn record(
    walker: &mut Walker<'_>,
    target: Target,
    place: &Field,
    keeps: bool,
    empties: bool,
    links: bool,
) {
    let is_taken = matches!(&target, Target::Path(facts) if facts.presence.is_taken());
    let span = place.span.clone();
    let action = match (is_taken, keeps, empties) {
        (true, false, true) => Action::Truncate { target },
        (_, true, _) => Action::Create {
            target,
            node: if links { Node::Link } else { Node::File },
        },
        (_, false, _) => Action::Write {
            target,
            how: WriteHow::Replace,
        },
    };
    walker.emit(action, span);
}
