//! The loop of stage 1: pairs of frames in, a latent action model out.
//!
//! INVARIANT: what a step does follows from the settings and from what a checkpoint holds, and from nothing else.

mod codebook;
mod diverged;
mod error;
mod input;
mod opening;
mod outward;
mod told;

use std::path::PathBuf;
use std::time::Instant;

use tch::Device;

use self::outward::Outward;
use super::asked::Asked;
use super::checkpoint::{self, Contents, State};
use super::journal::Journal;
use super::settings::Settings;
use crate::data::{self, Loader, Order, Part, Set, Spec};
use crate::lam::{Model, Outcome};
use crate::measure::{self, Plan, Report, validate};
use crate::optim::{AdamW, Average};
use crate::random::Generator;
use crate::{device, weights};

pub use error::Error;
pub use input::pairs;
pub use opening::{Weights, open_model};
pub use told::Told;

/// Where the pictures of validations lie in a run directory.
const PICTURES: &str = "validation";

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// At its last step.
    Whole,
    /// Saved, and asked to end by this signal.
    Asked(i32),
}

/// A run of stage 1 at some step.
pub struct Run<'a> {
    settings: &'a Settings,
    device: Device,
    threads: usize,
    model: Model,
    /// As the model was before its first step, once it has been compared with that.
    untrained: Option<Model>,
    optimiser: AdamW,
    average: Option<Average>,
    generator: Generator,
    loader: Loader,
    train: Part,
    held: Part,
    plan: Plan,
    journal: Journal,
    step: u64,
    /// The length of the last gradient, before it was clipped.
    length: f64,
    /// Seconds that training took before this process.
    before: f64,
    /// The steps before which checkpoints are not this run's.
    began: u64,
}

/// Trains as the settings say, from where the run directory left off, and says how it goes through `told`.
///
/// # Errors
///
/// Where something stands against it, or the loss is no number any more.
pub fn train(settings: &Settings, asked: &Asked, told: &mut Told) -> Result<Ended, Error> {
    super::inert::say(&settings.all)?;
    let mut run = Run::open(settings)?;
    told.begins(settings, &run.about());
    told.leaves_out(&run.plan.unknown);
    let mut outward = Outward::open(settings, run.step);
    let ended = go_on(&mut run, settings, asked, told, &mut outward);
    outward.finish(u8::from(ended.is_err()));
    ended
}

fn go_on(
    run: &mut Run<'_>,
    settings: &Settings,
    asked: &Asked,
    told: &mut Told,
    outward: &mut Outward,
) -> Result<Ended, Error> {
    let begun = Instant::now();
    while run.step < settings.training.max_steps {
        let outcome = run.advance()?;
        let (step, training) = (run.step, &settings.training);
        let is_last = step == training.max_steps;
        let is_measured = is_last || step.is_multiple_of(settings.validation.check_interval);
        if is_measured || step.is_multiple_of(training.log_every_n_steps) {
            let mut numbers = run.numbers(&outcome);
            let mut drawn = Vec::new();
            if is_measured {
                let report = run.measure()?;
                numbers.extend(report.iter().flat_map(|one| one.values.iter().cloned()));
                drawn.extend(report.into_iter().flat_map(|one| one.drawn));
            }
            run.write(&numbers)?;
            outward.step(step, &numbers, &drawn);
            told.step(step, &numbers, begun.elapsed());
        }
        let signal = asked.signal();
        if is_last
            || signal.is_some()
            || step.is_multiple_of(training.checkpoint.every_n_train_steps)
        {
            let seconds = run.before + begun.elapsed().as_secs_f64();
            let path = run.save(seconds)?;
            told.saved(&path);
        }
        if let Some(signal) = signal.filter(|_| !is_last) {
            return Ok(Ended::Asked(signal));
        }
    }
    Ok(Ended::Whole)
}

impl<'a> Run<'a> {
    /// Makes everything ready: data, model, and where the run directory left off.
    ///
    /// # Errors
    ///
    /// Where something stands against it; nothing has been written then.
    pub fn open(settings: &'a Settings) -> Result<Self, Error> {
        let training = &settings.training;
        let choice = settings.device.parse()?;
        let plan = Plan::from_node(
            settings
                .all
                .get("validation")
                .unwrap_or(&serde_json::Value::Null),
            settings.data.batch_size,
            settings.seed,
        )?;
        let set = Set::open(&settings.data)?;
        set.check()?;
        let (train, held) = set.split(&settings.split())?;
        let (device, threads) = device::open(choice)?;
        let mut generator = Generator::new(settings.seed, "training");
        let mut model = opening::fresh(settings, device)?;
        let found = match checkpoint::list(&settings.directory).pop() {
            Some((_, path)) => Some(checkpoint::load(&path)?),
            None => {
                let named = training.resume_from_checkpoint.as_deref();
                named.map(checkpoint::load).transpose()?
            }
        };
        match (&found, &training.load_weights_from) {
            (Some(found), _) => {
                weights::load_into(&found.path.join(checkpoint::MODEL), model.parameters())?;
            }
            (None, Some(path)) => weights::load_into(path, model.parameters())?,
            (None, None) => {}
        }
        let mut optimiser = AdamW::new(model.parameters(), &training.optimizer);
        let mut average = training.use_ema.then(|| {
            Average::new(
                &optimiser,
                training.ema_decay,
                training.ema_update_every,
                training.ema_update_after_step,
            )
        });
        let (mut step, mut before, mut position) = (0, 0.0, None);
        if let Some(found) = found {
            opening::restore(&found, &mut model, &mut optimiser, average.as_mut())?;
            generator = Generator::restore(found.state.generator);
            (step, before) = (found.state.step, found.state.seconds);
            position = Some(found.state.position);
        }
        let spec = Spec {
            batch_size: settings.data.batch_size,
            workers: settings.data.workers,
            prefetch: settings.data.prefetch,
            keep_decoded: training.native.keep_decoded_mb << 20,
            ..Spec::default()
        };
        let order = Order::Shuffled {
            seed: settings.seed,
            epoch: None,
        };
        let loader = Loader::new(&train, &settings.data.request, &spec, order, position)?;
        let file = |source| Error::File {
            path: settings.directory.clone(),
            source,
        };
        std::fs::create_dir_all(&settings.directory).map_err(file)?;
        let journal = Journal::open(&settings.directory).map_err(file)?;
        Ok(Self {
            settings,
            device,
            threads,
            model,
            untrained: None,
            optimiser,
            average,
            generator,
            loader,
            train,
            held,
            plan,
            journal,
            step,
            length: 0.0,
            before,
            began: step,
        })
    }

    /// Does one step.
    ///
    /// # Errors
    ///
    /// Where there is no batch, or its loss is no number: the weights are then as they were.
    pub fn advance(&mut self) -> Result<Outcome, Error> {
        let step = self.step + 1;
        let model = &self.settings.model;
        if model.continuous_steps > 0 && step == model.continuous_steps + 1 {
            codebook::start(self)?;
        }
        let batch = self.loader.next().ok_or(data::Error::Worker)??;
        let outcome = self
            .model
            .step(&pairs(&batch, self.device), step, &mut self.generator)?;
        let loss = outcome.loss.double_value(&[]);
        if !loss.is_finite() {
            let batch = diverged::keep(&self.settings.directory, step, &batch)?;
            return Err(Error::Diverged { step, loss, batch });
        }
        let training = &self.settings.training;
        let rate = self.rate(step);
        let length = self.optimiser.step(&outcome.loss, rate, &training.gradient);
        self.length = length.double_value(&[]);
        if let Some(average) = &mut self.average {
            average.update(&self.optimiser, step);
        }
        self.step = step;
        Ok(outcome)
    }

    /// Measures the model on the episodes that are held out, with the average of its weights where there is one, and
    /// draws what the validation shows.
    ///
    /// # Errors
    ///
    /// Where a pair cannot be read, or a picture not be written.
    pub fn measure(&mut self) -> Result<Option<Report>, Error> {
        if count(&self.held) == 0 || self.journal.last() >= self.step {
            // There is nothing to measure on, or it stands there already.
            return Ok(None);
        }
        if let Some(average) = &mut self.average {
            average.exchange(&self.optimiser);
        }
        let untrained = match self.untrained.take() {
            Some(untrained) => untrained,
            None => opening::untrained(self.settings, &self.model)?,
        };
        let report = validate(
            &self.model,
            Some(self.untrained.insert(untrained)),
            measure::Data {
                held: &self.held,
                train: &self.train,
                request: &self.settings.data.request,
            },
            &self.plan,
            &self.settings.directory.join(PICTURES),
            self.step,
        );
        if let Some(average) = &mut self.average {
            average.exchange(&self.optimiser);
        }
        Ok(Some(report?))
    }

    /// Writes a checkpoint, and takes the run's own old ones away where it says so; returns where it is.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn save(&self, seconds: f64) -> Result<PathBuf, Error> {
        let parameters = self.model.parameters();
        let mut optimiser = self.optimiser.state();
        optimiser.extend(parameters.state());
        if let Some(average) = &self.average {
            optimiser.extend(average.state(&self.optimiser));
        }
        let directory = &self.settings.directory;
        let path = checkpoint::save(
            directory,
            &Contents {
                model: parameters.named(),
                optimiser,
                state: State::new(
                    self.step,
                    self.generator.state(),
                    self.loader.position().clone(),
                    seconds,
                ),
                config: &self.settings.all,
            },
        )?;
        if let Some(keep) = self.settings.training.checkpoint.keep {
            checkpoint::thin(directory, keep, |step| step > self.began || self.began == 0)?;
        }
        Ok(path)
    }

    /// The last step that was done.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The episodes that are held out.
    #[must_use]
    pub fn held_out(&self) -> &Part {
        &self.held
    }

    fn rate(&self, step: u64) -> f64 {
        let training = &self.settings.training;
        let peak = training.optimizer.lr;
        training.scheduler.rate(peak, step, training.max_steps)
    }

    /// What is written of a step.
    fn numbers(&self, outcome: &Outcome) -> Vec<(String, f64)> {
        let metrics = outcome.metrics().into_iter();
        let mut numbers: Vec<(String, f64)> = metrics
            .map(|(name, value)| (format!("train/{name}"), value))
            .collect();
        numbers.push(("train/lr".to_owned(), self.rate(self.step)));
        numbers.push(("train/grad_norm".to_owned(), self.length));
        numbers.push((
            "train/unique_codes_in_batch".to_owned(),
            outcome.unique_codes() as f64,
        ));
        numbers
    }

    fn write(&mut self, numbers: &[(String, f64)]) -> Result<(), Error> {
        let step = self.step;
        let written = self.journal.write(step, numbers);
        written.map_err(|source| Error::File {
            path: self.journal.path().to_owned(),
            source,
        })
    }

    fn about(&self) -> told::About {
        told::About {
            parameters: self.model.parameters().count(),
            threads: self.threads,
            step: self.step,
            episodes: (count(&self.train), count(&self.held)),
        }
    }
}

fn count(part: &Part) -> usize {
    part.episodes().iter().map(Vec::len).sum()
}
