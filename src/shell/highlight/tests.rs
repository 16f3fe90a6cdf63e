//! What the parts of a line are, and what of it is underlined.

use std::sync::Arc;

use super::*;
use crate::gate::Gate;
use crate::policy::{Context, Decision, GuardLevel, HostClass, Origin, Policy};

/// A letter for each byte: what it is.
fn kinds(line: &str) -> String {
    let mut letters = String::new();
    for piece in bash::pieces(line) {
        let letter = match piece.kind {
            Kind::Plain => '.',
            Kind::Command => 'C',
            Kind::Keyword => 'K',
            Kind::Option => 'o',
            Kind::Quoted => 'q',
            Kind::Variable => 'v',
            Kind::Assignment => '=',
            Kind::Redirect => '>',
            Kind::Operator => '|',
            Kind::Comment => '#',
        };
        letters.extend(std::iter::repeat_n(letter, piece.span.len()));
    }
    letters
}

#[test]
fn every_part_of_a_line_is_what_it_is() {
    for (line, expected) in [
        ("ls -l a", "CC.oo.."),
        ("ls 'a b' c", "CC.qqqqq.."),
        ("ls 'a", "CC.qq"),
        ("echo \"a $x b\"", "CCCC.qqqvvqqq"),
        ("echo \"a $x", "CCCC.qqqvv"),
        ("echo $HOME/a", "CCCC.vvvvv.."),
        ("echo ${x:-y}z", "CCCC.vvvvvvv."),
        ("a=1 b", "==..C"),
        ("a | b", "C.|.C"),
        ("a && b; c", "C.||.C|.C"),
        ("a >f", "C.>>"),
        ("a > f x", "C.>>>.."),
        ("a 2>&1", "C.>>>>"),
        ("a # b", "C.###"),
        ("if a; then b; fi", "KK.C|.KKKK.C|.KK"),
        ("if a; then b", "KK.C|.KKKK.C"),
        ("for x in a; do b; done", "KKK...KK..|.KK.C|.KKKK"),
        ("echo $(ls -a)", "CCCC.||CC.oo|"),
        ("echo $(ls -a", "CCCC.||CC.oo"),
        ("echo \"$(ls)\"", "CCCC.q||CC|q"),
        ("echo `ls`", "CCCC.|CC|"),
        ("f() { a; }", "C||.K.C|.K"),
        ("a \\$b", "C.qq."),
        ("echo )", "CCCC.|"),
        ("{ a", "K.C"),
        ("a |", "C.|"),
        ("( a", "|.C"),
        ("echo äö -x", "CCCC......oo"),
    ] {
        let expected = expected.to_owned();
        assert_eq!(kinds(line).len(), line.len(), "{line}");
        if line.is_ascii() {
            assert_eq!(kinds(line), expected, "{line}");
        }
    }
}

#[test]
fn pieces_are_in_order_and_cover_the_line() {
    for line in [
        "echo 'ä' \"ö $x\" | wc > ü # ß",
        "cat <<E\nä $x\nE\nls",
        "x=(a 'b' $c); echo ${x[@]}",
        "case $x in a|b) c;; *) d 'e';; esac",
        "[[ -f $x && a == 'b' ]] && ((i++))",
    ] {
        let mut end = 0;
        for piece in bash::pieces(line) {
            assert_eq!(piece.span.start, end, "{line}");
            assert!(line.is_char_boundary(piece.span.end), "{line}");
            end = piece.span.end;
        }
        assert_eq!(end, line.len(), "{line}");
    }
}

#[test]
fn every_beginning_of_a_line_can_be_painted() {
    let line = "if [[ -f \"$a\" ]]; then for x in $(ls 'b c'); do case $x in (a) rm ${y:-\"z\"} <<'E' >f;; esac; done; fi # ö\nä\nE\n";
    for (at, _) in line.char_indices() {
        let beginning = line.get(..at).unwrap();
        let length: usize = bash::pieces(beginning)
            .iter()
            .map(|piece| piece.span.len())
            .sum();
        assert_eq!(length, at, "{beginning:?}");
    }
}

fn context() -> Context {
    Context {
        class: HostClass::Workstation,
        host: "box".to_owned(),
        user: "me".to_owned(),
        cwd: "/home/me".into(),
        home: "/home/me".into(),
        roots: vec!["/home/me".into()],
        scratch: Vec::new(),
        own: Vec::new(),
        origin: Origin::Person,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}

fn verdicts() -> Verdicts {
    let policy = Policy::load(&[]).unwrap();
    let judge = move |line: &str| {
        let context = context();
        let world = crate::bash::Disk {
            cwd: "/home/me".into(),
            home: "/home/me".into(),
            user: "me".into(),
            scratch: None,
        };
        Gate::new(&policy, &context).judge(line, bash::analyse(line, &world))
    };
    Verdicts::start(Arc::new(judge), || {})
}

fn opinion(verdicts: &Verdicts, line: &str) -> Arc<super::super::verdict::Opinion> {
    for _ in 0..400 {
        if let Some(opinion) = verdicts.of(line) {
            return opinion;
        }
    }
    panic!("no verdict of {line}");
}

#[test]
fn what_will_be_denied_is_underlined_and_named() {
    let paints = Paints {
        look: Look {
            has_colour: false,
            is_ascii: true,
            is_dumb: false,
        },
        verdicts: verdicts(),
        names: Names::default(),
        banner: Banner::default(),
    };
    let line = "ls; rm -rf data; pwd";
    opinion(&paints.verdicts, line);
    let text = paints.highlight(line, 0);
    let underlined = text.buffer.iter().filter(|(style, _)| style.is_underline);
    let underlined: String = underlined.map(|(_, text)| text.as_str()).collect();
    assert_eq!(underlined, "data");
    let mark = paints.banner.lock().unwrap().clone().unwrap();
    assert_eq!(
        (mark.decision, &*mark.rule),
        (Decision::Deny, "fs.no-delete")
    );
    assert_eq!(
        paints.look.named(mark.decision, &mark.rule),
        "x denied fs.no-delete"
    );
    paints.highlight("ls", 0);
    opinion(&paints.verdicts, "ls");
    paints.highlight("ls", 0);
    assert_eq!(*paints.banner.lock().unwrap(), None);
}

#[test]
fn an_open_quote_is_judged_as_if_it_were_closed() {
    let verdicts = verdicts();
    assert_eq!(opinion(&verdicts, "echo \"a b").marks, []);
    let marks = opinion(&verdicts, "rm \"a b").marks.clone();
    assert_eq!(marks.first().map(|mark| mark.span.clone()), Some(3..7));
    assert_eq!(opinion(&verdicts, "if true; then ls").marks, []);
}
