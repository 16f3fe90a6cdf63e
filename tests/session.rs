//! Where a session believes it is, and what it may write.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use hlrp_sh::bash::{Disk, analyse};
use hlrp_sh::gate::Gate;
use hlrp_sh::policy::{HostClass, Origin};
use hlrp_sh::session::{Ancestor, Controller, Request, Session, Surroundings};
use hlrp_sh::ui::Denial;
use tempfile::TempDir;

struct World {
    directory: TempDir,
    around: Surroundings,
}

impl World {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let base = directory.path().canonicalize().unwrap();
        for name in ["home", "dss", "data"] {
            fs::create_dir(base.join(name)).unwrap();
        }
        let around = Surroundings {
            variables: BTreeMap::new(),
            uid: base.metadata().unwrap().uid(),
            user: "me".to_owned(),
            passwd_home: Some(base.join("home")),
            host: "host1".to_owned(),
            cwd: base.join("home"),
            cgroup: "0::/user.slice/user-1000.slice/session-1.scope\n".to_owned(),
            ancestors: Vec::new(),
            is_made_up: false,
            slurm: Vec::new(),
            controller: None,
            program: None,
            is_terminal: true,
        };
        Self { directory, around }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join(name)
    }

    fn set(mut self, variable: &str, value: impl Into<std::ffi::OsString>) -> Self {
        self.around.variables.insert(variable.into(), value.into());
        self
    }

    fn cluster(mut self) -> Self {
        self.around.slurm = vec![PathBuf::from("/usr/bin/sbatch")];
        self
    }

    fn policy(self, text: &str) -> Self {
        let config = self.path("home/.config/hlrp-sh");
        fs::create_dir_all(&config).unwrap();
        fs::write(config.join("policy.toml"), text).unwrap();
        self
    }

    fn session(&self) -> Session {
        Session::open_in(&self.around, &Request::default()).unwrap()
    }
}

#[test]
fn a_machine_without_slurm_is_a_workstation_and_home_is_its_root() {
    let world = World::new();
    let session = world.session();
    assert_eq!(session.context.class, HostClass::Workstation);
    assert_eq!(session.context.roots, [world.path("home")]);
    assert_eq!(session.context.origin, Origin::Person);
}

#[test]
fn a_home_that_somebody_claims_is_not_believed() {
    let world = World::new().set("HOME", "/etc");
    assert_eq!(world.session().context.home, world.path("home"));
    let mut world = World::new().set("HOME", "/");
    world.around.passwd_home = None;
    assert!(Session::open_in(&world.around, &Request::default()).is_err());
}

#[test]
fn a_cluster_without_dss_is_read_only_and_says_what_to_set() {
    let session = World::new().cluster().session();
    assert_eq!(session.context.class, HostClass::Login);
    assert!(session.context.roots.is_empty());
    assert!(session.advice.unwrap().contains("HLRP_DSS"));
}

#[test]
fn dss_is_a_directory_of_ones_own() {
    let world = World::new();
    let dss = world.path("dss");
    let session = world.cluster().set("HLRP_DSS", &dss).session();
    assert_eq!(session.context.roots.len(), 2);
    for name in ["/", "/etc", "/usr/lib", "relative", "/nowhere/at/all"] {
        let session = World::new().cluster().set("HLRP_DSS", name).session();
        assert!(session.context.roots.is_empty(), "{name}");
    }
    let world = World::new();
    let above = world.path("");
    let session = world.cluster().set("HLRP_DSS", &above).session();
    assert!(session.context.roots.is_empty(), "it holds home");
}

#[test]
fn a_dss_directory_that_is_not_taken_is_said_with_the_reason() {
    let none = World::new().cluster().session();
    assert_eq!(none.context.lack(), "no DSS directory is configured");
    let others = World::new().cluster().set("HLRP_DSS", "/etc").session();
    let lack = others.context.lack().to_owned();
    assert!(
        lack.starts_with("no DSS directory is taken (HLRP_DSS names /etc: it "),
        "{lack}"
    );
    let gate = Gate::new(&others.policy, &others.context);
    let world = Disk {
        cwd: others.context.cwd.clone(),
        home: others.context.home.clone(),
        user: "me".to_owned(),
        scratch: None,
    };
    let line = "echo x > new";
    let denied = Denial::all(&gate.judge(line, analyse(line, &world)));
    let because = &denied.first().unwrap().because;
    assert!(because.contains(&lack), "{because}");
}

#[test]
fn a_dss_directory_of_ones_own_that_cannot_be_written_is_not_taken() {
    let world = World::new();
    let dss = world.path("dss");
    fs::set_permissions(&dss, Permissions::from_mode(0o555)).unwrap();
    let session = world.cluster().set("HLRP_DSS", &dss).session();
    if nix::unistd::Uid::effective().is_root() {
        assert_eq!(session.context.roots.len(), 2, "root writes everywhere");
        return;
    }
    assert!(session.context.roots.is_empty());
    let lack = session.context.lack();
    assert!(lack.contains("you may not write in it"), "{lack}");
}

#[test]
fn further_roots_are_for_workstations() {
    let world = World::new();
    let data = world.path("data");
    let text = format!("schema = 1\n[roots]\nfurther = [{data:?}, \"/etc\"]\n");
    let world = world.policy(&text);
    assert_eq!(
        world.session().context.roots,
        [world.path("home"), data.clone()]
    );
    let dss = world.path("dss");
    let world = world.cluster().set("HLRP_DSS", &dss);
    assert_eq!(world.session().context.roots, [world.path("home"), dss]);
}

#[test]
fn forged_slurm_variables_make_no_compute_node() {
    let session = World::new().cluster().set("SLURM_JOB_ID", "42").session();
    assert_eq!(session.context.class, HostClass::Login);
    assert_eq!(session.context.job, None);
    let told = session.context.evidence.join("\n");
    assert!(
        told.contains("SLURM_JOB_ID=42 is set, and that alone"),
        "{told}"
    );
}

#[test]
fn a_forged_control_group_or_step_makes_no_compute_node() {
    let mut world = World::new().cluster();
    world.around.cgroup = "0::/user.slice/user-1000.slice/slurm/job_42\n".to_owned();
    world.around.ancestors = vec![Ancestor {
        name: "slurmstepd".to_owned(),
        uid: 1000,
        job: Some("42".to_owned()),
    }];
    assert_eq!(world.session().context.class, HostClass::Login);
}

#[test]
fn a_job_is_a_compute_node_where_the_controller_confirms_it() {
    for cgroup in [
        "11:cpuset:/slurm/uid_1000/job_42/step_0\n",
        "0::/system.slice/slurmstepd.scope/job_42/step_batch/user/task_0\n",
        "0::/system.slice/node1_slurmstepd.scope/job_42/step_batch\n",
    ] {
        let mut world = World::new().cluster();
        world.around.cgroup = cgroup.to_owned();
        world.around.controller = Some(Controller::Confirms);
        let session = world.session();
        assert_eq!(session.context.class, HostClass::Compute, "{cgroup}");
        assert_eq!(session.context.job.as_deref(), Some("42"));
        world.around.controller = Some(Controller::Denies);
        assert_eq!(world.session().context.class, HostClass::Login);
        world.around.controller = Some(Controller::Silent);
        assert_eq!(world.session().context.class, HostClass::Login);
        world.around.ancestors = vec![Ancestor {
            name: "slurmstepd".to_owned(),
            uid: 0,
            job: Some("42".to_owned()),
        }];
        assert_eq!(world.session().context.class, HostClass::Login);
        world.around.controller = Some(Controller::Confirms);
        assert_eq!(world.session().context.class, HostClass::Compute);
    }
}

#[test]
fn agents_and_scripts_are_not_taken_for_persons() {
    let world = World::new().set("CLAUDECODE", "1");
    assert_eq!(
        world.session().context.origin,
        Origin::Agent("claude".to_owned())
    );
    let mut world = World::new();
    world.around.is_terminal = false;
    assert_eq!(world.session().context.origin, Origin::Script);
}

#[test]
fn the_guards_own_places_are_known() {
    let world = World::new();
    let own = world.session().context.own;
    assert!(own.contains(&world.path("home/.hlrp")), "{own:?}");
    assert!(own.contains(&world.path("home/.config/hlrp-sh")));
    assert!(own.contains(&world.path("home/.local/state/hlrp-sh")));
}

#[test]
fn the_projects_policy_holds_below_the_project() {
    let mut world = World::new();
    let project = world.path("home/project");
    fs::create_dir_all(project.join(".hlrp")).unwrap();
    fs::create_dir_all(project.join("src")).unwrap();
    let text = "schema = 1\n[limits]\nbulk.max_entries = 7\n";
    fs::write(project.join(".hlrp/policy.toml"), text).unwrap();
    world.around.cwd = project.join("src");
    let session = world.session();
    assert_eq!(
        session.policy.limit(hlrp_sh::policy::Limit::BulkMaxEntries),
        7
    );
    fs::write(project.join(".hlrp/policy.toml"), "schema = 1\nx = 1\n").unwrap();
    let fault = Session::open_in(&world.around, &Request::default()).unwrap_err();
    assert_eq!(fault.code(), 78);
}

#[test]
fn session_ids_differ() {
    let world = World::new();
    let (one, two) = (world.session(), world.session());
    assert_ne!(one.id, two.id);
    assert!(one.places.scratch.starts_with("/tmp"));
}
