//! How a run begins: with its data, a model, and what its run directory left off with.

use tch::Device;

use super::{Error, Run, count, opening};
use crate::data::{Loader, Order, Part, Position, Set, Spec};
use crate::lam::Model;
use crate::measure::{self, Plan, pairs_there};
use crate::optim::{AdamW, Average};
use crate::random::Generator;
use crate::run::checkpoint::{self, Checkpoint};
use crate::run::identity::Identity;
use crate::run::journal::{Journal, Numbers};
use crate::run::settings::{self, Settings};
use crate::{device, weights};

impl<'a> Run<'a> {
    /// Makes everything ready: data, model, and where the run directory left off.
    ///
    /// # Errors
    ///
    /// Where something stands against it; nothing has been written then.
    pub fn open(settings: &'a Settings) -> Result<Self, Error> {
        alone()?;
        let directory = &settings.directory;
        let known = Identity::read(directory, &settings.all)?;
        let (plan, train, held) = data(settings)?;
        let (device, _) = device::open(settings.device.parse()?)?;
        let found = left_off(settings)?;
        let before = found.as_ref().map_or(0, |found| found.state.threads);
        let threads = device::resume(before);
        let model = model(settings, device, found.as_ref())?;
        let mut optimiser = AdamW::new(model.parameters(), &settings.training.optimizer);
        let mut run = Begun {
            model,
            average: average(settings, &optimiser),
            generator: Generator::new(settings.seed, "training"),
            step: 0,
            before: 0.0,
            position: None,
            unmeasured: None,
        };
        if let Some(found) = found {
            let average = run.average.as_mut();
            opening::restore(&found, &mut run.model, &mut optimiser, average)?;
            run.generator = Generator::restore(found.state.generator);
            (run.step, run.before) = (found.state.step, found.state.seconds);
            run.position = Some(found.state.position);
            run.unmeasured = found.state.unmeasured;
        }
        let loader = loader(settings, &train, run.position)?;
        let file = |source| Error::File {
            path: directory.clone(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(file)?;
        let journal = Journal::open(directory, run.step).map_err(file)?;
        let name = match known {
            Some(known) => known.run,
            None => {
                let new = Identity::new(&settings.all);
                new.write(directory)?;
                new.run
            }
        };
        Ok(Self {
            settings,
            device,
            threads,
            model: run.model,
            untrained: None,
            optimiser,
            average: run.average,
            generator: run.generator,
            loader,
            train,
            held,
            plan,
            journal,
            step: run.step,
            length: 0.0,
            before: run.before,
            began: run.step,
            name,
            unmeasured: run.unmeasured,
        })
    }
}

/// What changes where a run goes on.
struct Begun {
    model: Model,
    average: Option<Average>,
    generator: Generator,
    step: u64,
    before: f64,
    position: Option<Position>,
    unmeasured: Option<Numbers>,
}

/// Sees that this process is not one of several that Slurm started as one training.
fn alone() -> Result<(), settings::Error> {
    let tasks = std::env::var("SLURM_STEP_NUM_TASKS").ok();
    let tasks = tasks.and_then(|tasks| tasks.parse::<u32>().ok());
    match tasks.filter(|&tasks| tasks > 1) {
        None => Ok(()),
        Some(tasks) => Err(settings::Error::Key {
            key: "cluster.compute.num_nodes".to_owned(),
            fault: format!(
                "native training is one process on one node, and `srun` started {tasks}"
            ),
        }),
    }
}

/// Opens the data, and sees that what is asked of them can be had.
fn data(settings: &Settings) -> Result<(Plan, Part, Part), Error> {
    let node = settings.all.get("validation");
    let plan = Plan::from_node(
        node.unwrap_or(&serde_json::Value::Null),
        settings.data.batch_size,
        settings.seed,
    )?;
    let set = Set::open(&settings.data)?;
    set.check()?;
    let (train, held) = set.split(&settings.split())?;
    let is_measured = plan.pairs > 0 && count(&held) > 0;
    if is_measured && pairs_there(&held, &settings.data.request)? == 0 {
        return Err(measure::Error::NoPairs.into());
    }
    Ok((plan, train, held))
}

/// Returns the last checkpoint of the run directory, or the one that a new run begins with.
fn left_off(settings: &Settings) -> Result<Option<Checkpoint>, Error> {
    let named = settings.training.resume_from_checkpoint.as_deref();
    let path = match (checkpoint::list(&settings.directory)?.pop(), named) {
        (Some((_, path)), _) => path,
        (None, Some(path)) => {
            opening::check_place(path)?;
            path.to_owned()
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(checkpoint::load(&path)?))
}

fn model(settings: &Settings, device: Device, found: Option<&Checkpoint>) -> Result<Model, Error> {
    let model = opening::fresh(settings, device)?;
    match (found, &settings.training.load_weights_from) {
        (Some(found), _) => {
            weights::load_into(&found.path.join(weights::MODEL), model.parameters())?;
        }
        (None, Some(path)) => weights::load_into(path, model.parameters())?,
        (None, None) => {}
    }
    Ok(model)
}

fn average(settings: &Settings, optimiser: &AdamW) -> Option<Average> {
    let training = &settings.training;
    training.use_ema.then(|| {
        Average::new(
            optimiser,
            training.ema_decay,
            training.ema_update_every,
            training.ema_update_after_step,
        )
    })
}

fn loader(settings: &Settings, train: &Part, position: Option<Position>) -> Result<Loader, Error> {
    let spec = Spec {
        batch_size: settings.data.batch_size,
        workers: settings.data.workers,
        prefetch: settings.data.prefetch,
        keep_decoded: settings
            .training
            .native
            .keep_decoded_mb
            .saturating_mul(1 << 20),
        ..Spec::default()
    };
    let order = Order::Shuffled {
        seed: settings.seed,
        epoch: None,
    };
    let request = &settings.data.request;
    Ok(Loader::new(train, request, &spec, order, position)?)
}
