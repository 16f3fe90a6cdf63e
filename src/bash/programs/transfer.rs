//! `scp`, `sftp`, `rsync`: what comes to be here and on the other machine.

use super::far_end;
use super::network::bypasses;
use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Path;
use crate::policy::WriteHow::{Edit, Replace};
use crate::policy::{Presence, RemoteEffect, Target, Word};

pub(super) fn secure_copy(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if bypasses(walker, cut, "-F") {
        walker.record_remote("-o", None, RemoteEffect::Bypass, call.span.clone());
    }
    if let Some(program) = cut.value("-S").map(str::to_owned) {
        walker.follow(&program, "scp -S", call.span.clone(), Feed::Unknown);
        walker.record_remote("-S", None, RemoteEffect::Bypass, call.span.clone());
    }
    if call.name == "scp" && far_end::scp(walker, cut) {
        return Feed::Unknown;
    }
    if call.name == "sftp" {
        let host = cut
            .operand(0)
            .unwrap_or("…")
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let batch = cut.find("-b").and_then(|flag| flag.value.clone());
        let text = match &batch {
            Some(file) if file.text() != "-" => walker.file_feed(file).text().map(str::to_owned),
            _ => call.feed.text().map(str::to_owned),
        };
        match text {
            Some(text) => {
                let changes = text.lines().any(|line| {
                    [
                        "rm", "rmdir", "put", "mput", "rename", "mkdir", "chmod", "chown", "ln",
                        "symlink", "-rm", "-rmdir", "-put", "reput",
                    ]
                    .contains(&line.split_whitespace().next().unwrap_or_default())
                });
                let effect = if changes {
                    RemoteEffect::Changes
                } else {
                    RemoteEffect::ReadOnly
                };
                batch_transfers(walker, &host, &text, call);
                for line in text
                    .lines()
                    .filter(|line| line.trim_start_matches('-').starts_with("rm"))
                {
                    walker.remote(
                        &host,
                        line.trim_start_matches('-'),
                        Feed::Inherited,
                        call.span.clone(),
                    );
                }
                walker.record_remote(&host, Some(text), effect, call.span.clone());
            }
            None => walker.record_remote(&host, None, RemoteEffect::Login, call.span.clone()),
        }
        return Feed::Unknown;
    }
    let Some((place, sources)) = cut.operands.split_last() else {
        return Feed::Unknown;
    };
    transfer(walker, call, sources, place, Replace);
    Feed::Unknown
}

/// `put` and `get` of an sftp batch: what comes to be there and here.
fn batch_transfers(walker: &mut Walker<'_>, host: &str, text: &str, call: &Call<'_>) {
    for line in text.lines() {
        let words: Vec<&str> = line
            .split_whitespace()
            .filter(|word| !word.starts_with('-'))
            .collect();
        let (verb, rest) = match words.split_first() {
            Some((verb, rest)) => (verb.trim_start_matches('-'), rest),
            None => continue,
        };
        let Some(to) = rest.get(1).or_else(|| rest.first()) else {
            continue;
        };
        let base = to.rsplit('/').next().unwrap_or(to);
        match verb {
            "put" | "mput" | "reput" => {
                let to = if rest.len() > 1 { to } else { base };
                walker.send(host, to, Edit, call.span.clone());
            }
            "get" | "mget" | "reget" => {
                let to = if rest.len() > 1 { to } else { base };
                let field = Field::literal(to, call.span.clone());
                walker.write(&field, Replace);
            }
            _ => {}
        }
    }
}

fn transfer(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    sources: &[&Field],
    place: &Field,
    how: crate::policy::WriteHow,
) {
    for source in sources {
        if let Some((host, path)) = remote_part(source.text()) {
            let command = Some(format!("cat {path}"));
            walker.record_remote(host, command, RemoteEffect::ReadOnly, source.span.clone());
        }
    }
    if let Some((host, path)) = remote_part(place.text()) {
        let command = Some(format!("cat > {path}"));
        walker.record_remote(host, command, RemoteEffect::Changes, place.span.clone());
        walker.send(host, path, how, place.span.clone());
        return;
    }
    let is_directory = place
        .known()
        .is_some_and(|name| walker.presence(name) == Presence::Directory || name.ends_with('/'));
    if how == Replace && is_directory {
        for source in sources {
            let base = source
                .text()
                .trim_end_matches('/')
                .rsplit(['/', ':'])
                .next()
                .unwrap_or_default();
            let name = format!("{}/{base}", place.text().trim_end_matches('/'));
            let target = if matches!(source.word, Word::Literal(_)) {
                walker.target_of(&name)
            } else {
                Target::Dynamic { text: name }
            };
            walker.emit(
                crate::policy::Action::Write { target, how },
                call.span.clone(),
            );
        }
    } else {
        walker.write(place, how);
    }
}

pub(super) fn rsync(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let is_far_end = cut.has("--server");
    // There `-e` names what the other side can do.
    let shells = if is_far_end { "" } else { "-e --rsh" };
    for shell in cut.values(shells) {
        let plain = shell.text().starts_with("ssh")
            && !shell.text().to_ascii_lowercase().contains("command");
        if !plain {
            walker.line_of(&shell, call);
        }
    }
    let Some((place, sources)) = cut.operands.split_last() else {
        return Feed::Unknown;
    };
    if sources.is_empty() {
        return Feed::Unknown;
    }
    for file in cut.values("--log-file") {
        walker.write(&file, crate::policy::WriteHow::Append);
    }
    for directory in cut.values("--backup-dir --partial-dir -T --temp-dir") {
        let effect = Effect::Create(crate::policy::Node::Directory);
        walker.effect(effect, &[&directory], call.name, &directory.span);
    }
    if is_far_end {
        far_end::rsync(walker, cut);
        return Feed::Unknown;
    }
    let deletes = cut.flags.iter().any(|flag| flag.name.starts_with("--del"));
    if deletes {
        let target = walker.target(place, false);
        walker.emit(
            crate::policy::Action::Delete { target, what: Path },
            place.span.clone(),
        );
    }
    if cut.has("--remove-source-files --remove-sent-files") {
        for source in sources {
            walker.delete(source, Path);
        }
    }
    for path in cut.values("--rsync-path") {
        if path.text().contains(' ') {
            let line = path.text().to_owned();
            let host = sources
                .iter()
                .chain([place])
                .find_map(|field| remote_part(field.text()))
                .map_or("", |(host, _)| host)
                .to_owned();
            walker.remote(&host, &line, Feed::Unknown, path.span.clone());
        }
    }
    transfer(walker, call, sources, place, Edit);
    Feed::Unknown
}

/// `[user@]host:path`, as opposed to a local name.
fn remote_part(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text
        .strip_prefix("rsync://")
        .or_else(|| text.strip_prefix("scp://"))
        .or_else(|| text.strip_prefix("sftp://"))
    {
        return Some(rest.split_once('/').unwrap_or((rest, "")));
    }
    let (host, path) = text.split_once(':')?;
    (!host.contains('/') && !host.is_empty()).then_some((host, path.trim_start_matches(':')))
}
