//! Processes, sessions, and everything that runs later or elsewhere.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, is, looks, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Service;
use crate::policy::{Action, Purpose, Recipient};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["pkill", "killall", "skill", "slay", "killall5"], kill_matching).values("-u -U -g -G -s -t -P -n --user --signal --euid --uid --parent --terminal").harmless("--help --version -V -l --list"),
    special(&["kill"], kill),
    plain(&["renice", "disown"]),
    special(&["tmux", "byobu"], tmux).values("-L -S -f -c -T").leading().harmless("-V"),
    special(&["screen", "dtach", "abduco", "zellij"], screen).values("-S -p -c -T -t -h -e").leading().harmless("-v --version --help -ls -list"),
    special(&["crontab"], crontab).values("-u").harmless("-l --help -V -T"),
    special(&["systemctl"], systemctl).values("-t -H -M -p -n -o --type --host --machine --property --state --lines --output").harmless("--help --version"),
    special(&["systemd-run", "systemd-cron", "busctl", "dbus-send", "gdbus", "qdbus", "fcron", "anacron", "incron", "launchctl"], delegate).values("-p -u -E -M -H --property --unit --setenv --slice --uid --gid --on-active --on-calendar --dest --object-path --method --type").leading().harmless("--help --version"),
    plain(&["loginctl"]).verbs(&[("kill-user", Signal), ("terminate-user", Signal), ("kill-session", Signal), ("terminate-session", Signal), ("enable-linger", Is(Purpose::Delegate)), ("list-sessions", Is(Purpose::ReadOnly)), ("show-user", Is(Purpose::ReadOnly)), ("list-users", Is(Purpose::ReadOnly)), ("session-status", Is(Purpose::ReadOnly)), ("user-status", Is(Purpose::ReadOnly))]),
    looks(&["atq"]),
    plain(&["atrm"]),
    is(&["tensorboard", "code-server", "rstudio-server", "shiny-server", "streamlit", "gradio", "bentoml", "uvicorn", "gunicorn", "hypercorn", "flask", "visdom", "mlserver", "tritonserver", "vllm", "text-generation-launcher", "sshd", "dropbear", "nginx", "apachectl", "httpd", "caddy", "redis-server", "mongod", "mysqld", "postgres", "memcached", "http-server", "live-server", "webpack-dev-server", "vncserver", "x11vnc", "Xvfb", "xrdp", "syncthing", "minio", "etcd", "consul", "prometheus", "grafana-server", "airflow", "prefect", "dagster", "luigid", "celery", "label-studio", "cvat", "fiftyone", "rerun", "viser", "ttyd", "gotty"], Purpose::Serve).harmless("--help --version -h -V --inspect"),
    special(&["inotifywait", "inotifywatch", "fswatch", "watchexec", "nodemon", "watchmedo", "chokidar"], watcher).values("-x -e -w -d -i --exec --ext --watch --delay").leading(),
    is(&["shutdown", "reboot", "poweroff", "halt", "init", "telinit", "kexec", "modprobe", "insmod", "rmmod", "sysctl", "iptables", "nft", "ufw", "firewall-cmd", "useradd", "userdel", "usermod", "groupadd", "groupdel", "passwd", "chpasswd", "chsh", "chfn", "visudo", "vipw", "hostnamectl", "setcap", "udevadm", "grub-install", "update-grub", "efibootmgr"], Purpose::Delegate).harmless("--help --version -h -a -l -L --list"),
];

fn signal(walker: &mut Walker<'_>, call: &Call<'_>, to: Recipient) {
    // What it does is the `Signal`; a halted session may still do that.
    walker.looks(call);
    walker.emit(Action::Signal { to }, call.span.clone());
}

fn kill(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    walker.builtin(call).unwrap_or_default()
}

fn kill_matching(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let only_user = cut.has("-u -U --user --euid --uid");
    let everything = call.name == "killall5"
        || (only_user && cut.operands.is_empty())
        || (only_user && call.name == "killall");
    let to = if everything
        || cut
            .operands
            .iter()
            .any(|field| matches!(field.text(), "." | ".*" | ""))
    {
        Recipient::Everything
    } else {
        Recipient::Matching
    };
    signal(walker, call, to);
    Feed::Unknown
}

/// tmux inside the session is inside the guard; a server that exists already is outside.
fn tmux(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let verb = cut.operand(0).unwrap_or("new-session").to_owned();
    let words: Vec<Field> = cut
        .operands
        .iter()
        .skip(1)
        .map(|field| (*field).clone())
        .collect();
    // A script may have a server of its own; which one it talks to the guard sees.
    let outside = if walker.frame.stage == crate::policy::Stage::File {
        Purpose::Unknown
    } else {
        Purpose::Delegate
    };
    match verb.as_str() {
        "ls" | "list-sessions" | "lsw" | "list-windows" | "lsp" | "list-panes" | "list-clients"
        | "lsc" | "show-options" | "show" | "display-message" | "display" | "capture-pane"
        | "capturep" | "list-keys" | "list-commands" | "has-session" | "has" | "info" => {
            walker.looks(call)
        }
        "new" | "new-session" | "new-window" | "neww" | "split-window" | "splitw"
        | "respawn-pane" | "respawnp" | "respawn-window" | "popup" | "display-popup" => {
            walker.plain(call);
            let inner = crate::bash::flags::cut(
                &words,
                "-s -n -c -t -x -y -F -e -E -l -p -h -w",
                crate::bash::flags::Style::Leading,
            );
            let line: Vec<Field> = inner
                .operands
                .iter()
                .map(|field| (*field).clone())
                .collect();
            if !line.is_empty() {
                walker.joined_line(&line, call);
            }
        }
        "run-shell" | "run" | "if-shell" | "if" | "pipe-pane" | "set-hook" | "bind-key"
        | "bind" => {
            walker.exec(call.name, call.args, outside, call.span.clone());
            if let Some(line) = words
                .iter()
                .rev()
                .find(|field| !field.text().starts_with('-'))
            {
                let line = line.clone();
                walker.line_of(&line, call);
            }
        }
        "send-keys" | "send" | "source-file" | "source" | "load-buffer" | "paste-buffer" => {
            walker.exec(call.name, call.args, outside, call.span.clone());
            let inner =
                crate::bash::flags::cut(&words, "-t -N", crate::bash::flags::Style::Leading);
            let line: Vec<String> = inner
                .operands
                .iter()
                .map(|field| field.text().to_owned())
                .filter(|text| {
                    !matches!(
                        text.as_str(),
                        "Enter" | "C-m" | "C-c" | "C-d" | "Escape" | "q" | "Up" | "Down" | "Space"
                    )
                })
                .collect();
            if verb.starts_with("send") && !line.is_empty() {
                walker.follow(
                    &line.join(" "),
                    "tmux send-keys",
                    call.span.clone(),
                    Feed::Unknown,
                );
            }
        }
        "kill-server" if outside == Purpose::Unknown => {
            walker.exec(call.name, call.args, outside, call.span.clone());
        }
        "kill-server" => {
            walker.plain(call);
            walker.effect(Delete(Service), &[], "tmux kill-server", &call.span);
        }
        "kill-session" | "kill-window" | "killw" | "kill-pane" | "killp" => {
            signal(walker, call, Recipient::Named)
        }
        _ => walker.plain(call),
    }
    Feed::Unknown
}

fn screen(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if let Some(at) = call.args.iter().position(|field| field.text() == "-X") {
        let words: Vec<&str> = call.args.iter().skip(at + 1).map(Field::text).collect();
        if words.first() == Some(&"quit") || words.first() == Some(&"kill") {
            signal(walker, call, Recipient::Named);
            return Feed::Unknown;
        }
        walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone());
        if words.first() == Some(&"stuff") || words.first() == Some(&"exec") {
            let line = words
                .get(1..)
                .unwrap_or_default()
                .join(" ")
                .replace("\\n", "\n")
                .replace("^M", "\n");
            walker.follow(&line, "screen -X", call.span.clone(), Feed::Unknown);
        }
        return Feed::Unknown;
    }
    if cut.has("-ls -list")
        || call
            .args
            .iter()
            .any(|field| matches!(field.text(), "-ls" | "-list"))
    {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.plain(call);
    let attaches = cut.has("-r -x -R");
    if !attaches {
        let fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
        let skip = usize::from(matches!(call.name, "dtach" | "abduco"));
        let fields = fields.get(skip..).unwrap_or_default();
        if !fields.is_empty() {
            crate::bash::wrapper::inside(walker, call, |walker| {
                walker.invoke(fields, Feed::Inherited, call.span.clone())
            });
        }
    }
    Feed::Unknown
}

pub(crate) fn crontab(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone());
    let text = match cut.operands.first() {
        Some(file) if file.text() != "-" => walker.file_feed(file).text().map(str::to_owned),
        _ => call.feed.text().map(str::to_owned),
    };
    for line in text.iter().flat_map(|text| text.lines()) {
        let line = line.trim();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let skip = if line.starts_with('@') { 1 } else { 5 };
        let command: Vec<&str> = line.split_whitespace().skip(skip).collect();
        walker.follow(
            &command.join(" "),
            "crontab",
            call.span.clone(),
            Feed::Unknown,
        );
    }
    Feed::Unknown
}

pub(crate) fn at(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.has("-l -c -V -b") {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone());
    let text = match cut.find("-f").and_then(|flag| flag.value.clone()) {
        Some(file) => walker.file_feed(&file).text().map(str::to_owned),
        None => call.feed.text().map(str::to_owned),
    };
    if let Some(text) = text {
        walker.follow(&text, call.name, call.span.clone(), Feed::Unknown);
    }
    Feed::Unknown
}

fn systemctl(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const LOOKS: &[&str] = &[
        "status",
        "show",
        "list-units",
        "list-unit-files",
        "list-timers",
        "list-jobs",
        "list-sockets",
        "is-active",
        "is-enabled",
        "is-failed",
        "cat",
        "help",
        "get-default",
        "show-environment",
        "list-dependencies",
        "is-system-running",
        "list-machines",
    ];
    match cut.operand(0) {
        None => walker.looks(call),
        Some(verb) if LOOKS.contains(&verb) => walker.looks(call),
        Some(_) => walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone()),
    }
    Feed::Unknown
}

fn delegate(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.exec(call.name, call.args, Purpose::Delegate, call.span.clone());
    if call.name == "systemd-run" {
        let fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
        if !fields.is_empty() {
            crate::bash::wrapper::inside(walker, call, |walker| {
                walker.invoke(&fields, Feed::Inherited, call.span.clone())
            });
        }
    }
    Feed::Unknown
}

fn watcher(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    for line in cut.values("-x --exec") {
        walker.within(
            |frame| frame.repeats = true,
            |walker| walker.line_of(&line, call),
        );
    }
    if call.name == "watchexec" {
        let fields: Vec<Field> = cut.operands.iter().map(|field| (*field).clone()).collect();
        walker.within(
            |frame| frame.repeats = true,
            |walker| walker.joined_line(&fields, call),
        );
    }
    Feed::Unknown
}
