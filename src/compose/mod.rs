//! Hydra 1.3 configuration, composed natively: trees of YAML, defaults lists, overrides,
//! OmegaConf's types and interpolations.

pub mod interpolation;
pub mod node;
pub mod overrides;
pub mod resolver;
mod scalar;
pub mod yaml;
