//! The tensors of a file of weights, taken one by one by the names that the network has for them. All that does not fit
//! is said at once.
//!
//! INVARIANT: a network that was built from a file has every tensor of it, and no other.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use tch::{Device, Kind, Tensor, no_grad};

use crate::weights;

/// Tensors by name.
pub(super) struct Store {
    path: PathBuf,
    device: Device,
    found: HashMap<String, Tensor>,
    missing: Vec<String>,
    misshapen: Vec<String>,
}

/// A place in a network, where names go on from.
pub(super) struct Place<'a> {
    store: &'a mut Store,
    path: String,
}

impl Store {
    /// Reads a file; its tensors go to the device as they are taken.
    pub(super) fn open(path: &Path, device: Device) -> Result<Self, weights::Error> {
        Ok(Self {
            path: path.to_owned(),
            device,
            found: weights::load(path)?,
            missing: Vec::new(),
            misshapen: Vec::new(),
        })
    }

    /// Returns the size of a tensor that is still there.
    pub(super) fn size(&self, name: &str) -> Option<Vec<i64>> {
        self.found.get(name).map(Tensor::size)
    }

    /// Leaves out what the network does not compute with.
    pub(super) fn leave_out(&mut self, is_unused: impl Fn(&str) -> bool) {
        self.found.retain(|name, _| !is_unused(name));
    }

    /// Says what is missing of tensors that tell what the network is.
    ///
    /// # Errors
    ///
    /// Where one is.
    pub(super) fn demand(&self, names: &[&str]) -> Result<(), weights::Error> {
        let missing = names.iter().filter(|name| !self.found.contains_key(**name));
        let missing: Vec<String> = missing.map(|name| (*name).to_owned()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(weights::Error::Model {
            path: self.path.clone(),
            missing,
            unexpected: Vec::new(),
            misshapen: Vec::new(),
        })
    }

    /// Builds a network of what the file has.
    ///
    /// # Errors
    ///
    /// Where the file has not the very tensors that were taken.
    pub(super) fn build<T>(
        mut self,
        network: impl FnOnce(&mut Place<'_>) -> T,
    ) -> Result<T, weights::Error> {
        let built = network(&mut Place {
            store: &mut self,
            path: String::new(),
        });
        if self.missing.is_empty() && self.misshapen.is_empty() && self.found.is_empty() {
            return Ok(built);
        }
        let mut unexpected: Vec<String> = self.found.into_keys().collect();
        unexpected.sort_unstable();
        Err(weights::Error::Model {
            path: self.path,
            missing: self.missing,
            unexpected,
            misshapen: self.misshapen,
        })
    }
}

impl Place<'_> {
    /// Returns the place of a part.
    pub(super) fn enter(&mut self, name: impl Display) -> Place<'_> {
        let path = self.name(name);
        Place {
            store: self.store,
            path,
        }
    }

    /// Takes a tensor of this shape, in fp32. Where the file has none, [`Store::build`] says so.
    pub(super) fn take(&mut self, name: &str, shape: &[i64]) -> Tensor {
        if let Some(tensor) = self.take_where(name, shape) {
            return tensor;
        }
        self.store.missing.push(self.name(name));
        Tensor::zeros(shape, (Kind::Float, self.store.device))
    }

    /// Takes a tensor of this shape that not every network has.
    pub(super) fn take_where(&mut self, name: &str, shape: &[i64]) -> Option<Tensor> {
        let name = self.name(name);
        let tensor = self.store.found.remove(&name)?;
        if tensor.size() != shape {
            let found = tensor.size();
            let wrong = format!("{name} is {found:?} and not {shape:?}");
            self.store.misshapen.push(wrong);
            return Some(Tensor::zeros(shape, (Kind::Float, self.store.device)));
        }
        Some(no_grad(|| {
            tensor.to_device(self.store.device).to_kind(Kind::Float)
        }))
    }

    /// Brings a tensor that is computed to where the others are.
    pub(super) fn constant(&self, tensor: &Tensor) -> Tensor {
        tensor.to_device(self.store.device)
    }

    fn name(&self, name: impl Display) -> String {
        match self.path.as_str() {
            "" => name.to_string(),
            path => format!("{path}.{name}"),
        }
    }
}
