//! What a line becomes on another machine: the same line, guarded there by the program
//! that is installed there.
//!
//! INVARIANT: what may change something runs over there inside a guard, or not at all.

use serde::{Deserialize, Serialize};

use super::plain::Stages;
use crate::bash::whole;

/// Where the program is looked for over there, after `PATH`: where it is installed from here, and where systems have it.
const PLACES: &str = "$PATH:$HOME/.local/bin:/usr/local/bin";

/// What runs over there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Far<'a> {
    /// A session: the interactive shell.
    Session,
    /// A line.
    Line(&'a str),
    /// A line that provably only looks, and the plain programs that it is made of: without a guard where there is none.
    Look(&'a str, Stages),
    /// The server of `sftp` and of today's `scp`.
    FileServer,
}

/// Where systems have the server of `sftp`.
const FILE_SERVERS: [&str; 4] = [
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
    "/usr/libexec/sftp-server",
];

/// Exit status where the program is not there: as for a guard that cannot stand.
const MISSING: u8 = crate::error::code::GUARD;

/// Returns the command for the other machine's login shell. `agent` is who asks, where it is one; `host` is for what is said.
pub(super) fn command(far: &Far<'_>, host: &str, agent: Option<&str>) -> String {
    // As a statement of its own: not every shell hands on what is assigned before `exec`.
    let who = agent.map_or(String::new(), |name| {
        format!("export HLRP_AGENT={}; ", whole(name))
    });
    let otherwise = match far {
        Far::Look(_, stages) => plainly(stages),
        Far::Session | Far::Line(_) | Far::FileServer => format!(
            "echo {} >&2; exit {MISSING}",
            whole(&format!(
                "hlrp-sh: there is no hlrp-sh on {host}, so nothing is run there but plain looking \
                 (ls, cat, head, tail, grep, squeue, …); hlrp-sh remote {host} puts it there"
            ))
        ),
    };
    let run = match far {
        Far::Session => r#"exec "$h""#.to_owned(),
        Far::Line(_) | Far::Look(..) => r#"exec "$h" -c "$1""#.to_owned(),
        Far::FileServer => {
            let each = FILE_SERVERS.map(|path| {
                format!(
                    "[ -x {path} ] && exec \"$h\" -c {}",
                    whole(&format!("exec {path}"))
                )
            });
            format!(
                "{}; echo 'hlrp-sh: there is no sftp-server' >&2; exit 127",
                each.join("; ")
            )
        }
    };
    let script = format!("{}{{ {otherwise}; }}; {who}{run}", found());
    let mut command = format!("exec /bin/sh -c {}", whole(&script));
    if let Far::Line(line) | Far::Look(line, _) = far {
        command.push_str(" hlrp-sh ");
        command.push_str(&whole(line));
    }
    command
}

/// Returns the beginning of a script that finds our program as `$h`, and what follows where it is not there. Where it is
/// installed comes before `PATH`, on which a session of that home may put something.
fn found() -> String {
    format!(
        "PATH={PLACES}; export PATH; h=; \
         for d in \"$HOME/.local/bin\" /usr/local/bin /usr/bin; do \
         if [ -x \"$d/hlrp-sh\" ]; then h=$d/hlrp-sh; break; fi; done; \
         [ -n \"$h\" ] || h=$(command -v hlrp-sh) || "
    )
}

/// Returns a script that runs plain programs by their own files, with nothing in their environment that could make them others.
fn plainly(stages: &Stages) -> String {
    let each = stages.iter().enumerate().map(|(at, words)| {
        let words: Vec<String> = words.iter().map(|word| whole(word)).collect();
        let input = if at == 0 { " </dev/null" } else { "" };
        format!("look {}{input}", words.join(" "))
    });
    let pipe: Vec<String> = each.collect();
    format!("{LOOK}{}; exit $?", pipe.join(" | "))
}

/// Runs one program of a plain line.
const LOOK: &str = r#"look() { n=$1; shift; for d in /usr/bin /bin; do [ -x "$d/$n" ] && exec /usr/bin/env -i PATH=/usr/bin:/bin HOME="$HOME" LANG="${LANG:-C}" TERM="${TERM:-dumb}" "$d/$n" "$@"; done; echo "hlrp-sh: $n: command not found" >&2; exit 127; }; "#;

/// What our programs on two machines have agreed upon; another number does not understand this one.
pub const PROTOCOL: u32 = 1;

/// How the program over there introduces itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hello {
    /// `hlrp.far/1`.
    pub schema: String,
    /// What it speaks.
    pub protocol: u32,
    /// Its version.
    pub version: String,
}

impl Hello {
    /// Introduces this program.
    pub fn own() -> Self {
        Self {
            schema: "hlrp.far/1".to_owned(),
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// Returns a script that has the program over there introduce itself; status 3 where there is none.
pub fn hello() -> String {
    format!("{}exit 3; exec \"$h\" far hello", found())
}

/// Where something runs over there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// In this directory, or not at all.
    Exactly(String),
    /// In this directory below the home directory where it is there, else at home.
    Like(String),
}

/// Returns the command that runs our program over there with these words. `agent` is who asks, where it is one.
pub fn words(words: &[String], place: &Place, host: &str, agent: Option<&str>) -> String {
    let who = agent.map_or(String::new(), |name| {
        format!("export HLRP_AGENT={}; ", whole(name))
    });
    let (go, directory) = match place {
        Place::Exactly(directory) => (
            format!(r#"cd -- "$1" || exit {}; "#, crate::error::code::NO),
            directory,
        ),
        Place::Like(directory) => (
            r#"[ ! -d "$HOME/$1" ] || cd -- "$HOME/$1"; "#.to_owned(),
            directory,
        ),
    };
    let missing = whole(&format!(
        "hlrp-sh: there is no hlrp-sh on {host}; hlrp-sh remote {host} puts it there"
    ));
    let script = format!(
        "{}{{ echo {missing} >&2; exit {MISSING}; }}; {go}shift; {who}exec \"$h\" \"$@\"",
        found()
    );
    let mut command = format!(
        "exec /bin/sh -c {} hlrp-sh {}",
        whole(&script),
        whole(directory)
    );
    for word in words {
        command.push(' ');
        command.push_str(&whole(word));
    }
    command
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Runs a command as sshd does, in a home directory with or without our program, and returns status and output.
    fn run(command: &str, home: &Path) -> (i32, String) {
        let out = Command::new("/bin/bash")
            .args(["-c", command])
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .output()
            .unwrap();
        let said = [out.stdout, out.stderr].concat();
        (out.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    /// Puts a program there that says how it was called.
    fn install(home: &Path) {
        let path = home.join(".local/bin/hlrp-sh");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "#!/bin/sh\nprintf '%s|' \"$HLRP_AGENT\" \"$@\"\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    const LINE: &str = "echo \"it's $HOME\"; exit 3\n# `x`";

    #[test]
    fn a_line_comes_whole_to_the_program_over_there() {
        let home = tempfile::tempdir().unwrap();
        install(home.path());
        for far in [Far::Line(LINE), Far::Look(LINE, vec![vec!["true".into()]])] {
            let said = run(&command(&far, "ai", Some("it's")), home.path());
            assert_eq!(said, (0, format!("it's|-c|{LINE}|")));
        }
        let said = run(&command(&Far::Session, "ai", None), home.path());
        assert_eq!(said, (0, "|".to_owned()));
    }

    #[test]
    fn without_the_program_only_what_looks_is_run() {
        let home = tempfile::tempdir().unwrap();
        for far in [Far::Line(LINE), Far::Session, Far::FileServer] {
            let (status, said) = run(&command(&far, "ai", None), home.path());
            assert_eq!(status, i32::from(MISSING));
            assert!(said.contains("no hlrp-sh on ai"), "{said}");
        }
        let look = |line: &str| {
            let stages = super::super::plain::stages(line).unwrap();
            run(&command(&Far::Look(line, stages), "ai", None), home.path())
        };
        std::fs::write(home.path().join("it is"), "a\nb\n").unwrap();
        let path = home.path().join("it is").display().to_string();
        assert_eq!(look(&format!("cat '{path}'")), (0, "a\nb\n".to_owned()));
        assert_eq!(
            look(&format!("cat '{path}' | tail -n1 | wc -l")),
            (0, "1\n".to_owned())
        );
        assert_eq!(look("false"), (1, String::new()));
        assert_eq!(look("true | false").0, 1);
        // Nobody's standard input, and an environment of four.
        assert_eq!(look("cat"), (0, String::new()));
        let (status, said) = look("cat /proc/self/environ");
        let names: Vec<&str> = said
            .split('\0')
            .filter_map(|one| one.split('=').next())
            .collect();
        assert_eq!(
            (status, names),
            (0, vec!["PATH", "HOME", "LANG", "TERM", ""])
        );
        // Something of the same name, where a session may put it, is not run.
        let path = home.path().join(".local/bin/ls");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "#!/bin/sh\necho planted\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(look("ls /nowhere").0, 2);
    }

    #[test]
    fn where_it_is_installed_comes_before_the_path() {
        let home = tempfile::tempdir().unwrap();
        install(home.path());
        let planted = home.path().join("hlrp-sh");
        std::fs::write(&planted, "#!/bin/sh\necho planted\n").unwrap();
        std::fs::set_permissions(&planted, PermissionsExt::from_mode(0o755)).unwrap();
        let run = |line: &str| {
            let path = format!("PATH={}:$PATH; {line}", home.path().display());
            run(&path, home.path()).1
        };
        assert_eq!(run(&command(&Far::Line("x"), "ai", None)), "|-c|x|");
        assert_eq!(
            run(&format!("exec /bin/sh -c {}", whole(&hello()))),
            "|far|hello|"
        );
    }

    #[test]
    fn words_come_to_the_program_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        install(home.path());
        std::fs::create_dir(home.path().join("it's $(x)")).unwrap();
        let odd = [
            "submit", "a b", "it's", "$HOME", "`x`", "-x", "", "a\nb", "*", "\\",
        ];
        let odd = odd.map(str::to_owned);
        let expected = format!("it's|{}|", odd.join("|"));
        for place in [
            Place::Like("nowhere".to_owned()),
            Place::Like("it's $(x)".to_owned()),
            Place::Exactly(home.path().join("it's $(x)").display().to_string()),
        ] {
            let said = run(&words(&odd, &place, "ai", Some("it's")), home.path());
            assert_eq!(said, (0, expected.clone()));
        }
        let nowhere = Place::Exactly("/nowhere".to_owned());
        assert_eq!(run(&words(&odd, &nowhere, "ai", None), home.path()).0, 1);
        let empty = tempfile::tempdir().unwrap();
        let home = Place::Like(String::new());
        let said = run(&words(&odd, &home, "ai", None), empty.path());
        assert_eq!(said.0, i32::from(MISSING));
    }
}
