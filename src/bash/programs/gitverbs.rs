//! Each git verb, and what its flags make of it.

use super::git::Outcome::{self, Abandon, Delegate, Drops, Looks, Makes, Moves, Plain, Writes};
use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::walk::Walker;
use crate::policy::Deletable::Work;
use crate::policy::Word;

/// Works out what a verb that does not only look amounts to.
pub(crate) fn outcome(walker: &Walker<'_>, verb: &str, cut: &Cut<'_>) -> Outcome {
    let dry = cut.has("-n --dry-run");
    let first = cut.operand(0);
    match verb {
        "rm" if cut.has("--cached") => Plain,
        "rm" if dry => Looks,
        "rm" => Drops(Work, rest(cut, 0)),
        "reset" if cut.has("--hard --merge") => Drops(Work, Vec::new()),
        "checkout" => checkout(walker, cut),
        "restore" if cut.has("-S --staged") && !cut.has("-W --worktree") => Plain,
        "restore" => Drops(Work, rest(cut, 0)),
        "switch" if cut.has("-f --force --discard-changes -C --force-create") => work(),
        "clean" if dry => Looks,
        "clean" => work(),
        "stash" => stash(first),
        "branch" => branch(cut),
        "tag" if cut.has("-d --delete -f --force") => Drops(Work, rest(cut, 0)),
        "tag" if cut.has("-l --list -v --verify --contains --points-at") => Looks,
        "tag" if cut.operands.is_empty() => Looks,
        "update-ref" if cut.has("-d --delete --stdin") => work(),
        "symbolic-ref" if cut.has("-d --delete") => work(),
        // In a script it is housekeeping, and the guard retains what it takes away.
        "gc" if walker.frame.stage == crate::policy::Stage::File => Outcome::Watched,
        "gc" | "prune" | "prune-packed" | "filter-branch" | "filter-repo" | "obliterate" => {
            if dry {
                Looks
            } else {
                work()
            }
        }
        "repack" if cut.has("-d") && cut.has("-a") => work(),
        "reflog" => match first {
            Some("expire" | "delete" | "drop") if !dry => work(),
            _ => Looks,
        },
        "worktree" => match first {
            Some("remove" | "prune") if !dry => Drops(Work, rest(cut, 1)),
            Some("list") => Looks,
            Some("add") => Makes(rest(cut, 1).into_iter().take(1).collect()),
            _ => Plain,
        },
        "push" => push(cut),
        "merge" | "rebase" | "cherry-pick" | "revert" | "am" if cut.has("--abort --skip") => {
            Abandon
        }
        "sparse-checkout" => match first {
            Some("list" | "check-rules") => Looks,
            _ => Abandon,
        },
        "submodule" => match first {
            Some("deinit") => work(),
            Some("update") if cut.has("-f --force") => work(),
            Some("status" | "summary") | None => Looks,
            _ => Plain,
        },
        "notes" => match first {
            Some("remove" | "prune") if !dry => work(),
            Some("show" | "list") | None => Looks,
            _ => Plain,
        },
        "remote" => match first {
            None | Some("show" | "get-url") => Looks,
            _ => Plain,
        },
        "config" if cut.has("-l --list --get --get-all --get-regexp") => Looks,
        "config" if matches!(first, Some("list" | "get")) => Looks,
        "mv" if dry => Looks,
        "mv" => Moves {
            forced: cut.has("-f --force"),
        },
        "read-tree" if cut.has("--reset") => work(),
        "checkout-index" if cut.has("-f --force") => work(),
        "lfs" => match first {
            Some("prune") if !dry => work(),
            Some("ls-files" | "status" | "env" | "logs" | "locks") => Looks,
            _ => Plain,
        },
        "annex" => match first {
            Some("drop" | "dropunused" | "uninit" | "dead") => work(),
            _ => Plain,
        },
        "maintenance" => match first {
            Some("start" | "register") => Delegate,
            Some("run") if cut.value("--task") == Some("gc") => work(),
            _ => Plain,
        },
        "apply" if cut.has("--check --stat --numstat --summary") => Looks,
        "fetch" | "commit" | "add" if dry => Looks,
        "archive" | "format-patch" | "diff" => Writes(cut.values("-o --output")),
        "bundle" if first == Some("create") => Writes(rest(cut, 1).into_iter().take(1).collect()),
        "clone" if cut.operands.len() > 1 => Makes(rest(cut, 1).into_iter().take(1).collect()),
        "clone" => Makes(cut.operands.iter().filter_map(|url| cloned(url)).collect()),
        "init" if cut.operands.is_empty() => Plain,
        "init" => Makes(rest(cut, 0).into_iter().take(1).collect()),
        "credential-cache" | "daemon" | "instaweb" => Delegate,
        _ => Plain,
    }
}

/// Returns the directory that a clone of a URL makes.
fn cloned(url: &Field) -> Option<Field> {
    let name = url.known()?.trim_end_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name);
    let base = name.rsplit(['/', ':']).next()?;
    Some(Field::literal(base, url.span.clone()))
}

fn work() -> Outcome {
    Drops(Work, Vec::new())
}

fn rest(cut: &Cut<'_>, skip: usize) -> Vec<Field> {
    cut.operands
        .iter()
        .skip(skip)
        .map(|field| (*field).clone())
        .collect()
}

/// `checkout BRANCH` switches; everything that names paths drops changes.
fn checkout(walker: &Walker<'_>, cut: &Cut<'_>) -> Outcome {
    if cut.has("-f --force -B --ours --theirs -p --patch --pathspec-from-file") {
        return Drops(Work, rest(cut, 0));
    }
    if cut.has("-b --orphan --detach -t --track") {
        return Plain;
    }
    match cut.operands.as_slice() {
        [] => Plain,
        operands if cut.dashed => Drops(
            Work,
            operands.iter().map(|field| (*field).clone()).collect(),
        ),
        [only] => {
            let is_path = match &only.word {
                Word::Glob(_) => true,
                Word::Literal(text) => {
                    text == "."
                        || text.starts_with("./")
                        || text.starts_with(":/")
                        || (walker.presence(text).is_taken() && !is_branch(walker, text))
                }
                Word::Dynamic(_) => false,
            };
            if is_path {
                Drops(Work, rest(cut, 0))
            } else {
                Plain
            }
        }
        _ => Drops(Work, rest(cut, 1)),
    }
}

fn is_branch(walker: &Walker<'_>, name: &str) -> bool {
    walker
        .presence(&format!(".git/refs/heads/{name}"))
        .is_taken()
}

fn stash(first: Option<&str>) -> Outcome {
    match first {
        Some("drop" | "clear") => work(),
        Some("list" | "show") => Looks,
        _ => Plain,
    }
}

fn branch(cut: &Cut<'_>) -> Outcome {
    let forced = cut.has("-f --force");
    if cut.has("-D -M -C") || (forced && !cut.operands.is_empty()) {
        return Drops(Work, rest(cut, 0));
    }
    if cut.has(
        "-d --delete -m --move -c --copy -u --set-upstream-to --unset-upstream --edit-description",
    ) {
        return Plain;
    }
    if cut.operands.is_empty()
        || cut.has("-l --list -a -r -v -vv --contains --merged --no-merged --show-current")
    {
        return Looks;
    }
    Plain
}

fn push(cut: &Cut<'_>) -> Outcome {
    if cut.has("-n --dry-run") {
        return Looks;
    }
    let by_refspec = cut
        .operands
        .iter()
        .skip(1)
        .any(|field| field.text().starts_with(['+', ':']));
    if by_refspec || cut.flags.iter().any(|flag| is_dropping(&flag.name)) {
        return work();
    }
    if cut
        .flags
        .iter()
        .any(|flag| flag.name.starts_with("--force-"))
    {
        return Abandon;
    }
    Plain
}

fn is_dropping(flag: &str) -> bool {
    ["-f", "--force", "-d", "--delete", "--mirror", "--prune"].contains(&flag)
}
