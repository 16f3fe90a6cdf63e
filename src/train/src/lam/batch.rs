//! What the model is given, and why it may refuse it.

use tch::Tensor;

/// Pairs of frames.
#[derive(Debug)]
pub struct Batch {
    /// `[B, C, 2, H, W]`: bytes, or numbers of 0 to 1.
    pub frames: Tensor,
    /// The flow from the first to the second in pixels, across and down, `[B, 2, H, W]`, where the data set has it.
    pub flow: Option<Tensor>,
}

/// Why a batch does not go into the model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Other frames than the model was made for.
    #[error(
        "frames are {found:?}, and the model wants {wanted:?}: pairs, colours, two frames, height, width"
    )]
    Frames {
        /// What came.
        found: Vec<i64>,
        /// What fits.
        wanted: Vec<i64>,
    },
    /// Flow that fits no frame.
    #[error(
        "flow is {found:?}, and the frames want {wanted:?}: pairs, across and down, height, width"
    )]
    Flow {
        /// What came.
        found: Vec<i64>,
        /// What fits.
        wanted: Vec<i64>,
    },
    /// The decoder of flow has nothing to learn from.
    #[error("this data set has no flow; set `model.flow.enabled=false`")]
    NoFlow,
    /// Noise for another batch.
    #[error("noise is {found:?}, and the batch wants {wanted:?}")]
    Noise {
        /// What came.
        found: Vec<i64>,
        /// What fits.
        wanted: Vec<i64>,
    },
    /// There are no such codes.
    #[error("codes are {found:?}, and the frames want {wanted:?}: pairs, codes of an action")]
    Codes {
        /// What came.
        found: Vec<i64>,
        /// What fits.
        wanted: Vec<i64>,
    },
}
