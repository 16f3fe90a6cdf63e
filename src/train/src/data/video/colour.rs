//! From planes of luma and chroma to RGB, bit for bit as FFmpeg's swscale does it on x86: fixed point, each chroma
//! sample for the four pixels it covers.

use std::borrow::Cow;

use crate::data::Picture;

/// The matrix between RGB and luma with chroma.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Matrix {
    /// BT.601, and whatever is not said, as FFmpeg has it.
    Bt601,
    /// BT.709.
    Bt709,
    /// Of the FCC.
    Fcc,
    /// SMPTE 240M.
    Smpte240,
    /// BT.2020.
    Bt2020,
}

impl Matrix {
    /// Returns the matrix of a code of ITU-T H.273, as containers and codecs carry it.
    pub(super) fn from_code(code: u16) -> Self {
        match code {
            1 => Self::Bt709,
            4 => Self::Fcc,
            7 => Self::Smpte240,
            9 | 10 => Self::Bt2020,
            _ => Self::Bt601,
        }
    }

    /// Returns what red takes of V, blue of U, green of U and of V, times 2^16, for video levels: swscale's numbers.
    fn coefficients(self) -> [i64; 4] {
        match self {
            Self::Bt601 => [104_597, 132_201, 25_675, 53_279],
            Self::Bt709 => [117_489, 138_438, 13_975, 34_925],
            Self::Fcc => [104_448, 132_798, 24_759, 53_109],
            Self::Smpte240 => [117_579, 136_230, 16_907, 35_559],
            Self::Bt2020 => [110_013, 140_363, 12_277, 42_626],
        }
    }
}

/// Planes as a decoder leaves them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes<'a> {
    pub(super) height: usize,
    pub(super) width: usize,
    /// Luma and the two chromas; without chroma the picture is grey.
    pub(super) planes: [&'a [u8]; 3],
    /// Bytes from one row to the next, of luma and of chroma.
    pub(super) strides: [usize; 2],
    /// How often chroma is halved, across and down.
    pub(super) halved: [bool; 2],
    /// Bits a sample; above 8 a sample has two bytes, the lower first.
    pub(super) bits: u32,
    pub(super) matrix: Matrix,
    /// Whether all levels are used, and not only those of video.
    pub(super) is_full: bool,
}

impl Planes<'_> {
    /// Converts them to RGB; `None` where a plane is too short.
    pub(super) fn to_picture(self) -> Option<Picture> {
        let factors = Factors::new(self.matrix, self.is_full);
        let [luma, u, v] = self.planes;
        let [luma_stride, chroma_stride] = self.strides;
        let [across, down] = self.halved;
        let step = if across { 2 } else { 1 };
        let chroma_width = self.width.div_ceil(step);
        let mut picture = Picture::filled(self.height, self.width, [0; Picture::CHANNELS]);
        let line = (self.width * Picture::CHANNELS).max(1);
        let lines = picture.pixels_mut().chunks_exact_mut(line);
        for (y, line) in lines.enumerate() {
            let luma = self.row(luma, y * luma_stride, self.width)?;
            let below = if down { y / 2 } else { y } * chroma_stride;
            let (u, v) = match u.is_empty() {
                true => (
                    GREY.repeat(chroma_width).into(),
                    GREY.repeat(chroma_width).into(),
                ),
                false => (
                    self.row(u, below, chroma_width)?,
                    self.row(v, below, chroma_width)?,
                ),
            };
            let pixels = line.chunks_mut(step * Picture::CHANNELS);
            let levels = luma.chunks(step).zip(u.iter().zip(v.iter()));
            for (pixels, (luma, (&u, &v))) in pixels.zip(levels) {
                let parts = factors.chroma(u, v);
                for (pixel, &luma) in pixels.chunks_exact_mut(Picture::CHANNELS).zip(luma) {
                    let level = factors.luma(luma);
                    for (value, part) in pixel.iter_mut().zip(parts) {
                        *value = (level + part).clamp(0, 255) as u8;
                    }
                }
            }
        }
        Some(picture)
    }

    /// Returns a row of a plane, in eight bits.
    fn row<'p>(&self, plane: &'p [u8], start: usize, width: usize) -> Option<Cow<'p, [u8]>> {
        let bytes = if self.bits > 8 { 2 } else { 1 };
        let row = plane.get(start..start + width * bytes)?;
        Some(eight_bits(row, self.bits))
    }
}

/// Brings samples to eight bits.
fn eight_bits(bytes: &[u8], bits: u32) -> Cow<'_, [u8]> {
    if bits <= 8 {
        return bytes.into();
    }
    let (shift, half) = (bits - 8, 1 << (bits - 9));
    let value = |pair: &[u8]| match pair {
        &[low, high] => {
            let value = u32::from(u16::from_le_bytes([low, high]));
            ((value + half) >> shift).min(255) as u8
        }
        _ => 0,
    };
    bytes.chunks_exact(2).map(value).collect()
}

/// The matrix as 16-bit factors, times 2^13.
#[derive(Clone, Copy, Debug)]
struct Factors {
    luma: i32,
    black: i32,
    red_v: i32,
    blue_u: i32,
    green_u: i32,
    green_v: i32,
}

impl Factors {
    fn new(matrix: Matrix, is_full: bool) -> Self {
        let [red_v, blue_u, green_u, green_v] = matrix.coefficients();
        let chroma = |value: i64| if is_full { value * 224 / 255 } else { value };
        let short = |value: i64| ((value * (1 << 13) + (1 << 15)) >> 16) as i32;
        Self {
            luma: short(if is_full { 1 << 16 } else { (255 << 16) / 219 }),
            black: if is_full { 0 } else { 16 << 3 },
            red_v: short(chroma(red_v)),
            blue_u: short(chroma(blue_u)),
            green_u: short(-chroma(green_u)),
            green_v: short(-chroma(green_v)),
        }
    }

    fn luma(self, value: u8) -> i32 {
        (((i32::from(value) << 3) - self.black) * self.luma) >> 16
    }

    fn chroma(self, u: u8, v: u8) -> [i32; Picture::CHANNELS] {
        let centred = |value: u8| (i32::from(value) << 3) - (128 << 3);
        let (u, v) = (centred(u), centred(v));
        [
            (v * self.red_v) >> 16,
            ((u * self.green_u) >> 16) + ((v * self.green_v) >> 16),
            (u * self.blue_u) >> 16,
        ]
    }
}

/// Chroma of grey.
const GREY: [u8; 1] = [128];
