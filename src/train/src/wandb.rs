//! Weights & Biases, through its own Python client in a child process: what is logged is a line of JSON on its stdin.
//!
//! Offline, unless the user set `WANDB_MODE` or `WANDB_API_KEY`: nothing is sent anywhere unasked.
//!
//! INVARIANT: nothing here makes training wait or end. A thread of its own writes; what does not fit into its queue is
//! dropped and counted, and a child that is missing, slow or dead is said once.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

/// What the client is told of a run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `logging.wandb_python`: a Python that has wandb; `None` for `python3` on PATH.
    pub python: Option<PathBuf>,
    /// The project.
    pub project: String,
    /// The run's name.
    pub name: Option<String>,
    /// What identifies the run across resumes.
    pub id: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The run directory, which gets `wandb/` and `wandb.log`.
    pub directory: PathBuf,
    /// The composed configuration.
    pub config: Value,
    /// Variables of the child's environment besides ours.
    pub environment: Vec<(String, String)>,
}

/// A client that is running, or was.
#[derive(Debug)]
pub struct Wandb {
    child: Child,
    lines: Option<SyncSender<String>>,
    said: Receiver<String>,
    dropped: u64,
}

impl Wandb {
    /// Starts the client.
    ///
    /// # Errors
    ///
    /// One line to say, where there is no such program. Training goes on without.
    pub fn start(settings: &Settings) -> Result<Self, String> {
        let python = settings
            .python
            .clone()
            .unwrap_or_else(|| PathBuf::from("python3"));
        let mut command = Command::new(&python);
        command.args(["-u", "-c", SCRIPT]);
        if std::env::var_os("WANDB_MODE").is_none() && std::env::var_os("WANDB_API_KEY").is_none() {
            command.env("WANDB_MODE", "offline");
        }
        command
            .envs(
                settings
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log(&settings.directory))
            // The terminal's Ctrl-C is for the trainer, which then ends this one.
            .process_group(0);
        let mut child = command.spawn().map_err(|error| {
            let python = python.display();
            format!("W&B is off: `{python}` does not start: {error}")
        })?;
        let (say, said) = channel();
        let listener = child.stdout.take().and_then(|stdout| {
            let say = say.clone();
            spawn("wandb-said", move || listen(stdout, &say))
        });
        let (lines, queue) = sync_channel(QUEUE);
        if let Some(stdin) = child.stdin.take() {
            spawn("wandb-lines", move || {
                if pass_on(queue, stdin) {
                    return;
                }
                // Its last words come first, and are enough.
                let is_off = listener.and_then(|listener| listener.join().ok());
                if is_off != Some(true) {
                    let _ = say.send("W&B has ended; training goes on without it.".to_owned());
                }
            });
        }
        let mut started = Self {
            child,
            lines: Some(lines),
            said,
            dropped: 0,
        };
        started.send(&json!({ "init": init(settings) }));
        Ok(started)
    }

    /// Logs numbers of a step by their names; those that are not finite are left out.
    pub fn log<N: AsRef<str>>(&mut self, step: u64, values: &[(N, f64)]) {
        let values: Map<String, Value> = values
            .iter()
            .filter(|(_, value)| value.is_finite())
            .map(|(name, value)| (name.as_ref().to_owned(), json!(value)))
            .collect();
        self.send(&json!({ "step": step, "values": values }));
    }

    /// Logs a PNG of a step.
    pub fn picture(&mut self, step: u64, name: &str, path: &Path) {
        self.send(&json!({ "step": step, "pictures": { name: path.display().to_string() } }));
    }

    /// Returns the next line that should be said to the user, where there is one. Never waits.
    pub fn notice(&mut self) -> Option<String> {
        self.said.try_recv().ok()
    }

    /// Ends the run with an exit status, and waits for the client at most so long; then it is killed. Returns what is left
    /// to say.
    pub fn finish(mut self, status: u8, patience: Duration) -> Vec<String> {
        self.send(&json!({ "finish": status }));
        self.lines = None;
        let until = Instant::now() + patience;
        let has_ended = loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(PAUSE),
                Ok(None) => break false,
                _ => break true,
            }
        };
        let mut said: Vec<String> = Vec::new();
        if !has_ended {
            said.push(format!(
                "W&B has not finished within {} s; `wandb sync` sends the rest.",
                patience.as_secs()
            ));
        }
        if self.dropped > 0 {
            said.push(format!("W&B was too slow for {} lines.", self.dropped));
        }
        // The thread that listens ends with the child.
        self.end();
        said.extend(self.said.try_iter());
        said
    }

    fn send(&mut self, line: &Value) {
        let Some(lines) = &self.lines else { return };
        // A client that is gone is not slow.
        if let Err(TrySendError::Full(_)) = lines.try_send(line.to_string()) {
            self.dropped += 1;
        }
    }

    fn end(&mut self) {
        self.lines = None;
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Wandb {
    fn drop(&mut self) {
        self.end();
    }
}

fn init(settings: &Settings) -> Value {
    let mut init = json!({
        "project": settings.project,
        "name": settings.name,
        "tags": settings.tags,
        "dir": settings.directory,
        "config": settings.config,
    });
    if let (Some(id), Some(map)) = (&settings.id, init.as_object_mut()) {
        let id = format!("{id}-{:08x}", place(&settings.directory));
        map.insert("id".to_owned(), json!(id));
        map.insert("resume".to_owned(), json!("allow"));
    }
    init
}

/// A number for a run directory: directories of one name at two places are two runs.
fn place(directory: &Path) -> u32 {
    let whole = directory.canonicalize();
    let whole = whole.unwrap_or_else(|_| directory.to_owned());
    crc32c::crc32c(whole.as_os_str().as_encoded_bytes())
}

/// Where the client talks to: a file in the run directory.
fn log(directory: &Path) -> Stdio {
    let path = directory.join("wandb.log");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map_or_else(|_| Stdio::null(), Stdio::from)
}

/// Hands lines to the client until there are no more; returns whether it took all of them.
fn pass_on(queue: Receiver<String>, mut stdin: ChildStdin) -> bool {
    queue.into_iter().all(|mut line| {
        line.push('\n');
        stdin.write_all(line.as_bytes()).is_ok()
    })
}

/// Puts what the client says into words; returns whether it said why it ends.
fn listen(stdout: ChildStdout, say: &Sender<String>) -> bool {
    let mut is_off = false;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let word = |key: &str| said.get(key).and_then(Value::as_str).unwrap_or_default();
        let reason = word("reason");
        is_off |= matches!(word("event"), "missing" | "failed");
        let told = match (word("event"), word("url")) {
            ("missing", _) => {
                format!("W&B is off: its client is not installed ({reason}); `pip install wandb`.")
            }
            ("failed", _) => format!("W&B is off: {reason}"),
            ("lost", _) => format!("W&B refused a line: {reason}"),
            ("ready", "") => format!("W&B records the run ({}).", word("mode")),
            ("ready", url) => format!("W&B records the run at {url}"),
            _ => continue,
        };
        if say.send(told).is_err() {
            return is_off;
        }
    }
    is_off
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<JoinHandle<T>> {
    // Without the thread its pipe closes, and the client ends: training goes on.
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(work).ok()
}

const SCRIPT: &str = include_str!("wandb.py");
/// Lines that wait for the client.
const QUEUE: usize = 4096;
/// Between two looks at whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);
