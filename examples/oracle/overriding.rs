//! The operation `override`: parses one override and says what it means.

use hlrp_sh::compose::node::Value as Plain;
use hlrp_sh::compose::overrides::{self, Element, Kind, Number, Override, QuoteMark, Sweep};
use serde_json::{Value, json};

use super::code::{encode, text};
use crate::Answer;

/// `input` as an override.
pub(crate) fn parse(question: &Value) -> Answer {
    let input = question.get("input").and_then(Value::as_str).unwrap_or("");
    let parsed = overrides::parse(input);
    let parsed = parsed.map_err(|error| (error.class().to_owned(), error.to_string()))?;
    let kind = match parsed.kind {
        Kind::Change => "CHANGE",
        Kind::Add => "ADD",
        Kind::ForceAdd => "FORCE_ADD",
        Kind::Delete => "DEL",
    };
    let value = parsed.value.clone().unwrap_or(Element::Null);
    let plain = match &value {
        Element::Sweep(_) => "null".to_owned(),
        value => element(&value.clone().unquoted()),
    };
    let mut members = vec![
        ("type", text(kind)),
        ("key", text(&parsed.key)),
        ("package", optional(parsed.package.as_deref())),
        (
            "value_type",
            optional(parsed.value.as_ref().map(value_type)),
        ),
        ("value", element(&value)),
        ("plain_value", plain),
        ("value_str", optional(value.to_text().as_deref())),
        ("key_element", text(&parsed.key_element())),
    ];
    members.extend(expanded(&parsed).map(|expanded| ("expanded", expanded)));
    Ok(members)
}

fn optional(value: Option<&str>) -> String {
    value.map_or("null".to_owned(), text)
}

fn value_type(value: &Element) -> &'static str {
    match value {
        Element::Glob(_) => "GLOB_CHOICE_SWEEP",
        Element::Sweep(sweep) => match sweep.as_ref() {
            Sweep::Choice(choice) if choice.is_simple => "SIMPLE_CHOICE_SWEEP",
            Sweep::Choice(_) => "CHOICE_SWEEP",
            Sweep::Range(_) => "RANGE_SWEEP",
            Sweep::Interval(_) => "INTERVAL_SWEEP",
        },
        _ => "ELEMENT",
    }
}

/// The values that a sweeper would try, two hundred at most.
fn expanded(parsed: &Override) -> Option<String> {
    match parsed.value.as_ref()? {
        Element::Sweep(sweep) => match sweep.as_ref() {
            Sweep::Choice(choice) if choice.is_shuffled => return None,
            Sweep::Range(range) if range.is_shuffled => return None,
            Sweep::Interval(_) => return None,
            Sweep::Choice(_) | Sweep::Range(_) => {}
        },
        _ => return None,
    }
    Some(match parsed.values(200) {
        Ok(values) => json!(values).to_string(),
        Err(error) => json!({"$error": error.class()}).to_string(),
    })
}

fn element(value: &Element) -> String {
    match value {
        Element::Null => "null".to_owned(),
        Element::Bool(value) => value.to_string(),
        Element::Int(value) => value.to_string(),
        Element::Big(digits) => format!("{{\"$int\":\"{digits}\"}}"),
        Element::Float(value) => encode(&Plain::Float(*value)),
        Element::Text(content) => text(content),
        Element::Quoted(quoted) => {
            let mark = match quoted.mark {
                QuoteMark::Single => "single",
                QuoteMark::Double => "double",
            };
            format!(
                "{{\"$quoted\":{},\"quote\":\"{mark}\"}}",
                text(&quoted.text)
            )
        }
        Element::List(items) => list(items),
        Element::Dict(pairs) => dict(pairs),
        Element::Glob(glob) => format!(
            "{{\"$glob\":{{\"include\":{},\"exclude\":{}}}}}",
            list(&glob.include),
            list(&glob.exclude)
        ),
        Element::Sweep(one) => sweep(one),
    }
}

fn list(items: &[Element]) -> String {
    let items: Vec<String> = items.iter().map(element).collect();
    format!("[{}]", items.join(","))
}

fn dict(pairs: &[(Element, Element)]) -> String {
    let is_plain =
        |(key, _): &(Element, Element)| matches!(key, Element::Text(key) if !key.starts_with('$'));
    let plain = pairs.iter().all(is_plain);
    let entries = pairs.iter().map(|(key, value)| {
        let (key, value) = (element(key), element(value));
        if plain {
            format!("{key}:{value}")
        } else {
            format!("[{key},{value}]")
        }
    });
    let entries = entries.collect::<Vec<_>>().join(",");
    if plain {
        format!("{{{entries}}}")
    } else {
        format!("{{\"$map\":[{entries}]}}")
    }
}

fn sweep(sweep: &Sweep) -> String {
    let number = |number: &Number| element(&number.element());
    match sweep {
        Sweep::Choice(choice) => format!(
            "{{\"$choice\":{},\"tags\":{},\"simple_form\":{},\"shuffle\":{}}}",
            list(&choice.values),
            json!(choice.tags),
            choice.is_simple,
            choice.is_shuffled
        ),
        Sweep::Range(range) => format!(
            "{{\"$range\":[{},{},{}],\"tags\":{},\"shuffle\":{}}}",
            number(&range.start),
            number(&range.stop),
            number(&range.step),
            json!(range.tags),
            range.is_shuffled
        ),
        Sweep::Interval(interval) => format!(
            "{{\"$interval\":[{},{}],\"tags\":{}}}",
            element(&interval.start),
            element(&interval.end),
            json!(interval.tags)
        ),
    }
}
