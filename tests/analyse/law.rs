//! Lines and what the law says of them, from text to verdict.

use hlrp_sh::bash::analyse;
use hlrp_sh::gate::{Gate, example};
use hlrp_sh::policy::{Context, Decision, GuardLevel, HostClass, Origin, Policy};

use super::Fake;

#[test]
fn every_line_example_of_the_law_gets_its_decision() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let (number, failures) = example::run(&policy, |_| true);
    let wrong: Vec<String> = failures
        .iter()
        .filter(|failure| failure.decision != failure.wanted)
        .filter(|failure| !failure.example.starts_with("Event"))
        .map(|failure| {
            format!(
                "{}: `{}` must be {}, is {} by {:?}",
                failure.rule, failure.example, failure.wanted, failure.decision, failure.by
            )
        })
        .collect();
    assert!(number > 100);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn login() -> Context {
    Context {
        class: HostClass::Login,
        host: "login1".into(),
        user: "me".into(),
        cwd: "/home/me/proj".into(),
        home: "/home/me".into(),
        roots: vec!["/home/me".into(), "/dss/group/me".into()],
        scratch: vec!["/tmp/hlrp-1".into()],
        own: vec!["/home/me/.hlrp".into()],
        origin: Origin::Person,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}

/// Checks that these lines, one a row, all get this decision on a guarded login node.
fn all(lines: &str, wanted: Decision) {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let context = login();
    let gate = Gate::new(&policy, &context);
    let world = Fake::project();
    let mut wrong = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.replace("\\n", "\n");
        let judgement = gate.judge(&line, analyse(&line, &world));
        if judgement.decision != wanted {
            let by: Vec<_> = judgement
                .refused()
                .map(|judged| format!("{} {:?}", judged.verdict.rule, judged.action))
                .collect();
            wrong.push(format!("{line}\n    is {} {by:#?}", judgement.decision));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are not {wanted}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_destroys_is_denied() {
    all(include_str!("denied.txt"), Decision::Deny);
}

#[test]
fn ordinary_work_is_allowed() {
    all(include_str!("allowed.txt"), Decision::Allow);
}

#[test]
fn what_a_person_must_decide_is_asked() {
    all(include_str!("asked.txt"), Decision::Ask);
}

#[test]
#[ignore = "a look at what is asked where nothing guards"]
fn unguarded() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let mut context = login();
    context.guard = None;
    let gate = Gate::new(&policy, &context);
    let world = Fake::project();
    for line in include_str!("allowed.txt")
        .lines()
        .filter(|line| !line.is_empty())
    {
        let line = line.replace("\\n", "\n");
        let judgement = gate.judge(&line, analyse(&line, &world));
        if judgement.decision != Decision::Allow {
            println!("{} {line}", judgement.decision);
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    let world = Fake::project();
    for line in [
        "ls -la",
        "git commit -m 'x y z'",
        "rm -rf build dist",
        "for f in *.txt; do echo \"$f\" | sed 's/a/b/'; done",
        "cd dir && make -j8 2>&1 | tee new.log",
    ] {
        let start = std::time::Instant::now();
        for _ in 0..200 {
            std::hint::black_box(analyse(line, &world));
        }
        println!("{:?} {line}", start.elapsed() / 200);
    }
}
