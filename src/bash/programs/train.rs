//! What counts as training: launchers, the repository's own stages, notebooks.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect, Effect::*, Program, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Purpose;

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["torchrun", "torch-run", "deepspeed", "horovodrun", "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun", "lerobot-train", "lerobot-eval", "lightning", "composer", "colossalai", "fairseq-train", "fairseq-hydra-train", "llamafactory-cli", "tune", "axolotl", "trl", "autotrain", "nemo", "megatron-launch", "jsrun", "aprun", "flux-run"], launcher).leading(),
    special(&["accelerate"], accelerate).leading(),
    special(&["papermill"], launcher),
    special(&["ray", "dask", "sky"], ray).leading(),
    plain(&["lerobot-find-port", "lerobot-record", "lerobot-replay", "lerobot-teleoperate", "lerobot-calibrate", "lerobot-info", "lerobot-dataset-viz", "lerobot-find-cameras", "lerobot-setup-motors"]),
    special(&["jupyter", "jupyter-nbconvert", "jupyter-execute", "jupyter-lab", "jupyter-notebook"], jupyter),
    special(&["hlrp-sh"], own).leading(),
    special(&["hlrp-train", "hlrp-train-torch"], native).leading(),
];

/// Flags with which an entry point trains nothing.
const LOOKS: &[&str] = &[
    "--help",
    "-h",
    "--hydra-help",
    "--info",
    "--version",
    "--collect-only",
    "--print_config",
    "--print-config",
];
/// Stage scripts, by the start of their names.
const STAGES: &[&str] = &[
    "2_train_",
    "4_train_",
    "5_profile_",
    "6_train_lerobot",
    "7_rollout_",
];
const FILES: &[&str] = &["train.py", "finetune.py"];

/// Returns the entry point's name where running this file is training.
pub(crate) fn entry_point(path: &str) -> Option<&str> {
    let base = path.rsplit('/').next().unwrap_or(path);
    let is_stage = STAGES.iter().any(|stage| base.starts_with(stage));
    (is_stage || FILES.contains(&base)).then_some(path)
}

/// Returns whether running this module is training.
pub(crate) fn module(name: &str) -> bool {
    const MODULES: &[&str] = &[
        "torch.distributed.run",
        "torch.distributed.launch",
        "accelerate.commands.launch",
        "deepspeed.launcher.runner",
        "lerobot.scripts.train",
        "lerobot.scripts.lerobot_train",
        "lerobot.scripts.eval",
        "lerobot.scripts.lerobot_eval",
        "lerobot.rl.learner",
        "horovod.runner",
    ];
    let last = name.rsplit('.').next().unwrap_or(name);
    MODULES.contains(&name)
        || last == "train"
        || last == "finetune"
        || STAGES.iter().any(|stage| last.starts_with(stage))
}

/// Returns whether these arguments only look (`--help`, `--cfg job`).
pub(crate) fn only_looks(args: &[Field]) -> bool {
    args.iter().any(|field| {
        let text = field.text();
        LOOKS.contains(&text) || text == "--cfg" || text == "-c" || text.starts_with("--cfg=")
    }) && !args.iter().any(|field| {
        field.text() == "-c"
            && !args
                .iter()
                .any(|other| matches!(other.text(), "job" | "hydra" | "all"))
    })
}

/// Returns whether arguments ask for a run on this machine.
pub(crate) fn runs_here(args: &[Field]) -> bool {
    args.iter().any(|field| {
        let text = field.text().trim_start_matches('+');
        matches!(
            text,
            "cluster=local_dev" | "cluster=local" | "cluster.slurm.enabled=false"
        )
    })
}

fn launcher(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    let own: Vec<&Field> = call
        .args
        .iter()
        .take_while(|field| field.text().starts_with('-'))
        .collect();
    let looks = own
        .iter()
        .any(|field| matches!(field.text(), "--help" | "-h" | "--version" | "-V"))
        || only_looks(call.args);
    if looks {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.plain(call);
    walker.effect(Effect::Train, &[], call.name, &call.span);
    if call.name == "papermill"
        && let Some(out) = call.args.get(1)
    {
        walker.write(out, crate::policy::WriteHow::Edit);
    }
    // `mpirun bash -c 'rm x'`: what is launched is walked too, as far as it is a program.
    let program = call.args.iter().position(|field| {
        field.known().is_some_and(|name| {
            crate::bash::program::find(name.rsplit('/').next().unwrap_or(name)).is_some()
                && !name.starts_with('-')
        })
    });
    if let Some(at) = program {
        let rest = call.args.get(at..).unwrap_or_default().to_vec();
        crate::bash::wrapper::inside(walker, call, |walker| {
            walker.invoke(&rest, Feed::Unknown, call.span.clone())
        });
    }
    Feed::Unknown
}

fn accelerate(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    match cut.operand(0) {
        Some("launch" | "test") if !only_looks(call.args) => {
            walker.plain(call);
            walker.effect(Effect::Train, &[], "accelerate launch", &call.span);
        }
        Some("env" | "estimate-memory") => walker.looks(call),
        _ => walker.plain(call),
    }
    Feed::Unknown
}

fn ray(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let purpose = match (call.name, cut.operand(0)) {
        (_, Some("start" | "up" | "scheduler" | "worker" | "serve")) => Purpose::Serve,
        ("ray", Some("job" | "submit")) | ("sky", Some("launch" | "exec")) => Purpose::Delegate,
        (_, Some("status" | "list" | "summary" | "memory" | "queue")) => Purpose::ReadOnly,
        _ => Purpose::Plain,
    };
    walker.exec(call.name, call.args, purpose, call.span.clone());
    if matches!(cut.operand(0), Some("down" | "stop")) && call.name == "sky" {
        walker.delete_named(
            "sky down",
            crate::policy::Deletable::Service,
            call.span.clone(),
        );
    }
    Feed::Unknown
}

fn jupyter(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verb = call
        .name
        .strip_prefix("jupyter-")
        .or_else(|| cut.operand(0))
        .unwrap_or_default()
        .to_owned();
    for directory in crate::bash::flags::cut(
        call.args,
        "--to --output --output-dir --template",
        crate::bash::flags::Style::Clusters,
    )
    .values("--output-dir")
    {
        let effect = Create(crate::policy::Node::Directory);
        walker.effect(effect, &[&directory], call.name, &directory.span);
    }
    match verb.as_str() {
        "nbconvert" if call.args.iter().any(|field| field.text() == "--execute") => {
            walker.plain(call);
            walker.effect(
                Effect::Train,
                &[],
                "jupyter nbconvert --execute",
                &call.span,
            );
        }
        "execute" | "run" => {
            walker.plain(call);
            walker.effect(Effect::Train, &[], "jupyter execute", &call.span);
        }
        "kernelspec" if matches!(cut.operand(1), Some("remove" | "uninstall")) => {
            walker.plain(call);
            walker.effect(
                Delete(crate::policy::Deletable::Product),
                cut.operands.get(2..).unwrap_or_default(),
                "kernelspec",
                &call.span,
            );
        }
        "lab" if matches!(cut.operand(1), Some("clean")) => {
            walker.plain(call);
            walker.delete_named(
                "jupyter lab clean",
                crate::policy::Deletable::Product,
                call.span.clone(),
            );
        }
        "lab" | "notebook" | "server" | "console" | "" | "voila" | "hub" => {
            let lists = matches!(
                cut.operand(1),
                Some("list" | "extension" | "--version" | "stop" | "path")
            ) || cut.has("--version --help -h --generate-config");
            let purpose = match (lists, verb.as_str()) {
                (true, _) | (false, "") => Purpose::Plain,
                (false, _) => Purpose::Serve,
            };
            walker.exec(call.name, call.args, purpose, call.span.clone());
        }
        _ => walker.plain(call),
    }
    Feed::Unknown
}

/// hlrp-train computes, unless it looks at data or rewrites a file.
fn native(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let mut operands = cut.operands.iter();
    let computes = operands.any(|field| matches!(field.text(), "train" | "eval" | "encode"));
    walker.plain(call);
    if computes && !has_own(call.args, &["--help", "-h"]) {
        walker.effect(Effect::Train, &[], "hlrp-train", &call.span);
    }
    Feed::Unknown
}

/// Returns whether one of our own programs is given one of these flags, as a flag.
fn has_own(args: &[Field], flags: &[&str]) -> bool {
    let own = args.iter().take_while(|field| field.text() != "--");
    let mut before = "";
    own.into_iter().any(|field| {
        let is_value = matches!(before, "--config-dir" | "--config-name");
        before = field.text();
        !is_value && flags.contains(&before)
    })
}

/// Commands among the overrides (`submit.pre_commands=["…"]`) run in the job.
fn job_commands(walker: &mut Walker<'_>, call: &Call<'_>, rest: &[Field]) {
    for field in rest {
        let text = field.text().trim_start_matches('+').to_owned();
        let Some((key, value)) = text.split_once('=') else {
            continue;
        };
        if !key.ends_with("commands") && !key.ends_with("prolog") && !key.ends_with("epilog") {
            continue;
        }
        for line in super::inline::strings(value) {
            walker.within(
                |frame| frame.site = frame.site.in_job(),
                |walker| walker.follow(&line, call.name, field.span.clone(), Feed::Inherited),
            );
        }
    }
}

/// hlrp-sh itself: `-c` and `run` are walked, `submit` hands over to Slurm.
fn own(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const LOOKS: &[&str] = &[
        "check", "compose", "jobs", "status", "logs", "watch", "quota", "context", "doctor",
        "policy", "audit", "diff", "retained", "results",
    ];
    // What stands behind a script or a verb is theirs.
    let mut flags = call
        .args
        .iter()
        .take_while(|field| field.text().starts_with('-'));
    let line = flags.position(|field| field.text() == "-c");
    if let Some(line) = line.and_then(|at| call.args.get(at + 1)) {
        walker.looks(call);
        let line = line.clone();
        return walker.line_of(&line, call);
    }
    let rest: Vec<Field> = cut
        .operands
        .iter()
        .skip(1)
        .map(|field| (*field).clone())
        .collect();
    match cut.operand(0) {
        Some("run") => {
            walker.looks(call);
            let fields: Vec<Field> = rest
                .into_iter()
                .skip_while(|field| field.text().starts_with('-'))
                .collect();
            return crate::bash::wrapper::inside(walker, call, |walker| {
                walker.invoke(&fields, Feed::Inherited, call.span.clone())
            });
        }
        Some("submit" | "race" | "sweep") => {
            job_commands(walker, call, &rest);
            let dry = rest.iter().any(|field| field.text() == "--dry-run");
            if dry {
                walker.looks(call);
            } else if runs_here(&rest) {
                walker.plain(call);
                walker.effect(Effect::Train, &[], "hlrp-sh submit", &call.span);
            } else {
                walker.plain(call);
                let tool = "hlrp-sh submit".to_owned();
                walker.emit(crate::policy::Action::Submit { tool }, call.span.clone());
            }
        }
        Some("train") => {
            if has_own(call.args, &["--dry-run", "--help", "-h"]) {
                walker.looks(call);
            } else {
                job_commands(walker, call, &rest);
                walker.plain(call);
                walker.effect(Effect::Train, &[], "hlrp-sh train", &call.span);
            }
        }
        Some("cancel") => {
            walker.looks(call);
            let others = rest
                .iter()
                .any(|field| walker.world.owns_job(field.text()) == Some(false));
            let scope = if others {
                crate::policy::CancelScope::Others
            } else {
                crate::policy::CancelScope::Named
            };
            walker.emit(crate::policy::Action::Cancel { scope }, call.span.clone());
        }
        Some("remote") => {
            walker.plain(call);
            let host = rest.first().map_or("", |field| field.text()).to_owned();
            match rest.get(1..) {
                Some([]) | None => walker.record_remote(
                    &host,
                    None,
                    crate::policy::RemoteEffect::Login,
                    call.span.clone(),
                ),
                Some(words) => {
                    let text: Vec<&str> = words
                        .iter()
                        .filter(|field| field.text() != "--")
                        .map(Field::text)
                        .collect();
                    walker.remote(&host, &text.join(" "), Feed::Unknown, call.span.clone());
                }
            }
        }
        Some(verb) if LOOKS.contains(&verb) => walker.looks(call),
        Some(verb) if verb.contains('.') || verb.contains('/') => {
            walker.looks(call);
            let verb = verb.to_owned();
            walker.script_named(&verb, &rest, call);
        }
        _ => walker.plain(call),
    }
    Feed::Unknown
}
