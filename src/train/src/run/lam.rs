//! The loop of stage 1: pairs of frames in, a latent action model out.
//!
//! INVARIANT: what a step does follows from the settings and from what a checkpoint holds, and from nothing else.

mod begin;
mod codebook;
mod diverged;
mod error;
mod input;
mod opening;
mod outward;
mod told;

use std::path::PathBuf;
use std::time::Instant;

use hlrp_sh::ui;
use tch::Device;

use self::outward::Outward;
use super::asked::Asked;
use super::checkpoint::{self, Contents, State};
use super::journal::{Journal, Numbers};
use super::settings::Settings;
use crate::data::{self, Loader, Part};
use crate::lam::{Model, Outcome};
use crate::measure::{self, Drawn, Plan, Report, drawn, validate};
use crate::optim::{AdamW, Average};
use crate::random::Generator;

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
    /// The step that this process went on from.
    began: u64,
    /// The name that the run gave itself.
    name: String,
    /// The numbers of the last step, where it is still to be measured.
    unmeasured: Option<Numbers>,
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
    let before = run.before;
    let seconds = || before + begun.elapsed().as_secs_f64();
    if let Some(numbers) = run.unmeasured.take() {
        let (numbers, drawn) = run.account(numbers, true)?;
        outward.step(run.step, &numbers, &drawn);
    }
    while run.step < settings.training.max_steps {
        let outcome = match run.advance() {
            Err(fault) => return Err(run.rescue(fault, seconds(), told)),
            Ok(outcome) => outcome,
        };
        let (step, training) = (run.step, &settings.training);
        let is_last = step == training.max_steps;
        let is_measured = is_last || step.is_multiple_of(settings.validation.check_interval);
        if is_measured || step.is_multiple_of(training.log_every_n_steps) {
            let numbers = run.numbers(&outcome);
            if let Some(signal) = asked.signal().filter(|_| is_measured) {
                // Who asks does not wait for a validation: whoever goes on makes up for it.
                let path = run.store(seconds(), Some(numbers))?;
                told.saved(&path);
                return Ok(Ended::Asked(signal));
            }
            let (numbers, drawn) = match run.account(numbers, is_measured) {
                Err(fault) => return Err(run.rescue(fault, seconds(), told)),
                Ok(account) => account,
            };
            outward.step(step, &numbers, &drawn);
            told.step(step, &numbers, begun.elapsed());
        }
        let signal = asked.signal();
        if is_last
            || signal.is_some()
            || step.is_multiple_of(training.checkpoint.every_n_train_steps)
        {
            let path = run.save(seconds())?;
            told.saved(&path);
        }
        if let Some(signal) = signal.filter(|_| !is_last) {
            return Ok(Ended::Asked(signal));
        }
    }
    Ok(Ended::Whole)
}

impl Run<'_> {
    /// Does one step.
    ///
    /// # Errors
    ///
    /// Where there is no batch, or its loss or its gradient is no number: the weights are then as they were.
    pub fn advance(&mut self) -> Result<Outcome, Error> {
        let step = self.step + 1;
        let model = &self.settings.model;
        // What may fail comes first: until then the run can be saved as it is.
        let start = match model.continuous_steps > 0 && step == model.continuous_steps + 1 {
            true => Some(codebook::differences(self)?),
            false => None,
        };
        let batch = self.loader.next().ok_or(data::Error::Worker)??;
        if let Some(differences) = start {
            codebook::start(self, &differences);
        }
        let outcome = self
            .model
            .step(&pairs(&batch, self.device), step, &mut self.generator)?;
        let loss = outcome.loss.double_value(&[]);
        let training = &self.settings.training;
        let rate = self.rate(step);
        let length = match loss.is_finite() {
            true => self.optimiser.step(&outcome.loss, rate, &training.gradient),
            false => f64::NAN,
        };
        if !length.is_finite() {
            let batch = diverged::keep(&self.settings.directory, step, &batch)?;
            return Err(Error::Diverged {
                step,
                loss,
                length,
                batch,
            });
        }
        self.length = length;
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
        if self.plan.pairs == 0 || count(&self.held) == 0 || self.journal.last() >= self.step {
            // There is nothing to measure on, or it stands there already.
            return Ok(None);
        }
        let untrained = match self.untrained.take() {
            Some(untrained) => untrained,
            None => opening::untrained(self.settings, &self.model)?,
        };
        if let Some(average) = &mut self.average {
            average.exchange(&self.optimiser);
        }
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
        self.store(seconds, None)
    }

    /// The same, with the numbers of the step where it is still to be measured.
    fn store(&self, seconds: f64, unmeasured: Option<Numbers>) -> Result<PathBuf, Error> {
        let parameters = self.model.parameters();
        let mut optimiser = self.optimiser.state();
        optimiser.extend(parameters.state());
        if let Some(average) = &self.average {
            optimiser.extend(average.state(&self.optimiser));
        }
        let directory = &self.settings.directory;
        // A checkpoint must not outlive the lines before it: they are never written again.
        self.journal.sync().map_err(|source| Error::File {
            path: self.journal.path().to_owned(),
            source,
        })?;
        let path = checkpoint::save(
            directory,
            &Contents {
                model: parameters.named(),
                optimiser,
                state: State {
                    schema: checkpoint::FORMAT.to_owned(),
                    step: self.step,
                    generator: self.generator.state(),
                    position: self.loader.position().clone(),
                    seconds,
                    threads: self.threads,
                    run: self.name.clone(),
                    unmeasured,
                },
                config: &self.settings.all,
            },
        )?;
        if let Some(keep) = self.settings.training.checkpoint.keep {
            // What is one too many stands in nobody's way.
            if let Err(fault) = checkpoint::thin(directory, keep, &self.name) {
                ui::error(&fault);
            }
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

    /// Measures where it is due, and writes the numbers of the step that was done; returns them, and the pictures. A step
    /// that stood there already has the numbers that it had.
    fn account(
        &mut self,
        mut numbers: Numbers,
        is_measured: bool,
    ) -> Result<(Numbers, Vec<Drawn>), Error> {
        if let Some(row) = self.journal.row(self.step) {
            let drawn = drawn(&self.settings.directory.join(PICTURES), self.step);
            return Ok((row.to_vec(), drawn));
        }
        let mut pictures = Vec::new();
        if is_measured {
            match self.measure() {
                Err(fault) => {
                    self.unmeasured = Some(numbers);
                    return Err(fault);
                }
                Ok(None) => {}
                Ok(Some(report)) => {
                    numbers.extend(report.values);
                    pictures = report.drawn;
                }
            }
        }
        self.write(&numbers)?;
        Ok((numbers, pictures))
    }

    /// Saves what was done before data or pictures failed, so that nothing of it is lost; returns the fault. A step that
    /// could not be measured is measured by whoever goes on.
    fn rescue(&mut self, fault: Error, seconds: f64, told: &Told) -> Error {
        if self.step > self.began && matches!(fault, Error::Data(_) | Error::Measure(_)) {
            let unmeasured = self.unmeasured.take();
            match self.store(seconds, unmeasured) {
                Ok(path) => told.saved(&path),
                Err(second) => ui::error(&second),
            }
        }
        fault
    }

    /// What is written of a step.
    fn numbers(&self, outcome: &Outcome) -> Numbers {
        let metrics = outcome.metrics().into_iter();
        let mut numbers: Numbers = metrics
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
