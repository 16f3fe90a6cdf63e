//! Weights as safetensors files, by the reference's names: they go both ways.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use safetensors::{SafeTensorError, serialize};
use tch::{Kind, Tensor, no_grad};

use crate::parameters::Parameters;

/// The weights of a checkpoint, in its directory.
pub const MODEL: &str = "model.safetensors";
/// How many names a message shows.
const SHOWN: usize = 5;

/// Why weights cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file itself.
    #[error("`{path}` cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Not a safetensors file.
    #[error("`{path}` is no safetensors file, or is cut short")]
    Format {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: SafeTensorError,
    },
    /// A tensor of a kind that no model has.
    #[error("`{name}` in `{path}` has numbers of kind {kind:?}, which no model has")]
    Numbers {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its numbers.
        kind: Dtype,
    },
    /// The tensors are another model's.
    #[error(
        "`{path}` does not fit this model: {}",
        mismatch(missing, unexpected, misshapen)
    )]
    Model {
        /// The file.
        path: PathBuf,
        /// Tensors of the model that it lacks.
        missing: Vec<String>,
        /// Tensors that the model lacks.
        unexpected: Vec<String>,
        /// Tensors of other sizes.
        misshapen: Vec<String>,
    },
    /// A training that went astray, or a damaged file.
    #[error("`{path}` has numbers that are not finite, in `{name}`")]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// A tensor with such a number.
        name: String,
    },
    /// Two names of one tensor that differ.
    #[error("`{path}` holds two versions of one tensor: `{name}` is not `{alias}`")]
    Alias {
        /// The file.
        path: PathBuf,
        /// One name.
        name: String,
        /// The other.
        alias: String,
    },
}

/// Writes named tensors, and words about them, to a new file. Whoever wants it whole or not at all renames it.
///
/// # Errors
///
/// Where the file cannot be written.
pub fn save(
    path: &Path,
    tensors: &[(String, Tensor)],
    about: HashMap<String, String>,
) -> Result<(), Error> {
    let parts: Vec<(&str, Vec<usize>, Dtype, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let (kind, bytes) = bytes(tensor);
            let shape = tensor
                .size()
                .iter()
                .map(|&size| usize::try_from(size).unwrap_or(0))
                .collect();
            (name.as_str(), shape, kind, bytes)
        })
        .collect();
    let format = |source| Error::Format {
        path: path.to_owned(),
        source,
    };
    let mut views = Vec::with_capacity(parts.len());
    for (name, shape, kind, bytes) in &parts {
        let view = TensorView::new(*kind, shape.clone(), bytes).map_err(format)?;
        views.push((*name, view));
    }
    let about = (!about.is_empty()).then_some(about);
    let whole = serialize(views, &about).map_err(format)?;
    fs::write(path, whole).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Reads all tensors of a file, on the CPU; of a checkpoint's directory, the weights in it.
///
/// # Errors
///
/// Where it is no safetensors file.
pub fn load(path: &Path) -> Result<HashMap<String, Tensor>, Error> {
    let within = path.join(MODEL);
    let path = if path.is_dir() { &within } else { path };
    let whole = fs::read(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })?;
    let file = SafeTensors::deserialize(&whole).map_err(|source| Error::Format {
        path: path.to_owned(),
        source,
    })?;
    let mut tensors = HashMap::new();
    for (name, view) in file.tensors() {
        let Some(kind) = kind(view.dtype()) else {
            return Err(Error::Numbers {
                path: path.to_owned(),
                name,
                kind: view.dtype(),
            });
        };
        let size: Vec<i64> = view
            .shape()
            .iter()
            .map(|&size| i64::try_from(size).unwrap_or(0))
            .collect();
        tensors.insert(name, Tensor::from_data_size(view.data(), &size, kind));
    }
    Ok(tensors)
}

/// Gives a model the weights of a file: every one it has, and no other. Numbers of another precision are converted.
///
/// # Errors
///
/// Where the file is not this model's, naming what is missing, unexpected or of another size. The model is then as it
/// was.
pub fn load_into(path: &Path, parameters: &Parameters) -> Result<(), Error> {
    fit(path, load(path)?, &parameters.named())
}

/// Copies tensors into those of the same name.
///
/// # Errors
///
/// As [`load_into`].
pub fn fit(
    path: &Path,
    mut found: HashMap<String, Tensor>,
    wanted: &[(String, Tensor)],
) -> Result<(), Error> {
    let (mut missing, mut misshapen, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for (name, tensor) in wanted {
        match found.remove(name) {
            None => missing.push(name.clone()),
            Some(other) if other.size() != tensor.size() => {
                misshapen.push(format!(
                    "{name} is {:?} and not {:?}",
                    other.size(),
                    tensor.size()
                ));
            }
            Some(other) => pairs.push((name, tensor.detach(), other)),
        }
    }
    if !(missing.is_empty() && misshapen.is_empty() && found.is_empty()) {
        let mut unexpected: Vec<String> = found.into_keys().collect();
        unexpected.sort_unstable();
        return Err(Error::Model {
            path: path.to_owned(),
            missing,
            unexpected,
            misshapen,
        });
    }
    check_finite(path, &pairs)?;
    check_aliases(path, &pairs)?;
    no_grad(|| {
        for (_, tensor, other) in &mut pairs {
            tensor.copy_(other);
        }
    });
    Ok(())
}

/// Numbers that are none would spread to all that is computed with them.
fn check_finite(path: &Path, pairs: &[(&String, Tensor, Tensor)]) -> Result<(), Error> {
    let is_finite = |tensor: &Tensor| tensor.isfinite().all().int64_value(&[]) != 0;
    match pairs.iter().find(|(_, _, other)| !is_finite(other)) {
        Some((name, ..)) => Err(Error::NotFinite {
            path: path.to_owned(),
            name: (*name).clone(),
        }),
        None => Ok(()),
    }
}

/// Tensors that are one in the model must be equal in the file, and are finite.
fn check_aliases(path: &Path, pairs: &[(&String, Tensor, Tensor)]) -> Result<(), Error> {
    let mut seen: HashMap<usize, (&String, &Tensor)> = HashMap::new();
    for (name, tensor, other) in pairs {
        if tensor.numel() == 0 {
            continue;
        }
        let (first, copy) = seen
            .entry(tensor.data_ptr() as usize)
            .or_insert((name, other));
        if !copy.equal(other) {
            return Err(Error::Alias {
                path: path.to_owned(),
                name: (*first).clone(),
                alias: (*name).clone(),
            });
        }
    }
    Ok(())
}

/// The numbers of a tensor as they lie in a file.
fn bytes(tensor: &Tensor) -> (Dtype, Vec<u8>) {
    let (kind, dtype) = match tensor.kind() {
        Kind::Uint8 => (Kind::Uint8, Dtype::U8),
        Kind::Int => (Kind::Int, Dtype::I32),
        Kind::Int64 => (Kind::Int64, Dtype::I64),
        Kind::BFloat16 => (Kind::BFloat16, Dtype::BF16),
        Kind::Half => (Kind::Half, Dtype::F16),
        Kind::Double => (Kind::Double, Dtype::F64),
        _ => (Kind::Float, Dtype::F32),
    };
    let flat = tensor
        .detach()
        .to_device(tch::Device::Cpu)
        .to_kind(kind)
        .contiguous();
    let mut bytes = vec![0; flat.numel() * kind.elt_size_in_bytes()];
    flat.copy_data_u8(&mut bytes, flat.numel());
    (dtype, bytes)
}

fn kind(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::BOOL => Some(Kind::Bool),
        Dtype::U8 => Some(Kind::Uint8),
        Dtype::I8 => Some(Kind::Int8),
        Dtype::I16 => Some(Kind::Int16),
        Dtype::I32 => Some(Kind::Int),
        Dtype::I64 => Some(Kind::Int64),
        Dtype::F16 => Some(Kind::Half),
        Dtype::BF16 => Some(Kind::BFloat16),
        Dtype::F32 => Some(Kind::Float),
        Dtype::F64 => Some(Kind::Double),
        _ => None,
    }
}

/// What is wrong with the tensors of a file, in a line.
fn mismatch(missing: &[String], unexpected: &[String], misshapen: &[String]) -> String {
    let kinds = [
        ("missing", missing),
        ("unexpected", unexpected),
        ("of another size", misshapen),
    ];
    let told: Vec<String> = kinds
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| {
            let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
            let rest = match names.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{} {what} ({}{rest})", names.len(), shown.join(", "))
        })
        .collect();
    told.join("; ")
}
