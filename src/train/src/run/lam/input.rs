//! From what the data gives to what the model takes.

use tch::{Device, Tensor};

use crate::data;
use crate::lam::Batch;
use crate::measure::seen;

/// Returns the pairs of a batch on a device: bytes `[B, 3, 2, H, W]` of the first camera's `[B, 2, 3, H, W]`,
/// and the flow of those, where the data set has it.
#[must_use]
pub fn pairs(batch: &data::Batch, device: Device) -> Batch {
    let size = |number: usize| i64::try_from(number).unwrap_or(0);
    let frames = batch.cameras.first().map(|camera| {
        let shape = [
            size(batch.size),
            size(camera.times),
            3,
            size(camera.height),
            size(camera.width),
        ];
        Tensor::from_slice(&camera.pixels)
            .view(shape)
            .to_device(device)
            .transpose(1, 2)
    });
    Batch {
        frames: frames
            .unwrap_or_else(|| Tensor::zeros([0, 3, 2, 1, 1], (tch::Kind::Uint8, device))),
        flow: batch
            .flow
            .as_ref()
            .map(|flow| seen::flow(flow).to_device(device)),
    }
}
