//! Drawing on a picture: text, boxes and dots. The letters are a bitmap that comes with the program; no font of the
//! system is read.
//!
//! INVARIANT: what lies outside of the picture is not drawn, and is no error.

use font8x8::{BASIC_FONTS, UnicodeFonts};

use crate::data::Picture;

/// Red, green, blue.
pub type Colour = [u8; Picture::CHANNELS];

/// Height and width of a letter, in pixels.
pub const LETTER: usize = 8;
/// What is drawn on.
pub const PAPER: Colour = [255, 255, 255];
/// Text and axes.
pub const INK: Colour = [32, 32, 32];
/// What matters less.
pub const PALE: Colour = [190, 190, 190];
/// Bars, and the only series where there is one.
pub const BLUE: Colour = [0, 114, 178];
/// Colours that are told apart by those who see few (Okabe and Ito's).
pub const SERIES: [Colour; 7] = [
    BLUE,
    [230, 159, 0],
    [0, 158, 115],
    [213, 94, 0],
    [204, 121, 167],
    [86, 180, 233],
    [180, 165, 20],
];

/// A picture that is being drawn.
#[derive(Clone, Debug)]
pub struct Canvas {
    picture: Picture,
}

/// A part of a canvas, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Area {
    /// Its uppermost row.
    pub top: usize,
    /// Its leftmost column.
    pub left: usize,
    /// How many rows it has.
    pub height: usize,
    /// How many columns it has.
    pub width: usize,
}

impl Canvas {
    /// Creates an empty one of so many rows and columns.
    #[must_use]
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            picture: Picture::filled(height, width, PAPER),
        }
    }

    /// Returns what was drawn.
    #[must_use]
    pub fn into_picture(self) -> Picture {
        self.picture
    }

    /// Colours one pixel.
    pub fn set(&mut self, row: usize, column: usize, colour: Colour) {
        if row >= self.picture.height() || column >= self.picture.width() {
            return;
        }
        let at = (row * self.picture.width() + column) * Picture::CHANNELS;
        let pixel = self
            .picture
            .pixels_mut()
            .get_mut(at..at + Picture::CHANNELS);
        if let Some(pixel) = pixel {
            pixel.copy_from_slice(&colour);
        }
    }

    /// Fills an area.
    pub fn fill(&mut self, area: Area, colour: Colour) {
        for row in area.top..area.top.saturating_add(area.height) {
            for column in area.left..area.left.saturating_add(area.width) {
                self.set(row, column, colour);
            }
        }
    }

    /// Draws the outline of an area, just outside of it.
    pub fn outline(&mut self, area: Area, colour: Colour) {
        let (top, left) = (area.top.saturating_sub(1), area.left.saturating_sub(1));
        for column in left..=area.left + area.width {
            self.set(top, column, colour);
            self.set(area.top + area.height, column, colour);
        }
        for row in top..=area.top + area.height {
            self.set(row, left, colour);
            self.set(row, area.left + area.width, colour);
        }
    }

    /// Draws a square dot of `2 radius + 1` pixels a side.
    pub fn dot(&mut self, row: usize, column: usize, radius: usize, colour: Colour) {
        let area = Area {
            top: row.saturating_sub(radius),
            left: column.saturating_sub(radius),
            height: 2 * radius + 1,
            width: 2 * radius + 1,
        };
        self.fill(area, colour);
    }

    /// Writes a line of text; letters the font lacks become `?`.
    pub fn text(&mut self, top: usize, left: usize, text: &str, colour: Colour) {
        for (number, letter) in text.chars().enumerate() {
            let rows = BASIC_FONTS.get(letter).or_else(|| BASIC_FONTS.get('?'));
            for (row, bits) in rows.unwrap_or_default().into_iter().enumerate() {
                for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                    self.set(top + row, left + number * LETTER + column, colour);
                }
            }
        }
    }

    /// Writes a line of text that ends left of a column.
    pub fn text_until(&mut self, top: usize, right: usize, text: &str, colour: Colour) {
        let left = right.saturating_sub(text.chars().count() * LETTER);
        self.text(top, left, text, colour);
    }

    /// Copies a picture to a place, every pixel of it as a square of `scale` pixels a side.
    pub fn paste(&mut self, picture: &Picture, top: usize, left: usize, scale: usize) {
        let pixels = picture.pixels().chunks_exact(Picture::CHANNELS);
        for (at, pixel) in pixels.enumerate() {
            let (row, column) = (at / picture.width().max(1), at % picture.width().max(1));
            let area = Area {
                top: top + row * scale,
                left: left + column * scale,
                height: scale,
                width: scale,
            };
            if let Ok(colour) = Colour::try_from(pixel) {
                self.fill(area, colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_leaves_ink_and_nothing_is_drawn_outside() {
        let mut canvas = Canvas::new(10, 20);
        canvas.text(1, 1, "ab", INK);
        canvas.text(8, 18, "outside", INK);
        canvas.dot(100, 100, 3, INK);
        let picture = canvas.into_picture();
        let inked = picture.pixels().iter().filter(|&&byte| byte == INK[0]);
        assert!(inked.count() > 60);
        assert_eq!((picture.height(), picture.width()), (10, 20));
    }

    #[test]
    fn pasting_enlarges() {
        let mut canvas = Canvas::new(4, 4);
        let spot = Picture::filled(1, 1, [9, 8, 7]);
        canvas.paste(&spot, 1, 1, 2);
        let picture = canvas.into_picture();
        let coloured = picture.pixels().chunks(3).filter(|of| *of == [9, 8, 7]);
        assert_eq!(coloured.count(), 4);
    }
}
