//! Slurm: submissions are read like any other text, with the compute context; what
//! cancels or alters is recorded with its scope.

use crate::bash::expand::Field;
use crate::bash::flags::{Cut, Style};
use crate::bash::frame::Anchor;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, looks, plain, special};
use crate::bash::walk::Walker;
use crate::bash::wrapper;
use crate::policy::{Action, CancelScope, Purpose, Stage, WriteHow};
use crate::slurm::client::Client;
use crate::slurm::vet::{Options, Takes};

/// Flags with which a submission only looks.
const HARMLESS: &str = "--help --usage --version -V -h --test-only";

/// Returns the flags of a client that take a value in the next word.
fn values(client: Client) -> String {
    let options = Options::of(client);
    let takes = |name: &str| options.takes(name) == Some(Takes::Value);
    let long = options.all().filter(|(name, _)| takes(name));
    let long = long.map(|(name, _)| format!("--{name}"));
    let short = options.letters().filter(|(_, name)| takes(name));
    let short = short.map(|(letter, _)| format!("-{letter}"));
    short.chain(long).collect::<Vec<_>>().join(" ")
}

/// Takes the arguments of a client apart by its own options.
fn cut_of<'c>(call: &Call<'c>, client: Client) -> Cut<'c> {
    crate::bash::flags::cut(call.args, &values(client), Style::Leading)
}

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["sbatch"], sbatch).leading().harmless(""),
    special(&["srun"], srun).leading().harmless(""),
    special(&["salloc"], salloc).leading().harmless(""),
    special(&["scancel"], scancel).values("-A -n -p -q -R -s -t -u -w -M --account --name --jobname --partition --qos --reservation --signal --state --user --nodelist --wckey --clusters").harmless("--help --usage --version -V"),
    special(&["scontrol"], scontrol).values("-M --clusters").harmless("--help --usage --version -V"),
    special(&["sacctmgr"], sacctmgr).harmless("--help --usage --version -V").values("-M --clusters"),
    special(&["sbcast"], sbcast).values("-F -j -s -t --size --jobid --timeout --fanout").harmless("--help --usage --version -V"),
    special(&["strigger"], strigger).values("-p -o -j -n -M --program --offset --jobid --node").harmless("--help --usage --version -V --get"),
    plain(&["sattach"]).harmless("--help --usage --version -V --layout"),
    looks(&["sview"]),
    special(&["scrontab"], super::process::crontab).harmless("-l --help --version -V"),
    special(&["submitit"], srun).leading(),
];

/// Directives that write, in a batch script.
fn directives(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("#SBATCH") else {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            break;
        };
        let rest = rest.split(" #").next().unwrap_or(rest);
        words.extend(
            rest.split_whitespace()
                .map(|word| word.trim_matches(['"', '\'']).to_owned()),
        );
    }
    words
}

fn sbatch(walker: &mut Walker<'_>, call: &Call<'_>, _: &Cut<'_>) -> Feed {
    let cut = &cut_of(call, Client::Sbatch);
    if cut.has(HARMLESS) {
        walker.looks(call);
        return Feed::Unknown;
    }
    submit(walker, call);
    writes(walker, cut);
    if let Some(line) = cut.find("--wrap").and_then(|flag| flag.value.clone()) {
        in_allocation(walker, call, None, |walker| {
            walker.line_of(&line, call);
        });
        return Feed::Unknown;
    }
    let (text, name) = match cut.operands.first() {
        Some(script) => match script
            .known()
            .and_then(|name| walker.absolute(name))
            .and_then(|path| walker.text_of(&path))
        {
            Some(text) => (Some(text), script.text().to_owned()),
            None if script.guess.is_some() => (script.guess.clone(), "<(…)".to_owned()),
            None => (None, script.text().to_owned()),
        },
        None => (
            call.feed.text().map(str::to_owned),
            "standard input".to_owned(),
        ),
    };
    let Some(text) = text else {
        if cut.operands.is_empty() && call.feed == Feed::Inherited {
            return Feed::Unknown;
        }
        // What it would run cannot be read here; the broker reads it again when it is sent.
        in_allocation(walker, call, None, |walker| {
            walker.unknown(&format!("sbatch {name}"), &[], call.span.clone());
        });
        return Feed::Unknown;
    };
    let stage = if cut.operands.is_empty() {
        None
    } else {
        Some(Stage::File)
    };
    let words = directives(&text);
    let fields: Vec<Field> = words
        .iter()
        .map(|word| Field::literal(word, call.span.clone()))
        .collect();
    let inner = crate::bash::flags::cut(&fields, &values(Client::Sbatch), Style::Leading);
    writes(walker, &inner);
    let is_shell =
        !text.starts_with("#!") || text.lines().next().is_some_and(|line| line.contains("sh"));
    in_allocation(walker, call, stage, |walker| {
        walker.frame.via.push(name);
        if is_shell {
            walker.text(&text, Anchor::Whole(call.span.clone()), Feed::Inherited);
        } else {
            walker.unknown("batch script of another language", &[], call.span.clone());
        }
    });
    Feed::Unknown
}

fn in_allocation(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    stage: Option<Stage>,
    work: impl FnOnce(&mut Walker<'_>),
) {
    let scope = walker.scope.clone();
    let label = call.name.to_owned();
    walker.within(
        |frame| {
            frame.via.push(label);
            frame.stage = stage.unwrap_or(frame.stage);
            frame.site = frame.site.in_job();
        },
        work,
    );
    walker.scope = scope;
}

fn submit(walker: &mut Walker<'_>, call: &Call<'_>) {
    walker.plain(call);
    let tool = call.name.to_owned();
    walker.emit(Action::Submit { tool }, call.span.clone());
}

/// `--output`, `--error`, `--chdir`: Slurm itself writes there, appending.
fn writes(walker: &mut Walker<'_>, cut: &Cut<'_>) {
    let cwd = walker.scope.cwd.clone();
    if let Some(directory) = cut.find("-D --chdir").and_then(|flag| flag.value.clone()) {
        walker.write(&directory, WriteHow::Append);
        walker.scope.cwd = directory.known().and_then(|text| walker.absolute(text));
    }
    for file in cut.values("-o --output -e --error") {
        let pattern = file.text().contains('%');
        if !pattern || file.text().starts_with('/') {
            walker.write(&file, WriteHow::Append);
        }
    }
    walker.scope.cwd = cwd;
    for hook in cut.values("--task-prolog --task-epilog --prolog --epilog") {
        if let Some(name) = hook.known() {
            let name = name.to_owned();
            walker.script_file(&name, &[], hook.span.clone());
        }
    }
}

fn srun(walker: &mut Walker<'_>, call: &Call<'_>, _: &Cut<'_>) -> Feed {
    allocate(walker, call, &cut_of(call, Client::Srun))
}

fn allocate(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.has(HARMLESS) {
        walker.looks(call);
        return Feed::Unknown;
    }
    submit(walker, call);
    writes(walker, cut);
    let fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
    wrapper::in_job(walker, &fields, call)
}

fn salloc(walker: &mut Walker<'_>, call: &Call<'_>, _: &Cut<'_>) -> Feed {
    allocate(walker, call, &cut_of(call, Client::Salloc))
}

/// Whether one of these words names a job that is known to be somebody else's.
fn is_others<'t>(walker: &Walker<'_>, words: impl Iterator<Item = &'t str>) -> bool {
    words
        .flat_map(|text| text.split([',', ' ']))
        .map(|text| text.split(['_', '.', '[', '+']).next().unwrap_or(text))
        .any(|id| walker.world.owns_job(id) == Some(false))
}

fn scancel(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    // What it does is the `Cancel`; a halted session may still do that.
    walker.looks(call);
    let users = cut.values("-u --user");
    let others = users.iter().any(|user| {
        let text = user.text().trim_matches(['"', '$', '{', '}']);
        !(text == "USER"
            || text == "LOGNAME"
            || text.contains("whoami")
            || text.contains("id -un")
            || walker.world.is_own_user(text))
    });
    let ids = cut.operands.iter().any(|field| {
        field.text().starts_with(|c: char| c.is_ascii_digit()) || field.text().contains("SLURM_JOB")
    });
    let by_filter = cut.has("-u --user -n --name --jobname -p --partition -t --state -A --account -q --qos -w --nodelist -R --reservation --wckey");
    let me =
        call.args.iter().any(|field| field.text() == "--me") || cut.has("-i --interactive") && !ids;
    let others = others || is_others(walker, cut.operands.iter().map(|field| field.text()));
    let named = cut.operands.iter().all(|field| field.known().is_some());
    let scope = if others {
        CancelScope::Others
    } else if me || (by_filter && !users.is_empty()) {
        CancelScope::AllOwn
    } else if by_filter {
        // A filter without a user names every job it fits; Slurm lets one cancel only one's own.
        CancelScope::AllOwn
    } else if walker.frame.repeats && !(named && ids)
        || cut
            .operands
            .iter()
            .any(|field| field.known().is_none() && !field.text().contains("SLURM_JOB"))
            && cut.operands.iter().any(|field| {
                field.text().contains("$(") || field.text().contains('`') || field.text() == "…"
            })
    {
        CancelScope::AllOwn
    } else {
        CancelScope::Named
    };
    walker.emit(Action::Cancel { scope }, call.span.clone());
    Feed::Unknown
}

fn scontrol(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verb = cut.operand(0).unwrap_or_default().to_ascii_lowercase();
    let scope = match verb.as_str() {
        "show" | "ping" | "version" | "listpids" | "listjobs" | "liststeps" | "getaddrs"
        | "getent" | "hostnames" | "help" | "details" | "write" | "completing" | "" => None,
        "hold" | "uhold" | "release" | "requeue" | "requeuehold" | "suspend" | "resume" | "top"
        | "notify" | "wait_job" => Some(CancelScope::Named),
        "update" => {
            let what = cut
                .operands
                .get(1)
                .map(|field| field.text().to_ascii_lowercase())
                .unwrap_or_default();
            if what.starts_with("job") || what.starts_with("step") {
                Some(CancelScope::Named)
            } else {
                Some(CancelScope::Cluster)
            }
        }
        _ => Some(CancelScope::Cluster),
    };
    let names = cut.operands.iter().skip(1).map(|field| {
        let text = field.text();
        text.split_once('=').map_or(text, |(key, value)| {
            if key.to_ascii_lowercase().starts_with("job") {
                value
            } else {
                ""
            }
        })
    });
    let scope = match scope {
        Some(CancelScope::Named) if is_others(walker, names) => Some(CancelScope::Others),
        scope => scope,
    };
    match scope {
        None => walker.looks(call),
        Some(scope) => {
            walker.plain(call);
            walker.emit(Action::Cancel { scope }, call.span.clone());
        }
    }
    Feed::Unknown
}

fn sacctmgr(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verb = cut.operand(0).unwrap_or_default().to_ascii_lowercase();
    if matches!(
        verb.as_str(),
        "" | "show" | "list" | "ping" | "version" | "dump" | "help" | "problem"
    ) {
        walker.looks(call);
    } else {
        walker.plain(call);
        let scope = CancelScope::Cluster;
        walker.emit(Action::Cancel { scope }, call.span.clone());
    }
    Feed::Unknown
}

fn sbcast(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if let Some(target) = cut.operands.get(1) {
        let how = if cut.has("-f --force") {
            WriteHow::Replace
        } else {
            WriteHow::Overwrite
        };
        walker.write(target, how);
    }
    Feed::Unknown
}

fn strigger(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.has("--get") {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone());
    if let Some(program) = cut.value("-p --program").map(str::to_owned) {
        walker.script_file(&program, &[], call.span.clone());
    }
    if cut.has("--clear") {
        walker.effect(
            Delete(crate::policy::Deletable::Service),
            &[],
            "strigger --clear",
            &call.span,
        );
    }
    Feed::Unknown
}
