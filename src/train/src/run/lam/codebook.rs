//! The codebook's start, after the steps without one.

use tch::Tensor;

use super::{Error, Run, pairs};
use crate::data::{Loader, Order, Request, Spec};

/// Returns what the encoder sees of training pairs.
pub(super) fn differences(run: &Run<'_>) -> Result<Tensor, Error> {
    let settings = run.settings;
    let native = &settings.training.native;
    let spec = Spec {
        batch_size: settings.data.batch_size,
        workers: 0,
        ..Spec::default()
    };
    let order = Order::Shuffled {
        seed: settings.seed.wrapping_add(1),
        epoch: None,
    };
    let request = Request {
        flow: false,
        ..settings.data.request.clone()
    };
    let loader = Loader::new(&run.train, &request, &spec, order, None)?;
    let batches = native.codebook_pairs.div_ceil(spec.batch_size);
    let mut differences = Vec::with_capacity(batches);
    for batch in loader.take(batches) {
        let frames = pairs(&batch?, run.device).frames;
        differences.push(run.model.differences(&frames)?.flatten(0, 1));
    }
    Ok(Tensor::cat(&differences, 0))
}

/// Starts a run's codebook from that.
pub(super) fn start(run: &mut Run<'_>, differences: &Tensor) {
    let rounds = run.settings.training.native.codebook_rounds;
    run.model
        .start_codebook(differences, rounds, &mut run.generator);
    if let Some(average) = &mut run.average {
        // The codebook of before means nothing beside this one.
        average.restart(&run.optimiser, run.model.codebook());
    }
}
