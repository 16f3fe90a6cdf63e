//! Brings pictures to one size: bilinear with antialiasing, as torchvision's `resize` does (within one of 255).

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Picture;

/// Resizes pictures; holds what it works with, so that one a thread is kept.
#[derive(Debug, Default)]
pub struct Resize {
    resizer: Resizer,
}

impl Resize {
    /// Returns the picture at another size, whatever its sides' ratio was. One that has that size is returned as it is.
    ///
    /// # Errors
    ///
    /// Where a side is 0.
    pub fn to(&mut self, picture: Picture, [height, width]: [usize; 2]) -> Result<Picture, String> {
        if (picture.height(), picture.width()) == (height, width) {
            return Ok(picture);
        }
        let side = |length: usize| u32::try_from(length).map_err(|fault| fault.to_string());
        let from = ImageRef::new(
            side(picture.width())?,
            side(picture.height())?,
            picture.pixels(),
            PixelType::U8x3,
        )
        .map_err(|fault| fault.to_string())?;
        let mut to = Image::new(side(width)?, side(height)?, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
        self.resizer
            .resize(&from, &mut to, &options)
            .map_err(|fault| fault.to_string())?;
        Picture::new(height, width, to.into_vec()).ok_or_else(|| "a side is 0".to_owned())
    }
}
