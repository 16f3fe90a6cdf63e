//! Where a run's numbers go besides `metrics.jsonl`: TensorBoard's event files, and W&B where it is asked for. Neither
//! ever stops a training.

use std::time::Duration;

use hlrp_sh::ui;

use crate::events::Events;
use crate::measure::Drawn;
use crate::run::settings::{Settings, read};
use crate::wandb::{self, Wandb};

/// How long W&B may take to send what is left.
const PATIENCE: Duration = Duration::from_secs(20);

/// The ways outward that a run has.
#[derive(Debug, Default)]
pub(super) struct Outward {
    events: Option<Events>,
    wandb: Option<Wandb>,
}

impl Outward {
    /// Opens them, behind the step that a run goes on from; what cannot be opened is said.
    pub(super) fn open(settings: &Settings, step: u64) -> Self {
        let mut ways = Self::default();
        match Events::create(&settings.directory, step) {
            Ok(events) => ways.events = Some(events),
            Err(fault) => ui::say(&format!("no event files for TensorBoard: {fault}")),
        }
        if read(&settings.all, "logging.use_wandb").unwrap_or(false) {
            match Wandb::start(&client(settings)) {
                Ok(wandb) => ways.wandb = Some(wandb),
                Err(line) => ui::say(&line),
            }
        }
        ways
    }

    /// Passes on the numbers of a step, and the pictures that were drawn.
    pub(super) fn step(&mut self, step: u64, numbers: &[(String, f64)], drawn: &[Drawn]) {
        if let Some(mut events) = self.events.take() {
            let written = events.scalars(step, numbers).and_then(|()| {
                for one in drawn {
                    events.picture(step, &one.name, &one.picture)?;
                }
                events.flush()
            });
            match written {
                Ok(()) => self.events = Some(events),
                Err(fault) => ui::say(&format!("no more event files for TensorBoard: {fault}")),
            }
        }
        if let Some(wandb) = &mut self.wandb {
            wandb.log(step, numbers);
            for one in drawn {
                wandb.picture(step, &one.name, &one.path);
            }
            while let Some(line) = wandb.notice() {
                ui::say(&line);
            }
        }
    }

    /// Lets them send what is left.
    pub(super) fn finish(mut self, status: u8) {
        if let Some(wandb) = self.wandb.take() {
            for line in wandb.finish(status, PATIENCE) {
                ui::say(&line);
            }
        }
    }
}

fn client(settings: &Settings) -> wandb::Settings {
    let all = &settings.all;
    let name = settings.directory.file_name();
    let name = name.map(|name| name.to_string_lossy().into_owned());
    wandb::Settings {
        python: read(all, "logging.wandb_python").ok(),
        project: read(all, "logging.project").unwrap_or_else(|_| "hlrp".to_owned()),
        // The run directory is the run, also after a requeue.
        id: name.clone(),
        name,
        tags: read(all, "logging.tags").unwrap_or_default(),
        directory: settings.directory.clone(),
        config: all.clone(),
        environment: Vec::new(),
    }
}
