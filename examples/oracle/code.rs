//! Values in the comparison's JSON, which tells integers from floats and keeps keys in order.

use std::fmt;

use hlrp_sh::compose::node::{Dict, Key, Value, float};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Text as JSON.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value as JSON.
pub(crate) fn encode(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Big(digits) => format!("{{\"$int\":\"{digits}\"}}"),
        Value::Float(number) if number.is_finite() => float(*number),
        Value::Float(number) => format!("{{\"$float\":\"{}\"}}", float(*number)),
        Value::Str(content) => text(content),
        Value::Bytes(bytes) => format!("{{\"$bytes\":\"{}\"}}", hex(bytes)),
        Value::Path(path) => format!("{{\"$path\":{}}}", text(path)),
        Value::List(list) => {
            format!(
                "[{}]",
                list.iter().map(encode).collect::<Vec<String>>().join(",")
            )
        }
        Value::Dict(dict) => mapping(dict),
    }
}

fn mapping(dict: &Dict) -> String {
    let plain = dict
        .keys()
        .all(|key| key.as_str().is_some_and(|key| !key.starts_with('$')));
    let entries = dict.iter().map(|(key, value)| match (plain, key) {
        (true, key) => format!("{}:{}", text(&key.to_string()), encode(value)),
        (false, key) => format!("[{},{}]", encode(&key.to_value()), encode(value)),
    });
    let entries = entries.collect::<Vec<String>>().join(",");
    if plain {
        format!("{{{entries}}}")
    } else {
        format!("{{\"$map\":[{entries}]}}")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|letter| letter.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).unwrap_or(0))
        .collect()
}

/// A value read from JSON, keys in their order.
pub(crate) struct Decoded(pub(crate) Value);

impl<'de> Deserialize<'de> for Decoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Decoded)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E>(self, int: u64) -> Result<Value, E> {
        Ok(i64::try_from(int).map_or_else(|_| Value::Big(int.to_string().into()), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Decoded(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::from(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut dict = Dict::default();
        while let Some((key, Decoded(value))) = entries.next_entry::<String, Decoded>()? {
            dict.insert(Key::from(key.as_str()), value);
        }
        Ok(Value::from(dict))
    }
}
