//! Where a line goes on: bash itself is the oracle.

use std::process::Command;

use crate::bash::is_unfinished;

const LINES: [&str; 107] = [
    "",
    "ls",
    "ls -l",
    "echo 'a",
    "echo 'a\nb'",
    "echo \"a",
    "echo \"a $(ls",
    "echo \"a $(ls)\"",
    "echo \"a $(ls 'b\"",
    "echo `ls",
    "echo `ls`",
    "echo $(ls",
    "echo $(ls)",
    "echo $((1+2",
    "echo $((1+2))",
    "echo ${a",
    "echo ${a:-b}",
    "echo ${a:-'b",
    "echo $'a",
    "echo $'a\\'b'",
    "a |",
    "a | b",
    "a |&",
    "a &&",
    "a && b",
    "a ||",
    "a ;",
    "a &",
    "(",
    "( a",
    "( a )",
    "{ a",
    "{ a; }",
    "{ a; } >f",
    "if true",
    "if true; then",
    "if true; then a",
    "if true; then a; fi",
    "if true; then a; else",
    "if true; then a; elif b",
    "if true; then a; elif b; then c; fi",
    "while true",
    "while true; do",
    "while true; do a; done",
    "until a; do b",
    "for x in a b",
    "for x in a b; do",
    "for x in a b; do echo $x; done",
    "for x",
    "for ((i=0; i<3; i++)); do",
    "for ((i=0; i<3; i++)); do a; done",
    "case x in",
    "case x in a)",
    "case x in a) b;;",
    "case x in a) b;; esac",
    "case x",
    "f()",
    "f() {",
    "f() { a; }",
    "function f {",
    "function f { a; }",
    "[[ a == b ]]",
    "[[ a == b",
    "[[ -f x",
    "((1 + 2",
    "((1 + 2))",
    "cat <<E",
    "cat <<E\na",
    "cat <<E\na\nE",
    "cat <<-E\n\ta\n\tE",
    "cat <<'E'\n$(\nE",
    "cat <<A <<B\na\nA",
    "cat <<A <<B\na\nA\nb\nB",
    "cat <<E | wc\na\nE",
    "x=(a b",
    "x=(a b)",
    "x=(a\nb)",
    "declare -A x=([a]=1",
    "a >f",
    "a 2>&1",
    "diff <(a",
    "diff <(a) <(b)",
    "! a",
    "time a",
    "# it's",
    "a # it's \"open",
    "echo a#'b",
    "echo \\'",
    "echo \\\"",
    "fi",
    "done",
    ")",
    "a )",
    "then a",
    "if true; fi",
    "for x in a; done",
    "a | | b",
    "a && && b",
    "; a",
    "{ a; } }",
    "esac",
    "select x in a b; do",
    "select x in a b; do c; done",
    "coproc a",
    "coproc { a",
    "echo @(a|b",
    "echo {a,b",
];

/// What only an interactive bash asks for: `bash -n` takes the end of the input for the end of the line.
const JOINED: [(&str, bool); 12] = [
    ("[[ a == b &&", true),
    ("[[ a == b && c", true),
    ("ls \\", true),
    ("ls \\\\", false),
    ("echo 'a\\", true),
    ("echo 'a\\'", false),
    ("# note \\", false),
    ("a # note \\", false),
    ("echo \"a\\", true),
    ("a && \\", true),
    ("ls \\\n-l \\", true),
    ("ls \\\n-l", false),
];

fn bash_goes_on(line: &str) -> bool {
    let output = Command::new("bash")
        .args(["-O", "extglob", "-n", "-c", line])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    said.contains("unexpected end of file")
        || said.contains("unexpected EOF while looking for")
        || said.contains("delimited by end-of-file")
}

#[test]
fn a_line_goes_on_where_bash_would_read_on() {
    let mut wrong = Vec::new();
    for line in LINES {
        let (ours, theirs) = (is_unfinished(line), bash_goes_on(line));
        if ours != theirs {
            wrong.push(format!("{line:?}: we say {ours}, bash says {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_backslash_at_the_end_joins_the_next_line() {
    for (line, expected) in JOINED {
        assert_eq!(is_unfinished(line), expected, "{line:?}");
    }
}
