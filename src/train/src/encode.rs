//! A data set's latents, and a model's weights, as safetensors files for other programs.
//!
//! INVARIANT: a file is whole or not there, and never replaces another.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use tch::{Device, Kind, Tensor, no_grad};

use crate::data::{self, CameraRequest, Loader, Order, Part, Request, Spec};
use crate::lam::{BatchError, Model};
use crate::measure::seen::tensor;
use crate::{fresh, sys, weights};

/// Why latents or weights are not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data.
    #[error(transparent)]
    Data(#[from] data::Error),
    /// The data are not for this model.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The tensors.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// Something is there.
    #[error("`{0}` is there already; name another file")]
    Exists(PathBuf),
    /// Nothing can be made there.
    #[error("`{0}` is no directory that can be written to")]
    Directory(PathBuf),
    /// The file.
    #[error("the file cannot be written")]
    File(#[from] io::Error),
    /// Nothing gives two frames.
    #[error("no camera of `data.request` is asked for two frames")]
    NoCamera,
    /// No episode has a pair.
    #[error("no pair of frames to encode")]
    NoPairs,
}

/// Writes the latents of every frame of a part: `codes` `[N, s]` (`i64`), `vectors` `[N, s, D]` (their entries of the
/// codebook), `differences` `[N, s, D]` (what the bottleneck saw), and of which frame they are: `source`, `episode`,
/// `frame` (within the episode), `index` (within the data set), `is_padding` (whether the pair reaches beyond the
/// episode), `[N]`. Returns `N`; `progress` is told how many are done.
///
/// # Errors
///
/// Where the file is there already, data cannot be read, or are not for this model.
pub fn encode(
    model: &Model,
    part: &Part,
    request: &Request,
    spec: &Spec,
    output: &Path,
    mut progress: impl FnMut(usize),
) -> Result<usize, Error> {
    vacant(output)?;
    let pairs = || request.cameras.iter().filter(|of| of.frames.len() == 2);
    let camera = pairs()
        .find(|camera| camera.name == "primary")
        .or_else(|| pairs().next())
        .ok_or(Error::NoCamera)?;
    let request = Request {
        cameras: vec![CameraRequest::clone(camera)],
        image_size: request.image_size,
        pad: request.pad,
        ..Request::default()
    };
    let device = model.codebook().device();
    let codebook = model.codebook().detach().to_device(Device::Cpu);
    let (mut codes, mut differences) = (Vec::new(), Vec::new());
    let mut places: [Vec<i64>; 4] = Default::default();
    let mut is_padding: Vec<u8> = Vec::new();
    for batch in Loader::new(part, &request, spec, Order::Once, None)? {
        let batch = batch?;
        let frames = batch.cameras.first().ok_or(Error::NoCamera)?;
        let seen = tensor(frames).to_device(device);
        let padding = frames.is_padding.chunks_exact(frames.times.max(1));
        is_padding.extend(padding.map(|of| u8::from(of.contains(&true))));
        codes.push(model.codes(&seen)?.to_device(Device::Cpu));
        let seen = model.differences(&seen)?;
        differences.push(seen.to_device(Device::Cpu).to_kind(Kind::Float));
        let columns = [&batch.source, &batch.episode, &batch.frame, &batch.index];
        for (all, some) in places.iter_mut().zip(columns) {
            all.extend(some);
        }
        progress(is_padding.len());
    }
    if codes.is_empty() {
        return Err(Error::NoPairs);
    }
    let codes = Tensor::cat(&codes, 0);
    let shape = [
        codes.size().first().copied().unwrap_or(0),
        -1,
        model.config().quant_dim,
    ];
    let vectors = no_grad(|| codebook.index_select(0, &codes.flatten(0, 1)).view(shape));
    let mut tensors = vec![
        ("codes".to_owned(), codes),
        ("vectors".to_owned(), vectors),
        ("differences".to_owned(), Tensor::cat(&differences, 0)),
        ("is_padding".to_owned(), Tensor::from_slice(&is_padding)),
    ];
    let names = ["source", "episode", "frame", "index"];
    for (name, column) in names.into_iter().zip(&places) {
        tensors.push((name.to_owned(), Tensor::from_slice(column)));
    }
    let sources = part.set().sources().iter();
    let roots = sources.map(|source| source.meta.root.display().to_string());
    let frames: Vec<String> = camera.frames.iter().map(i64::to_string).collect();
    let about = HashMap::from([
        ("camera".to_owned(), camera.name.clone()),
        ("frames".to_owned(), frames.join(",")),
        ("sources".to_owned(), roots.collect::<Vec<_>>().join("\n")),
    ]);
    fresh::create(output, |part| {
        weights::save(part, &tensors, about).map_err(Error::from)
    })?;
    Ok(is_padding.len())
}

/// Writes all weights of a model by the reference's names, with words about them.
///
/// # Errors
///
/// Where the file is there already, or cannot be written.
pub fn export(model: &Model, output: &Path, about: HashMap<String, String>) -> Result<(), Error> {
    vacant(output)?;
    fresh::create(output, |part| {
        weights::save(part, &model.parameters().named(), about).map_err(Error::from)
    })
}

/// Sees that a file can be made, before the work that gives what is in it.
fn vacant(output: &Path) -> Result<(), Error> {
    if output.symlink_metadata().is_ok() {
        return Err(Error::Exists(output.to_owned()));
    }
    let directory = match output.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    };
    if !sys::may_write(directory) {
        return Err(Error::Directory(directory.to_owned()));
    }
    Ok(())
}
