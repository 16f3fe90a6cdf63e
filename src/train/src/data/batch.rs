//! A batch: plain buffers that own what they hold, ready to be turned into tensors.

use std::sync::Arc;

/// Samples that are trained on together. `B` is the number of samples, `T` that of the frames asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// How many samples it has, `B`.
    pub size: usize,
    /// The pictures of each camera asked for, in that order.
    pub cameras: Vec<Frames>,
    /// The states, where they were asked for.
    pub state: Option<Numbers>,
    /// The actions, where they were asked for.
    pub action: Option<Numbers>,
    /// The flow of each, where it was asked for.
    pub flow: Option<Flow>,
    /// Which data set of the mix each sample is from, `[B]`.
    pub source: Vec<i64>,
    /// The episode of each, `[B]`.
    pub episode: Vec<i64>,
    /// Its frame within the episode, `[B]`.
    pub frame: Vec<i64>,
    /// Its frame within the data set, `[B]`.
    pub index: Vec<i64>,
    /// Its instruction, `[B]`.
    pub task: Vec<Arc<str>>,
}

/// The pictures of one camera.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    /// The camera's name.
    pub name: String,
    /// How many pictures a sample has, `T`.
    pub times: usize,
    /// Rows of each, `H`.
    pub height: usize,
    /// Columns of each, `W`.
    pub width: usize,
    /// `[B, T, 3, H, W]`, RGB.
    pub pixels: Vec<u8>,
    /// Whether each is padding, `[B, T]`.
    pub is_padding: Vec<bool>,
}

/// The flow of each sample's own frame, in pixels, to the second of its pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// Rows, `H`.
    pub height: usize,
    /// Columns, `W`.
    pub width: usize,
    /// `[B, 2, H, W]`, across and down.
    pub values: Vec<f32>,
}

/// Vectors of each sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// How many vectors a sample has, `T`.
    pub times: usize,
    /// How many numbers each has, `D`: the most of all data sets of the mix.
    pub width: usize,
    /// `[B, T, D]`; 0 where a data set has fewer numbers, or none.
    pub values: Vec<f32>,
    /// Whether each is padding, `[B, T]`; also where the data set has none.
    pub is_padding: Vec<bool>,
}
