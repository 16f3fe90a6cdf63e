//! What an H.264 sequence parameter set says of the colours (ITU-T H.264, 7.3.2.1 and E.1.1).

use super::colour::Matrix;

/// Returns the matrix and whether all levels are used, where a set is a sequence parameter set that says so.
pub(super) fn colour_of(set: &[u8]) -> Option<(Matrix, bool)> {
    let (head, body) = set.split_first()?;
    if head & 0x1f != SEQUENCE {
        return None;
    }
    let body = without_escapes(body);
    let mut bits = Bits {
        bytes: &body,
        place: 0,
    };
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.number()?;
    if WITH_CHROMA.contains(&profile) {
        let chroma = bits.number()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.number()?;
        bits.number()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    skip_scaling(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => {
            bits.number()?;
        }
        1 => {
            bits.take(1)?;
            bits.number()?;
            bits.number()?;
            for _ in 0..bits.number()?.min(255) {
                bits.number()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.take(1)?;
    bits.number()?;
    bits.number()?;
    if bits.take(1)? == 0 {
        bits.take(1)?;
    }
    bits.take(1)?;
    if bits.take(1)? == 1 {
        for _ in 0..4 {
            bits.number()?;
        }
    }
    let has_usability = bits.take(1)? == 1;
    has_usability.then(|| usability(&mut bits))?
}

/// Reads the beginning of the video usability information.
fn usability(bits: &mut Bits<'_>) -> Option<(Matrix, bool)> {
    if bits.take(1)? == 1 && bits.take(8)? == EXTENDED_RATIO {
        bits.take(32)?;
    }
    if bits.take(1)? == 1 {
        bits.take(1)?;
    }
    if bits.take(1)? == 0 {
        return None;
    }
    bits.take(3)?;
    let is_full = bits.take(1)? == 1;
    if bits.take(1)? == 0 {
        return Some((Matrix::Bt601, is_full));
    }
    bits.take(16)?;
    let code = u16::try_from(bits.take(8)?).ok()?;
    Some((Matrix::from_code(code), is_full))
}

fn skip_scaling(bits: &mut Bits<'_>, size: usize) -> Option<()> {
    let (mut last, mut next) = (8_i64, 8_i64);
    for _ in 0..size {
        if next != 0 {
            let code = i64::from(bits.number()?);
            let delta = if code % 2 == 1 {
                code / 2 + 1
            } else {
                -(code / 2)
            };
            next = (last + delta + 256) % 256;
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Drops the bytes that keep start codes from appearing.
fn without_escapes(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut zeros = 0;
    for &byte in body {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

struct Bits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count {
            let byte = self.bytes.get(self.place / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.place % 8) & 1);
            self.place += 1;
        }
        Some(value)
    }

    /// Takes an unsigned number in Exponential-Golomb code.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.take(zeros)?)
    }
}

const SEQUENCE: u8 = 7;
const EXTENDED_RATIO: u32 = 255;
/// The profiles whose sets say how chroma is sampled.
const WITH_CHROMA: [u32; 9] = [100, 110, 122, 244, 44, 83, 86, 118, 128];
