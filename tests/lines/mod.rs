//! Lines as people and agents type them, with the decision of the law: from text to verdict.
//!
//! `HLRP_LINES=1 cargo test lines` prints every line that is judged otherwise.

mod world;

use std::path::PathBuf;

use hlrp_sh::bash::analyse;
use hlrp_sh::gate::Gate;
use hlrp_sh::policy::{Context, Decision, GuardLevel, HostClass, Origin, Policy};
use serde::Deserialize;

use world::Picture;

#[derive(Debug, Deserialize)]
struct Table {
    line: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    line: String,
    want: Decision,
    rule: Option<String>,
    law: Vec<u32>,
    #[serde(default = "login")]
    class: HostClass,
    #[serde(default = "agent")]
    origin: String,
    #[serde(default = "yes")]
    guard: bool,
}

fn login() -> HostClass {
    HostClass::Login
}

fn agent() -> String {
    "agent".to_owned()
}

fn yes() -> bool {
    true
}

pub(crate) const TABLES: [(&str, &str); 22] = [
    ("bulk", include_str!("tables/bulk.toml")),
    ("context", include_str!("tables/context.toml")),
    (
        "data-not-action",
        include_str!("tables/data-not-action.toml"),
    ),
    ("delegate", include_str!("tables/delegate.toml")),
    ("delete", include_str!("tables/delete.toml")),
    ("dry-run", include_str!("tables/dry-run.toml")),
    ("empty-replace", include_str!("tables/empty-replace.toml")),
    ("followed-files", include_str!("tables/followed-files.toml")),
    ("git", include_str!("tables/git.toml")),
    ("halted", include_str!("tables/halted.toml")),
    ("more", include_str!("tables/more.toml")),
    ("obfuscated", include_str!("tables/obfuscated.toml")),
    ("ordinary-work", include_str!("tables/ordinary-work.toml")),
    ("planting", include_str!("tables/planting.toml")),
    ("remote", include_str!("tables/remote.toml")),
    ("signals", include_str!("tables/signals.toml")),
    ("slurm", include_str!("tables/slurm.toml")),
    ("tools-clean", include_str!("tables/tools-clean.toml")),
    ("training", include_str!("tables/training.toml")),
    ("unknown", include_str!("tables/unknown.toml")),
    ("where", include_str!("tables/where.toml")),
    ("wrappers", include_str!("tables/wrappers.toml")),
];

fn context(line: &Line) -> Context {
    Context {
        class: line.class,
        host: "login02".into(),
        user: "me".into(),
        cwd: "/home/me/project".into(),
        home: "/home/me".into(),
        roots: vec!["/home/me".into(), "/dss/group/me".into()],
        scratch: vec!["/tmp/hlrp-world".into()],
        own: [
            "/home/me/.hlrp",
            "/dss/group/me/.hlrp",
            "/home/me/.config/hlrp-sh",
            "/home/me/.local/state/hlrp-sh",
        ]
        .map(PathBuf::from)
        .to_vec(),
        origin: match line.origin.as_str() {
            "person" => Origin::Person,
            "script" => Origin::Script,
            _ => Origin::Agent("test".into()),
        },
        guard: line.guard.then_some(GuardLevel::A),
        job: (line.class == HostClass::Compute).then(|| "4711".to_owned()),
        run_directory: None,
        evidence: Vec::new(),
    }
}

#[test]
fn every_line_of_the_tables_gets_the_decision_of_the_law() {
    let policy = Policy::builtin().unwrap();
    let world = Picture::read();
    let mut wrong = Vec::new();
    let (mut total, mut harmless, mut misses, mut alarms) = (0, 0, 0, 0);
    for (name, text) in TABLES {
        let table: Table = toml::from_str(text).unwrap();
        for line in &table.line {
            total += 1;
            let context = context(line);
            let mut gate = Gate::new(&policy, &context);
            if name == "halted" {
                gate = gate.halted();
            }
            let judgement = gate.judge(&line.line, analyse(&line.line, &world));
            let decision = if judgement.decision == Decision::Halt {
                Decision::Deny
            } else {
                judgement.decision
            };
            harmless += usize::from(line.want == Decision::Allow);
            if decision == line.want {
                continue;
            }
            let stopped = decision != Decision::Allow;
            misses += usize::from(line.want != Decision::Allow && !stopped);
            alarms += usize::from(line.want == Decision::Allow && stopped);
            let by: Vec<&str> = judgement
                .refused()
                .map(|judged| &*judged.verdict.rule)
                .collect();
            wrong.push(format!(
                "{name} {:?}: want {} {} got {decision} {by:?}: {}",
                line.law,
                line.want,
                line.rule.as_deref().unwrap_or(""),
                line.line.replace('\n', "\\n")
            ));
        }
    }
    let harmful = total - harmless;
    println!(
        "{total} lines, {harmless} harmless: {} wrong, {misses} of {harmful} harmful let through, {alarms} of {harmless} harmless stopped",
        wrong.len()
    );
    if std::env::var_os("HLRP_LINES").is_some() {
        println!("{}", wrong.join("\n"));
    }
    assert!(total >= 600 && harmless * 100 >= total * 45);
    assert!(
        wrong.is_empty(),
        "{} lines are judged otherwise; HLRP_LINES=1 prints them",
        wrong.len()
    );
}
