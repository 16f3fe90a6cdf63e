//! Requests, read in a made-up world and judged by the built-in law.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use hlrp_sh::bash::{Disk, World};
use hlrp_sh::gate::Gate;
use hlrp_sh::policy::{Context, GuardLevel, HostClass, Origin, Policy, Presence};
use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::spool::{self, Spec};
use hlrp_sh::slurm::vet::{self, Carry, Facts, Reading, Refusal, Request};

/// Where the program would be.
pub const PROGRAM: &str = "/home/me/.local/share/hlrp-sh/bin/0123456789abcdef/hlrp-sh";

/// What came of a request.
pub struct Outcome {
    /// What is carried, or the rules that stand against it.
    pub carried: Result<Carry, Vec<String>>,
}

impl Outcome {
    /// Returns the arguments of the client, or what stands against it.
    pub fn words(&self) -> String {
        match &self.carried {
            Ok(carry) => {
                let words = carry
                    .args
                    .iter()
                    .map(|word| word.to_string_lossy().into_owned());
                words.collect::<Vec<_>>().join(" ")
            }
            Err(rules) => format!("DENIED {}", rules.join(" ")),
        }
    }

    pub fn carry(self) -> Carry {
        self.carried.unwrap()
    }

    pub fn rules(self) -> Vec<String> {
        self.carried.map(|carry| carry.args).unwrap_err()
    }
}

/// A world in which nothing is there, jobs below 1000 are mine, and those below 900 were submitted by a session.
struct Nothing(Disk);

impl World for Nothing {
    fn stat(&self, path: &Path) -> Presence {
        match path.to_str() {
            Some("/home/me/runs/old.out" | "/home/me/image.sqsh") => Presence::File,
            _ => Presence::Absent,
        }
    }
    fn resolve(&self, path: &Path) -> PathBuf {
        self.follow(path)
    }
    fn follow(&self, path: &Path) -> PathBuf {
        let mut whole = PathBuf::new();
        for part in self.0.cwd.join(path).components() {
            match part {
                std::path::Component::ParentDir => {
                    whole.pop();
                }
                part => whole.push(part),
            }
        }
        whole
    }
    fn read(&self, _: &Path) -> Option<String> {
        None
    }
    fn glob(&self, _: &str) -> Option<Vec<PathBuf>> {
        None
    }
    fn cwd(&self) -> Option<PathBuf> {
        self.0.cwd()
    }
    fn variable(&self, name: &str) -> Option<String> {
        self.0.variable(name)
    }
    fn owns_job(&self, id: &str) -> Option<bool> {
        id.parse::<u64>().ok().map(|id| id < 1000)
    }
    fn is_guarded_job(&self, id: &str) -> Option<bool> {
        id.parse::<u64>().ok().map(|id| id < 900)
    }
}

pub fn context() -> Context {
    Context {
        class: HostClass::Login,
        host: "login01".to_owned(),
        user: "me".to_owned(),
        cwd: "/home/me".into(),
        home: "/home/me".into(),
        roots: vec!["/home/me".into(), "/dss/me".into()],
        scratch: vec!["/tmp/hlrp-1".into()],
        own: vec!["/home/me/.hlrp".into()],
        origin: Origin::Script,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}

pub fn spec() -> Spec {
    let context = context();
    Spec::of(
        "s-1",
        &context,
        &[],
        "/home/me/.config/hlrp-sh".into(),
        "/home/me/.local/state/hlrp-sh".into(),
    )
}

/// Reads a request.
pub fn read(request: &Request) -> Result<Reading, Refusal> {
    let context = context();
    let world = Nothing(Disk {
        cwd: request.cwd.clone(),
        home: context.home.clone(),
        user: context.user.clone(),
        scratch: None,
    });
    let spec = spec();
    let clean = [("PATH".into(), "/usr/bin".into())];
    vet::read(
        request,
        Facts {
            context: &context,
            world: &world,
            program: Path::new(PROGRAM),
            spec: &spec,
            clean: &clean,
        },
    )
}

pub fn request(
    client: Client,
    args: &[&str],
    environment: &[&str],
    script: Option<&str>,
) -> Request {
    Request {
        client,
        args: args.iter().map(OsString::from).collect(),
        environment: environment.iter().map(OsString::from).collect(),
        cwd: "/home/me".into(),
        umask: 0o022,
        script: script.map(|text| text.as_bytes().to_vec()),
    }
}

/// Reads and judges a request.
pub fn ask(client: Client, args: &[&str], environment: &[&str], script: Option<&str>) -> Outcome {
    let reading = match read(&request(client, args, environment, script)) {
        Ok(reading) => reading,
        Err(refusal) => {
            let text = refusal.text.lines().next().unwrap_or_default().to_owned();
            return Outcome {
                carried: Err(vec![format!("{}:{} {text}", refusal.status, refusal.rule)]),
            };
        }
    };
    let policy = Policy::builtin().unwrap();
    let context = context();
    let judgement = Gate::new(&policy, &context).judge(&reading.line, reading.analysis);
    let mut rules: Vec<String> = reading
        .findings
        .iter()
        .map(|one| one.what.clone())
        .collect();
    rules.extend(
        judgement
            .refused()
            .map(|judged| format!("{}:{}", judged.verdict.decision, judged.verdict.rule)),
    );
    rules.dedup();
    Outcome {
        carried: if rules.is_empty() {
            Ok(reading.carry)
        } else {
            Err(rules)
        },
    }
}

/// Submits a script.
pub fn sbatch(args: &[&str], script: &str) -> Outcome {
    ask(Client::Sbatch, args, &[], Some(script))
}

/// Returns what the job would have in its environment.
pub fn environment(carry: &Carry) -> Vec<(String, String)> {
    let started = carry.environment.clone();
    let text = |word: OsString| word.into_string().unwrap();
    let mut all: Vec<_> = spool::unpack(&started)
        .into_iter()
        .map(|(name, value)| (text(name), text(value)))
        .collect();
    all.sort();
    all
}
