//! The casts `int()`, `float()`, `str()` and `bool()`.

use super::element::Element;
use super::number;
use super::sweep::{Choice, Interval, Number, Range, Sweep};

/// What a value is turned into.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Target {
    Int,
    Float,
    Text,
    Bool,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Int => "an integer",
            Self::Float => "a float",
            Self::Text => "a text",
            Self::Bool => "a boolean",
        }
    }
}

/// Turns a value, or each value that it holds, into `target`.
pub(super) fn cast(value: Element, target: Target) -> Result<Element, String> {
    match value {
        Element::Quoted(quoted) => cast(Element::Text(quoted.text), target),
        Element::List(items) => {
            let items = items.into_iter().map(|item| cast(item, target));
            items.collect::<Result<_, _>>().map(Element::List)
        }
        Element::Dict(pairs) => {
            let pairs = pairs.into_iter();
            let pairs = pairs.map(|(key, value)| Ok((key, cast(value, target)?)));
            pairs.collect::<Result<_, String>>().map(Element::Dict)
        }
        Element::Sweep(sweep) => {
            let sweep = cast_sweep(*sweep, target)?;
            Ok(Element::Sweep(Box::new(sweep)))
        }
        single => {
            let refused = || format!("{} is not {}", shown(&single), target.name());
            one(&single, target).ok_or_else(refused)
        }
    }
}

fn shown(value: &Element) -> String {
    match value {
        Element::Text(text) => format!("`{text}`"),
        other => match other.to_text() {
            Some(text) => format!("`{text}`"),
            None => other.type_name().to_owned(),
        },
    }
}

fn cast_sweep(sweep: Sweep, target: Target) -> Result<Sweep, String> {
    match sweep {
        Sweep::Choice(choice) => {
            let is_several = |one: &Element| matches!(one, Element::Sweep(_));
            if choice.values.iter().any(is_several) {
                return Err("a sweep inside a sweep is no value".to_owned());
            }
            let values = choice.values.into_iter().map(|value| cast(value, target));
            Ok(Sweep::Choice(Choice {
                values: values.collect::<Result<_, _>>()?,
                is_simple: choice.is_simple,
                ..Choice::default()
            }))
        }
        Sweep::Range(range) => {
            if matches!(target, Target::Text | Target::Bool) {
                return Err("a range can be cast to int or float only".to_owned());
            }
            let end = |number: &Number| {
                let number = cast(number.element(), target)?;
                Number::of(&number).ok_or_else(|| "a range needs numbers".to_owned())
            };
            Ok(Sweep::Range(Range {
                start: end(&range.start)?,
                stop: end(&range.stop)?,
                step: end(&range.step)?,
                tags: std::collections::BTreeSet::new(),
                is_shuffled: false,
            }))
        }
        Sweep::Interval(interval) => {
            if matches!(target, Target::Text | Target::Bool) {
                return Err("an interval can be cast to int or float only".to_owned());
            }
            Ok(Sweep::Interval(Interval {
                start: cast(interval.start, target)?,
                end: cast(interval.end, target)?,
                tags: interval.tags,
            }))
        }
    }
}

fn one(value: &Element, target: Target) -> Option<Element> {
    match target {
        Target::Int => match value {
            Element::Bool(value) => Some(Element::Int(i64::from(*value))),
            Element::Int(_) | Element::Big(_) => Some(value.clone()),
            Element::Float(value) => {
                let whole = value.is_finite().then(|| value.trunc())?;
                number::int(&format!("{whole:.0}"))
            }
            Element::Text(text) => number::int(text),
            _ => None,
        },
        Target::Float => match value {
            Element::Bool(value) => Some(f64::from(u8::from(*value))),
            Element::Int(value) => number::float(&value.to_string()),
            Element::Big(digits) => number::float(digits).filter(|value| value.is_finite()),
            Element::Float(value) => Some(*value),
            Element::Text(text) => number::float(text),
            _ => None,
        }
        .map(Element::Float),
        Target::Text => match value {
            Element::Bool(value) => Some(value.to_string()),
            Element::Int(value) => Some(value.to_string()),
            Element::Big(digits) => Some(digits.clone()),
            Element::Float(value) => Some(number::float_text(*value)),
            Element::Text(text) => Some(text.clone()),
            _ => None,
        }
        .map(Element::Text),
        Target::Bool => match value {
            Element::Null => Some(false),
            Element::Bool(value) => Some(*value),
            Element::Int(value) => Some(*value != 0),
            Element::Big(_) => Some(true),
            Element::Float(value) => Some(*value != 0.0),
            Element::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Element::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
        .map(Element::Bool),
    }
}
