//! How Python compares values: for equal keys of a mapping, and for sorting.

use std::cmp::Ordering;

use super::element::Element;

/// Claims that two keys are one: numbers by value, `true` is 1.
pub(super) fn same_key(a: &Element, b: &Element) -> bool {
    match (a, b) {
        (Element::Null, Element::Null) => true,
        (Element::Text(a), Element::Text(b)) => a == b,
        (Element::Big(a), Element::Big(b)) => a == b,
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total(b) == Some(Ordering::Equal),
            _ => false,
        },
    }
}

/// Compares two values; nothing when Python would refuse to.
pub(super) fn order(a: &Element, b: &Element) -> Option<Ordering> {
    match (a, b) {
        (Element::Text(a), Element::Text(b)) => Some(a.cmp(b)),
        (Element::Big(a), Element::Big(b)) => Some(big(a, b)),
        (Element::List(a), Element::List(b)) => {
            for (a, b) in a.iter().zip(b) {
                if !same_key(a, b) && order(a, b) != Some(Ordering::Equal) {
                    return order(a, b);
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        _ => {
            let (a, b) = (number(a)?, number(b)?);
            // NaN is neither less nor greater: it stays where it is.
            Some(a.total(b).unwrap_or(Ordering::Equal))
        }
    }
}

fn big(a: &str, b: &str) -> Ordering {
    let length = |text: &str| text.trim_start_matches('-').len();
    match (a.starts_with('-'), b.starts_with('-')) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => length(a).cmp(&length(b)).then_with(|| a.cmp(b)),
        (true, true) => length(b).cmp(&length(a)).then_with(|| b.cmp(a)),
    }
}

#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    fn total(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => mixed(a, b),
            (Self::Float(a), Self::Int(b)) => mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// Compares exactly, also where the integer has no float of its own.
#[expect(clippy::cast_precision_loss, reason = "ties are decided on integers")]
#[expect(clippy::cast_possible_truncation, reason = "the float is whole then")]
fn mixed(a: i64, b: f64) -> Option<Ordering> {
    let rough = (a as f64).partial_cmp(&b)?;
    if rough != Ordering::Equal {
        return Some(rough);
    }
    Some(i128::from(a).cmp(&(b as i128)))
}

fn number(element: &Element) -> Option<Number> {
    Some(match element {
        Element::Bool(value) => Number::Int(i64::from(*value)),
        Element::Int(value) => Number::Int(*value),
        Element::Float(value) => Number::Float(*value),
        Element::Big(digits) => Number::Float(digits.parse().ok()?),
        _ => return None,
    })
}
