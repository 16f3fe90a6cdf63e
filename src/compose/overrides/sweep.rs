//! Sweeps: which values one override stands for.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::compare;
use super::decimal::Decimal;
use super::element::Element;
use super::error::Error;
use super::number;

/// Several values of which each run gets one.
#[derive(Clone, Debug)]
pub enum Sweep {
    /// `a,b,c` or `choice(a,b,c)`
    Choice(Choice),
    /// `range(start,stop,step)`
    Range(Range),
    /// `interval(start,end)`: any value between, which only an optimiser can choose.
    Interval(Interval),
}

/// Values that are listed.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// In the order in which they are tried.
    pub values: Vec<Element>,
    /// Marks for optimisers.
    pub tags: BTreeSet<String>,
    /// Written `a,b,c`.
    pub is_simple: bool,
    /// Tried in random order.
    pub is_shuffled: bool,
}

/// Numbers at equal distances.
#[derive(Clone, Debug)]
pub struct Range {
    /// The first.
    pub start: Number,
    /// The first that is not meant.
    pub stop: Number,
    /// The distance.
    pub step: Number,
    /// Marks for optimisers.
    pub tags: BTreeSet<String>,
    /// Tried in random order.
    pub is_shuffled: bool,
}

/// All numbers between two.
#[derive(Clone, Debug)]
pub struct Interval {
    /// The smallest.
    pub start: Element,
    /// The first that is too large.
    pub end: Element,
    /// Marks for optimisers.
    pub tags: BTreeSet<String>,
}

/// A number of a range, as it was written.
#[derive(Clone, Debug)]
pub enum Number {
    /// `true` is 1.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A float.
    Float(f64),
}

/// Why the values of a sweep cannot be listed.
pub(super) enum Fault {
    Interval,
    Shuffled,
    ZeroStep { is_float: bool },
    NotANumber,
    NoText { what: &'static str },
    TooMany { limit: usize },
}

impl Sweep {
    /// Lists the values, as text after the `=`; at most `limit`.
    pub(super) fn values(&self, limit: usize) -> Result<Vec<String>, Fault> {
        match self {
            Self::Choice(Choice { is_shuffled, .. }) | Self::Range(Range { is_shuffled, .. })
                if *is_shuffled =>
            {
                Err(Fault::Shuffled)
            }
            Self::Choice(choice) => {
                let text = |value: &Element| {
                    let what = value.type_name();
                    value.to_text().ok_or(Fault::NoText { what })
                };
                choice.values.iter().take(limit).map(text).collect()
            }
            Self::Range(range) => range.values(limit),
            Self::Interval(_) => Err(Fault::Interval),
        }
    }

    pub(super) fn tags_mut(&mut self) -> &mut BTreeSet<String> {
        match self {
            Self::Choice(choice) => &mut choice.tags,
            Self::Range(range) => &mut range.tags,
            Self::Interval(interval) => &mut interval.tags,
        }
    }
}

impl Range {
    fn values(&self, limit: usize) -> Result<Vec<String>, Fault> {
        let whole = (self.start.whole(), self.stop.whole(), self.step.whole());
        if let (Some(start), Some(stop), Some(step)) = whole {
            return whole_values(start, stop, step, limit);
        }
        let all = [&self.start, &self.stop, &self.step];
        if all.iter().any(|number| number.float().is_nan()) {
            return Err(Fault::NotANumber);
        }
        let direction = self.step.float().partial_cmp(&0.0);
        let (Some(direction), true) = (direction, direction != Some(Ordering::Equal)) else {
            return Err(Fault::ZeroStep { is_float: true });
        };
        let mut values = Vec::new();
        if let [Some(start), Some(stop), Some(step)] = all.map(Number::decimal) {
            let mut next = start;
            while values.len() < limit && next.compare(&stop) == direction.reverse() {
                values.push(number::float_text(next.to_float()));
                next = next.plus(&step);
            }
        } else {
            let mut next = self.start.float();
            let is_before = |next: f64| next.partial_cmp(&self.stop.float());
            while values.len() < limit && is_before(next) == Some(direction.reverse()) {
                values.push(number::float_text(next));
                next += self.step.float();
            }
        }
        Ok(values)
    }

    /// Returns it upwards, or downwards, with the same numbers.
    pub(super) fn sorted(mut self, is_downwards: bool) -> Self {
        let order = compare::order(&self.start.element(), &self.stop.element());
        let is_turned = match order {
            Some(Ordering::Greater) => !is_downwards,
            Some(Ordering::Less) => is_downwards,
            _ => false,
        };
        if is_turned {
            let mut distance = self.step.absolute();
            if is_downwards {
                distance = distance.negated();
            }
            let start = self.stop.plus(&distance);
            self.stop = self.start.plus(&distance);
            self.start = start;
            self.step = self.step.negated();
        }
        self
    }
}

fn whole_values(start: i128, stop: i128, step: i128, limit: usize) -> Result<Vec<String>, Fault> {
    if step == 0 {
        return Err(Fault::ZeroStep { is_float: false });
    }
    let mut values = Vec::new();
    let mut next = start;
    while values.len() < limit && (if step > 0 { next < stop } else { next > stop }) {
        values.push(next.to_string());
        let Some(after) = next.checked_add(step) else {
            break;
        };
        next = after;
    }
    Ok(values)
}

impl Number {
    pub(super) fn of(element: &Element) -> Option<Self> {
        Some(match element {
            Element::Bool(value) => Self::Bool(*value),
            Element::Int(value) => Self::Int(i128::from(*value)),
            Element::Big(digits) => Self::Int(digits.parse().ok()?),
            Element::Float(value) => Self::Float(*value),
            _ => return None,
        })
    }

    /// Returns it as a value.
    pub fn element(&self) -> Element {
        match self {
            Self::Bool(value) => Element::Bool(*value),
            Self::Float(value) => Element::Float(*value),
            Self::Int(value) => match i64::try_from(*value) {
                Ok(value) => Element::Int(value),
                Err(_) => Element::Big(value.to_string()),
            },
        }
    }

    fn whole(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Int(value) => Some(*value),
            Self::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "asked for as a float")]
    pub(super) fn float(&self) -> f64 {
        match self {
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Int(value) => *value as f64,
            Self::Float(value) => *value,
        }
    }

    fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Float(value) => Decimal::exact(*value),
            Self::Bool(_) | Self::Int(_) => Some(Decimal::whole(self.whole()?)),
        }
    }

    fn absolute(&self) -> Self {
        match self {
            Self::Float(value) => Self::Float(value.abs()),
            _ => Self::Int(self.whole().unwrap_or(0).saturating_abs()),
        }
    }

    fn negated(&self) -> Self {
        match self {
            Self::Float(value) => Self::Float(-value),
            _ => Self::Int(self.whole().unwrap_or(0).saturating_neg()),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        match (self.whole(), other.whole()) {
            (Some(a), Some(b)) => Self::Int(a.saturating_add(b)),
            _ => Self::Float(self.float() + other.float()),
        }
    }
}

impl Fault {
    pub(super) fn at(self, text: &str) -> Error {
        let (message, hint, class) = match self {
            Self::Interval => (
                "an interval has no list of values".to_owned(),
                Some("list them: key=0.1,0.2,0.3 or key=range(0.1,0.4,0.1)"),
                "HydraException",
            ),
            Self::Shuffled => (
                "values in random order cannot be listed the same way twice".to_owned(),
                Some("leave `shuffle` out: every point is run anyway"),
                "HydraException",
            ),
            Self::ZeroStep { is_float } => (
                "a range with step 0 has no end".to_owned(),
                None,
                if is_float {
                    "HydraException"
                } else {
                    "ValueError"
                },
            ),
            Self::NotANumber => (
                "a range cannot be counted with nan".to_owned(),
                None,
                "InvalidOperation",
            ),
            Self::NoText { what } => (
                format!("{what} inside a sweep is no value that a run can be given"),
                None,
                "ValidationError",
            ),
            Self::TooMany { limit } => (
                format!("stands for more than {limit} values"),
                None,
                "HydraException",
            ),
        };
        let error = Error::new(text, message).class_of(class);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
