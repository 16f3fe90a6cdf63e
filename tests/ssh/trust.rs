//! What is trusted of other machines: which of them serve git alone, whose keys are known, what is our program there.

use std::os::unix::fs::PermissionsExt;

use super::door::Door;
use super::near::open;
use crate::guard::bench::has;

const BEFORE: &str = "what was there before\n";

/// A repository whose hook would run over there, as whoever serves it.
fn repository(door: &Door) -> Option<()> {
    if !has("git", "near-git-hosts") {
        return None;
    }
    let hook = "#!/bin/sh\nrm \"$HOME/notes.txt\"\ngrep Seccomp: /proc/self/status >&2\n";
    let hook = door.bench.file("home/hooks/pre-receive", hook);
    std::fs::set_permissions(hook, PermissionsExt::from_mode(0o755)).unwrap();
    let commit = "git -c user.name=me -c user.email=me@here commit -q --allow-empty -m first";
    door.session(&format!(
        "git init -q --bare far.git && git -C far.git config core.hooksPath ~/hooks && \
         git init -q near && cd near && {commit}"
    ))
    .ended(0);
    Some(())
}

#[test]
fn gits_commands_go_as_they_are_to_no_host_that_is_this_machine() {
    let Some(door) = open("near-git-hosts") else {
        return;
    };
    if repository(&door).is_none() {
        return;
    }
    let known = door.bench.read("ssh/ssh_config");
    let port = known
        .lines()
        .find_map(|line| line.trim().strip_prefix("Port "));
    let port = port.unwrap();
    // Under these names the machine's own sshd is known, as a session could have it.
    let known = ["localhost", "gitlab.127.0.0.1.nip.io", "github.com", "host"].map(|name| {
        format!(
            "Host {name}\n    HostName 127.0.0.1\n{}",
            known.split_once('\n').unwrap().1
        )
    });
    door.bench.file("ssh/ssh_config", &known.concat());
    for to in [
        "me@gitlab.127.0.0.1.nip.io:far.git".to_owned(),
        "me@github.com:far.git".to_owned(),
        format!("ssh://me@github.com:{port}/~/far.git"),
        "me@localhost:far.git".to_owned(),
    ] {
        for ssh in ["ssh", "ssh -o HostName=github.com", "ssh -o Port=22"] {
            door.session(&format!(
                "cd near && GIT_SSH_COMMAND='{ssh}' git push -q '{to}' HEAD:refs/heads/x"
            ));
            assert_eq!(door.bench.read("home/notes.txt"), BEFORE, "{ssh} {to}");
        }
    }
}

#[test]
fn gits_commands_go_as_they_are_to_a_git_host() {
    let Some(door) = Door::without_program("near-git-raw") else {
        return;
    };
    if repository(&door).is_none() {
        return;
    }
    // The user's own configuration leads there, through a gate.
    let gate = door.bench.path("ssh/gate");
    door.bench
        .file("ssh/gate", &door.bench.read("ssh/ssh_config"));
    let known = door.bench.read("ssh/ssh_config");
    let git = known
        .replace("Host host", "Host github.com other.com")
        .replace("HostName 127.0.0.1", "HostName %h");
    let git = format!(
        "{git}    HostKeyAlias host\n    ProxyCommand ssh -F {} -W 127.0.0.1:%p host\n",
        gate.display()
    );
    let key = door.bench.read("ssh/host.pub");
    let keys = door.bench.read("ssh/known");
    door.bench.file("ssh/known", &format!("{keys}host {key}"));
    door.bench.file("ssh/ssh_config", &git);
    let ran = door.session("cd near && git push -q me@other.com:far.git HEAD:refs/heads/x");
    ran.told("no hlrp-sh on other.com");
    assert_eq!(door.bench.read("home/notes.txt"), BEFORE);
    for options in [
        "-p 22",
        "-o HostName=github.com",
        "-o CanonicalizeHostname=yes",
    ] {
        let push = "git push -q me@github.com:far.git HEAD:refs/heads/x";
        let ran = door.session(&format!(
            "cd near && GIT_SSH_COMMAND='ssh {options}' {push}"
        ));
        assert!(ran.code() != 0);
        assert_eq!(door.bench.read("home/notes.txt"), BEFORE, "{options}");
    }
    door.session("cd near && git push -q me@github.com:far.git HEAD:refs/heads/x");
    assert!(!door.bench.path("home/notes.txt").exists());
}

#[test]
fn nothing_is_learned_of_other_machines() {
    let Some(door) = open("near-known") else {
        return;
    };
    let known = door.bench.read("ssh/known");
    door.bench.file("ssh/known", "");
    let config = door.bench.read("ssh/ssh_config");
    let config = format!("{config}    StrictHostKeyChecking accept-new\n    UpdateHostKeys yes\n");
    door.bench.file("ssh/ssh_config", &config);
    for options in [
        "",
        "-J host",
        "-o HostKeyAlias=ai",
        "-o StrictHostKeyChecking=accept-new",
    ] {
        let ran = door.session(&format!("ssh {options} host true"));
        assert!(ran.code() != 0, "{options}");
        assert_eq!(door.bench.read("ssh/known"), "", "{options}");
    }
    door.bench.file("ssh/known", &known);
    for options in [
        "",
        "-J host",
        "-J host,host,host",
        "-o ProxyJump=host",
        "-J none",
    ] {
        door.session(&format!("ssh {options} host echo in"))
            .ended(0)
            .said("in\n");
        assert_eq!(door.bench.read("ssh/known"), known);
    }
}

#[test]
fn a_program_of_that_name_cannot_be_planted() {
    let Some(door) = Door::without_program("near-planted") else {
        return;
    };
    let ways = [
        "f = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o755); os.write(f, text)",
        "f = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY); os.write(f, text); os.chmod(place, 0o755)",
        "open('x', 'xb').write(text); os.chmod('x', 0o755); os.rename('x', place)",
        "open('y', 'xb').write(text); os.chmod('y', 0o755); os.link('y', place)",
        "open('z', 'xb').write(text); os.chmod('z', 0o755); os.symlink(home + '/z', place)",
    ];
    for way in ways {
        let script = format!(
            "import os\nhome = os.path.expanduser('~')\nos.makedirs(home + '/.local/bin', exist_ok=True)\n\
             place = home + '/.local/bin/hlrp-sh'\ntext = b'#!/bin/sh\\ntouch ~/ran\\n'\n{way}\n"
        );
        let script = door.bench.file("home/plant.py", &script);
        door.session(&format!("python3 {}", script.display()));
        door.session("ssh host 'touch x'")
            .told("no hlrp-sh on host");
        assert!(!door.bench.path("home/ran").exists(), "{way}");
    }
}
