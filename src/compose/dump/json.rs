//! Values as JSON, keys in their order.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::compose::node::{Value, display, float};

impl Serialize for Value {
    /// JSON's own types where it has them; other numbers, bytes and paths become text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(int) => serializer.serialize_i64(*int),
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(number) => serializer.serialize_str(&float(*number)),
            Self::Big(text) | Self::Str(text) | Self::Path(text) => serializer.serialize_str(text),
            Self::Bytes(_) => serializer.serialize_str(&display(self)),
            Self::List(list) => serializer.collect_seq(list.iter()),
            Self::Dict(dict) => {
                let mut map = serializer.serialize_map(Some(dict.len()))?;
                for (key, value) in dict.iter() {
                    map.serialize_entry(&key.to_string(), value)?;
                }
                map.end()
            }
        }
    }
}
