//! Nothing panics, and no command is skipped.

use hlrp_sh::bash::analyse;
use proptest::prelude::*;

use super::Fake;

/// Pieces that lines are put together from.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "rm",
        "foo",
        "-rf",
        "echo",
        "$x",
        "$(",
        ")",
        "`",
        "'",
        "\"",
        "|",
        ";",
        "&&",
        "||",
        "{",
        "}",
        "(",
        "if",
        "then",
        "fi",
        "for",
        "in",
        "do",
        "done",
        ">",
        ">>",
        "<",
        "<<EOF\n",
        "EOF\n",
        "\n",
        "${x:-",
        "$((",
        "))",
        "[[",
        "]]",
        "case",
        "esac",
        "ü",
        "a=b",
        "f()",
        "eval",
        "bash -c",
        "#",
        "\\",
        "*",
        "{a,b}",
        "~",
        "!",
        "&",
        "2>&1",
        "<(",
        "$'\\x",
        "function",
        "while",
        "sudo",
        "xargs",
        "find . -exec",
        "\\;",
        "git",
        "-",
        "--",
        "=",
        "[",
        "]",
        "@",
        "%",
        "🦀",
    ])
    .prop_map(str::to_owned);
    prop_oneof![8 => fixed, 1 => "[ -~]{0,6}", 1 => "\\PC{0,3}"]
}

/// Simple commands of which it is known where they stand.
fn command() -> impl Strategy<Value = String> {
    let program = prop::sample::select(vec![
        "rm",
        "ls",
        "echo",
        "frobnicate",
        "git status",
        "$x",
        "\\rm",
        "env A=b rm",
        "timeout 5 rm",
        "cat",
        "mv a",
        "cp a",
        "x=1",
        "python3 s.py",
        "sudo ls",
        "./run.sh",
        "'r'm",
    ]);
    let argument = prop::sample::select(vec![
        "",
        " foo",
        " \"$y\"",
        " -rf z",
        " ü",
        " 'a b'",
        " > out.txt",
        " 2>/dev/null",
        " *.log",
        " < in.txt",
        " {p,q}",
        " $(pwd)",
    ]);
    (program, argument).prop_map(|(program, argument)| format!("{program}{argument}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(parts in prop::collection::vec(piece(), 0..24), spaced: bool) {
        let line = parts.join(if spaced { " " } else { "" });
        let analysis = analyse(&line, &Fake::project());
        prop_assert!(analysis.incomplete.as_deref() != Some("the analyser broke off"), "{line:?}");
        for found in &analysis.actions {
            prop_assert!(found.span.end <= line.len().max(1) + 1, "{line:?} {found:?}");
        }
    }

    #[test]
    fn every_command_and_redirect_is_covered(
        commands in prop::collection::vec(command(), 1..6),
        between in prop::sample::select(vec![" ; ", " && ", " | ", "\n", " || "]),
        frame in prop::sample::select(vec![("", ""), ("( ", " )"), ("{ ", " ; }"), ("if true; then ", " ; fi"), ("while true; do ", " ; done"), ("f() { ", " ; }")]),
    ) {
        let mut line = frame.0.to_owned();
        let mut spans = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            if at > 0 {
                line.push_str(between);
            }
            spans.push(line.len()..line.len() + command.len());
            line.push_str(command);
        }
        line.push_str(frame.1);
        let analysis = analyse(&line, &Fake::project());
        for span in spans {
            for at in span.clone() {
                let covered = analysis.actions.iter().any(|found| found.span.contains(&at));
                prop_assert!(covered, "byte {at} of {line:?} is not covered: {:?}", analysis.actions);
            }
        }
    }
}

#[test]
fn what_does_not_parse_is_unknown_over_all_of_it() {
    for line in [
        "if",
        "echo 'a",
        "rm $(",
        &"(".repeat(300),
        &"a".repeat(70_000),
    ] {
        let analysis = analyse(line, &Fake::project());
        assert!(analysis.incomplete.is_some(), "{line:.40}");
        let all = analysis
            .actions
            .iter()
            .any(|found| found.span == (0..line.len()));
        assert!(all, "{line:.40}");
    }
}

#[test]
fn deep_and_long_text_does_not_overflow() {
    let deep = format!("{}rm x{}", "( ".repeat(150), " )".repeat(150));
    assert!(analyse(&deep, &Fake::project()).incomplete.is_none());
    let substitutions = format!("{}rm x{}", "echo \"a$(".repeat(20), ")\"".repeat(20));
    let analysis = analyse(&substitutions, &Fake::project());
    assert!(!analysis.actions.is_empty());
    let long = "echo hello\n".repeat(5_000);
    assert!(analyse(&long, &Fake::project()).incomplete.is_none());
}

#[test]
fn functions_that_multiply_end() {
    let line = "a(){ b;b;b;b; }; b(){ c;c;c;c; }; c(){ d;d;d;d; }; d(){ e;e;e;e; }; e(){ f;f;f;f; }; f(){ g;g;g;g; }; g(){ h;h;h;h;}; h(){ i;i;i;i;}; i(){ rm x;}; a";
    let analysis = analyse(line, &Fake::project());
    assert!(analysis.incomplete.is_some());
}

#[test]
fn nested_openings_take_no_time() {
    let start = std::time::Instant::now();
    for line in [
        format!("a[{}", "$((".repeat(6)),
        format!("a[{}]=1", "$(".repeat(60)),
        format!("echo {}", "\"$(echo ".repeat(60)),
        format!("echo {}", "${x:-".repeat(150)),
        format!("echo {}", "{a,".repeat(60)),
        format!("echo {}{}", "{a,b}".repeat(40), "x"),
        format!("echo {}", "`echo \\`".repeat(40)),
        format!("{}{}", "$(case x in a) ".repeat(20), ";; esac)".repeat(20)),
    ] {
        let _ = analyse(&line, &Fake::project());
        assert!(start.elapsed().as_secs() < 10, "{line}");
    }
}
