//! The prompt at several widths, in colours and without.

use std::time::Duration;

use super::*;

const PLAIN: Look = Look {
    has_colour: false,
    is_ascii: false,
    is_dumb: false,
};
const ASCII: Look = Look {
    is_ascii: true,
    ..PLAIN
};

fn facts() -> Facts {
    Facts {
        class: HostClass::Login,
        host: "login02.cluster.example".into(),
        user: "me".into(),
        cwd: "/home/me/projects/hlrp".into(),
        home: "/home/me".into(),
        guard: Some(GuardLevel::A),
        denials: 0,
        status: 0,
        halted: None,
        session: "s".into(),
        quota: None,
        afar: Vec::new(),
        names: Vec::new(),
    }
}

fn counts(running: u64, waiting: u64, seconds: u64) -> Counts {
    Counts {
        running,
        waiting,
        age: Duration::from_secs(seconds),
    }
}

#[test]
fn the_row_says_where_this_is_and_what_holds() {
    let row = |facts: &Facts, counts: Option<Counts>, look| row(facts, counts.as_ref(), look, 80);
    assert_eq!(
        row(&facts(), None, PLAIN),
        "login02 ~/projects/hlrp ▸ guard ✓"
    );
    assert_eq!(
        row(&facts(), Some(counts(3, 2, 5)), PLAIN),
        "login02 ~/projects/hlrp ▸ 3R 2PD · guard ✓"
    );
    assert_eq!(
        row(&facts(), Some(counts(3, 2, 5)), ASCII),
        "login02 ~/projects/hlrp > 3R 2PD | guard on"
    );
    assert_eq!(
        row(&facts(), Some(counts(0, 0, 300)), PLAIN),
        "login02 ~/projects/hlrp ▸ no jobs (5 min old) · guard ✓"
    );
    let full = Facts {
        quota: Some("71 %".into()),
        ..facts()
    };
    assert_eq!(
        row(&full, Some(counts(3, 2, 5)), PLAIN),
        "login02 ~/projects/hlrp ▸ 3R 2PD · quota 71 % · guard ✓"
    );
    let busy = Facts {
        class: HostClass::Workstation,
        host: "box".into(),
        cwd: "/home/me".into(),
        guard: Some(GuardLevel::B),
        denials: 2,
        status: 77,
        ..facts()
    };
    assert_eq!(
        row(&busy, None, PLAIN),
        "workstation:box ~ ▸ guard B ✓ · 2 denied · exit 77"
    );
    let off = Facts {
        guard: None,
        cwd: "/".into(),
        ..facts()
    };
    assert_eq!(row(&off, None, ASCII), "login02 / > guard off read-only");
}

#[test]
fn a_halt_comes_first_and_is_loud() {
    let halted = Facts {
        halted: Some("quota at 97 %".into()),
        ..facts()
    };
    assert_eq!(
        row(&halted, None, PLAIN, 80),
        " HALTED: quota at 97 %  · login02 ~/projects/hlrp ▸ guard ✓"
    );
    assert_eq!(
        row(&halted, None, ASCII, 30),
        " HALTED  | login02 hlrp > g on"
    );
    let coloured = Look {
        has_colour: true,
        ..PLAIN
    };
    assert!(row(&halted, None, coloured, 80).starts_with("\x1b[1;7;31m HALTED"));
}

#[test]
fn a_narrow_terminal_gets_shorter_parts_and_one_row() {
    let all = Facts {
        class: HostClass::Compute,
        host: "gpu1203".into(),
        cwd: "/home/me/projects/robot_policies/hlrp_experiments".into(),
        denials: 3,
        status: 1,
        ..facts()
    };
    let counts = counts(12, 140, 10);
    let mut shown = Vec::new();
    for width in [160, 80, 70, 60, 50, 44] {
        let row = row(&all, Some(&counts), PLAIN, width);
        assert!(row.chars().count() <= width, "{width}: {row}");
        shown.push(row);
    }
    let expected = [
        "compute:gpu1203 ~/projects/robot_policies/hlrp_experiments ▸ 12R 140PD · guard ✓ · 3 denied · exit 1",
        "compute:gpu1203 ~/p/r/hlrp_experiments ▸ 12R 140PD · guard ✓ · 3 denied · exit 1",
        "compute:gpu1203 hlrp_experi… ▸ 12R 140PD · guard ✓ · 3 denied · exit 1",
        "compute hlrp_experi… ▸ 12R 140PD · guard ✓ · 3d · exit 1",
        "compute hlrp_experi… ▸ 12R 140PD · g ✓ · exit 1",
        "compute hlrp_experi… ▸ 12R140PD · g ✓ · =1",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn names_cannot_move_the_cursor() {
    let nasty = Facts {
        cwd: "/home/me/a\x1b[2Jb".into(),
        ..facts()
    };
    assert!(!row(&nasty, None, PLAIN, 80).contains('\x1b'));
}

#[test]
fn the_environment_decides_how_it_looks() {
    let look = |pairs: &[(&str, &str)]| {
        Look::of(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    let usual = look(&[("TERM", "xterm"), ("LANG", "de_DE.UTF-8")]);
    assert!(usual.has_colour && !usual.is_ascii && !usual.is_dumb);
    assert!(look(&[("TERM", "xterm"), ("LANG", "C")]).is_ascii);
    assert!(look(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("LC_ALL", "C")]).is_ascii);
    assert!(look(&[("TERM", "xterm"), ("LANG", "C.utf8"), ("HLRP_ASCII", "1")]).is_ascii);
    assert!(!look(&[("TERM", "xterm"), ("NO_COLOR", "1")]).has_colour);
    let dumb = look(&[("TERM", "dumb"), ("LANG", "en_US.UTF-8")]);
    assert!(dumb.is_dumb && dumb.is_ascii && !dumb.has_colour);
    assert!(look(&[]).is_dumb);
}

#[test]
fn machines_that_are_connected_stand_beside_and_go_first_when_it_is_narrow() {
    let mut facts = facts();
    facts.afar = vec![
        Afar {
            host: "me@ai.lrz.de".into(),
            jobs: Some((2, 1)),
            percent: Some(71),
        },
        Afar {
            host: "box".into(),
            jobs: None,
            percent: Some(3),
        },
    ];
    let shown = row(&facts, None, PLAIN, 200);
    assert!(shown.contains("ai: 2R 1PD, 71 %"), "{shown}");
    assert!(shown.contains("box: 3 %"), "{shown}");
    let shown = row(&facts, None, PLAIN, 20);
    assert_eq!(shown, "login02 hlrp ▸ g ✓");
}
