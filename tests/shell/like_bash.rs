//! What is typed does what it does in bash: the same output, the same `$?`.

use super::keys::Keys;
use crate::guard::bench::{Bench, has};

/// A line, and keys to press once something is shown.
type Step = (&'static str, &'static [(&'static str, &'static str)]);

/// Each an interaction with a name, in a fresh world.
const INTERACTIONS: &[(&str, &[Step])] = &[
    ("echo", &[("echo hello", &[])]),
    (
        "status of true and false",
        &[("false", &[]), ("echo $?", &[]), ("echo $?", &[])],
    ),
    (
        "cd and back",
        &[
            ("cd /usr/bin; pwd", &[]),
            ("cd - > /dev/null", &[]),
            ("pwd | sed 's/bench-[^/]*/B/'", &[]),
        ],
    ),
    ("cd to nowhere", &[("cd /nowhere", &[]), ("echo $?", &[])]),
    ("a variable", &[("x=5", &[]), ("echo $((x * 2))", &[])]),
    (
        "an exported variable",
        &[("export A=b", &[]), ("sh -c 'echo $A'", &[])],
    ),
    (
        "a function",
        &[
            ("f() { echo in $1; return 3; }", &[]),
            ("f a", &[]),
            ("echo $?", &[]),
        ],
    ),
    (
        "an alias",
        &[
            ("alias hi='echo hi there'", &[]),
            ("hi you", &[]),
            ("unalias hi", &[]),
            ("hi", &[]),
        ],
    ),
    (
        "an array",
        &[
            ("a=(1 2 'three four')", &[]),
            ("echo ${#a[@]} \"${a[2]}\"", &[]),
        ],
    ),
    (
        "a map stays",
        &[
            ("declare -A m=([k]=v)", &[]),
            ("echo ${m[k]} ${!m[@]}", &[]),
        ],
    ),
    ("a pipe", &[("printf 'b\\na\\n' | sort | tr a-z A-Z", &[])]),
    (
        "pipefail",
        &[("set -o pipefail; false | true", &[]), ("echo $?", &[])],
    ),
    (
        "pipestatus",
        &[("false | true | sh -c 'exit 4'; echo ${PIPESTATUS[*]}", &[])],
    ),
    ("braces", &[("echo {1..3}{a,b}", &[])]),
    ("a glob", &[("cd /usr/lib; echo os-relea*", &[])]),
    ("quotes", &[("echo 'it'\"'\"'s' \"a  b\" $'x\\ty'", &[])]),
    ("unicode", &[("echo grüße 日本 ✓", &[])]),
    (
        "a command substitution",
        &[("echo $(echo a; echo b) `echo c`", &[])],
    ),
    ("arithmetic", &[("((1 > 2))", &[]), ("echo $?", &[])]),
    (
        "a test",
        &[
            ("[ -d /usr ] && echo yes", &[]),
            ("[[ abc == a* ]]; echo $?", &[]),
        ],
    ),
    ("a loop", &[("for i in 1 2 3; do echo n$i; done", &[])]),
    (
        "a case",
        &[("case abc in a*) echo begins;; *) echo no;; esac", &[])],
    ),
    (
        "a subshell",
        &[("(cd /; x=9; pwd)", &[]), ("echo ${x-unset}", &[])],
    ),
    ("exit in a subshell", &[("(exit 7)", &[]), ("echo $?", &[])]),
    (
        "not found",
        &[("no_such_program_here", &[]), ("echo $?", &[])],
    ),
    (
        "not executable",
        &[("/etc/hostname", &[]), ("echo $?", &[])],
    ),
    ("a syntax error", &[("echo )", &[]), ("echo $?", &[])]),
    (
        "read",
        &[("read -p 'name: ' n; echo got $n", &[("name: ", "me\n")])],
    ),
    (
        "read in python",
        &[(
            "python3 -c 'print(\"<\" + input(\"say: \") + \">\")'",
            &[("say: ", "word\n")],
        )],
    ),
    (
        "cat until the end",
        &[("cat", &[("", "one\n"), ("one\r\none\r\n", "\x04")])],
    ),
    (
        "control-c in sleep",
        &[
            ("echo up; sleep 100", &[("up\r\n", "\x03")]),
            ("echo $?", &[]),
        ],
    ),
    (
        "control-c in a loop",
        &[
            (
                "while true; do echo up; sleep 100; done",
                &[("up\r\n", "\x03")],
            ),
            ("echo $?", &[]),
        ],
    ),
    (
        "control-c in read",
        &[("echo up; read x", &[("up\r\n", "\x03")]), ("echo $?", &[])],
    ),
    (
        "control-c in python",
        &[
            (
                "python3 -c 'import time; print(\"up\", flush=True); time.sleep(100)' 2>/dev/null",
                &[("up\r\n", "\x03")],
            ),
            ("echo $?", &[]),
        ],
    ),
    (
        "control-c caught",
        &[
            (
                "sh -c 'trap \"echo caught; exit 5\" INT; echo up; sleep 100'",
                &[("up\r\n", "\x03")],
            ),
            ("echo $?", &[]),
        ],
    ),
    (
        "control-backslash",
        &[
            (
                "(ulimit -c 0; echo up; exec sleep 100) 2>/dev/null",
                &[("up\r\n", "\x1c")],
            ),
            ("echo $?", &[]),
        ],
    ),
    (
        "control-z and fg",
        &[
            (
                "sh -c 'echo up; read x; echo got $x'",
                &[("up\r\n", "\x1a")],
            ),
            ("echo $?", &[]),
            ("fg", &[("x'\r\n", "back\n")]),
            ("echo $?", &[]),
        ],
    ),
    (
        "a trap",
        &[("trap 'echo bye' USR1; kill -USR1 $$; echo on", &[])],
    ),
    (
        "a trap at the end",
        &[("(trap 'echo bye' EXIT; echo in)", &[])],
    ),
    ("printf", &[("printf '%05.1f|%s\\n' 3.14159 x", &[])]),
    ("a here-string", &[("tr a-z A-Z <<< shout", &[])]),
    (
        "a process substitution",
        &[("cat <(echo a) <(echo b)", &[])],
    ),
    (
        "into a file and back",
        &[
            ("echo data > new.txt; cat new.txt", &[]),
            ("wc -c < new.txt", &[]),
        ],
    ),
    (
        "standard error",
        &[("sh -c 'echo out; echo err >&2' 2>&1 | sort", &[])],
    ),
    (
        "a descriptor stays",
        &[(
            "exec 3< /etc/hostname; read -u 3 h; [ \"$h\" = \"$(cat /etc/hostname)\" ] && echo same; exec 3<&-",
            &[],
        )],
    ),
    (
        "shift and arguments",
        &[("set -- a b c; shift; echo $# $1", &[]), ("echo $*", &[])],
    ),
    (
        "shopt",
        &[(
            "shopt -s nullglob; echo a*nothing*b; shopt -u nullglob",
            &[],
        )],
    ),
    (
        "extglob over lines",
        &[
            ("shopt -s extglob", &[]),
            ("x=abc; echo ${x//@(a|c)/-}", &[]),
        ],
    ),
    ("type", &[("type cd", &[]), ("type -t if", &[])]),
    (
        "a source",
        &[("echo 'v=7; echo sourced' > s.sh; . ./s.sh; echo $v", &[])],
    ),
    ("eval", &[("y='echo z'; eval $y", &[])]),
    (
        "a long line",
        &[(
            "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | wc -c",
            &[],
        )],
    ),
    ("umask", &[("umask 027; umask", &[])]),
    (
        "pushd",
        &[(
            "pushd /usr > /dev/null; popd > /dev/null; dirs | sed 's/bench-[^/]*/B/'",
            &[],
        )],
    ),
    (
        "a terminal everywhere",
        &[("test -t 0 && test -t 1 && test -t 2 && echo three", &[])],
    ),
    ("the size", &[("stty rows 33 cols 99; stty size", &[])]),
    (
        "nothing but a comment",
        &[("false", &[]), ("echo $? # said", &[])],
    ),
    ("a negated pipe", &[("! true", &[]), ("echo $?", &[])]),
    (
        "time is a word",
        &[("TIMEFORMAT=; time true; echo $?", &[])],
    ),
    (
        "coproc",
        &[(
            "coproc cat; echo hi >&${COPROC[1]}; read -u ${COPROC[0]} l; echo $l; kill %1",
            &[],
        )],
    ),
    ("last argument", &[("echo $((16#ff)) $((2**10))", &[])]),
    (
        "local stays local",
        &[("f() { local v=1; }; v=2; f; echo $v", &[])],
    ),
    (
        "select a default",
        &[("echo ${UNSET_ONE:-default} ${UNSET_ONE:+never}", &[])],
    ),
];

#[test]
fn typed_lines_do_what_they_do_in_bash() {
    if !has("setsid", "shell") {
        return;
    }
    let done = |steps: &[Step], ours: bool| -> Vec<String> {
        let bench = Bench::new();
        let mut keys = if ours {
            Keys::ours(&bench)
        } else {
            Keys::bash(&bench)
        };
        let lines = steps
            .iter()
            .map(|(line, then)| settle(&keys.line(line, then)));
        lines.collect()
    };
    let mut differ = Vec::new();
    for (name, steps) in INTERACTIONS {
        // What goes on over lines, or says process ids, is tried by itself.
        if steps
            .last()
            .is_some_and(|(line, _)| line.ends_with('{') || line.contains('&'))
            && steps.len() == 1
        {
            continue;
        }
        let (bash, ours) = (done(steps, false), done(steps, true));
        if bash != ours {
            differ.push(format!("{name}:\n  bash {bash:?}\n  ours {ours:?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Takes out what differs from run to run.
fn settle(shown: &str) -> String {
    shown.trim_end_matches(['\r', '\n']).to_owned()
}

#[test]
fn a_shell_ends_as_bash_does() {
    if !has("setsid", "shell-ends") {
        return;
    }
    for (keys, status) in [
        ("exit 3\n", 3),
        ("\x04", 0),
        ("set -e; false\n", 1),
        ("exec sh -c 'exit 9'\n", 9),
    ] {
        for ours in [false, true] {
            let bench = Bench::new();
            let mut shell = if ours {
                Keys::ours(&bench)
            } else {
                Keys::bash(&bench)
            };
            shell.press(keys);
            assert_eq!(shell.end(), Some(status), "{keys:?} ours {ours}");
        }
    }
}

#[test]
fn stopped_jobs_are_in_the_way_of_the_first_exit_only() {
    if !has("setsid", "shell-stopped") {
        return;
    }
    for ours in [false, true] {
        let bench = Bench::new();
        let mut shell = if ours {
            Keys::ours(&bench)
        } else {
            Keys::bash(&bench)
        };
        shell.line("sh -c 'echo up; sleep 100'", &[("up\r\n", "\x1a")]);
        assert!(shell.line("exit", &[]).contains("There are stopped jobs."));
        shell.press("exit\n");
        assert!(shell.end().is_some());
    }
}
