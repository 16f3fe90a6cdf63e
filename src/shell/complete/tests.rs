//! What is suggested where: tables of lines with the cursor at their end.

use std::fs;
use std::time::Instant;

use super::line::{Role, place};
use super::*;
use crate::shell::cache::{Dated, Known};
use crate::slurm::query::cluster;

/// A world with files, programs and a cluster.
struct Bench {
    root: tempfile::TempDir,
    names: Names,
    cache: Cache,
    program: clap::Command,
    trees: Trees,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let directory = |name: &str| fs::create_dir_all(root.path().join(name)).unwrap();
        let file = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
        for name in [
            "runs/laq one",
            "src",
            "home/work",
            "config/experiment",
            "config/model",
            "we$ird",
        ] {
            directory(name);
        }
        file("notes.txt", "");
        file("a b.txt", "");
        file("it's", "");
        file("say \"hi\"", "");
        file("back\\slash", "");
        file("stär.txt", "");
        file(".hidden", "");
        file("src/main.rs", "");
        file("runs/laq one/last.ckpt", "");
        file("home/work/x.py", "");
        file("we$ird/f", "");
        file(
            "config/config.yaml",
            "defaults:\n  - model: small\n  - _self_\n  - experiment: null\nseed: 7\ntrain:\n  lr: 0.1\n  steps: 10\n  resume: false\nname: it is\n",
        );
        file("config/model/small.yaml", "width: 8\n");
        file("config/model/large.yaml", "width: 64\n");
        file(
            "config/experiment/laq.yaml",
            "# @package _global_\nseed: 1\n",
        );
        file(
            "config/experiment/laq_small.yaml",
            "# @package _global_\nseed: 2\n",
        );
        let names = Names::default();
        names.define(&["greet".to_owned(), "gs".to_owned()]);
        let cache = Cache::default();
        cache.put(known());
        let submit = clap::Command::new("submit").about("Submit an experiment");
        let submit = submit
            .arg(
                clap::Arg::new("dry-run")
                    .long("dry-run")
                    .action(clap::ArgAction::SetTrue),
            )
            .arg(clap::Arg::new("config-dir").long("config-dir"));
        let check = clap::Command::new("check").arg(
            clap::Arg::new("context").long("context").value_parser([
                "login",
                "compute",
                "workstation",
            ]),
        );
        let program = clap::Command::new("hlrp-sh").subcommands([
            submit,
            check,
            clap::Command::new("cancel"),
            clap::Command::new("status"),
            clap::Command::new("jobs"),
        ]);
        Self {
            root,
            names,
            cache,
            program,
            trees: Trees::default(),
        }
    }

    /// Returns the words that the line's last word may become.
    fn words(&mut self, line: &str) -> Vec<String> {
        let found = self.found(line);
        found.into_iter().map(|one| one.word).collect()
    }

    fn found(&mut self, line: &str) -> Vec<Candidate> {
        let variable = |name: &str| (name == "SRC").then(|| "src".to_owned());
        let variables = || vec!["SRC".to_owned(), "SLURM_X".to_owned(), "HOME".to_owned()];
        let scene = Scene {
            cwd: self.root.path().to_owned(),
            home: self.root.path().join("home"),
            names: &self.names,
            cache: &self.cache,
            program: &self.program,
            variable: &variable,
            variables: &variables,
        };
        suggest::at(line, line.len(), &scene, &mut self.trees).1
    }
}

fn known() -> Known {
    let partitions = "PartitionName=gpu AllowQos=ALL Default=YES MaxTime=UNLIMITED State=UP TotalNodes=3\nPartitionName=cpu AllowQos=ALL Default=NO MaxTime=UNLIMITED State=DOWN\n";
    Known {
        jobs: Some(Dated::now(jobs())),
        partitions: Some(Dated::now(cluster::partitions(partitions))),
        qos: Some(Dated::now(cluster::qos("normal||10|\nlong|||\n"))),
        accounts: Some(Dated::now(cluster::associations(
            "lab|me||normal|normal\nlab|me|gpu|long|\nother|me|||\n",
        ))),
    }
}

fn jobs() -> Vec<crate::slurm::query::Job> {
    let job = |number: u64, name: &str, state: &str| crate::slurm::query::Job {
        id: crate::slurm::query::JobId::whole(number),
        number,
        name: name.into(),
        user: "me".into(),
        uid: None,
        partition: "gpu".into(),
        qos: "normal".into(),
        state: crate::slurm::query::State::read(state),
        cancelled_by: None,
        reason: None,
        elapsed: Some(75),
        limit: crate::slurm::query::Limit::Unknown,
        submitted: None,
        started: None,
        expected: None,
        ended: None,
        nodes: "n1".into(),
        node_count: None,
        exit: None,
        directory: None,
        race: None,
        source: crate::slurm::query::Source::Queue,
    };
    vec![
        job(4711, "laq", "RUNNING"),
        job(4712, "eval", "PENDING"),
        job(4600, "old", "COMPLETED"),
    ]
}

#[test]
fn words_become_what_is_there() {
    let mut bench = Bench::new();
    let cases: &[(&str, &[&str])] = &[
        // Paths, in every kind of quotes.
        ("cat no", &["notes.txt"]),
        ("cat ./no", &["./notes.txt"]),
        ("cat a", &["a\\ b.txt"]),
        ("cat a\\ ", &["a\\ b.txt"]),
        ("cat \"a", &["\"a b.txt\""]),
        ("cat 'a", &["'a b.txt'"]),
        ("cat 'a ", &["'a b.txt'"]),
        ("cat it", &["it\\'s"]),
        ("cat \"it", &["\"it's\""]),
        ("cat 'it", &["'it'\\''s'"]),
        ("cat sa", &["say\\ \\\"hi\\\""]),
        ("cat \"sa", &["\"say \\\"hi\\\"\""]),
        ("cat back", &["back\\\\slash"]),
        ("cat \"back", &["\"back\\\\slash\""]),
        ("cat we", &["we\\$ird/"]),
        ("cat \"we", &["\"we\\$ird/"]),
        ("cat 'we", &["'we$ird/"]),
        ("cat we\\$ird/", &["we\\$ird/f"]),
        ("cat 'we$ird/", &["'we$ird/f'"]),
        ("cat st", &["stär.txt"]),
        ("cat .h", &[".hidden"]),
        ("cat src/", &["src/main.rs"]),
        ("cat src/m", &["src/main.rs"]),
        ("cat runs/laq\\ one/", &["runs/laq\\ one/last.ckpt"]),
        ("cat \"runs/laq one/l", &["\"runs/laq one/last.ckpt\""]),
        ("cat runs/", &["runs/laq\\ one/"]),
        ("cat runs/\"la", &["runs/\"laq one/"]),
        ("cat ~", &["~/"]),
        ("cat ~/", &["~/work/"]),
        ("cat ~/work/", &["~/work/x.py"]),
        ("cat \"~/", &[]),
        ("cat $SRC/", &["$SRC/main.rs"]),
        ("cat ${SRC}/m", &["${SRC}/main.rs"]),
        ("cat \"$SRC/", &["\"$SRC/main.rs\""]),
        ("cat nothing", &[]),
        ("cat nowhere/x", &[]),
        ("cd s", &["src/"]),
        ("cd n", &[]),
        ("a && cd s", &["src/"]),
        ("echo $(cat no", &["notes.txt"]),
        ("echo \"$(cat no", &["notes.txt"]),
        ("echo `cat no", &["notes.txt"]),
        ("echo hi >no", &["notes.txt"]),
        ("echo hi 2> no", &["notes.txt"]),
        ("wc <no", &["notes.txt"]),
        ("> no", &["notes.txt"]),
        ("tar cf x.tar no", &["notes.txt"]),
        // Commands.
        ("gree", &["greet"]),
        ("ls; gree", &["greet"]),
        ("ls | gree", &["greet"]),
        ("if gree", &["greet"]),
        ("X=1 gree", &["greet"]),
        ("nohup gree", &["greet"]),
        ("env A=1 gree", &["greet"]),
        ("timeout 5 gree", &["greet"]),
        ("echo $(gree", &["greet"]),
        ("(gree", &["greet"]),
        ("pus", &["pushd"]),
        ("src/", &[]),
        ("\"gree", &["\"greet\""]),
        // Variables.
        ("echo $S", &["$SLURM_X", "$SRC"]),
        ("echo ${S", &["${SLURM_X}", "${SRC}"]),
        ("echo \"x$SR", &["\"x$SRC"]),
        ("echo '$S", &[]),
        ("export SR", &["SRC"]),
        // Options.
        ("ls --hum", &["--human-readable"]),
        ("sbatch --part", &["--partition="]),
        ("hlrp-sh submit --d", &["--dry-run"]),
        ("hlrp-sh check --context=l", &["--context=login"]),
        ("hlrp-sh check --context w", &["workstation"]),
        ("hlrp-sh ca", &["cancel"]),
        ("hlrp un", &["undo"]),
        ("hlrp-sh un", &[]),
        // Slurm.
        ("scancel 47", &["4712", "4711"]),
        ("scancel 46", &[]),
        ("hlrp-sh status 4711", &["4711"]),
        ("hlrp cancel 4711 47", &["4712", "4711"]),
        ("scontrol show job 4", &["4712", "4711"]),
        ("squeue -j 4711,4", &["4711,4712", "4711,4711"]),
        ("sbatch -p g", &["gpu"]),
        (
            "sbatch --partition=",
            &["--partition=gpu", "--partition=cpu"],
        ),
        ("sbatch --partition=gpu,c", &["--partition=gpu,cpu"]),
        ("srun --qos=l", &["--qos=long"]),
        ("salloc -A ", &["lab", "other"]),
        ("sbatch no", &["notes.txt"]),
        // Hydra.
        ("hlrp-sh submit exp", &["experiment="]),
        (
            "hlrp-sh submit experiment=",
            &["experiment=laq", "experiment=laq_small"],
        ),
        ("hlrp submit experiment=laq_", &["experiment=laq_small"]),
        (
            "hlrp-sh submit experiment=laq,laq_",
            &["experiment=laq,laq_small"],
        ),
        ("hlrp-sh submit +exp", &["+experiment="]),
        ("hlrp-sh submit mo", &["model=", "model."]),
        ("hlrp-sh submit model.", &["model.width="]),
        ("hlrp-sh submit model.width=", &["model.width=8"]),
        (
            "hlrp-sh submit model=large model.width=",
            &["model.width=64"],
        ),
        (
            "hlrp-sh submit train.",
            &["train.lr=", "train.steps=", "train.resume="],
        ),
        (
            "hlrp-sh submit train.resume=",
            &["train.resume=true", "train.resume=false"],
        ),
        ("hlrp-sh submit train.resume=t", &["train.resume=true"]),
        ("hlrp-sh submit seed=", &["seed=7"]),
        ("hlrp-sh submit experiment=laq seed=", &["seed=1"]),
        (
            "hlrp-sh submit seed=1,2 experiment=laq_",
            &["experiment=laq_small"],
        ),
        ("hlrp-sh submit name=", &["name=it\\ is"]),
        ("hlrp-sh submit --config-dir config se", &["seed="]),
    ];
    let mut wrong = Vec::new();
    for (line, expected) in cases {
        let found = bench.words(line);
        if found != *expected {
            wrong.push(format!("{line:?}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_written_reads_back_in_bash() {
    let mut bench = Bench::new();
    for quote in ["", "\"", "'"] {
        for name in [
            "a b.txt",
            "it's",
            "say \"hi\"",
            "back\\slash",
            "we$ird/",
            "stär.txt",
        ] {
            let first: String = name.chars().take(2).collect();
            let typed = super::quote::escaped(&first, quote.chars().next());
            let words = bench.words(&format!("cat {quote}{typed}"));
            let word = words.first().unwrap_or_else(|| panic!("{quote}{typed}"));
            let open = if name.ends_with('/') { quote } else { "" };
            let output = std::process::Command::new("bash")
                .args(["-c", &format!("printf %s {word}{open}")])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), name, "{word}");
        }
    }
}

#[test]
fn hidden_names_are_shown_to_who_asks() {
    let mut bench = Bench::new();
    assert!(!bench.words("cat ").contains(&".hidden".to_owned()));
    assert!(bench.words("cat .").contains(&".hidden".to_owned()));
}

#[test]
fn what_slurm_said_has_its_age() {
    let mut bench = Bench::new();
    let found = bench.found("scancel 4711");
    let about = found.first().and_then(|one| one.about.clone());
    assert_eq!(about.as_deref(), Some("laq, runs on n1 for 75 s · 0 s old"));
    let mut old = known();
    let at = Instant::now().checked_sub(Duration::from_secs(12));
    if let (Some(jobs), Some(at)) = (&mut old.jobs, at) {
        jobs.at = at;
    }
    bench.cache.put(old);
    let about = bench.found("scancel 4711").remove(0).about.unwrap();
    assert!(about.ends_with("12 s old"), "{about}");
}

#[test]
fn the_place_knows_its_command() {
    for (line, words, role) in [
        ("a b c", &["a", "b"][..], Role::Argument),
        ("a; b ", &["b"], Role::Argument),
        ("a |", &[], Role::Command),
        ("a >", &["a"], Role::Target),
        ("a 2>x b", &["a"], Role::Argument),
        ("a &>x b", &["a"], Role::Argument),
        ("if a; then b ", &["b"], Role::Argument),
        ("x=1 y=2 a ", &["a"], Role::Argument),
        ("sudo -u me a ", &["me", "a"], Role::Argument),
        ("a $(b c) d", &["a", ""], Role::Argument),
        ("a \"$(b c", &["b"], Role::Argument),
        ("a # b", &[], Role::Command),
    ] {
        let place = place(line);
        if line != "a # b" {
            assert_eq!(
                (place.words.as_slice(), place.role),
                (
                    &words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..],
                    role
                ),
                "{line}"
            );
        }
    }
}
