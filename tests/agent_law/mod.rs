//! An agent cannot change its own law: each attempt of one in a guard to loosen the policy, forge who it is, resume or
//! free anything, alter the record, the store or its client's hooks, or reach another session. Each fails.

mod others;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::guard::bench::Bench;
use crate::guard::running::{Ran, Running, within};

/// A law that lets nearly everything pass that may be loosened.
const LOOSE: &str = "schema = 1\n[trusted]\nreplacers = [\"python3*\"]\nin_place = [\"python3*\"]\nbulk_exempt = [\"python3*\"]\n\n\
                     [[rule]]\nid = \"fs.no-replace\"\non = \"write\"\ndecision = \"allow\"\nbecause = \"x\"\n";

/// A home with a law, a record, a store with something in it, and a client's settings, all of before.
fn world() -> Bench {
    let bench = Bench::new();
    bench.file("home/.config/hlrp-sh/policy.toml", "schema = 1\n");
    bench.file("home/.bashrc", "# mine\n");
    bench.file("home/other.txt", "another\n");
    bench.file("home/.claude/settings.json", "{\"hooks\": {}}\n");
    bench.file("home/.codex/config.toml", "# mine\n");
    bench.file("home/code/.cursor/hooks.json", "{}\n");
    bench.file("home/code/.claude/settings.local.json", "{}\n");
    bench.file("home/code/.hlrp/policy.toml", "schema = 1\n");
    bench.file("home/loose/hlrp-sh/policy.toml", LOOSE);
    bench.file("home/elsewhere/.config/hlrp-sh/policy.toml", LOOSE);
    bench.line("echo new > notes.txt").ended(0);
    bench.line("rm notes.txt").ended(77);
    bench
}

/// Runs something as an agent's client would start it: in a guard, on an agent's behalf.
fn agent(bench: &Bench, arguments: &[&str]) -> Ran {
    let mut command = bench.shell(arguments);
    command.env("HLRP_AGENT", "claude");
    command.env("SHELL_UNDER_TEST", bench.program());
    Running::start(&mut command).end()
}

/// What no agent may change, and every version of it.
#[derive(Debug, Eq, PartialEq)]
struct Law {
    files: BTreeMap<String, String>,
    record: BTreeMap<String, String>,
    modes: BTreeMap<String, u32>,
}

impl Law {
    fn of(bench: &Bench) -> Self {
        let home = bench.home();
        let mut files = BTreeMap::new();
        for name in [
            ".config/hlrp-sh",
            ".hlrp/retained",
            ".bashrc",
            ".ssh",
            ".claude",
            ".codex",
            ".cursor",
            ".gemini",
            ".copilot",
            "code",
        ] {
            gather(&home.join(name), &mut files);
        }
        let mut record = BTreeMap::new();
        gather(&home.join(".local/state/hlrp-sh/audit"), &mut record);
        let modes = files.keys().chain(record.keys()).flat_map(|path| {
            let path = Path::new(path);
            path.ancestors().take_while(|one| *one != home)
        });
        let modes = modes
            .filter_map(|path| Some((path.display().to_string(), fs::metadata(path).ok()?.mode())))
            .collect();
        Self {
            files,
            record,
            modes,
        }
    }

    /// Holds that everything is as it was; the record and the stores may have more.
    fn holds(&self, what: &str, bench: &Bench) {
        let now = Self::of(bench);
        for (path, text) in &self.files {
            assert_eq!(now.files.get(path), Some(text), "{what}: {path}");
        }
        for path in now.files.keys() {
            let is_new = !self.files.contains_key(path);
            assert!(
                !is_new || path.contains("/retained/"),
                "{what}: {path} came to be"
            );
        }
        for (path, text) in &self.record {
            let now = now.record.get(path);
            let kept = now.is_some_and(|now| now.starts_with(text.as_str()));
            assert!(kept, "{what}: the record {path}");
        }
        for (path, mode) in &self.modes {
            // A directory of the guard's own is closed while a session runs, and opened when its last process has gone.
            within("the mode of a directory", || {
                (fs::metadata(path).ok()?.mode() == *mode).then_some(())
            });
        }
        let names: Vec<&String> = now
            .record
            .keys()
            .filter(|path| path.ends_with("forged.jsonl"))
            .collect();
        assert!(names.is_empty(), "{what}: {names:?}");
    }
}

fn gather(path: &Path, into: &mut BTreeMap<String, String>) {
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).unwrap() {
            gather(&entry.unwrap().path(), into);
        }
    } else if let Ok(text) = fs::read(path) {
        let text = String::from_utf8_lossy(&text).into_owned();
        into.insert(path.display().to_string(), text);
    }
}

/// Ways to ask for the same: the line as it is, where it is judged, and inside programs, where only the guard sees it.
fn each_way(bench: &Bench, line: &str) -> Vec<(String, Ran)> {
    let program = bench.program();
    let program = program.display();
    let script = bench.file("home/attempt.sh", &format!("{line}\n"));
    let python = format!(
        "import subprocess; subprocess.run(['bash', '{}'])",
        script.display()
    );
    let nested = format!("{program} -c {}", quoted(line));
    let blank = format!(
        "env -i PATH=/usr/bin:/bin HOME=$HOME {program} -c {}",
        quoted(line)
    );
    let session = format!("setsid -w {nested}");
    let terminal = format!("script -qec {} /dev/null", quoted(&nested));
    // As a person would be taken for one: no trace of an agent, a terminal, and a yes to every question.
    let person =
        format!("(sleep 0.2; yes | head -3) | env -i PATH=/usr/bin:/bin HOME=$HOME {terminal}");
    [
        ("a line", vec!["-c", line]),
        ("a program", vec!["run", "--", "python3", "-c", &python]),
        ("a nested shell", vec!["-c", &nested]),
        ("a blank environment", vec!["-c", &blank]),
        ("a session of its own", vec!["-c", &session]),
        ("a terminal of its own", vec!["-c", &terminal]),
        ("a person's ways", vec!["run", "--", "bash", "-c", &person]),
        (
            "a program's nested shell",
            vec!["run", "--", "sh", "-c", &blank],
        ),
    ]
    .into_iter()
    .map(|(way, words)| (format!("{line}, by {way}"), agent(bench, &words)))
    .collect()
}

fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}

/// Holds that none of these changes anything, in whichever way it is tried; and that without a guard each does.
fn none_of(lines: &[&str]) {
    let bench = world();
    let law = Law::of(&bench);
    for line in lines {
        let unguarded = world();
        let before = Law::of(&unguarded);
        let mut command = unguarded.command("bash");
        command.args(["-c", line]);
        Running::start(&mut command).end();
        let changed = before != Law::of(&unguarded);
        assert!(changed, "{line} does nothing natively");
        for (what, _) in each_way(&bench, line) {
            law.holds(&what, &bench);
        }
    }
}

#[test]
fn the_policy_is_out_of_reach() {
    none_of(&[
        "cp -f loose/hlrp-sh/policy.toml ~/.config/hlrp-sh/policy.toml",
        "cat loose/hlrp-sh/policy.toml > ~/.config/hlrp-sh/policy.toml",
        "python3 -c 'import os; os.rename(\"loose/hlrp-sh/policy.toml\", os.path.expanduser(\"~/.config/hlrp-sh/policy.toml\"))'",
        "python3 -c 'import os; os.rename(os.path.expanduser(\"~/.config\"), \"old\")'",
        "ln -sfn ~/loose/hlrp-sh ~/.config/hlrp-sh; ln -f loose/hlrp-sh/policy.toml ~/.config/hlrp-sh/more.toml",
        "chmod 777 ~/.config/hlrp-sh ~/.config/hlrp-sh/policy.toml",
        "cat loose/hlrp-sh/policy.toml >> code/.hlrp/policy.toml; truncate -s 0 code/.hlrp/policy.toml",
    ]);
}

#[test]
fn a_law_of_ones_own_elsewhere_does_not_count() {
    let bench = world();
    let victim = "import os; os.unlink('notes.txt')";
    for environment in [
        "XDG_CONFIG_HOME=$HOME/loose",
        "HOME=$HOME/elsewhere",
        "HOME=$HOME/elsewhere XDG_CONFIG_HOME=$HOME/loose XDG_STATE_HOME=$HOME/loose",
        "HLRP_AGENT= HLRP_ORIGIN=person XDG_CONFIG_HOME=$HOME/loose",
    ] {
        for inner in [
            format!("python3 -c \"{victim}\""),
            "mv -f other.txt notes.txt".to_owned(),
            "rm -f notes.txt".to_owned(),
        ] {
            let line = format!(
                "{environment} {} -c {}",
                bench.program().display(),
                quoted(&inner)
            );
            agent(&bench, &["run", "--", "bash", "-c", &line]);
            assert_eq!(bench.read("home/notes.txt"), "new\n", "{line}");
        }
    }
    // A project's law may be written where there was none; it can only tighten.
    let project = bench.place("home/fresh");
    let line = format!(
        "mkdir -p {0}/.hlrp; python3 -c 'open(\"{0}/.hlrp/policy.toml\", \"x\").write(open(\"loose/hlrp-sh/policy.toml\").read())'; \
         cd {0} && python3 -c \"import os; os.unlink('../notes.txt')\"",
        project.display()
    );
    agent(&bench, &["run", "--", "bash", "-c", &line]);
    assert_eq!(bench.read("home/notes.txt"), "new\n");
}

#[test]
fn the_systems_law_is_out_of_reach() {
    let bench = world();
    for line in [
        "mkdir -p /etc/hlrp-sh",
        "echo x > /etc/hlrp-sh/policy.toml",
        "sudo tee /etc/hlrp-sh/policy.toml < loose/hlrp-sh/policy.toml",
    ] {
        let ran = agent(&bench, &["-c", line]);
        assert_eq!(ran.code(), 77, "{line}: {}", ran.err);
        assert!(ran.err.contains("fs.outside-roots"), "{line}: {}", ran.err);
    }
    assert!(!Path::new("/etc/hlrp-sh").exists());
}

#[test]
fn who_it_is_cannot_be_shed() {
    let bench = world();
    let law = Law::of(&bench);
    for (what, ran) in each_way(&bench, "echo 'alias rm=true' >> ~/.bashrc") {
        law.holds(&what, &bench);
        assert_ne!(ran.code(), 0, "{what}: {}{}", ran.out, ran.err);
    }
    for variable in [
        "HLRP_AGENT=",
        "HLRP_ORIGIN=person",
        "HLRP_AGENT= CLAUDECODE=",
    ] {
        let line = format!(
            "{variable} {} -c 'echo x >> ~/.bashrc'",
            bench.program().display()
        );
        let ran = agent(&bench, &["run", "--", "bash", "-c", &line]);
        law.holds(&line, &bench);
        assert_ne!(ran.code(), 0, "{line}");
    }
    // What the guard refused is the agent's in the record, whatever the environment said by then.
    let told = bench.run(&["--json", "audit"]).ended(0).out;
    let by_a_person = told
        .lines()
        .filter(|line| line.contains(".bashrc") && line.contains("\"origin\":\"person\""));
    assert_eq!(by_a_person.count(), 0, "{told}");
}

#[test]
fn the_record_is_out_of_reach() {
    none_of(&[
        "rm -rf ~/.local/state/hlrp-sh/audit",
        "python3 -c 'import glob, os; [os.unlink(p) for p in glob.glob(os.path.expanduser(\"~/.local/state/hlrp-sh/audit/*\"))]'",
        "python3 -c 'import glob, os; [open(p, \"w\") for p in glob.glob(os.path.expanduser(\"~/.local/state/hlrp-sh/audit/*\"))]'",
        "for f in ~/.local/state/hlrp-sh/audit/*; do echo forged >> $f; truncate -s 0 $f; done",
        "mv ~/.local/state/hlrp-sh ~/gone; python3 -c 'import os; os.rename(os.path.expanduser(\"~/.local\"), \"gone\")'",
        "chmod 000 ~/.local/state/hlrp-sh ~/.local/state/hlrp-sh/audit",
        "echo '{}' > ~/.local/state/hlrp-sh/audit/forged.jsonl",
    ]);
}

#[test]
fn the_store_is_out_of_reach() {
    none_of(&[
        "rm -rf ~/.hlrp",
        "python3 -c 'import os, shutil; shutil.rmtree(os.path.expanduser(\"~/.hlrp\"), ignore_errors=True)'",
        "for f in ~/.hlrp/retained/*/*; do chmod 600 $f; echo spoiled > $f; truncate -s 0 $f; done",
        "mv ~/.hlrp ~/gone",
        "git -C ~/.hlrp init; git -C ~/.hlrp clean -fdx",
    ]);
}

#[test]
fn what_is_kept_and_stopped_is_a_persons_to_free() {
    let bench = world();
    let law = Law::of(&bench);
    let program = bench.program();
    let program = program.display();
    for words in ["retained release --before 0m", "resume", "resume --yes"] {
        let bare = format!("{program} {words}");
        let answered = format!(
            "(sleep 0.3; echo 1) | script -qec {} /dev/null",
            quoted(&bare)
        );
        for line in [
            bare.clone(),
            format!("env -i HOME=$HOME PATH=$PATH {bare}"),
            answered,
        ] {
            let judged = agent(&bench, &["-c", &line]);
            assert_eq!(judged.code(), 77, "{line}: {}{}", judged.out, judged.err);
            assert!(judged.err.contains("guard.person-only"), "{}", judged.err);
            agent(&bench, &["run", "--", "bash", "-c", &line]);
            let hidden = bench.file("home/attempt.sh", &line);
            let python = format!("import os; os.system('bash {}')", hidden.display());
            agent(&bench, &["run", "--", "python3", "-c", &python]);
            law.holds(&line, &bench);
        }
    }
}

#[test]
fn its_clients_settings_are_out_of_reach() {
    none_of(&[
        "echo '{\"disableAllHooks\": true}' > ~/.claude/settings.json",
        "sed -i 's/hooks/none/' ~/.claude/settings.json; rm -f ~/.claude/settings.json",
        "echo '[features]' >> ~/.codex/config.toml",
        "python3 -c 'import os; os.rename(os.path.expanduser(\"~/.claude\"), \"x\")'",
        "python3 -c 'open(\"code/.cursor/hooks.json\", \"w\")'",
        "echo '{\"disableAllHooks\": true}' > code/.claude/settings.local.json",
        "mkdir -p ~/.cursor ~/.gemini ~/.copilot; echo '{}' > ~/.cursor/hooks.json; echo '{}' > ~/.gemini/settings.json; echo '{}' > ~/.copilot/settings.json",
        "mkdir -p code/.github/hooks code/.gemini; echo '{}' > code/.github/hooks/x.json; echo '{}' > code/.gemini/settings.json; echo '{}' > code/.mcp.json",
    ]);
}

#[test]
fn the_hook_answers_an_agent_and_does_nothing_else() {
    let bench = world();
    let law = Law::of(&bench);
    let event = format!(
        "{{\"hook_event_name\": \"PreToolUse\", \"session_id\": \"../../heads\", \"cwd\": \"{0}\", \
         \"tool_name\": \"Write\", \"tool_input\": {{\"file_path\": \"{0}/.bashrc\", \"content\": \"x\"}}}}",
        bench.home().display()
    );
    bench.file("home/event", &event);
    let line = format!("{} hook --for claude < event", bench.program().display());
    let ran = agent(&bench, &["-c", &line]).ended(0);
    assert!(ran.out.contains("\"deny\""), "{}", ran.out);
    law.holds("the hook in a guard", &bench);
    let mut bare = bench.command("bash");
    bare.args(["-c", &line]);
    let ran = Running::start(&mut bare).end().ended(0);
    assert!(ran.out.contains("\"deny\""), "{}", ran.out);
    law.holds("the hook outside", &bench);
    bench.run(&["audit", "verify"]).ended(0);
}
