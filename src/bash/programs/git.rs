//! git, hg, svn: what drops work, refs or objects without a copy.

use crate::bash::expand::Field;
use crate::bash::flags::{Cut, Style, cut};
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::{Path, Work};
use crate::policy::{Action, Deletable, Node, Purpose, Target, WriteHow};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["git", "yadm"], git).values("-C -c --git-dir --work-tree --namespace --exec-path --config-env --super-prefix").leading().harmless("--version --help -v --html-path --man-path --info-path"),
    plain(&["hg"]).values("-R -r -m -l -u -d --cwd --config --rev --message").harmless("--help --version -n --dry-run").verbs(&[("rm", Delete(Path)), ("remove", Delete(Path)), ("revert", Delete(Work)), ("purge", Delete(Work)), ("strip", Delete(Work)), ("rollback", Delete(Work)), ("histedit", Delete(Work)), ("clean", Delete(Work)), ("status", Is(Purpose::ReadOnly)), ("log", Is(Purpose::ReadOnly)), ("diff", Is(Purpose::ReadOnly)), ("cat", Is(Purpose::ReadOnly))]).flags(&[("-C --clean", Delete(Work))]),
    plain(&["svn"]).values("-m -r -F --message --revision").harmless("--help --version --dry-run").verbs(&[("rm", Delete(Path)), ("delete", Delete(Path)), ("del", Delete(Path)), ("remove", Delete(Path)), ("revert", Delete(Work)), ("cleanup", Nothing), ("status", Is(Purpose::ReadOnly)), ("st", Is(Purpose::ReadOnly)), ("log", Is(Purpose::ReadOnly)), ("diff", Is(Purpose::ReadOnly)), ("info", Is(Purpose::ReadOnly)), ("cat", Is(Purpose::ReadOnly)), ("ls", Is(Purpose::ReadOnly))]).flags(&[("--remove-unversioned --remove-ignored", Delete(Work))]),
    plain(&["jj"]).values("-r -m -R").harmless("--help --version -h").verbs(&[("abandon", Delete(Work)), ("restore", Delete(Work)), ("op abandon", Delete(Work)), ("op restore", Delete(Work)), ("workspace forget", Delete(Work)), ("branch delete", Delete(Work)), ("bookmark delete", Delete(Work)), ("util gc", Delete(Work)), ("log", Is(Purpose::ReadOnly)), ("st", Is(Purpose::ReadOnly)), ("status", Is(Purpose::ReadOnly)), ("diff", Is(Purpose::ReadOnly))]),
    plain(&["bfg", "git-filter-repo"]).harmless("--help --version -h"),
    plain(&["tig", "gitk", "git-lfs", "lazygit", "pre-commit", "gitui", "delta", "git-absorb"]).verbs(&[("clean", Delete(Deletable::Product)), ("gc", Delete(Deletable::Product)), ("prune", Delete(Work)), ("uninstall", Nothing)]),
];

/// Verbs that only look, whatever follows.
const LOOKS: &str = "status log show diff blame annotate ls-files ls-tree ls-remote rev-parse rev-list describe shortlog cat-file for-each-ref help version count-objects fsck check-ignore check-attr show-ref name-rev merge-base cherry whatchanged grep var diff-tree diff-index diff-files range-diff verify-commit verify-tag show-branch check-ref-format get-tar-commit-id patch-id request-pull show-index stripspace column verify-pack merge-tree cherry-mark";

/// Configuration keys whose value is a command.
const COMMAND_KEYS: &[&str] = &[
    "core.pager",
    "core.editor",
    "core.sshcommand",
    "core.fsmonitor",
    "core.askpass",
    "diff.external",
    "sequence.editor",
    "credential.helper",
    "gpg.program",
    "core.gitproxy",
    "uploadpack.packobjectshook",
    "interactive.difffilter",
];

fn git(walker: &mut Walker<'_>, call: &Call<'_>, outer: &Cut<'_>) -> Feed {
    let cwd = walker.scope.cwd.clone();
    for directory in outer.values("-C") {
        walker.scope.cwd = directory.known().and_then(|text| walker.absolute(text));
    }
    let mut aliases = Vec::new();
    for pair in outer.values("-c --config-env") {
        let Some((key, value)) = pair.known().and_then(|text| text.split_once('=')) else {
            continue;
        };
        let (key, value) = (key.to_ascii_lowercase(), value.to_owned());
        if let Some(name) = key.strip_prefix("alias.") {
            aliases.push((name.to_owned(), value));
        } else if COMMAND_KEYS.contains(&key.as_str())
            || key.ends_with(".cmd")
            || key.starts_with("pager.")
            || key.starts_with("filter.")
            || key.ends_with(".textconv")
            || key.ends_with(".command")
        {
            let line = value.trim_start_matches('!').to_owned();
            walker.follow(&line, &key, pair.span.clone(), Feed::Unknown);
        }
    }
    let flow = match outer.operands.split_first() {
        None => {
            walker.looks(call);
            Feed::Unknown
        }
        Some((verb, rest)) => match verb.known() {
            None => {
                walker.unknown(
                    &format!("git {}", verb.text()),
                    call.args,
                    call.span.clone(),
                );
                Feed::Unknown
            }
            Some(name) => {
                let rest: Vec<Field> = rest.iter().map(|field| (*field).clone()).collect();
                let alias = aliases.into_iter().find(|(alias, _)| alias == name);
                match alias
                    .map(|(_, text)| text)
                    .or_else(|| configured(walker, name))
                {
                    Some(text) => run_alias(walker, call, &text, &rest),
                    None => verb_of(walker, call, name, &rest),
                }
            }
        },
    };
    walker.scope.cwd = cwd;
    flow
}

/// Finds an alias in the user's or the repository's configuration.
fn configured(walker: &Walker<'_>, name: &str) -> Option<String> {
    if is_known(name) {
        return None;
    }
    let home = walker
        .scope
        .home
        .as_ref()
        .map(|home| home.join(".gitconfig"));
    let here = walker.scope.cwd.as_ref().map(|cwd| cwd.join(".git/config"));
    for file in [here, home].into_iter().flatten() {
        let Some(text) = walker.world.read(&file) else {
            continue;
        };
        let mut inside = false;
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with('[') {
                inside = line.eq_ignore_ascii_case("[alias]");
            } else if inside
                && let Some((key, value)) = line.split_once('=')
                && key.trim() == name
            {
                return Some(value.trim().trim_matches('"').to_owned());
            }
        }
    }
    None
}

fn is_known(name: &str) -> bool {
    const OTHER: &str = "add am apply archive bisect branch bundle checkout cherry-pick clean clone commit config fetch gc init merge mv notes pull push rebase reflog remote repack reset restore revert rm stash submodule switch tag worktree lfs";
    LOOKS
        .split(' ')
        .chain(OTHER.split(' '))
        .any(|known| known == name)
}

fn run_alias(walker: &mut Walker<'_>, call: &Call<'_>, text: &str, rest: &[Field]) -> Feed {
    let line = match text.strip_prefix('!') {
        Some(line) => line.to_owned(),
        None => format!("git {text}"),
    };
    let line = crate::bash::invoke::with_arguments(&line, rest);
    walker.looks(call);
    walker.follow(&line, "git alias", call.span.clone(), Feed::Unknown)
}

fn verb_of(walker: &mut Walker<'_>, call: &Call<'_>, verb: &str, args: &[Field]) -> Feed {
    const VALUES: &str = "-m -F -C -c -t -b -B -o -S -u -x -s -X -U -n --message --file --author --date --onto --strategy --exec --output --branch --depth --source --pathspec-from-file --reference --format --pretty --since --until --jobs --filter --origin --upload-pack --separate-git-dir --template";
    let values = match verb {
        "checkout" | "switch" => "-b -B -c -C --orphan --conflict --pathspec-from-file",
        "push" => "-o --push-option --repo --receive-pack --exec",
        "branch" => {
            "-u --set-upstream-to --contains --merged --no-merged --sort --format --points-at"
        }
        "tag" => "-m -F -u --message --file --sort --format --contains --points-at",
        "rebase" => "-x -s -X --exec --onto --strategy --strategy-option",
        "clean" => "-e --exclude",
        "stash" => "-m --message --pathspec-from-file",
        "reset" | "rm" | "restore" => "-s --source --pathspec-from-file -U",
        "merge" | "cherry-pick" | "revert" | "am" => "-m -s -X -F -S --strategy --mainline --file",
        "grep" => "-e -f -A -B -C -m",
        _ => VALUES,
    };
    let cut = cut(args, values, Style::Clusters);
    let looks = LOOKS.split(' ').any(|known| known == verb) || cut.has("--help -h");
    if looks {
        walker.looks(call);
        for file in cut.values("--output") {
            walker.write(&file, WriteHow::Overwrite);
        }
        if verb == "grep"
            && let Some(flag) = cut
                .flags
                .iter()
                .find(|flag| flag.name.starts_with("--open-files-in-pager"))
            && let Some(pager) = flag.value.as_ref().and_then(Field::known)
        {
            let pager = pager.to_owned();
            walker.follow(&pager, "git grep -O", call.span.clone(), Feed::Unknown);
        }
        return Feed::Unknown;
    }
    let outcome = super::gitverbs::outcome(walker, verb, &cut);
    walker.exec(call.name, call.args, outcome.purpose(), call.span.clone());
    outcome.record(walker, call, verb, &cut);
    follow_lines(walker, call, verb, &cut);
    Feed::Unknown
}

/// Walks the command lines that some verbs run.
fn follow_lines(walker: &mut Walker<'_>, call: &Call<'_>, verb: &str, cut: &Cut<'_>) {
    let mut lines = match verb {
        "rebase" => cut.values("-x --exec"),
        "difftool" => cut.values("-x --extcmd"),
        "fetch" | "clone" | "pull" => cut.values("-u --upload-pack"),
        "push" => cut.values("--receive-pack --exec"),
        "filter-branch" => {
            cut.values("--tree-filter --index-filter --msg-filter --env-filter --commit-filter")
        }
        _ => Vec::new(),
    };
    // What follows these verbs is another program's, flags and all.
    let after = |mark: &str| -> Vec<Field> {
        call.args
            .iter()
            .skip_while(|field| field.text() != mark)
            .skip(1)
            .skip_while(|field| matches!(field.text(), "--recursive" | "-q" | "--quiet" | "--"))
            .cloned()
            .collect()
    };
    if verb == "submodule" && cut.operand(0) == Some("foreach") {
        let fields = after("foreach");
        walker.joined_line(&fields, call);
    }
    if verb == "bisect" && cut.operand(0) == Some("run") {
        let fields = after("run");
        walker.invoke(&fields, Feed::Unknown, call.span.clone());
    }
    if verb == "for-each-repo" {
        lines.clear();
    }
    for line in lines {
        walker.line_of(&line, call);
    }
}

/// What a git command amounts to.
pub(crate) enum Outcome {
    /// Only looks.
    Looks,
    /// Ordinary work.
    Plain,
    /// Gives work in progress up.
    Abandon,
    /// Left to the guard.
    Watched,
    /// Hands work to something outside.
    Delegate,
    /// Drops work: what, named how.
    Drops(Deletable, Vec<Field>),
    /// Renames files.
    Moves { forced: bool },
    /// Writes a file or makes a directory.
    Writes(Vec<Field>),
    /// Makes a directory.
    Makes(Vec<Field>),
}

impl Outcome {
    fn purpose(&self) -> Purpose {
        match self {
            Self::Looks => Purpose::ReadOnly,
            Self::Abandon => Purpose::Abandon,
            Self::Delegate => Purpose::Delegate,
            Self::Watched => Purpose::Unknown,
            Self::Plain
            | Self::Drops(..)
            | Self::Moves { .. }
            | Self::Writes(_)
            | Self::Makes(_) => Purpose::Plain,
        }
    }

    fn record(&self, walker: &mut Walker<'_>, call: &Call<'_>, verb: &str, cut: &Cut<'_>) {
        match self {
            Self::Looks | Self::Plain | Self::Abandon | Self::Delegate | Self::Watched => {}
            Self::Drops(what, fields) if fields.is_empty() => {
                walker.delete_named(&format!("git {verb}"), *what, call.span.clone());
            }
            Self::Drops(what, fields) => {
                for field in fields {
                    walker.delete(field, *what);
                }
            }
            Self::Moves { forced } => {
                let Some((to, sources)) = cut.operands.split_last() else {
                    return;
                };
                let entries = walker.entries(sources);
                for source in sources {
                    let from = walker.target(source, false);
                    let to = walker.target(to, false);
                    if *forced
                        && matches!(&to, Target::Path(facts) if facts.presence == crate::policy::Presence::File)
                    {
                        let how = WriteHow::Replace;
                        let target = to.clone();
                        walker.emit(Action::Write { target, how }, source.span.clone());
                    }
                    walker.emit(Action::Rename { from, to, entries }, call.span.clone());
                }
            }
            Self::Writes(files) => {
                for file in files {
                    walker.write(file, WriteHow::Overwrite);
                }
            }
            Self::Makes(directories) => {
                for field in directories {
                    let target = walker.target(field, false);
                    let node = Node::Directory;
                    walker.emit(Action::Create { target, node }, field.span.clone());
                }
            }
        }
    }
}
