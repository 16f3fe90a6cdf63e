//! The script that Slurm gets comes apart again as it was put together.

use std::path::Path;

use hlrp_sh::slurm::spool::{Interpreter, Spec, Unreadable, build, interpreter, provide, read};

use super::desk::{PROGRAM, spec};

#[test]
fn bodies_come_back_bit_for_bit() {
    let long = format!("#!/bin/sh\n{}", "x".repeat(1 << 20));
    for body in [
        "#!/bin/sh\n",
        "#!/bin/bash\n#SBATCH -n1\n: x\n# hlrp-sh {}\n",
        long.as_str(),
        "#!/bin/sh\nno end",
    ] {
        let script = build(Path::new(PROGRAM), &spec(), body.as_bytes()).unwrap();
        let (facts, read) = read(&script).unwrap();
        assert_eq!(read, body.as_bytes());
        assert_eq!(
            Spec {
                body: None,
                ..facts
            },
            spec()
        );
    }
    let body = b"#!/bin/sh\n\xff\xfe\x01\n";
    let script = build(Path::new(PROGRAM), &spec(), body).unwrap();
    assert_eq!(read(&script).unwrap().1, body);
}

#[test]
fn names_with_anything_in_them_stay_on_one_line() {
    let mut odd = spec();
    odd.roots
        .push("/home/a b\n#SBATCH --uid=0\r\u{7f}\u{1b}\u{85}".into());
    odd.user = "\u{2028}\"'\\".to_owned();
    let script = build(Path::new(PROGRAM), &odd, b"#!/bin/sh\n").unwrap();
    let text = String::from_utf8(script.clone()).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(!text.lines().any(|line| line.starts_with("#SBATCH")));
    let (facts, _) = read(&script).unwrap();
    assert_eq!(facts.roots, odd.roots);
}

#[test]
fn a_changed_script_is_not_run() {
    let script = build(Path::new(PROGRAM), &spec(), b"#!/bin/sh\necho\n").unwrap();
    let text = String::from_utf8(script).unwrap();
    let changed = text.replace("echo", "evil");
    assert_eq!(read(changed.as_bytes()), Err(Unreadable::Changed));
    let wider = text.replace("\"law\":\"", "\"law\":\"0");
    assert!(matches!(read(wider.as_bytes()), Err(Unreadable::Facts(_))));
    assert_eq!(read(b"#!/bin/sh\necho\n"), Err(Unreadable::NoFacts));
    assert_eq!(read(b""), Err(Unreadable::NoFacts));
}

#[test]
fn the_first_line_fits_or_is_refused() {
    let long = format!("/{}/hlrp-sh", "d".repeat(130));
    assert!(matches!(
        build(Path::new(&long), &spec(), b"#!/bin/sh\n"),
        Err(Unreadable::TooLong(_))
    ));
    assert!(matches!(
        build(Path::new("/a b/hlrp-sh"), &spec(), b"#!/bin/sh\n"),
        Err(Unreadable::TooLong(_))
    ));
}

#[test]
fn interpreters_are_read_as_the_kernel_does() {
    let read = |body: &str| interpreter(body.as_bytes());
    let of = |program: &str, argument: Option<&str>| {
        Some(Interpreter {
            program: program.into(),
            argument: argument.map(str::to_owned),
        })
    };
    assert_eq!(read("#!/bin/bash\n"), of("/bin/bash", None));
    assert_eq!(
        read("#! /bin/bash -l -x \n"),
        of("/bin/bash", Some("-l -x"))
    );
    assert_eq!(
        read("#!/usr/bin/env python3"),
        of("/usr/bin/env", Some("python3"))
    );
    assert_eq!(read("#!\n"), None);
    assert_eq!(read("echo"), None);
}

#[test]
fn the_program_is_copied_once_and_checked_every_time() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("program");
    std::fs::write(&program, "one").unwrap();
    let copy = provide(home.path(), &program).unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), b"one");
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o555);
    assert_eq!(provide(home.path(), &program).unwrap(), copy);
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(&copy, "two").unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o555)).unwrap();
    assert!(provide(home.path(), &program).is_err());
}
