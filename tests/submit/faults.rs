//! Each fault of the reference's program, mended.

use super::World;

#[test]
fn a_list_whose_elements_hold_an_equals_sign_stays_a_list() {
    let world = World::new();
    let typed = r#"submit.pre_commands=["export A=b","echo two"]"#;
    let plan = world.plan(&[typed]).unwrap();
    assert_eq!(
        plan.jobs[0].settings.pre_commands,
        ["export A=b", "echo two"]
    );
    assert!(plan.units[0].script.text.contains("\nexport A=b\n"));
    assert_eq!(plan.jobs[0].arguments[0], typed);
}

#[test]
fn a_list_sweeps() {
    let world = World::new();
    world.write("config/experiment/one.yaml", "# @package _global_\ndefaults:\n  - /cluster@cluster: gpu\nexperiment: {name: one}\nsweep: {params: {seed: [1, 2, 3]}}\n");
    let plan = world.plan(&[]).unwrap();
    let seeds: Vec<&str> = plan.jobs.iter().map(|job| job.point[0].as_str()).collect();
    assert_eq!(seeds, ["seed=1", "seed=2", "seed=3"]);
}

#[test]
fn no_two_points_share_a_name_or_a_directory() {
    let world = World::new();
    let plan = world
        .plan(&["lr=1e-4,1e4", "note=longprefixA,longprefixB"])
        .unwrap();
    let names = |one: fn(&hlrp_sh::slurm::submit::Job) -> String| {
        let mut all: Vec<String> = plan.jobs.iter().map(one).collect();
        all.sort();
        all.dedup();
        all.len()
    };
    assert_eq!(names(|job| job.name.clone()), 4);
    assert_eq!(names(|job| job.directory.display().to_string()), 4);
}

#[test]
fn with_compat_they_do_as_ever() {
    let mut world = World::new();
    world.as_ever = true;
    let plan = world.plan(&["note=longprefixA,longprefixB"]).unwrap();
    assert_eq!(plan.jobs[0].directory, plan.jobs[1].directory);
    assert_eq!(plan.jobs[0].name, "hlrp_one_notelongpref");
    let prefixed = world.plan(&["++logging.runs_dir=/tmp/x"]).unwrap();
    assert!(
        prefixed.jobs[0]
            .arguments
            .iter()
            .any(|one| one.starts_with("logging.runs_dir="))
    );
    let clusters = world.plan(&["cluster=gpu,cpu"]).unwrap();
    let partitions: Vec<_> = clusters
        .jobs
        .iter()
        .map(|job| job.settings.partition.clone().unwrap())
        .collect();
    assert_eq!(partitions, ["gpu-a", "gpu-a"]);
}

#[test]
fn each_point_is_composed_by_itself() {
    let world = World::new();
    let sweep = ["cluster=gpu,cpu"];
    assert_eq!(world.directive(&sweep, "partition"), ["gpu-a", "cpu-a"]);
    assert_eq!(world.directive(&sweep, "time"), ["15:00:00", "08:00:00"]);
    assert_eq!(
        world.directive(&["experiment.name=x,y"], "job-name"),
        ["hlrp_x_namex", "hlrp_y_namey"]
    );
}

#[test]
fn several_nodes_are_told_to_slurm_and_find_one_another() {
    let world = World::new();
    let plan = world
        .plan(&["cluster=many", "submit.torchrun=true"])
        .unwrap();
    let unit = &plan.units[0];
    assert!(
        unit.script
            .text
            .contains("#SBATCH --nodes=4\n#SBATCH --ntasks-per-node=1\n")
    );
    assert!(
        unit.script
            .text
            .contains("srun --nodes=4 --ntasks-per-node=1 --container-image=/images/one.sqsh")
    );
    assert!(!unit.script.text.contains("#SBATCH --container"));
    let node = unit.script.node.as_deref().unwrap();
    assert!(
        node.contains("torchrun --nnodes=4 --nproc_per_node=4 --rdzv_id=\"$SLURM_JOB_ID\""),
        "{node}"
    );
    assert!(node.contains("scripts/2_train.py \"$@\""));
    let alone = world.refused(&["cluster=many"]);
    assert_eq!(
        alone,
        ["4 nodes are asked for, and nothing starts the training on all of them"]
    );
}

#[test]
fn commas_in_brackets_do_not_split_and_null_stays_null() {
    let world = World::new();
    world.write("config/experiment/one.yaml", "# @package _global_\ndefaults:\n  - /cluster@cluster: gpu\nexperiment: {name: one}\nsweep: {params: {data: '[1,2],[3,4]', note: [null, 'a/b']}}\n");
    let plan = world.plan(&[]).unwrap();
    let points: Vec<&[String]> = plan.jobs.iter().map(|job| job.point.as_slice()).collect();
    assert_eq!(points[0], ["data=[1,2]", "note=null"]);
    assert_eq!(points[3], ["data=[3,4]", "note=a/b"]);
    for job in &plan.jobs {
        assert!(!job.name.contains('/'), "{}", job.name);
        assert_eq!(job.directory.parent().unwrap(), world.path().join("runs"));
    }
}

#[test]
fn what_would_end_a_line_of_the_script_is_refused() {
    let world = World::new();
    for typed in [
        "experiment.name=\"a\nrm -rf /\"",
        "cluster.slurm.qos=\"x\n#SBATCH --uid=0\"",
        "note=\"a\tb\"",
    ] {
        assert!(!world.refused(&[typed]).is_empty(), "{typed:?}");
    }
    assert!(world.refused(&["experiment.name=a/b"])[0].contains("holds a `/`"));
    assert!(world.refused(&["experiment.name='a\"b'"])[0].contains("holds a quote"));
    assert_eq!(
        world.directive(&["experiment.name='a b'"], "job-name"),
        ["\"hlrp_a b\""]
    );
    let mounts = world.refused(&["submit.cache_dir=/a:b"]);
    assert!(mounts[0].contains("cannot be mounted"), "{mounts:?}");
}

#[test]
fn no_default_stands_in_the_code_and_nothing_is_rounded() {
    let world = World::new();
    world.write(
        "config/cluster/bare.yaml",
        "name: bare\nslurm: {enabled: true}\ncontainer: {image: /i}\n",
    );
    assert_eq!(world.directive(&["cluster=bare"], "partition"), [""]);
    assert_eq!(world.directive(&["cluster=bare"], "time"), ["24:00:00"]);
    assert_eq!(
        world.directive(&["+cluster.compute.mem_gb=63.9"], "mem"),
        ["65433M"]
    );
    let minutes = world.refused(&["cluster.compute.time_limit=60"]);
    assert!(minutes[0].contains("would read as minutes"), "{minutes:?}");
    let wrong = world.refused(&["cluster.compute.time_limit=1h"]);
    assert!(wrong[0].contains("no time limit"), "{wrong:?}");
}

#[test]
fn a_prefixed_override_is_given_once() {
    let world = World::new();
    let plan = world
        .plan(&["++logging.runs_dir=/tmp/mine", "++hydra.run.dir=/tmp/mine"])
        .unwrap();
    let arguments = &plan.jobs[0].arguments;
    let given = |key: &str| arguments.iter().filter(|one| one.contains(key)).count();
    assert_eq!((given("logging.runs_dir"), given("hydra.run.dir")), (1, 1));
    assert_eq!(plan.jobs[0].directory, std::path::Path::new("/tmp/mine"));
}

#[test]
fn a_dry_run_is_not_passed_on() {
    let world = World::new();
    let plan = world.plan(&["submit.dry_run=true"]).unwrap();
    assert!(plan.base.dry_run);
    assert!(!plan.units[0].script.text.contains("dry_run"));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let world = World::new();
    let found = world.refused(&[
        "cluster.compute.time_limit=60",
        "cluster.compute.gpus_per_node=-1",
        "experiment.name=a/b",
    ]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn too_many_points_are_refused_before_any_is_composed() {
    let world = World::new();
    let found = world.refused(&["seed=range(0,10000)"]);
    assert!(found[0].contains("sweep.max_points"), "{found:?}");
}
