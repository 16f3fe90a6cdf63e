//! H.264 by OpenH264.

use super::colour::{Matrix, Planes};
use super::parameters::colour_of;
use super::sys::{Decoded, OpenH264};

/// A decoder of H.264.
pub(super) struct H264 {
    decoder: OpenH264,
    length_size: usize,
    /// The parameter sets with start codes: what a key frame is preceded by.
    head: Vec<u8>,
    colour: (Matrix, bool),
    /// The units of one sample, with start codes.
    units: Vec<u8>,
}

impl H264 {
    /// Creates a decoder. `container` is what the file says of the colours, which counts where the stream says nothing.
    pub(super) fn new(
        length_size: usize,
        parameter_sets: &[Vec<u8>],
        container: Option<(Matrix, bool)>,
    ) -> Result<Self, String> {
        let mut head = Vec::new();
        for set in parameter_sets {
            head.extend_from_slice(&START);
            head.extend_from_slice(set);
        }
        let said = parameter_sets.iter().find_map(|set| colour_of(set));
        Ok(Self {
            decoder: OpenH264::new()?,
            length_size,
            head,
            colour: said.or(container).unwrap_or((Matrix::Bt601, false)),
            units: Vec::new(),
        })
    }

    /// Makes it ready for a key frame. What is inside is lost.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        // A flushed decoder never frees the pictures that were inside, and soon has none to decode into.
        self.decoder = OpenH264::new()?;
        Ok(())
    }

    /// Decodes one sample, whose place in the order of showing is `place`; what comes out goes to `shown`.
    pub(super) fn feed(
        &mut self,
        sample: &[u8],
        place: usize,
        is_key: bool,
        shown: &mut dyn FnMut(usize, Planes<'_>),
    ) -> Result<(), String> {
        self.units.clear();
        if is_key {
            self.units.extend_from_slice(&self.head);
        }
        let mut rest = sample;
        while !rest.is_empty() {
            let (length, after) = rest
                .split_at_checked(self.length_size)
                .ok_or("a unit without a length")?;
            let length = length
                .iter()
                .fold(0, |value, &byte| value << 8 | usize::from(byte));
            let (unit, after) = after
                .split_at_checked(length)
                .ok_or("a unit longer than its sample")?;
            self.units.extend_from_slice(&START);
            self.units.extend_from_slice(unit);
            rest = after;
        }
        if let Some(decoded) = self.decoder.decode(&self.units, place as u64)? {
            give(&decoded, self.colour, shown);
        }
        Ok(())
    }

    /// Gives what is still inside; it must be restarted then.
    pub(super) fn drain(&mut self, shown: &mut dyn FnMut(usize, Planes<'_>)) -> Result<(), String> {
        while let Some(decoded) = self.decoder.flush()? {
            give(&decoded, self.colour, shown);
        }
        Ok(())
    }
}

fn give(
    decoded: &Decoded<'_>,
    (matrix, is_full): (Matrix, bool),
    shown: &mut dyn FnMut(usize, Planes<'_>),
) {
    let Ok(place) = usize::try_from(decoded.stamp) else {
        return;
    };
    let planes = Planes {
        height: decoded.height,
        width: decoded.width,
        planes: decoded.planes,
        strides: decoded.strides,
        halved: [true, true],
        bits: 8,
        matrix,
        is_full,
    };
    shown(place, planes);
}

const START: [u8; 4] = [0, 0, 0, 1];
