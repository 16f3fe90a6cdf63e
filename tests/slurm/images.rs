//! `hlrp-sh image import`: the one job that may make namespaces, what it makes with them, and what it cannot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::desk::{Desk, SMALL, submitted};
use super::submission::project;
use crate::guard::running::Ran;

const MINE: &str = "image:\n  dir: @/images\n  partition: lrz-cpu\n  qos: cpu\n  mem: 300M\n  cpus_per_task: 1\n  time_limit: '00:05:00'\n  account: null\n";
/// A line that works only where namespaces may be made.
const NAMESPACES: &str = "unshare --user --map-root-user --mount true && echo namespaces: yes";

/// A project, and this enroot on the job's `PATH`.
fn desk(name: &str, enroot: &str) -> Option<Desk> {
    let desk = Desk::new(name)?;
    project(&desk);
    let mine = desk.read("project/config/mine.yaml");
    let images = MINE.replace('@', &desk.place(""));
    desk.file("project/config/mine.yaml", &format!("{mine}{images}"));
    let text = fs::read_to_string(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/slurm/images")
            .join(enroot),
    )
    .unwrap();
    let text = text
        .replace("@PLACE@", &desk.place(""))
        .replace("@TAG@", &desk.tag());
    desk.file("bin/enroot", &text);
    fs::set_permissions(desk.path("bin/enroot"), fs::Permissions::from_mode(0o755)).unwrap();
    Some(desk)
}

/// Runs a line in the project, with that enroot last on the `PATH`.
fn line(desk: &Desk, line: &str) -> Ran {
    let place = desk.place("");
    desk.natively(&format!(
        "cd project && PATH=$PATH:/home/hlrp/.local/bin:{place}/bin && {line}"
    ))
}

/// Returns the job that was queued.
fn job(ran: &Ran) -> String {
    let first = ran.out.split_whitespace().next();
    let id = first.filter(|id| id.chars().all(|c| c.is_ascii_digit()));
    id.unwrap_or_else(|| panic!("no job: {}\n{}", ran.out, ran.err))
        .to_owned()
}

fn logs(desk: &Desk, job: &str) -> String {
    let ran = desk.hlrp(&["logs", job]);
    ran.out + &ran.err
}

/// Returns what lies among the images, hidden names too.
fn images(desk: &Desk) -> Vec<String> {
    let entries = desk.path("images").read_dir().into_iter().flatten();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
    entries.map(|entry| name(entry).unwrap()).collect()
}

#[test]
fn an_image_is_imported_in_a_job_from_inside_a_session_and_from_outside() {
    let Some(desk) = desk("import", "enroot") else {
        return;
    };
    for (word, how) in [
        ("one", "hlrp-sh image import docker://one:1 --mem 400M"),
        (
            "two",
            "hlrp-sh -c 'hlrp-sh image import docker://two:1 --mem 400M'",
        ),
    ] {
        let ran = line(&desk, how).ended(0);
        assert!(ran.err.contains("image use"), "{}", ran.err);
        let job = job(&ran);
        let states = desk.ended(&job);
        let said = logs(&desk, &job);
        assert_eq!(states, ["COMPLETED 0:0"], "{said}");
        assert!(said.contains("stand-in: done"), "{said}");
        for variable in ["TEMP", "CACHE", "DATA", "RUNTIME"] {
            assert!(said.contains(&format!("{variable} /tmp/hlrp-")), "{said}");
        }
        let found = images(&desk);
        let image = found.iter().find(|image| image.starts_with(word)).unwrap();
        assert!(image.contains("_imported_2"), "{image}");
        assert!(
            !found.iter().any(|image| image.starts_with('.')),
            "{found:?}"
        );
        let list = Command::new("unsquashfs")
            .arg("-ll")
            .arg(desk.path("images").join(image))
            .output();
        let Ok(list) = list else { continue };
        let list = String::from_utf8(list.stdout).unwrap();
        for there in ["root/base", "root/new", "root/dir/kept", "etc/environment"] {
            assert!(list.contains(there), "{there}\n{list}");
        }
        for hidden in ["root/gone", "root/dir/old", ".wh."] {
            assert!(!list.contains(hidden), "{hidden}\n{list}");
        }
    }
}

#[test]
fn an_import_reaches_nothing_that_was_there() {
    let Some(desk) = desk("attack", "attack") else {
        return;
    };
    desk.file("precious/file", "what was there\n");
    let mode = |desk: &Desk| {
        let found = desk.path("precious/file").metadata().unwrap();
        (found.permissions().mode(), found.modified().unwrap())
    };
    let before = mode(&desk);
    let job = job(&line(&desk, "hlrp-sh image import docker://evil:1").ended(0));
    let states = desk.ended_within(&job, std::time::Duration::from_secs(280));
    let said = logs(&desk, &job);
    assert!(said.contains("namespaces: yes"), "{said}");
    assert!(said.contains("the attack is over"), "{states:?} {said}");
    assert!(!said.contains("reached"), "{said}");
    assert_eq!(desk.read("precious/file"), "what was there\n", "{said}");
    assert_eq!(mode(&desk), before);
    assert_eq!(desk.queued(), [""; 0]);
    // What it has left in the image's place is a link, and no image.
    assert!(states[0].starts_with("FAILED"), "{states:?} {said}");
    assert_eq!(images(&desk), [""; 0]);
}

#[test]
fn no_other_script_makes_namespaces() {
    let Some(desk) = desk("no-other", "enroot") else {
        return;
    };
    let script = line(&desk, "hlrp-sh image import docker://one:1 --dry-run")
        .ended(0)
        .out;
    let facts = script
        .lines()
        .find(|line| line.starts_with("# hlrp-sh image import "))
        .unwrap();
    let tag = desk.tag();
    let cases = [
        ("nothing", format!("#!/bin/bash\n{NAMESPACES}\n")),
        ("added", format!("{script}{NAMESPACES}\n")),
        (
            "in-it",
            script.replace("set -euo", &format!("{NAMESPACES}\nset -euo")),
        ),
        ("facts", format!("#!/bin/bash\n{facts}\n{NAMESPACES}\n")),
        (
            "comment",
            format!(
                "#!/bin/bash\n#SBATCH --comment='{}'\n{NAMESPACES}\n",
                &facts[2..].replace('\'', "")
            ),
        ),
        (
            "source",
            script
                .replace("docker://one:1", "docker://one:1;unshare")
                .replace("set -euo", &format!("{NAMESPACES}\nset -euo")),
        ),
        (
            "spec",
            format!(
                "#!/home/hlrp/.local/bin/hlrp-sh __job\n# hlrp-sh {{\"schema\":1,\"import\":{}}}\n: the script as it was submitted\n{script}{NAMESPACES}\n",
                &facts["# hlrp-sh image import ".len()..]
            ),
        ),
    ];
    for (name, text) in cases {
        desk.file("project/job.sh", &text);
        let line = format!(
            "cd project && HLRP_IMPORT=$PWD sbatch {SMALL} -J {tag}-{name} -o {name}.out -e {name}.out --comment '{}' job.sh",
            facts.replace('\'', "")
        );
        let ran = desk.guarded(&line);
        if !ran.out.starts_with("Submitted") {
            assert_ne!(ran.code(), 0, "{name}");
            continue;
        }
        let job = submitted(&ran);
        desk.ended(&job);
        let said = desk.read(&format!("project/{name}.out"));
        assert!(!said.contains("namespaces: yes"), "{name}: {said}");
        assert!(!said.is_empty(), "{name} has said nothing");
    }
    assert_eq!(images(&desk), [""; 0]);
}

#[test]
fn what_is_no_image_is_refused_before_anything_is_queued() {
    let Some(desk) = desk("no-image", "enroot") else {
        return;
    };
    for source in [
        "docker://a;id",
        "docker://$(id)",
        "docker://a b",
        "docker://u:secret@a/b",
        "/etc/passwd",
    ] {
        let ran = line(&desk, &format!("hlrp-sh image import '{source}'"));
        assert_ne!(ran.code(), 0, "{source}");
        assert!(!ran.out.contains("secret"), "{}", ran.out);
        assert!(!desk.path("images").exists(), "{source}");
    }
    // Nothing is said twice: a machine without enroot says so in the log.
    fs::rename(desk.path("bin/enroot"), desk.path("bin/other")).unwrap();
    let job = job(&line(&desk, "hlrp-sh image import docker://one:1").ended(0));
    assert_eq!(desk.ended(&job), ["FAILED 127:0"]);
    let said = logs(&desk, &job);
    assert!(said.contains("there is no enroot on "), "{said}");
    assert_eq!(images(&desk), [""; 0]);
}
