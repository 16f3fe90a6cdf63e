//! The gate: who passes, who is asked, what a denial looks like.

use hlrp_sh::bash::{Analysis, Site, Spanned};
use hlrp_sh::gate::{Answer, Gate, Judgement};
use hlrp_sh::policy::{
    Action, Context, Decision, Deletable, HostClass, Policy, Purpose, RemoteEffect, Stage, Target,
};
use hlrp_sh::ui::{Denial, denial};

use crate::policy::context;

fn found(action: Action, site: Site) -> Analysis {
    Analysis {
        actions: vec![Spanned {
            action,
            span: 0..2,
            stage: Stage::Line,
            site,
            via: Vec::new(),
        }],
        incomplete: None,
    }
}

fn exec(purpose: Purpose) -> Action {
    Action::Exec {
        program: Target::name("x"),
        args: Vec::new(),
        purpose,
    }
}

fn delete(path: &str) -> Action {
    Action::Delete {
        target: Target::path(path),
        what: Deletable::Path,
    }
}

fn judge(context: &Context, action: Action, site: Site) -> Judgement {
    let policy = Policy::builtin().unwrap();
    Gate::new(&policy, context).judge("rm runs/laq_0312", found(action, site))
}

#[test]
fn what_is_denied_gets_no_permit_and_nobody_is_asked() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    let gate = Gate::new(&policy, &context);
    let judgement = gate.judge("rm x", found(delete("/home/me/code/x"), Site::Here));
    let refusal = gate
        .pass(judgement, &mut |_, _| panic!("asked about a denial"))
        .unwrap_err();
    assert_eq!(refusal.answer, None);
    assert_eq!(refusal.judgement.decision, Decision::Deny);
}

#[test]
fn what_is_asked_about_passes_with_yes_only() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    let gate = Gate::new(&policy, &context);
    let judgement = || gate.judge("x", found(exec(Purpose::Serve), Site::Here));
    let permit = gate.pass(judgement(), &mut |_, _| Answer::Yes).unwrap();
    assert_eq!(permit.line(), "x");
    for answer in [Answer::No, Answer::Interrupted, Answer::Nobody] {
        let refusal = gate.pass(judgement(), &mut |_, _| answer).unwrap_err();
        assert_eq!(refusal.answer, Some(answer));
    }
}

#[test]
fn a_job_is_judged_as_a_compute_node() {
    let train = || Action::Train {
        program: "torchrun".to_owned(),
    };
    let context = context();
    assert_eq!(
        judge(&context, train(), Site::Here).decision,
        Decision::Deny
    );
    assert_eq!(
        judge(&context, train(), Site::Job).decision,
        Decision::Allow
    );
}

#[test]
fn another_machine_is_a_login_node_whose_paths_are_its_own() {
    let mut context = context();
    context.class = HostClass::Workstation;
    let there = || Site::Remote("ai".to_owned());
    let train = Action::Train {
        program: "python".to_owned(),
    };
    assert_eq!(judge(&context, train, there()).decision, Decision::Deny);
    assert_eq!(
        judge(&context, delete("/x"), there()).decision,
        Decision::Deny
    );
    let create = Action::Create {
        target: Target::path("/dss/x"),
        node: hlrp_sh::policy::Node::Directory,
    };
    assert_eq!(judge(&context, create, there()).decision, Decision::Allow);
}

#[test]
fn a_halted_session_looks_and_cancels_and_does_nothing_else() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    let gate = Gate::new(&policy, &context).halted();
    let decide = |action| gate.judge("x", found(action, Site::Here)).decision;
    assert_eq!(decide(exec(Purpose::ReadOnly)), Decision::Allow);
    assert_eq!(decide(exec(Purpose::Plain)), Decision::Halt);
    let submit = Action::Submit {
        tool: "sbatch".to_owned(),
    };
    assert_eq!(decide(submit), Decision::Halt);
    let cancel = Action::Cancel {
        scope: hlrp_sh::policy::CancelScope::Named,
    };
    assert_eq!(decide(cancel), Decision::Allow);
    let remote = |effect| Action::Remote {
        host: "ai".to_owned(),
        command: None,
        effect,
    };
    assert_eq!(decide(remote(RemoteEffect::ReadOnly)), Decision::Allow);
    assert_eq!(decide(remote(RemoteEffect::Changes)), Decision::Halt);
}

#[test]
fn a_denial_has_four_parts() {
    let judgement = judge(
        &context(),
        delete("/home/me/code/runs/laq_0312"),
        Site::Here,
    );
    let denials = Denial::all(&judgement);
    let text = plain(&denial::render_all(&denials));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "denied  fs.no-delete");
    assert_eq!(lines[1], "  │ rm runs/laq_0312");
    assert_eq!(lines[2], "  │ ^^ deletes /home/me/code/runs/laq_0312");
    assert!(lines[3].starts_with("  why      nothing is ever deleted"));
    assert!(
        lines[4].starts_with("  instead  hlrp-sh archive runs/laq_0312"),
        "{}",
        lines[4]
    );
    assert_eq!(lines[5], "  more     hlrp-sh policy explain fs.no-delete");
}

#[test]
fn a_denial_shows_hostile_names_harmlessly() {
    let judgement = judge(
        &context(),
        delete("/home/me/code/\u{1b}[2Jx\u{202e}\ny"),
        Site::Here,
    );
    let text = plain(&Denial::all(&judgement)[0].render());
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{202e}'),
        "{text:?}"
    );
    assert_eq!(text.lines().count(), 6, "{text}");
}

#[test]
fn a_denial_of_a_long_or_wide_line_fits() {
    let policy = Policy::builtin().unwrap();
    let context = context();
    let line = format!(
        "echo {}; rm ünï; echo\necho {}",
        "a".repeat(300),
        "b".repeat(300)
    );
    let start = line.find("rm").unwrap();
    let mut analysis = found(delete("/home/me/code/x"), Site::Here);
    analysis.actions[0].span = start..start + "rm ünï".len();
    let judgement = Gate::new(&policy, &context).judge(&line, analysis);
    let text = plain(&Denial::all(&judgement)[0].render());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].chars().count() < 120, "{text}");
    let column = lines[1].find("rm ünï").unwrap();
    let before = lines[1][..column].chars().count();
    let marks = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(before, marks, "{text}");
    assert!(lines[2].contains("^^^^^^ "), "{text}");
}

/// Takes the colours out.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
