//! H.264 by OpenH264. Pictures come out in the order in which they are shown.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use super::colour::{Matrix, Planes};
use super::parameters::colour_of;

/// A decoder of H.264.
pub(super) struct H264 {
    decoder: Decoder,
    length_size: usize,
    /// The parameter sets with start codes: what a key frame is preceded by.
    head: Vec<u8>,
    colour: (Matrix, bool),
    /// The places in the order of showing of what was fed and has not come out.
    inside: BinaryHeap<Reverse<usize>>,
    unit: Vec<u8>,
}

impl H264 {
    /// Creates a decoder. `container` is what the file says of the colours, which counts where the stream says nothing.
    pub(super) fn new(
        length_size: usize,
        parameter_sets: &[Vec<u8>],
        container: Option<(Matrix, bool)>,
    ) -> Result<Self, String> {
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let decoder = Decoder::with_api_config(OpenH264API::from_source(), config);
        let mut head = Vec::new();
        for set in parameter_sets {
            head.extend_from_slice(&START);
            head.extend_from_slice(set);
        }
        let said = parameter_sets.iter().find_map(|set| colour_of(set));
        Ok(Self {
            decoder: decoder.map_err(|fault| fault.to_string())?,
            length_size,
            head,
            colour: said.or(container).unwrap_or((Matrix::Bt601, false)),
            inside: BinaryHeap::new(),
            unit: Vec::new(),
        })
    }

    /// Decodes one sample, whose place in the order of showing is `place`; what comes out goes to `shown`.
    pub(super) fn feed(
        &mut self,
        sample: &[u8],
        place: usize,
        is_key: bool,
        shown: &mut dyn FnMut(usize, Planes<'_>),
    ) -> Result<(), String> {
        self.unit.clear();
        if is_key {
            self.unit.extend_from_slice(&self.head);
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
            self.unit.extend_from_slice(&START);
            self.unit.extend_from_slice(unit);
            rest = after;
        }
        self.inside.push(Reverse(place));
        let options = DecodeOptions::new().flush_after_decode(Flush::NoFlush);
        let picture = self
            .decoder
            .decode_with_options(&self.unit, options)
            .map_err(|fault| fault.to_string())?;
        if let Some(picture) = picture {
            give(&picture, &mut self.inside, self.colour, shown);
        }
        Ok(())
    }

    /// Gives what is still inside, and is then ready for a key frame.
    pub(super) fn drain(&mut self, shown: &mut dyn FnMut(usize, Planes<'_>)) -> Result<(), String> {
        let pictures = self
            .decoder
            .flush_remaining()
            .map_err(|fault| fault.to_string())?;
        for picture in &pictures {
            give(picture, &mut self.inside, self.colour, shown);
        }
        drop(pictures);
        self.inside.clear();
        Ok(())
    }
}

fn give(
    picture: &DecodedYUV<'_>,
    inside: &mut BinaryHeap<Reverse<usize>>,
    (matrix, is_full): (Matrix, bool),
    shown: &mut dyn FnMut(usize, Planes<'_>),
) {
    let Some(Reverse(place)) = inside.pop() else {
        return;
    };
    let ((width, height), (luma, chroma, _)) = (picture.dimensions(), picture.strides());
    let planes = Planes {
        height,
        width,
        planes: [picture.y(), picture.u(), picture.v()],
        strides: [luma, chroma],
        halved: [true, true],
        bits: 8,
        matrix,
        is_full,
    };
    shown(place, planes);
}

const START: [u8; 4] = [0, 0, 0, 1];
