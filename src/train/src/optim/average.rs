//! A moving average of the weights.

use std::collections::HashMap;

use tch::{Tensor, no_grad};

use super::adamw::AdamW;
use super::adamw::StateError;

/// What the averages are called in a checkpoint, before the name of a tensor.
const PREFIX: &str = "ema.";

/// The average of the weights of a model.
#[derive(Debug)]
pub struct Average {
    decay: f64,
    every: u64,
    after: u64,
    values: Vec<Tensor>,
}

impl Average {
    /// Starts with the weights as they are: `decay` is what is kept of the average `every` so many steps, once `after` so
    /// many steps have passed; until then it follows the weights.
    #[must_use]
    pub fn new(optimiser: &AdamW, decay: f64, every: u64, after: u64) -> Self {
        let values = no_grad(|| {
            let long = optimiser.packed().map(|packed| packed.values.copy());
            long.collect()
        });
        Self {
            decay,
            every: every.max(1),
            after,
            values,
        }
    }

    /// Takes the weights after a step into the average.
    pub fn update(&mut self, optimiser: &AdamW, step: u64) {
        if !step.is_multiple_of(self.every) {
            return;
        }
        let share = if step <= self.after {
            1.0
        } else {
            1.0 - self.decay
        };
        no_grad(|| {
            for (average, packed) in self.values.iter_mut().zip(optimiser.packed()) {
                let _ = average.lerp_(&packed.values, share);
            }
        });
    }

    /// Begins anew with a tensor of the model as it is now, for one that was replaced and not trained.
    pub fn restart(&mut self, optimiser: &AdamW, tensor: &Tensor) {
        for (average, packed) in self.values.iter().zip(optimiser.packed()) {
            for part in &packed.parts {
                if part.tensor.data_ptr() == tensor.data_ptr() {
                    no_grad(|| part.of(average).copy_(&part.tensor));
                }
            }
        }
    }

    /// Exchanges the weights of the model for the average; a second time brings the weights back.
    pub fn exchange(&mut self, optimiser: &AdamW) {
        no_grad(|| {
            for (average, packed) in self.values.iter_mut().zip(optimiser.packed()) {
                let weights = packed.values.copy();
                packed.values.shallow_clone().copy_(average);
                average.copy_(&weights);
            }
        });
    }

    /// What a checkpoint needs to continue.
    #[must_use]
    pub fn state(&self, optimiser: &AdamW) -> Vec<(String, Tensor)> {
        let mut state = Vec::new();
        for (average, packed) in self.values.iter().zip(optimiser.packed()) {
            let named = packed.named(average);
            state.extend(named.map(|(name, part)| (format!("{PREFIX}{name}"), part)));
        }
        state
    }

    /// Returns the averages in a checkpoint's state, by the names of the weights.
    #[must_use]
    pub fn of(state: &HashMap<String, Tensor>) -> HashMap<String, Tensor> {
        let averages = state.iter().filter_map(|(name, tensor)| {
            let name = name.strip_prefix(PREFIX)?;
            Some((name.to_owned(), tensor.shallow_clone()))
        });
        averages.collect()
    }

    /// Continues with a state.
    ///
    /// # Errors
    ///
    /// Where a tensor is missing or of another size.
    pub fn load(
        &mut self,
        optimiser: &AdamW,
        state: &HashMap<String, Tensor>,
    ) -> Result<(), StateError> {
        for (average, packed) in self.values.iter().zip(optimiser.packed()) {
            for (name, mut part) in packed.named(average) {
                let name = format!("{PREFIX}{name}");
                let Some(found) = state.get(&name) else {
                    return Err(StateError::Missing(name));
                };
                if found.size() != part.size() {
                    return Err(StateError::Size {
                        name,
                        found: found.size(),
                        wanted: part.size(),
                    });
                }
                no_grad(|| part.copy_(found));
            }
        }
        Ok(())
    }
}
