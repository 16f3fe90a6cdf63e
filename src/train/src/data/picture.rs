//! One picture: eight bits a channel, RGB, rows from the top. Out of a PNG and into one.

use std::io::Cursor;

/// Why a PNG is not the picture it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PngFault {
    /// It has these sides, and nothing of it was decoded.
    Sides([usize; 2]),
    /// What is wrong with it.
    Broken(String),
}

/// A picture. INVARIANT: `pixels` holds `height * width * 3` bytes, `[H, W, C]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Picture {
    height: usize,
    width: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// How many channels every picture has.
    pub const CHANNELS: usize = 3;

    /// Creates a picture of pixels `[H, W, C]`; `None` where there are not as many as that.
    pub fn new(height: usize, width: usize, pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() == height * width * Self::CHANNELS).then_some(Self {
            height,
            width,
            pixels,
        })
    }

    /// Creates a picture of one colour.
    pub fn filled(height: usize, width: usize, colour: [u8; Self::CHANNELS]) -> Self {
        Self {
            height,
            width,
            pixels: colour.repeat(height * width),
        }
    }

    /// Returns how many rows it has.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns how many columns it has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the pixels, `[H, W, C]`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Returns the pixels, `[H, W, C]`, to write on.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// Writes the pixels as planes, `[C, H, W]`, into as many bytes as there are; into fewer it writes nothing.
    pub fn write_planes(&self, planes: &mut [u8]) {
        let area = self.height * self.width;
        let Some((red, rest)) = planes.split_at_mut_checked(area) else {
            return;
        };
        let Some((green, blue)) = rest.split_at_mut_checked(area) else {
            return;
        };
        let places = red.iter_mut().zip(green).zip(blue);
        let pixels = self.pixels.chunks_exact(Self::CHANNELS);
        for (((to_red, to_green), to_blue), pixel) in places.zip(pixels) {
            if let &[red, green, blue] = pixel {
                (*to_red, *to_green, *to_blue) = (red, green, blue);
            }
        }
    }

    /// Copies another picture to a place of this one; what does not fit is cut off.
    pub fn paste(&mut self, other: &Self, top: usize, left: usize) {
        let own = self.width * Self::CHANNELS;
        let rows = self.pixels.chunks_exact_mut(own.max(1)).skip(top);
        let from = other
            .pixels
            .chunks_exact((other.width * Self::CHANNELS).max(1));
        for (to, from) in rows.zip(from) {
            let to = to.iter_mut().skip(left * Self::CHANNELS);
            to.zip(from).for_each(|(to, from)| *to = *from);
        }
    }

    /// Returns the height and width that a PNG's header names.
    pub fn sides_of(png: &[u8]) -> Option<[usize; 2]> {
        let mut decoder = png::Decoder::new(Cursor::new(png));
        let header = decoder.read_header_info().ok()?;
        Some([header.height as usize, header.width as usize])
    }

    /// Decodes a PNG of eight bits a channel, RGB or with a palette, of this height and width.
    ///
    /// # Errors
    ///
    /// What is wrong with it. One of other sides takes no memory for them.
    pub fn from_png(bytes: &[u8], sides: [usize; 2]) -> Result<Self, PngFault> {
        let broken = |fault: &dyn std::fmt::Display| PngFault::Broken(fault.to_string());
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let header = decoder.read_header_info().map_err(|fault| broken(&fault))?;
        let found = [header.height as usize, header.width as usize];
        if found != sides {
            return Err(PngFault::Sides(found));
        }
        let mut reader = decoder.read_info().map_err(|fault| broken(&fault))?;
        let (colour, depth) = reader.output_color_type();
        if (colour, depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
            let what = format!("a PNG of {colour:?} at {depth:?} bits, not RGB");
            return Err(PngFault::Broken(what));
        }
        let size = reader.output_buffer_size();
        let size = size.ok_or_else(|| broken(&"too large"))?;
        let mut pixels = vec![0; size];
        reader
            .next_frame(&mut pixels)
            .map_err(|fault| broken(&fault))?;
        let [height, width] = sides;
        Self::new(height, width, pixels).ok_or_else(|| broken(&"cut short"))
    }

    /// Encodes it as a PNG.
    ///
    /// # Errors
    ///
    /// Where it has no pixels, or more than a PNG takes.
    pub fn to_png(&self) -> Result<Vec<u8>, String> {
        let side = |length: usize| u32::try_from(length).map_err(|fault| fault.to_string());
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|fault| fault.to_string())?;
        writer
            .write_image_data(&self.pixels)
            .and_then(|()| writer.finish())
            .map_err(|fault| fault.to_string())?;
        Ok(bytes)
    }
}
