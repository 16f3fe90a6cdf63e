//! What a submission does where a tree does not say: `config/submit/defaults.yaml`, which
//! this repository's own tree includes, and the program carries.

use crate::compose::node;
use crate::compose::yaml;

use super::value::Value;

const TEXT: &str = include_str!("../../../config/submit/defaults.yaml");

/// The values below `submit` that a tree need not say.
#[derive(Clone, Debug)]
pub struct Defaults {
    root: node::Value,
}

impl Defaults {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// Where the file that the program was built with is no YAML.
    pub fn read() -> Result<Self, String> {
        let root = yaml::create(TEXT).map_err(|fault| fault.to_string())?;
        Ok(Self { root })
    }

    /// Returns what stands under a key; nothing for what is no key of submission.
    pub fn get(&self, key: &str) -> Value {
        let Some(key) = key.strip_prefix("submit.") else {
            return Value::Null;
        };
        let mut node = Some(&self.root);
        for part in key.split('.') {
            node = node.and_then(|node| node.get(part));
        }
        node.map(Value::of).unwrap_or_default()
    }
}

impl Value {
    /// Takes over a composed value, resolved before.
    pub fn of(value: &node::Value) -> Self {
        use node::Value as Node;
        match value {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(*value),
            Node::Int(value) => Self::Int(*value),
            Node::Float(value) => Self::Float(*value),
            Node::Big(text) | Node::Str(text) | Node::Path(text) => Self::Text(text.to_string()),
            Node::Bytes(bytes) => Self::Text(String::from_utf8_lossy(bytes).into_owned()),
            Node::List(list) => Self::List(list.iter().map(Self::of).collect()),
            Node::Dict(dict) => Self::Map(
                dict.iter()
                    .map(|(key, value)| (key.to_string(), Self::of(value)))
                    .collect(),
            ),
        }
    }
}
