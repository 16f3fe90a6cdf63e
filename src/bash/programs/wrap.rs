//! Programs that run other programs.

use std::sync::LazyLock;

use regex::Regex;

use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, looks, plain, special};
use crate::bash::walk::Walker;
use crate::bash::{many, shells, wrapper};
use crate::policy::Purpose;

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["bash", "sh", "dash", "zsh", "ksh", "mksh", "ash", "rbash", "fish", "tcsh", "csh"], shells::shell).values("-o -O +O --rcfile --init-file").leading().harmless("--help --version"),
    special(&["env"], wrapper::env).values("-u -C -S --unset --chdir --split-string --block-signal --default-signal --ignore-signal").leading(),
    special(&["command", "builtin"], wrapper::command).leading().harmless("--help"),
    special(&["exec"], wrapper::runs).values("-a").leading().harmless("--help"),
    special(&["nohup", "setsid", "catchsegv", "fakeroot", "unbuffer", "rlwrap", "proxychains", "proxychains4", "torsocks", "firejail", "eatmydata", "chronic", "dbus-run-session", "dbus-launch", "winpty", "vglrun", "optirun", "prime-run", "cuda-memcheck", "linux64", "linux32", "i386", "x86_64", "uname26", "fakechroot", "pseudo", "tini", "dumb-init", "catatonit", "systemd-cat", "gnome-session-inhibit", "annotate-output", "ifne", "with-contenv", "primusrun", "gamemoderun", "torify"], wrapper::runs).values("-t -p -e -n -g -R -P --identifier --priority --profile --config-file --exit-with-session --setenv").leading(),
    special(&["choom", "cpulimit", "trickle", "softlimit", "chpst", "schedtool", "hwloc-bind", "likwid-pin", "likwid-mpirun", "cset", "daemonize", "proot", "udocker", "ttyrec", "memusage", "hugectl"], wrapper::runs).values("-n -p -l -u -d -c -e -r -b -q -w -i -v -k -a -o -g -m --adjust --pid --limit --rootfs --bind --qemu --cwd --pwd --change-id --user").leading(),
    special(&["gosu", "su-exec", "setuidgid", "s6-setuidgid", "envdir", "s6-envdir", "setlock", "s6-setlock", "lockrun", "withlock"], wrapper::runs_after_one).leading(),
    special(&["cgexec", "aa-exec", "systemd-inhibit", "caffeinate", "compute-sanitizer", "prlimit"], wrapper::runs).values("-g -p -t --what --who --why --mode --tool --log-file --profile").leading(),
    special(&["xvfb-run"], wrapper::runs).values("-e -f -n -p -s --error-file --auth-file --server-num --server-args").leading(),
    special(&["nice", "ionice"], wrapper::runs).values("-n -c -p -P -u --adjustment --class --classdata").leading(),
    special(&["time", "gtime"], wrapper::runs).values("-f -o --format --output").leading(),
    special(&["stdbuf"], wrapper::runs).values("-i -o -e --input --output --error").leading(),
    special(&["timeout", "gtimeout"], wrapper::runs_after_one).values("-k -s --kill-after --signal").leading(),
    special(&["taskset", "faketime", "setarch", "chrt"], wrapper::runs_after_one).values("-T -P -D --sched-runtime --sched-period --sched-deadline").leading(),
    special(&["numactl"], wrapper::runs).values("-i -m -N -C -l -p --interleave --membind --cpunodebind --physcpubind --preferred").leading().harmless("-s -H --show --hardware --help"),
    special(&["chroot"], wrapper::runs_after_one).values("--userspec --groups").leading(),
    special(&["unshare", "nsenter", "setpriv", "capsh"], wrapper::runs).values("-t -S -G -R -w --target --setuid --setgid --root --wd --map-user --map-group --reuid --regid --inh-caps").leading(),
    special(&["bwrap", "bubblewrap", "systemd-nspawn"], sandboxed),
    special(&["flock"], wrapper::flock).values("-w -E --timeout --conflict-exit-code").leading(),
    special(&["sudo", "doas", "pkexec", "run0"], wrapper::sudo).values("-u -g -h -p -C -D -R -r -t -T -U --user --group --host --prompt --chdir --chroot").leading().harmless("-l -V -h --help --version -v"),
    special(&["su", "runuser", "sg", "newgrp"], wrapper::su).values("-c -s -u -g -G -w --user --command --shell --session-command --group"),
    special(&["xargs", "gxargs"], many::xargs).values("-a -d -E -I -L -n -P -s --arg-file --delimiter --max-lines --max-args --max-procs --max-chars --process-slot-var").leading(),
    special(&["parallel", "sem", "rush", "xe"], many::parallel).values("-j -a -I -n -N -L -S -C --jobs --arg-file --colsep --joblog --results --timeout --delay --retries --sshlogin --workdir --tmpdir --memfree --load --max-args").leading().harmless("--help --version --dry-run"),
    special(&["watch"], wrapper::watch).values("-n -q --interval --equexit").leading(),
    special(&["entr"], on_change).leading(),
    special(&["script"], wrapper::script).values("-c -O -I -B -E -m -o -T --command --log-out --log-in --log-io --output-limit --log-timing --logging-format --echo"),
    special(&["strace", "ltrace"], traced).values("-e -o -p -s -u -E -a -b -I -O -P -S -X -k -U --output --trace --attach").leading().harmless("--help --version -V"),
    special(&["gdb", "cuda-gdb", "lldb"], debugger).words().harmless("-help -version"),
    special(&["valgrind", "heaptrack"], traced_after_verb).leading().values("-o --tool --log-file --leak-check --output -p --pid -r --rate -d --duration"),
    special(&["nsys", "ncu", "nvprof", "perf", "rocprof", "vtune", "likwid-perfctr"], traced_after_verb).leading().values("-o -t -e -F -C -g -p --output --trace --export --set --section -k --kernel-name -c -s --stats --capture-range"),
    special(&["hyperfine"], hyperfine).values("-w -m -M -r -s -p -c -n -P -L -D --warmup --min-runs --max-runs --runs --setup --prepare --cleanup --command-name --export-json --export-csv --export-markdown --shell --style --parameter-scan --parameter-list"),
    special(&["busybox", "toybox", "coreutils"], multicall).leading(),
    special(&["ld.so", "ld-linux.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1", "qemu-x86_64", "qemu-aarch64"], wrapper::runs).values("--library-path --inhibit-rpath --preload --audit --argv0 --glibc-hwcaps-prepend").leading(),
    special(&["conda", "mamba", "micromamba"], super::packages::conda).values("-n -p -c -f -r --name --prefix --channel --file --root-prefix").leading(),
    special(&["uv"], super::packages::uv).values("-p --python --with --directory --project --index-url --extra --group --cache-dir").leading(),
    special(&["poetry", "pdm", "pipenv", "hatch", "pixi", "rye", "bundle", "devbox"], super::packages::environment).values("-C --directory --project -e --environment").leading(),
    special(&["uvx", "pipx", "npx", "bunx", "pnpx"], run_package).values("-p --python --with --from --package --spec").leading(),
    special(&["direnv"], direnv).leading(),
    special(&["dotenv", "envchain", "op", "chamber", "aws-vault"], wrapper::runs).values("-f --file").leading(),
    special(&["at", "batch"], super::process::at).values("-f -q -t"),
    special(&["expect", "autoexpect"], expects).values("-c -f").leading(),
    special(&["nix-shell"], nix_shell).values("-p -A -I --run --command --attr"),
    special(&["asciinema", "termtosvg", "tlog-rec-session", "tlog-rec"], recorded).values("-c -t -i -w --command --title --idle-time-limit --writer --log-path"),
    looks(&["pv"]),
    plain(&["tsp", "ts"]).flags(&[("-C", Nothing), ("-K", Is(Purpose::Plain))]),
];

/// `entr PROGRAM`, `entr -s LINE`.
fn on_change(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    match cut.operands.first() {
        Some(line) if cut.has("-s") => {
            walker.looks(call);
            walker.within(
                |frame| frame.repeats = true,
                |walker| walker.line_of(line, call),
            )
        }
        _ => wrapper::runs(walker, call, cut),
    }
}

/// `expect -c 'spawn PROGRAM; send "LINE\r"'`.
fn expects(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    static SPAWNS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)\b(?:spawn|exec|system)\s+(?:-\w+\s+)*([^;\n\]]+)").ok());
    static SENDS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\bsend\s+(?:--\s+)?"((?:[^"\\]|\\.)*)""#).ok());
    walker.plain(call);
    let mut texts: Vec<String> = cut
        .values("-c")
        .iter()
        .map(|field| field.text().to_owned())
        .collect();
    match cut.find("-f").and_then(|flag| flag.value.clone()) {
        Some(file) => texts.extend(walker.file_feed(&file).text().map(str::to_owned)),
        None => match cut.operands.first() {
            Some(file) => texts.extend(walker.file_feed(file).text().map(str::to_owned)),
            None => texts.extend(call.feed.text().map(str::to_owned)),
        },
    }
    for text in &texts {
        let spawned = SPAWNS.iter().flat_map(|regex| regex.captures_iter(text));
        let sent = SENDS.iter().flat_map(|regex| regex.captures_iter(text));
        for found in spawned.chain(sent) {
            if let Some(line) = found.get(1) {
                let line = line.as_str().replace("\\r", "\n").replace("\\n", "\n");
                walker.follow(&line, call.name, call.span.clone(), Feed::Unknown);
            }
        }
    }
    Feed::Unknown
}

/// `nix-shell -p PACKAGES --run LINE`.
fn nix_shell(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for line in cut.values("--run --command") {
        walker.line_of(&line, call);
    }
    Feed::Unknown
}

/// `asciinema rec -c LINE FILE`.
fn recorded(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for line in cut.values("-c --command") {
        walker.line_of(&line, call);
    }
    if cut.operand(0) == Some("rec")
        && let Some(file) = cut.operands.get(1)
    {
        walker.write(file, crate::policy::WriteHow::Edit);
    }
    Feed::Unknown
}

/// `strace -o FILE PROGRAM`.
fn traced(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    for file in cut.values("-o --output") {
        walker.write(&file, crate::policy::WriteHow::Overwrite);
    }
    wrapper::runs(walker, call, cut)
}

/// `nsys profile PROGRAM`, `perf record PROGRAM`, `py-spy record -- PROGRAM`.
fn traced_after_verb(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const VERBS: &[&str] = &[
        "profile", "record", "stat", "launch", "run", "trace", "top", "mem", "c2c", "-collect",
    ];
    let starts = cut
        .operands
        .first()
        .is_some_and(|field| VERBS.contains(&field.text()));
    if !starts && matches!(call.name, "nsys" | "perf" | "mprof" | "py-spy" | "memray") {
        walker.plain(call);
        return Feed::Unknown;
    }
    if !starts {
        return wrapper::runs(walker, call, cut);
    }
    let rest: Vec<_> = cut
        .operands
        .iter()
        .skip(1)
        .map(|field| (*field).clone())
        .collect();
    let inner = crate::bash::flags::cut(
        &rest,
        "-o -t -e -F -C -g -p -d -r --output --trace --export --duration --rate --pid --delay --interval --event",
        crate::bash::flags::Style::Leading,
    );
    for file in inner.values("-o --output") {
        walker.write(&file, crate::policy::WriteHow::Edit);
    }
    wrapper::runs(walker, call, &inner)
}

/// `gdb --args PROGRAM`, `-ex '!cmd'`, `-ex 'shell cmd'`.
fn debugger(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let _ = cut;
    if let Some(at) = call
        .args
        .iter()
        .position(|field| matches!(field.text(), "--args" | "--"))
    {
        walker.exec(call.name, call.args, Purpose::ReadOnly, call.span.clone());
        let rest = call.args.get(at + 1..).unwrap_or_default();
        wrapper::inside(walker, call, |walker| {
            walker.invoke(rest, Feed::Inherited, call.span.clone())
        });
    } else {
        walker.plain(call);
    }
    for pair in call.args.windows(2) {
        if let [flag, line] = pair
            && matches!(flag.text(), "-ex" | "-iex" | "--eval-command" | "-o")
            && let Some(text) = line.known()
        {
            let text = text.trim_start();
            let command = ["!", "shell ", "pipe ", "platform shell "]
                .iter()
                .find_map(|start| text.strip_prefix(start));
            if let Some(command) = command {
                let command = command.to_owned();
                walker.follow(&command, call.name, line.span.clone(), Feed::Unknown);
            }
        }
    }
    Feed::Unknown
}

/// `bwrap --bind / / PROGRAM`: its flags take one word, two or none, so that the program
/// is looked for by name.
fn sandboxed(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    let at = call.args.iter().position(|field| {
        field.known().is_some_and(|text| {
            let base = text.rsplit('/').next().unwrap_or(text);
            !text.starts_with('-') && crate::bash::program::find(base).is_some()
        })
    });
    match at.and_then(|at| call.args.get(at..)) {
        Some(rest) => wrapper::inside(walker, call, |walker| {
            walker.invoke(rest, Feed::Unknown, call.span.clone())
        }),
        None => {
            walker.unknown(call.name, call.args, call.span.clone());
            Feed::Unknown
        }
    }
}

fn hyperfine(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for file in cut.values("--export-json --export-csv --export-markdown") {
        walker.write(&file, crate::policy::WriteHow::Overwrite);
    }
    let mut lines = cut.values("-s -p -c --setup --prepare --cleanup");
    lines.extend(cut.operands.iter().map(|field| (*field).clone()));
    for line in &lines {
        walker.within(
            |frame| frame.repeats = true,
            |walker| walker.line_of(line, call),
        );
    }
    Feed::Unknown
}

/// `busybox rm`: the first operand is the program.
fn multicall(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    wrapper::runs(walker, call, cut)
}

/// `npx TOOL`: run like a program of that name.
fn run_package(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const VERBS: &[(&str, crate::bash::program::Effect)] = &[
        ("uninstall", Delete(crate::policy::Deletable::Product)),
        ("uninstall-all", Delete(crate::policy::Deletable::Product)),
        ("run", Nothing),
        ("install", Nothing),
        ("list", Is(Purpose::ReadOnly)),
        ("upgrade", Nothing),
        ("inject", Nothing),
    ];
    if call.name == "pipx" && cut.operand(0) != Some("run") {
        let effect = crate::bash::program::verb(VERBS, cut);
        walker.plain(call);
        if let Some((effect, length)) = effect {
            let rest = cut.operands.get(length..).unwrap_or_default().to_vec();
            walker.effect(effect, &rest, "uninstall", &call.span);
        }
        return Feed::Unknown;
    }
    if call.name == "pipx" {
        return wrapper::runs_after_verb(walker, call, "--spec --python");
    }
    wrapper::runs(walker, call, cut)
}

fn direnv(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.operand(0) == Some("exec") {
        let rest: Vec<_> = cut
            .operands
            .iter()
            .skip(2)
            .map(|field| (*field).clone())
            .collect();
        walker.looks(call);
        return walker.invoke(&rest, call.feed.clone(), call.span.clone());
    }
    walker.plain(call);
    Feed::Unknown
}
