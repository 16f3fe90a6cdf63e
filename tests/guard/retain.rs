//! What a program replaces, truncates, edits or removes is kept by the guard, whichever way it does it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::bench::{Bench, has};
use super::running::Ran;

const OLD: &str = "what was there before\n";

/// Everything below a directory that is a regular file.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                files(&path)
            } else {
                vec![path; usize::from(kind.is_file())]
            }
        })
        .collect()
}

fn retained(bench: &Bench, text: &str) -> usize {
    let kept = files(&bench.home().join(".hlrp/retained"));
    kept.iter()
        .filter(|path| fs::read(path).is_ok_and(|all| all == text.as_bytes()))
        .count()
}

fn python(bench: &Bench, text: &str) -> Ran {
    bench.run(&[
        "run",
        "--",
        "python3",
        "-c",
        &format!("import os, shutil\n{text}"),
    ])
}

#[test]
fn whichever_way_content_is_replaced_the_old_is_kept_once() {
    if !has("python3", "retention") {
        return;
    }
    for text in [
        "open('notes.txt', 'w').write('new')",
        "open('notes.txt', 'r+').write('new')",
        "os.truncate('notes.txt', 3)",
        "f = open('notes.txt', 'r+'); f.truncate(0); f.write('new')",
        "open('n', 'w').write('new'); os.rename('n', 'notes.txt')",
        "open('n', 'w').write('new'); os.replace('n', 'notes.txt')",
        "os.close(os.open('notes.txt', os.O_RDONLY | os.O_TRUNC))",
        "os.symlink('notes.txt', 'l'); open('l', 'w').write('new')",
        "os.chdir('/'); open(os.environ['HOME'] + '/notes.txt', 'w').write('new')",
        "d = os.open('.', os.O_RDONLY); os.write(os.open('notes.txt', os.O_WRONLY | os.O_TRUNC, dir_fd=d), b'new')",
        "import mmap; f = open('notes.txt', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[:3] = b'new'; m.flush()",
        "open('o', 'w').write('new' * 9); shutil.copyfile('o', 'notes.txt')",
        "[open('notes.txt', 'w').write(str(i)) for i in range(5)]",
        "os.fork() or (open('notes.txt', 'w').write('new'), os._exit(0)); os.wait()",
    ] {
        let bench = Bench::new();
        python(&bench, text).ended(0).said("");
        assert_ne!(bench.read("home/notes.txt"), OLD, "{text}");
        assert_eq!(retained(&bench, OLD), 1, "{text}");
    }
}

#[test]
fn other_names_of_a_file_keep_their_content() {
    let bench = Bench::new();
    fs::hard_link(
        bench.path("home/notes.txt"),
        bench.path("home/other-name.txt"),
    )
    .unwrap();
    python(&bench, "open('notes.txt', 'w').write('new')").ended(0);
    assert!(retained(&bench, OLD) == 1 || bench.read("home/other-name.txt") == OLD);
}

#[test]
fn reading_and_appending_keep_nothing() {
    let bench = Bench::new();
    python(&bench, "open('notes.txt').read(); open('notes.txt', 'a').write('more\\n'); open('fresh', 'w').write('x')").ended(0);
    assert_eq!(bench.read("home/notes.txt"), format!("{OLD}more\n"));
    assert_eq!(retained(&bench, OLD), 0);
}

#[test]
fn what_the_session_made_itself_it_may_remove() {
    let bench = Bench::new();
    let text =
        "open('mine', 'w').write('made here'); os.unlink('mine'); os.mkdir('d'); os.rmdir('d')";
    python(&bench, text).ended(0).said("");
    assert!(!bench.home().join("mine").exists() && !bench.home().join("d").exists());
    assert_eq!(retained(&bench, "made here"), 1);
    // A later session did not make it.
    python(&bench, "open('mine', 'w').write('made here')").ended(0);
    python(&bench, "os.unlink('mine')")
        .ended(1)
        .told("fs.no-delete");
    assert_eq!(bench.read("home/mine"), "made here");
}

#[test]
fn of_two_names_the_session_gave_a_file_the_first_goes_and_the_last_is_kept() {
    if !has("python3", "retention") {
        return;
    }
    let bench = Bench::new();
    let text = "open('o.tmp', 'w').write('made here'); os.link('o.tmp', 'o'); os.unlink('o.tmp')";
    python(&bench, text).ended(0);
    assert_eq!(retained(&bench, "made here"), 0);
    assert_eq!(bench.read("home/o"), "made here");
    let text = "open('a', 'w').write('twice'); os.link('a', 'b'); os.unlink('b'); os.unlink('a')";
    python(&bench, text).ended(0);
    assert_eq!(retained(&bench, "twice"), 1);
}

#[test]
fn owners_modes_and_times_of_what_is_replaced_stay() {
    let bench = Bench::new();
    let notes = bench.path("home/notes.txt");
    fs::set_permissions(&notes, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let before = notes.metadata().unwrap();
    python(&bench, "open('notes.txt', 'w').write('new')").ended(0);
    let after = notes.metadata().unwrap();
    assert_eq!(
        (before.mode(), before.uid(), before.gid()),
        (after.mode(), after.uid(), after.gid())
    );
}

#[test]
fn the_store_is_out_of_reach() {
    let bench = Bench::new();
    python(&bench, "open('notes.txt', 'w').write('new')").ended(0);
    let text = r"
def attempt(what, *how):
    try: what(*how); print('done', what, how)
    except OSError: pass
for d, dirs, names in os.walk('.hlrp'):
    for n in names + dirs:
        p = os.path.join(d, n)
        for what in (os.unlink, os.rmdir): attempt(what, p)
        attempt(os.chmod, p, 0o777)
        attempt(os.rename, p, 'stolen')
        attempt(os.truncate, p, 0)
        attempt(os.link, p, 'linked')
        for mode in ('w', 'r+', 'a'): attempt(open, p, mode)
    attempt(open, d + '/planted', 'w')
    attempt(os.rename, 'notes.txt', d + '/notes.txt')
attempt(os.rename, '.hlrp', 'gone')
attempt(shutil.rmtree, '.hlrp')
";
    python(&bench, text).said("");
    assert_eq!(retained(&bench, OLD), 1);
    let kept = files(&bench.home().join(".hlrp/retained"));
    for path in kept.iter().filter(|path| !path.ends_with("journal.jsonl")) {
        assert_eq!(
            path.metadata().unwrap().mode() & 0o222,
            0,
            "{}",
            path.display()
        );
    }
}

#[test]
fn more_than_can_be_copied_is_not_edited_in_place() {
    let bench = Bench::new();
    let big = bench.file("home/big.dat", "");
    fs::File::options()
        .write(true)
        .open(&big)
        .unwrap()
        .set_len(65 << 20)
        .unwrap();
    let text = "open('big.dat', 'r+').write('x')";
    let ran = python(&bench, text);
    let first = &fs::read(&big).unwrap()[..1];
    // A file system with reflinks keeps any size.
    if ran.code() == 0 {
        assert_eq!(
            files(&bench.home().join(".hlrp/retained"))
                .iter()
                .filter(|path| path.metadata().unwrap().len() == 65 << 20)
                .count(),
            1
        );
    } else {
        assert_eq!(first, b"\0");
        assert!(ran.err.contains("big.dat"), "{}", ran.err);
    }
}

#[test]
fn nothing_is_kept_for_what_lies_in_scratch() {
    let bench = Bench::new();
    let text = "p = os.environ['TMPDIR'] + '/x'; open(p, 'w').write('gone'); open(p, 'w').write('again'); os.unlink(p)";
    python(&bench, text).ended(0).said("");
    assert_eq!(retained(&bench, "gone") + retained(&bench, "again"), 0);
}
