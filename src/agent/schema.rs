//! Schemas of what tools take and give, in the plain form that every client reads: no
//! references, no `null` beside another type.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Returns the schema of what a tool takes.
pub(super) fn of_input<T: JsonSchema>() -> Arc<JsonObject> {
    object::<T>(settings().for_deserialize())
}

/// Returns the schema of what a tool gives.
pub(super) fn of_output<T: JsonSchema>() -> Arc<JsonObject> {
    object::<T>(settings().for_serialize())
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

fn object<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    tidy(&mut value);
    match value {
        Value::Object(map) => Arc::new(map),
        _ => Arc::new(Map::new()),
    }
}

/// Makes a schema plain. Names of properties are left alone.
fn tidy(schema: &mut Value) {
    let Value::Object(map) = schema else {
        return;
    };
    map.remove("title");
    map.remove("$schema");
    map.remove("format");
    drop_null(map);
    to_enum(map);
    for key in ["properties", "$defs"] {
        if let Some(Value::Object(inner)) = map.get_mut(key) {
            inner.values_mut().for_each(tidy);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            tidy(inner);
        }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(inner)) = map.get_mut(key) {
            inner.iter_mut().for_each(tidy);
        }
    }
}

/// An absent value is left out, never `null`.
fn drop_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(mut choices)) = map.remove("anyOf") else {
        return;
    };
    let is_null = |one: &Value| one.get("type").is_some_and(|kind| kind == "null");
    choices.retain(|one| !is_null(one));
    match choices.as_mut_slice() {
        [Value::Object(only)] => {
            for (key, value) in std::mem::take(only) {
                map.entry(key).or_insert(value);
            }
        }
        _ => {
            map.insert("anyOf".to_owned(), Value::Array(choices));
        }
    }
    if map.get("default").is_some_and(Value::is_null) {
        map.remove("default");
    }
}

/// Words that are each described alone become one list of words.
fn to_enum(map: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = map.get("oneOf") else {
        return;
    };
    let words: Option<Vec<Value>> = choices
        .iter()
        .map(|one| one.get("const").filter(|word| word.is_string()).cloned())
        .collect();
    if let Some(words) = words {
        map.remove("oneOf");
        map.insert("type".to_owned(), "string".into());
        map.insert("enum".to_owned(), Value::Array(words));
    }
}
