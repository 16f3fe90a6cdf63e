//! Values to YAML text, byte for byte as `OmegaConf.to_yaml` writes it.
//!
//! `block` lays out mappings and lists, `scalar` decides how a value is written, `words` writes
//! text in its style and folds it, `json` is the same for machines.

mod block;
mod json;
mod python;
mod scalar;
mod words;

use super::node::Value;

/// The YAML text of a configuration, interpolations as they are.
pub fn to_yaml(value: &Value) -> String {
    let mut writer = block::Writer::default();
    writer.document(value);
    writer.finish()
}
