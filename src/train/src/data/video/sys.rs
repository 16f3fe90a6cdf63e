//! OpenH264's own interface, where its crate's safe one is too narrow: a stamp that goes in with a picture comes out
//! with it, so that nothing depends on the order in which pictures come out.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;

use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig};
use openh264_sys2::{DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER, SBufferInfo};

/// A decoder, for one run from a key frame on.
pub(super) struct OpenH264 {
    decoder: Decoder,
}

/// A picture as the decoder leaves it: 4:2:0, eight bits.
pub(super) struct Decoded<'a> {
    /// What went in with it.
    pub(super) stamp: u64,
    pub(super) height: usize,
    pub(super) width: usize,
    /// Luma and the two chromas.
    pub(super) planes: [&'a [u8]; 3],
    /// Bytes from one row to the next, of luma and of chroma.
    pub(super) strides: [usize; 2],
}

impl OpenH264 {
    pub(super) fn new() -> Result<Self, String> {
        let api = OpenH264API::from_source();
        let decoder = Decoder::with_api_config(api, DecoderConfig::new());
        let decoder = decoder.map_err(|fault| fault.to_string())?;
        Ok(Self { decoder })
    }

    /// Decodes one picture's units (with start codes); returns the picture that is due, which need not be that one.
    pub(super) fn decode(
        &mut self,
        units: &[u8],
        stamp: u64,
    ) -> Result<Option<Decoded<'_>>, String> {
        let length = i32::try_from(units.len()).map_err(|fault| fault.to_string())?;
        let mut planes = [null_mut::<u8>(); 3];
        let mut info = SBufferInfo {
            uiInBsTimeStamp: stamp,
            ..SBufferInfo::default()
        };
        // SAFETY: only calls of OpenH264's documented interface follow, which leave the decoder usable.
        let raw = unsafe { self.decoder.raw_api() };
        // SAFETY: `units` is readable for `length` bytes; the decoder writes three pointers and one structure, both
        // live and writable, and keeps none of these addresses.
        let state = unsafe {
            raw.decode_frame_no_delay(units.as_ptr(), length, planes.as_mut_ptr(), &raw mut info)
        };
        if state != 0 {
            return Err(format!("OpenH264 refuses it (state {state:#x})"));
        }
        Ok(self.shown(planes, &info))
    }

    /// Returns one of the pictures that are still inside. After the first call only a new decoder may go on.
    pub(super) fn flush(&mut self) -> Result<Option<Decoded<'_>>, String> {
        let mut planes = [null_mut::<u8>(); 3];
        let mut info = SBufferInfo::default();
        let mut inside = 0_i32;
        // SAFETY: as in `decode`.
        let raw = unsafe { self.decoder.raw_api() };
        // SAFETY: this option is written as one `int`, which `inside` is.
        let state = unsafe {
            raw.get_option(
                DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER,
                (&raw mut inside).cast::<c_void>(),
            )
        };
        if state != 0 || inside <= 0 {
            return Ok(None);
        }
        // SAFETY: the decoder writes three pointers and one structure, both live and writable, and keeps no address.
        let state = unsafe { raw.flush_frame(planes.as_mut_ptr(), &raw mut info) };
        if state != 0 {
            return Err(format!("OpenH264 refuses to flush (state {state:#x})"));
        }
        Ok(self.shown(planes, &info))
    }

    /// Returns what the decoder has written as a picture that lives until the decoder is called again.
    fn shown(&self, pointers: [*mut u8; 3], info: &SBufferInfo) -> Option<Decoded<'_>> {
        if info.iBufferStatus != 1 || pointers.iter().any(|plane| plane.is_null()) {
            return None;
        }
        // SAFETY: the union has this one member.
        let buffer = unsafe { info.UsrData.sSystemBuffer };
        let size = |value: i32| usize::try_from(value).ok().filter(|&value| value > 0);
        let (width, height) = (size(buffer.iWidth)?, size(buffer.iHeight)?);
        let strides = [size(buffer.iStride[0])?, size(buffer.iStride[1])?];
        let length = |stride: usize, rows: usize, columns: usize| stride * (rows - 1) + columns;
        let luma = length(strides[0], height, width);
        let chroma = length(strides[1], height.div_ceil(2), width.div_ceil(2));
        let [y, u, v] = pointers;
        // SAFETY: a picture that is ready has `height` rows of `width` samples, `stride` bytes apart, in memory of the
        // decoder's that stays as it is until the decoder is called or dropped; `self` is borrowed for as long.
        let y = unsafe { std::slice::from_raw_parts(y, luma) };
        // SAFETY: as above, for the first chroma, halved both ways.
        let u = unsafe { std::slice::from_raw_parts(u, chroma) };
        // SAFETY: as above, for the second.
        let v = unsafe { std::slice::from_raw_parts(v, chroma) };
        Some(Decoded {
            stamp: info.uiOutYuvTimeStamp,
            height,
            width,
            planes: [y, u, v],
            strides,
        })
    }
}
