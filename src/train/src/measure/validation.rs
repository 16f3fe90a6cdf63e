//! A validation: all numbers of a model at a step, and its pictures.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2, Axis};
use tch::{Kind as Numbers, Tensor, no_grad};

use super::album::{Album, folder};
use super::centres::{centres, nearest};
use super::plan::{Drawing, Plan};
use super::probe::{self, Sample};
use super::seen::{Asked, LOSS, Seen};
use crate::data::{self, Part, Picture, Request};
use crate::lam::{BatchError, Model, perplexity};
use crate::random::Generator;

/// Why a model cannot be validated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// The data are not for this model.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// No pair lies whole within a held-out episode.
    #[error("no held-out episode is long enough for a pair; hold out more in `val_episode_count`")]
    NoPairs,
    /// Nothing gives two frames.
    #[error("no camera of `data.request` is asked for two frames")]
    NoCamera,
    /// A picture is not written.
    #[error("`{path}` cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What a model is validated on.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Held-out episodes, which everything is measured on.
    pub held: &'a Part,
    /// Episodes that were trained on, which the probes are fitted on.
    pub train: &'a Part,
    /// What was asked of them in training: two frames of a camera.
    pub request: &'a Request,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Numbers by name, `val/loss` and so on. What cannot be measured is not among them.
    pub values: Vec<(String, f64)>,
    /// The pictures.
    pub drawn: Vec<Drawn>,
}

/// A picture that was written.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Its name, `val/reconstructions` and so on.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it shows.
    pub picture: Picture,
}

/// Measures a model at a step, and writes pictures to `place/step_0000500/`, beside those that are there already.
///
/// The untrained model, of the same configuration, is a control: its probes need no second time in a run.
///
/// # Errors
///
/// Where data cannot be read, are not for this model, or a picture cannot be written.
pub fn validate(
    model: &Model,
    untrained: Option<&Model>,
    data: Data<'_>,
    plan: &Plan,
    place: &Path,
    step: u64,
) -> Result<Report, Error> {
    let asked = |part, pairs, predicts| Asked {
        model,
        untrained,
        part,
        request: data.request,
        plan,
        pairs,
        predicts,
    };
    let drawings: Vec<&Drawing> = plan.drawings_at(step).collect();
    let held = Seen::read(&asked(data.held, plan.pairs, true))?;
    let shows_train = drawings.iter().any(|drawing| drawing.shows_train);
    let train = match (plan.probe_pairs, shows_train) {
        (0, false) => None,
        (pairs, _) => {
            let pairs = pairs.max(plan.batch_size);
            Some(Seen::read(&asked(data.train, pairs, false))?)
        }
    };
    let mut values = numbers(model, &held);
    if let Some(train) = train.as_ref().filter(|_| plan.probe_pairs > 0) {
        values.extend(probes(model, train, &held, plan));
    }
    let album = Album {
        model,
        held: &held,
        train: train.as_ref(),
        place: folder(place, step),
    };
    let mut drawn = Vec::new();
    for drawing in drawings {
        album.draw(drawing, &mut drawn)?;
    }
    let named = |(name, value): (&str, f64)| (format!("val/{name}"), value);
    Ok(Report {
        values: values.into_iter().map(named).collect(),
        drawn,
    })
}

/// What is known without a probe.
fn numbers(model: &Model, held: &Seen) -> Vec<(&'static str, f64)> {
    let errors = held.errors;
    let mut values = Vec::new();
    let rest = held.others.iter().find(|(name, _)| *name == LOSS);
    let rest = rest.map(|(_, rest)| *rest);
    if errors.own.is_some() || rest.is_some() {
        let whole = errors.own.unwrap_or(0.0) + rest.unwrap_or(0.0);
        values.push((LOSS, whole));
    }
    if let Some(own) = errors.own {
        let part = match model.config().use_aux_decoder {
            true => "aux_loss",
            false => "pixel_loss",
        };
        values.push((part, own));
    }
    values.extend(held.others.iter().filter(|(name, _)| *name != LOSS));
    values.push(("copy_first_frame", errors.copy));
    if let (Some(own), Some(shuffled)) = (errors.own, errors.shuffled) {
        values.extend([("shuffled", shuffled), ("shuffled_ratio", shuffled / own)]);
    }
    let codes = array(&held.codes);
    let used: BTreeSet<i64> = codes.iter().copied().collect();
    let sequences: BTreeSet<Vec<i64>> = codes.rows().into_iter().map(|row| row.to_vec()).collect();
    let flat = held.differences.flatten(0, 1);
    let codebook = model.codebook().to_device(tch::Device::Cpu);
    let (norm, lost) = no_grad(|| {
        let off = &flat - codebook.index_select(0, &held.codes.flatten(0, 1));
        let squares = |of: &Tensor| (of * of).sum(Numbers::Double).double_value(&[]);
        let norm = flat
            .norm_scalaropt_dim(2, [-1], false)
            .mean(Numbers::Double);
        (norm.double_value(&[]), squares(&off) / squares(&flat))
    });
    let perplexity = perplexity(&held.codes, model.config().codebook_size);
    values.extend([
        ("codes_used", used.len() as f64),
        ("sequences_used", sequences.len() as f64),
        ("perplexity", perplexity.double_value(&[])),
        ("difference_norm", norm),
        ("quantisation_error", lost),
        ("pairs", codes.nrows() as f64),
    ]);
    values
}

/// What codes, and other things, say about how the state moves.
fn probes(model: &Model, train: &Seen, held: &Seen, plan: &Plan) -> Vec<(&'static str, f64)> {
    let known = |seen: &Seen| -> Vec<usize> {
        let places = seen.is_known.iter().enumerate();
        places.filter(|(_, is)| **is).map(|(at, _)| at).collect()
    };
    let (rows, held_rows) = (known(train), known(held));
    let targets = train.moved.select(Axis(0), &rows);
    let wanted = held.moved.select(Axis(0), &held_rows);
    let mut values = Vec::new();
    let mut probe = |name, features: &Array2<f64>, other: &Array2<f64>| {
        let (features, other) = (
            features.select(Axis(0), &rows),
            other.select(Axis(0), &held_rows),
        );
        let score = probe::score(
            Sample {
                features: features.view(),
                targets: targets.view(),
            },
            Sample {
                features: other.view(),
                targets: wanted.view(),
            },
        );
        values.extend(score.map(|score| (name, score)));
    };
    let entries = usize::try_from(model.config().codebook_size).unwrap_or(0);
    let width = entries * held.codes.size().last().map_or(1, |&width| width as usize);
    let fits = probe::fits(train.tasks.len() + held.tasks.len(), width);
    let hot = |codes: &Tensor| probe::one_hot(array(codes).view(), entries);
    if fits {
        probe("probe_codes_r2", &hot(&train.codes), &hot(&held.codes));
    }
    let (one, other) = flat(&train.differences, &held.differences);
    probe("probe_differences_r2", &one, &other);
    let (one, other) = tasks(train, held);
    probe("probe_task_r2", &one, &other);
    let mut generator = Generator::new(plan.seed, "features of nothing");
    let mut noise = |rows: usize| {
        let drawn = generator.normal(rows * width);
        let drawn: Vec<f64> = drawn.into_iter().map(f64::from).collect();
        Array2::from_shape_vec((rows, width), drawn).unwrap_or_else(|_| Array2::zeros((rows, 0)))
    };
    if fits {
        let (one, other) = (noise(train.tasks.len()), noise(held.tasks.len()));
        probe("probe_random_r2", &one, &other);
    }
    if let (Some(one), Some(other)) = (&train.untrained, &held.untrained) {
        if fits {
            // The best codebook that this encoder can have, or the comparison would be one of codebooks.
            let points = one.flatten(0, 1);
            let mut generator = Generator::new(plan.seed, "centres");
            let centres = centres(&points, model.config().codebook_size, &mut generator);
            let codes = |of: &Tensor| {
                let rows = of.size().first().copied().unwrap_or(0);
                hot(&nearest(&of.flatten(0, 1), &centres).view([rows, -1]))
            };
            probe("probe_untrained_codes_r2", &codes(one), &codes(other));
        }
        let (one, other) = flat(one, other);
        probe("probe_untrained_differences_r2", &one, &other);
    }
    values
}

/// Differences `[N, s, D]` of both parts as features, in units of their spread in training.
fn flat(train: &Tensor, held: &Tensor) -> (Array2<f64>, Array2<f64>) {
    let features = |of: &Tensor| {
        let flat = of.flatten(1, 2).to_kind(Numbers::Double).contiguous();
        let &[rows, columns] = &flat.size()[..] else {
            return Array2::zeros((0, 0));
        };
        let values: Vec<f64> = flat.view([-1]).try_into().unwrap_or_default();
        Array2::from_shape_vec((rows as usize, columns as usize), values)
            .unwrap_or_else(|_| Array2::zeros((rows as usize, 0)))
    };
    let (train, held) = (features(train), features(held));
    let spread = train.std(0.0);
    let spread = if spread > 0.0 { spread } else { 1.0 };
    (train / spread, held / spread)
}

/// Instructions as features: which of all it is.
fn tasks(train: &Seen, held: &Seen) -> (Array2<f64>, Array2<f64>) {
    let mut known: HashMap<&str, i64> = HashMap::new();
    for task in train.tasks.iter().chain(&held.tasks) {
        let next = known.len() as i64;
        known.entry(task).or_insert(next);
    }
    let features = |seen: &Seen| {
        let place = |task: &std::sync::Arc<str>| known.get(&**task).copied().unwrap_or(0);
        let places: Vec<i64> = seen.tasks.iter().map(place).collect();
        let column = ArrayView2::from_shape((places.len(), 1), &places);
        column.map_or_else(
            |_| Array2::zeros((places.len(), 0)),
            |column| probe::one_hot(column, known.len()),
        )
    };
    (features(train), features(held))
}

/// Codes `[N, s]` outside of torch.
pub(super) fn array(codes: &Tensor) -> Array2<i64> {
    let &[rows, columns] = &codes.size()[..] else {
        return Array2::zeros((0, 0));
    };
    let values: Vec<i64> = codes.contiguous().view([-1]).try_into().unwrap_or_default();
    Array2::from_shape_vec((rows as usize, columns as usize), values)
        .unwrap_or_else(|_| Array2::zeros((0, 0)))
}
