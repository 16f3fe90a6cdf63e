//! A shell that runs nothing: the line editor, real in all, in front of the real law.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hlrp_sh::bash::{Disk, analyse};
use hlrp_sh::gate::Gate;
use hlrp_sh::policy::{Context, GuardLevel, HostClass, Origin, Policy};
use hlrp_sh::shell::cache::Cache;
use hlrp_sh::shell::editor::{Editor, Options, Read};
use hlrp_sh::shell::paint::Look;
use hlrp_sh::shell::prompt::Facts;

/// Reads lines below a directory until the end of the input, and says what was read.
pub fn read_lines(root: &Path) {
    let home = root.join("home");
    let facts = Facts {
        class: HostClass::Login,
        host: "login02".into(),
        user: "me".into(),
        cwd: home.join("hlrp"),
        home: home.clone(),
        guard: Some(GuardLevel::A),
        denials: 0,
        status: 0,
        halted: None,
        session: "test".into(),
        quota: None,
        afar: Vec::new(),
        names: vec!["greet".into()],
    };
    let (mut editor, notices) = Editor::open(Options {
        facts: facts.clone(),
        state: root.join("state"),
        judge: judge(&home),
        slurm: None,
        cache: Cache::default(),
        program: clap::Command::new("hlrp-sh")
            .subcommand(clap::Command::new("submit").about("Submit an experiment to Slurm")),
        look: Look::of_environment(),
    });
    for notice in notices {
        println!("{notice}");
    }
    let announcer = editor.announcer();
    let mut facts = facts;
    loop {
        match editor.read(&facts).unwrap() {
            Read::Line(line) => {
                println!("read {line:?}");
                if line == "announce" {
                    let announcer = announcer.clone();
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_millis(300));
                        announcer.say("4711 laq started on n1");
                        announcer.say("4712 eval ended");
                    });
                }
                facts.status = i32::from(line == "false");
                editor.finished(facts.status, Duration::from_millis(5), &facts.cwd);
            }
            Read::Interrupt => println!("interrupt"),
            Read::End => {
                println!("end");
                return;
            }
        }
    }
}

fn judge(home: &Path) -> Arc<dyn Fn(&str) -> hlrp_sh::gate::Judgement + Send + Sync> {
    let policy = Policy::load(&[]).unwrap();
    let home = home.to_owned();
    Arc::new(move |line| {
        let disk = Disk {
            cwd: home.join("hlrp"),
            home: home.clone(),
            user: "me".into(),
            scratch: None,
        };
        Gate::new(&policy, &context(&home)).judge(line, analyse(line, &disk))
    })
}

fn context(home: &Path) -> Context {
    Context {
        class: HostClass::Login,
        host: "login02".into(),
        user: "me".into(),
        cwd: home.join("hlrp"),
        home: home.to_owned(),
        roots: vec![home.to_owned()],
        scratch: vec![PathBuf::from("/tmp/hlrp-none")],
        own: Vec::new(),
        origin: Origin::Person,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}
