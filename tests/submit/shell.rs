//! The command as a person types it.

use std::process::{Command, Output};

use super::{World, everything};

fn submit(world: &World, arguments: &[&str]) -> Output {
    let home = world.path();
    Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
        .arg("submit")
        .args(arguments)
        .current_dir(world.path().join("config"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &home)
        .env("HLRP_DSS", &home)
        .env("WANDB_API_KEY", "0123456789abcdef0123")
        .env("HF_TOKEN", "hf_averysecrettoken")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_dry_run_prints_the_script_and_touches_nothing() {
    let world = World::new();
    let before = everything(&world.path());
    for arguments in [
        &["--dry-run"][..],
        &["submit.dry_run=true"],
        &["--dry-run", "--json", "seed=1,2"],
    ] {
        let output = submit(&world, arguments);
        assert_eq!(output.status.code(), Some(78), "{}", err(&output));
        assert!(
            out(&output).contains("#SBATCH --job-name=hlrp_one"),
            "{}",
            out(&output)
        );
        for secret in ["0123456789abcdef0123", "hf_averysecrettoken"] {
            assert!(!(out(&output) + &err(&output)).contains(secret));
        }
    }
    assert_eq!(everything(&world.path()), before);
}

#[test]
fn a_dry_run_says_what_would_be_refused() {
    let world = World::new();
    let output = submit(&world, &["--dry-run"]);
    assert_eq!(output.status.code(), Some(78), "{}", err(&output));
    assert!(
        err(&output).contains("the container image `/images/one.sqsh` is not there"),
        "{}",
        err(&output)
    );
    let output = submit(
        &world,
        &["--dry-run", "submit.pre_commands=['rm -rf data']"],
    );
    assert_eq!(output.status.code(), Some(77), "{}", err(&output));
    assert!(err(&output).contains("fs.no-delete"), "{}", err(&output));
}

#[test]
fn what_stands_against_a_submission_is_told_and_nothing_is_made() {
    let world = World::new();
    let before = everything(&world.path());
    let cases: [(&[&str], i32, &str); 6] = [
        (&["experiment=two"], 78, "two"),
        (&["cluster.compute.time_limit=60"], 78, "minutes"),
        (&["experiment.name=\"a\u{7}b\""], 78, "control character"),
        (&["seed=range(0,10000)"], 77, "sweep.max_points"),
        (&["--after", "x"], 2, "job id"),
        (
            &["+training.load_weights_from=/gone/last.ckpt"],
            69,
            "/gone/last.ckpt",
        ),
    ];
    for (arguments, status, words) in cases {
        let output = submit(&world, arguments);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{arguments:?}: {}",
            err(&output)
        );
        assert!(
            err(&output).contains(words),
            "{arguments:?}: {}",
            err(&output)
        );
    }
    let made: Vec<_> = everything(&world.path())
        .into_iter()
        .filter(|one| !before.contains(one))
        .collect();
    let outside: Vec<_> = made
        .iter()
        .filter(|(path, _)| !path.starts_with(world.path().join(".local")))
        .collect();
    assert!(
        outside.is_empty() || outside.iter().all(|(path, _)| path.ends_with(".local")),
        "{outside:?}"
    );
}

#[test]
fn without_a_project_it_says_where_to_go() {
    let world = World::new();
    let empty = tempfile::TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
        .args(["submit", "--dry-run"])
        .current_dir(empty.path())
        .env_clear()
        .env("HOME", world.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("--config-dir"), "{}", err(&output));
}

/// Claims that this machine may train; says so where not.
fn may_train(output: &Output) -> bool {
    let refused = err(output).contains("train.login-node") || output.status.code() == Some(125);
    if refused {
        println!("skipped: this machine is a login node, or has no guard");
    }
    !refused
}

/// A world whose training prints what it gets, and runs here.
fn here() -> World {
    let world = World::new();
    let own = "# @package _global_\ndefaults:\n  - /cluster@cluster: here\nexperiment: {name: one}\nsubmit: {command: [bash, say.sh]}\nenvironment: {conda_env: null}\n";
    world.write("config/experiment/one.yaml", own);
    world.write(
        "say.sh",
        "printf 'argument %s\\n' \"$@\"; test \"$1\" != experiment=fails\n",
    );
    world
}

#[test]
fn a_local_run_is_guarded_and_leaves_its_record() {
    let world = here();
    let output = submit(&world, &["seed=1,2"]);
    if !may_train(&output) {
        return;
    }
    let said = out(&output);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        said.contains("argument seed=1\n") && said.contains("argument seed=2\n"),
        "{said}"
    );
    assert!(
        !said.contains("hydra.sweep.dir"),
        "a local run is no sweep of Hydra's: {said}"
    );
    let runs = world.path().join("runs");
    let manifest = everything(&runs)
        .into_iter()
        .find(|(path, _)| path.ends_with("manifest.json"));
    let text = String::from_utf8(manifest.unwrap().1.unwrap()).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let statuses: Vec<i64> = manifest["runs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|run| run["status"].as_i64())
        .collect();
    assert_eq!(statuses, [0, 0]);
}

#[test]
fn a_missing_conda_environment_is_told_before_anything_is_made() {
    let world = here();
    let output = submit(&world, &["environment.conda_env=nosuch"]);
    if !may_train(&output) {
        return;
    }
    assert_eq!(output.status.code(), Some(78), "{}", err(&output));
    assert!(
        err(&output).contains("there is no conda here"),
        "{}",
        err(&output)
    );
    assert!(!world.path().join("runs").exists());
}
