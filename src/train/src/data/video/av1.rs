//! AV1 by rav1d, in one thread: those that load data are as many as there should be.

use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use super::colour::{Matrix, Planes};

/// A decoder of AV1.
pub(super) struct Av1 {
    decoder: Decoder,
}

impl Av1 {
    /// Creates a decoder of pictures that have at most so many pixels.
    pub(super) fn new(largest: usize) -> Result<Self, String> {
        let mut settings = Settings::new();
        settings.set_n_threads(1);
        settings.set_max_frame_delay(1);
        // 0 would be no limit.
        settings.set_frame_size_limit(u32::try_from(largest.max(1)).unwrap_or(u32::MAX));
        let decoder = Decoder::with_settings(&settings).map_err(|fault| fault.to_string())?;
        Ok(Self { decoder })
    }

    /// Decodes one sample, whose place in the order of showing is `place`; what comes out goes to `shown`.
    pub(super) fn feed(
        &mut self,
        sample: Vec<u8>,
        place: usize,
        shown: &mut dyn FnMut(usize, Planes<'_>),
    ) -> Result<(), String> {
        let stamp = i64::try_from(place).ok();
        let mut sent = self.decoder.send_data(sample, None, stamp, None);
        loop {
            self.give(shown)?;
            match sent {
                Ok(()) => return Ok(()),
                Err(Error::Again) => sent = self.decoder.send_pending_data(),
                Err(fault) => return Err(fault.to_string()),
            }
        }
    }

    /// Makes it ready for a key frame. What is inside is lost.
    pub(super) fn restart(&mut self) {
        self.decoder.flush();
    }

    /// Gives what is still inside; it must be restarted then.
    pub(super) fn drain(&mut self, shown: &mut dyn FnMut(usize, Planes<'_>)) -> Result<(), String> {
        self.give(shown)
    }

    fn give(&mut self, shown: &mut dyn FnMut(usize, Planes<'_>)) -> Result<(), String> {
        loop {
            let picture = match self.decoder.get_picture() {
                Ok(picture) => picture,
                Err(Error::Again) => return Ok(()),
                Err(fault) => return Err(fault.to_string()),
            };
            let place = picture.timestamp().and_then(|at| usize::try_from(at).ok());
            if let Some(place) = place {
                give(&picture, place, shown);
            }
        }
    }
}

fn give(picture: &Picture, place: usize, shown: &mut dyn FnMut(usize, Planes<'_>)) {
    let layout = picture.pixel_layout();
    let luma = picture.plane(PlanarImageComponent::Y);
    let chroma = (layout != PixelLayout::I400).then(|| {
        (
            picture.plane(PlanarImageComponent::U),
            picture.plane(PlanarImageComponent::V),
        )
    });
    let planes = match &chroma {
        Some((u, v)) => [luma.as_ref(), u.as_ref(), v.as_ref()],
        None => [luma.as_ref(), &[], &[]],
    };
    let matrix = match picture.matrix_coefficients() {
        MatrixCoefficients::BT709 => Matrix::Bt709,
        MatrixCoefficients::BT470M => Matrix::Fcc,
        MatrixCoefficients::ST240M => Matrix::Smpte240,
        MatrixCoefficients::BT2020NonConstantLuminance
        | MatrixCoefficients::BT2020ConstantLuminance => Matrix::Bt2020,
        _ => Matrix::Bt601,
    };
    let planes = Planes {
        height: picture.height() as usize,
        width: picture.width() as usize,
        planes,
        strides: [
            picture.stride(PlanarImageComponent::Y) as usize,
            picture.stride(PlanarImageComponent::U) as usize,
        ],
        halved: match layout {
            PixelLayout::I420 | PixelLayout::I400 => [true, true],
            PixelLayout::I422 => [true, false],
            PixelLayout::I444 => [false, false],
        },
        bits: picture.bits_per_component().map_or(8, |bits| bits.0 as u32),
        matrix,
        is_full: picture.color_range() == YUVRange::Full,
    };
    shown(place, planes);
}
