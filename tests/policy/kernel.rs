//! What the law says to the guard.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Instant;

use hlrp_sh::policy::{
    Action, Context, Decision, Deletable, Endpoint, Event, Example, Kind, Origin, PathFacts,
    Policy, Presence, Scene, Stage, Target, WriteHow,
};

use super::context;

fn judge(policy: &Policy, event: &Event, origin: Option<&Origin>) -> (Decision, String) {
    let mut context = context();
    if let Some(origin) = origin {
        context.origin = origin.clone();
    }
    let action = event
        .to_action(&context.home)
        .expect("an event has an action");
    let verdict = policy.judge(&action, &scene(&context, event.by.as_deref()));
    (verdict.decision, verdict.rule.to_string())
}

fn scene<'a>(context: &'a Context, actor: Option<&'a str>) -> Scene<'a> {
    Scene {
        context,
        stage: Stage::Kernel,
        actor,
    }
}

#[test]
fn every_kernel_example_gets_its_decision() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let mut wrong = Vec::new();
    let mut number = 0;
    for rule in policy.rules() {
        let examples = &rule.text().examples;
        let lists: [(Decision, &[Example]); 3] = [
            (Decision::Allow, &examples.allow),
            (Decision::Ask, &examples.ask),
            (Decision::Deny, &examples.deny),
        ];
        for (wanted, list) in lists {
            for example in list {
                let Some(event) = &example.kernel else {
                    continue;
                };
                number += 1;
                let (decision, id) = judge(&policy, event, example.origin.as_ref());
                if decision != wanted || (wanted != Decision::Allow && id != rule.id()) {
                    let name = rule.text().full_name();
                    wrong.push(format!("{name}: {event:?}: {decision} by {id}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(number > 60, "only {number} kernel examples");
}

#[test]
fn an_unknown_birth_counts_as_pre_existing() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    let action = Action::Delete {
        target: Target::Path(PathFacts {
            path: "/home/me/x".into(),
            presence: Presence::File,
            born: None,
        }),
        what: Deletable::Path,
    };
    let verdict = policy.judge(&action, &scene(&context, Some("python3")));
    assert_eq!(
        (verdict.decision, &*verdict.rule),
        (Decision::Deny, "fs.no-delete")
    );
}

#[test]
fn a_protected_name_that_is_not_utf8_is_denied() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    for name in [
        &b"/home/me/.ssh/\xff\xfe"[..],
        b"/home/me/x/.git/hooks/\xff",
    ] {
        let action = Action::Write {
            target: Target::path(Path::new(OsStr::from_bytes(name))),
            how: WriteHow::Overwrite,
        };
        let verdict = policy.judge(&action, &scene(&context, Some("git")));
        assert_eq!(&*verdict.rule, "fs.protected");
    }
}

#[test]
fn a_session_without_roots_may_only_read() {
    let policy = Policy::builtin().unwrap();
    let mut context = context();
    context.roots.clear();
    let action = Action::Write {
        target: Target::path("/home/me/x"),
        how: WriteHow::Overwrite,
    };
    let verdict = policy.judge(&action, &scene(&context, None));
    assert_eq!(&*verdict.rule, "fs.outside-roots");
    assert!(verdict.instead.contains("HLRP_DSS"));
}

#[test]
fn other_address_families_do_not_connect() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    for (family, decision) in [
        (0, Decision::Allow),
        (16, Decision::Allow),
        (40, Decision::Deny),
    ] {
        let action = Action::Connect {
            endpoint: Endpoint::Other { family },
        };
        assert_eq!(
            policy.judge(&action, &scene(&context, None)).decision,
            decision
        );
    }
}

#[test]
fn every_kind_of_action_has_a_verdict() {
    let policy = Policy::builtin().unwrap();
    let event = |on| Event {
        path: Some("~/x".to_owned()),
        to: Some("~/y".to_owned()),
        ..event_on(on)
    };
    assert_eq!(judge(&policy, &event(Kind::Read), None).1, "default.allow");
    assert_eq!(
        judge(&policy, &event(Kind::Rename), None).1,
        "default.allow"
    );
    assert_eq!(judge(&policy, &event(Kind::Write), None).1, "fs.edit");
}

fn event_on(on: Kind) -> Event {
    Event {
        on,
        path: None,
        to: None,
        by: None,
        presence: None,
        born: None,
        how: None,
        node: None,
        change: None,
        entries: None,
        socket: None,
        port: None,
        family: None,
    }
}

/// Prints what one verdict costs; the figure for release builds is in `benches/`.
#[test]
fn judging_is_cheap() {
    let loading = Instant::now();
    let policy = Policy::builtin().unwrap();
    println!("load {:?}", loading.elapsed());
    let context = context();
    let path = "/home/me/projects/robot/src/pkg/data/loader/cache/file_0001.py";
    let target = Target::Path(PathFacts {
        path: path.into(),
        presence: Presence::File,
        born: Some(false),
    });
    let actions = [
        Action::Write {
            target: target.clone(),
            how: WriteHow::Overwrite,
        },
        Action::Delete {
            target,
            what: Deletable::Path,
        },
    ];
    for action in &actions {
        let start = Instant::now();
        for _ in 0..1000 {
            let _verdict = policy.judge(action, &scene(&context, Some("git")));
        }
        println!("{:?} a verdict", start.elapsed() / 1000);
    }
}
