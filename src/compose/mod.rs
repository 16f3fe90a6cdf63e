//! Hydra 1.3 configuration, composed natively: trees of YAML, defaults lists, overrides,
//! OmegaConf's types and interpolations.

pub mod composition;
pub mod defaults;
pub mod dump;
pub mod hydra;
pub mod interpolation;
mod nearest;
pub mod node;
pub mod overrides;
pub mod resolver;
mod scalar;
pub mod tree;
pub mod yaml;
