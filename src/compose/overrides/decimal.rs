//! Decimal numbers with 28 digits, in which ranges of floats are counted.

use std::cmp::Ordering;

/// Digits that a sum keeps.
const PRECISION: usize = 28;

/// A finite decimal number: `digits × 10^exponent`.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    is_negative: bool,
    /// Most significant first; no leading zeros; empty is zero.
    digits: Vec<u8>,
    exponent: i32,
}

impl Decimal {
    /// Returns the exact value; nothing for infinities and NaN.
    pub(super) fn exact(value: f64) -> Option<Self> {
        value
            .is_finite()
            .then(|| Self::parse(&format!("{value:.1074}")))
    }

    pub(super) fn whole(value: i128) -> Self {
        Self::parse(&value.to_string())
    }

    /// Reads digits with an optional sign and point.
    fn parse(text: &str) -> Self {
        let is_negative = text.starts_with('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let all = whole.bytes().chain(fraction.bytes());
        let digits = all.filter(u8::is_ascii_digit).map(|byte| byte - b'0');
        let digits: Vec<u8> = digits.skip_while(|digit| *digit == 0).collect();
        Self {
            is_negative: is_negative && !digits.is_empty(),
            digits,
            exponent: -i32::try_from(fraction.len()).unwrap_or(i32::MAX),
        }
    }

    pub(super) fn sign(&self) -> Ordering {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let signs = self.sign().cmp(&other.sign());
        if signs != Ordering::Equal {
            return signs;
        }
        let (a, b, _) = aligned(self, other);
        let size = compare_digits(&a, &b);
        if self.is_negative {
            size.reverse()
        } else {
            size
        }
    }

    /// Adds, and rounds to 28 digits, half to even.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let (a, b, exponent) = aligned(self, other);
        let (is_negative, digits) = if self.is_negative == other.is_negative {
            (self.is_negative, sum(&a, &b))
        } else if compare_digits(&a, &b) == Ordering::Less {
            (other.is_negative, difference(&b, &a))
        } else {
            (self.is_negative, difference(&a, &b))
        };
        let digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
        let mut result = Self {
            is_negative: is_negative && !digits.is_empty(),
            digits,
            exponent,
        };
        result.round();
        result
    }

    fn round(&mut self) {
        let dropped = self.digits.split_off(PRECISION.min(self.digits.len()));
        let Some((first, rest)) = dropped.split_first() else {
            return;
        };
        self.exponent += i32::try_from(dropped.len()).unwrap_or(0);
        let is_odd = self.digits.last().is_some_and(|digit| digit % 2 == 1);
        let rest = rest.iter().any(|digit| *digit != 0);
        if *first > 5 || (*first == 5 && (rest || is_odd)) {
            let one = vec![0; self.digits.len().saturating_sub(1)];
            let one: Vec<u8> = one.into_iter().chain([1]).collect();
            self.digits = sum(&self.digits, &one);
            self.digits = std::mem::take(&mut self.digits)
                .into_iter()
                .skip_while(|digit| *digit == 0)
                .collect();
            self.round();
        }
    }

    /// Returns the nearest float.
    pub(super) fn to_float(&self) -> f64 {
        let digits = self.digits.iter().map(|digit| char::from(digit + b'0'));
        let digits: String = digits.collect();
        let sign = if self.is_negative { "-" } else { "" };
        let digits = if digits.is_empty() { "0" } else { &digits };
        let text = format!("{sign}{digits}e{}", self.exponent);
        text.parse().unwrap_or(f64::NAN)
    }
}

/// Both with the smaller exponent and equally many digits.
fn aligned(a: &Decimal, b: &Decimal) -> (Vec<u8>, Vec<u8>, i32) {
    let exponent = a.exponent.min(b.exponent);
    let shifted = |one: &Decimal| {
        let mut digits = one.digits.clone();
        let zeros = usize::try_from(one.exponent - exponent).unwrap_or(0);
        digits.extend(std::iter::repeat_n(0, zeros));
        digits
    };
    let (a, b) = (shifted(a), shifted(b));
    let width = a.len().max(b.len());
    let padded = |digits: Vec<u8>| {
        let zeros = std::iter::repeat_n(0, width - digits.len());
        zeros.chain(digits).collect::<Vec<_>>()
    };
    (padded(a), padded(b), exponent)
}

fn compare_digits(a: &[u8], b: &[u8]) -> Ordering {
    a.cmp(b)
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut out = Vec::with_capacity(a.len() + 1);
    for (a, b) in a.iter().rev().zip(b.iter().rev()) {
        let digit = a + b + carry;
        out.push(digit % 10);
        carry = digit / 10;
    }
    out.push(carry);
    out.reverse();
    out
}

/// `a - b`, where `a` is not smaller.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut out = Vec::with_capacity(a.len());
    for (a, b) in a.iter().rev().zip(b.iter().rev()) {
        let take = b + borrow;
        borrow = u8::from(*a < take);
        out.push(a + 10 * borrow - take);
    }
    out.reverse();
    out
}
