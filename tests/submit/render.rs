//! Whole scripts, letter by letter.

use super::World;

#[test]
fn a_gpu_job() {
    let world = World::new();
    insta::assert_snapshot!(world.script(&["seed=7", "note=${seed}"]));
}

#[test]
fn a_cpu_job_with_commands_before_it_and_a_token() {
    let mut world = World::new();
    world.tokens = vec!["/home/me/.cache/huggingface/token".into()];
    let text = world.script(&[
        "cluster=cpu",
        r#"submit.pre_commands=["pip install -e 'a b'"]"#,
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn an_array_whose_tasks_take_their_arguments_from_their_directories() {
    let world = World::new();
    let plan = world.plan(&["seed=range(0,20)"]).unwrap();
    assert_eq!(plan.units.len(), 1);
    let unit = &plan.units[0];
    assert_eq!(unit.options, ["--array=0-19"]);
    let text = world.plain(&unit.script.text);
    assert!(
        text.contains("#SBATCH --output=P/runs/2026-01-31_12-00-00_one/%A_%a.out\n"),
        "{text}"
    );
    assert!(text.contains("mapfile -t points < P/runs/2026-01-31_12-00-00_one/points\n"));
    assert!(text.contains("scripts/2_train.py \"${arguments[@]}\"\n"));
    assert!(unit.table.is_some());
}

#[test]
fn points_that_ask_for_different_things_share_no_array() {
    let world = World::new();
    let plan = world
        .plan(&["seed=range(0,30)", "cluster=gpu,cpu"])
        .unwrap();
    let sizes: Vec<usize> = plan.units.iter().map(|unit| unit.points.len()).collect();
    assert_eq!(sizes, [30, 30]);
    let few = world.plan(&["seed=1,2,3"]).unwrap();
    assert_eq!(few.units.len(), 3);
}

#[test]
fn torchrun_on_one_node() {
    let world = World::new();
    let text = world.script(&["submit.torchrun=true", "cluster.compute.gpus_per_node=4"]);
    let line = "/opt/venv/bin/torchrun --standalone --nproc_per_node=4 scripts/2_train.py submit.torchrun=true";
    assert!(text.contains(line), "{text}");
    let one = world.script(&["submit.torchrun=true"]);
    assert!(
        one.contains("\nexec /opt/venv/bin/python scripts/2_train.py"),
        "{one}"
    );
}

#[test]
fn a_command_of_ones_own_without_a_container() {
    let world = World::new();
    let text = world.script(&[
        "+submit.command=[echo,'a b']",
        "+cluster.container.enabled=false",
    ]);
    assert!(
        text.contains("\nexec echo 'a b' '+submit.command=[echo,'"),
        "{text}"
    );
    assert!(text.contains("#SBATCH --chdir=P\n"));
    assert!(!text.contains("container-"));
    // What stands before a program is no program.
    let text = world.script(&[
        "+submit.command=['LEVEL=1',echo,a]",
        "+cluster.container.enabled=false",
    ]);
    assert!(text.contains("\nexec env LEVEL=1 echo a "), "{text}");
}

#[test]
fn the_mounts_in_their_order() {
    let world = World::new();
    let found = world.directive(
        &[
            "+training.resume_from_checkpoint=/data/c/last.ckpt",
            "+submit.extra_mounts=[/data/e]",
        ],
        "container-mounts",
    );
    assert_eq!(
        found,
        ["P:P,P/runs:P/runs,/home/me:/home/me,/data/c:/data/c,/data/e:/data/e,P/cache:P/cache"]
    );
}

#[test]
fn every_script_is_bash() {
    let world = World::new();
    for overrides in [
        &[r"note='it\'s $HOME `x`'"][..],
        &["cluster=many", "submit.torchrun=true"],
        &["+submit.install_editables=[a,'b c']"],
        &["seed=range(0,20)"],
    ] {
        for unit in world.plan(overrides).unwrap().units {
            for text in [Some(unit.script.text), unit.script.node]
                .into_iter()
                .flatten()
            {
                let checked = std::process::Command::new("bash")
                    .args(["-n", "-c", &text])
                    .output()
                    .unwrap();
                assert!(
                    checked.status.success(),
                    "{text}\n{}",
                    String::from_utf8_lossy(&checked.stderr)
                );
            }
        }
    }
}
