//! Programs that no table lists: what can be told from the shape of their arguments.
//! A verb that removes does so whoever has it, and a program's name where a wrapper
//! would have it is run.

use super::expand::Field;
use super::frame::Feed;
use super::program::{self, Call};
use super::walk::Walker;
use super::wrapper::inside;
use crate::policy::Deletable;

/// Verbs that take something away.
const VERBS: &[&str] = &[
    "clean",
    "clean-cache",
    "cleanup",
    "clear-cache",
    "delete",
    "delete-cache",
    "destroy",
    "erase",
    "nuke",
    "prune",
    "purge",
    "remove",
    "rm",
    "uninstall",
    "wipe",
];
/// What such a verb may be said of before it (`TOOL cache clear`).
const NOUNS: &[&str] = &[
    "artifact",
    "artifacts",
    "bucket",
    "cache",
    "cluster",
    "container",
    "dataset",
    "env",
    "environment",
    "experiment",
    "image",
    "images",
    "instance",
    "model",
    "project",
    "repo",
    "run",
    "runs",
    "snapshot",
    "store",
    "volume",
    "workspace",
];
/// Programs that are put after wrappers.
const RUN: &[&str] = &[
    "bash",
    "sh",
    "zsh",
    "dash",
    "python",
    "env",
    "sudo",
    "nice",
    "nohup",
    "timeout",
    "torchrun",
    "accelerate",
    "deepspeed",
    "git",
    "find",
    "xargs",
    "rsync",
    "shred",
    "truncate",
    "rm",
    "rmdir",
    "unlink",
    "mv",
    "cp",
    "dd",
];
/// Flags with which nothing is done.
const HARMLESS: &[&str] = &[
    "--help",
    "-h",
    "--version",
    "--dry-run",
    "--dryrun",
    "-n",
    "--list",
];

impl Walker<'_> {
    /// Walks what an unlisted program most likely does with its arguments.
    pub(crate) fn guessed(&mut self, name: &str, call: &Call<'_>) {
        if matches!(name, "clean" | "distclean" | "cleanup" | "purge") {
            // A task of that name: `mise run clean`, `pixi run clean`.
            self.delete_named(name, Deletable::Product, call.span.clone());
        }
        let is_harmless = call
            .args
            .iter()
            .any(|field| HARMLESS.contains(&field.text()));
        let first = call
            .args
            .iter()
            .position(|field| !field.text().starts_with('-'));
        let dashes = call.args.iter().position(|field| field.text() == "--");
        let program = match (dashes, first) {
            (Some(at), _) if names_program(call.args.get(at + 1)) => Some(at + 1),
            (None, Some(at)) if is_run(call.args.get(at)) && call.args.len() > at + 1 => Some(at),
            _ => None,
        };
        if let Some(rest) = program.and_then(|at| call.args.get(at..)) {
            inside(self, call, |walker| {
                walker.invoke(rest, Feed::Unknown, call.span.clone())
            });
            return;
        }
        let Some(at) = first.filter(|_| !is_harmless && !name.contains('/')) else {
            return;
        };
        let word = |at: usize| call.args.get(at).and_then(Field::known).unwrap_or_default();
        let removes = VERBS.contains(&word(at))
            || (NOUNS.contains(&word(at))
                && (VERBS.contains(&word(at + 1)) || word(at + 1) == "clear"));
        if removes {
            let what = format!("{name} {}", word(at));
            self.delete_named(&what, Deletable::Product, call.span.clone());
        }
    }
}

impl Walker<'_> {
    /// Walks the command behind `TOOL exec`, whatever flags of the tool stand before it.
    pub(crate) fn run_in(&mut self, call: &Call<'_>, start: usize) -> Feed {
        self.plain(call);
        let rest = call.args.get(start..).unwrap_or_default();
        let named = rest.iter().find_map(|field| {
            let program = field.text().strip_prefix("--command=")?;
            Some(Field::literal(program, field.span.clone()))
        });
        let fields: Vec<Field> = if let Some(program) = named {
            let after = rest
                .iter()
                .skip_while(|field| field.text().starts_with('-'));
            std::iter::once(program)
                .chain(after.skip(1).cloned())
                .collect()
        } else {
            let dashes = rest.iter().position(|field| field.text() == "--");
            let at = dashes
                .map(|at| at + 1)
                .or_else(|| rest.iter().position(|field| names_program(Some(field))))
                .or_else(|| rest.iter().position(|field| !field.text().starts_with('-')));
            at.and_then(|at| rest.get(at..))
                .unwrap_or_default()
                .to_vec()
        };
        if fields.is_empty() {
            return Feed::Unknown;
        }
        inside(self, call, |walker| {
            walker.invoke(&fields, call.feed.clone(), call.span.clone())
        })
    }
}

fn base(field: &Field) -> Option<&str> {
    field.known()?.rsplit('/').next()
}

/// Whether a word names a program of the table.
fn names_program(field: Option<&Field>) -> bool {
    field
        .and_then(base)
        .is_some_and(|base| program::find(base).is_some())
}

fn is_run(field: Option<&Field>) -> bool {
    field.and_then(base).is_some_and(|base| {
        let plain = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        RUN.contains(&plain)
    })
}
