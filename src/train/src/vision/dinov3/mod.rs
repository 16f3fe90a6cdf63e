//! DINOv3 (arXiv 2508.10104), the vision transformers of it, as Hugging Face's transformers has them: what is to be seen
//! in every patch of a frame. Its parameters have their names, its sizes follow from the tensors.
//!
//! INVARIANT: it computes what transformers computes in evaluation, and nothing has a gradient.

mod about;
mod layer;
mod position;

use std::path::{Path, PathBuf};

use tch::{Kind, Tensor, no_grad};

use self::about::About;
use self::layer::{Layer, Norm, Plan};
use self::position::Rotation;
use crate::lam::config::whole_patches;
use crate::precision::{Precision, widen};
use crate::vision::store::{Place, Store};
use crate::weights;

/// What pictures are brought to: the means and deviations of ImageNet, by colour.
const MEANS: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];
/// Names that say what the network is.
const CLASS: &str = "embeddings.cls_token";
const REGISTERS: &str = "embeddings.register_tokens";
const PATCHES: &str = "embeddings.patch_embeddings.weight";
const UP: &str = "layer.0.mlp.up_proj.weight";
const GATE: &str = "layer.0.mlp.gate_proj.weight";
/// A tensor that only its own training needs.
const MASK: &str = "embeddings.mask_token";

/// Why there is no such network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The tensors.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// What stands beside them.
    #[error("`{path}` does not say what DINOv3 is beside it: {fault}")]
    About {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// Nothing stands beside them, and the name says nothing.
    #[error(
        "how many heads a DINOv3 of width {width} has is not known of `{name}`: put its `config.json` at `{beside}`, or \
         name the model in `model.dinov3_model_name`"
    )]
    Unknown {
        /// The name of the model.
        name: String,
        /// The width of its tokens.
        width: i64,
        /// Where the file would be.
        beside: PathBuf,
    },
    /// Heads that do not divide the width.
    #[error(
        "`{path}` has tokens of width {width}, which {heads} heads of rotated numbers cannot share"
    )]
    Heads {
        /// The weights.
        path: PathBuf,
        /// The width of its tokens.
        width: i64,
        /// The heads.
        heads: i64,
    },
}

/// The network, for frames of one size.
#[derive(Debug)]
pub struct Dinov3 {
    kernel: Tensor,
    bias: Tensor,
    /// Tokens before those of patches, `[1, n, width]`.
    before: Tensor,
    layers: Vec<Layer>,
    norm: Norm,
    rotation: Rotation,
    means: Tensor,
    deviations: Tensor,
    sides: Sides,
    precision: Precision,
}

/// How large everything is.
#[derive(Clone, Copy, Debug)]
struct Sides {
    width: i64,
    patch: i64,
    registers: i64,
    /// Patches of a frame, a side.
    grid: i64,
}

impl Dinov3 {
    /// Reads weights that Hugging Face saved, for square frames of this side. The name tells what tensors do not, where no
    /// `config.json` is beside them.
    ///
    /// # Errors
    ///
    /// Where it is no such file, or nothing says what tensors do not.
    pub fn load(
        path: &Path,
        name: &str,
        side: i64,
        precision: Precision,
        device: tch::Device,
    ) -> Result<Self, Error> {
        let mut store = Store::open(path, device)?;
        store.leave_out(|name| name == MASK);
        store.demand(&[CLASS, PATCHES])?;
        let size = |name: &str, axis: usize| {
            let size = store.size(name).unwrap_or_default();
            size.get(axis).copied().unwrap_or(0)
        };
        let is_gated = store.size(GATE).is_some();
        let sides = Sides::new((size(CLASS, 2), size(PATCHES, 2)), size(REGISTERS, 1), side);
        let (inner, layers) = (size(UP, 0), layers(&store));
        let about = About::find(path, name, (sides.width, is_gated))?;
        let plan = Plan {
            width: sides.width,
            inner,
            is_gated,
            about,
            precision,
        };
        let rotation = Rotation::new(sides.grid, sides.width / about.heads, about.base);
        Ok(store.build(|root| {
            let [kernel, bias, before] = embedding(&mut root.enter("embeddings"), sides);
            let mut all = root.enter("layer");
            let layers = (0..layers).map(|at| Layer::new(&mut all.enter(at), plan));
            let layers = layers.collect();
            let colours = |of: &[f32]| root.constant(&Tensor::from_slice(of).view([1, -1, 1, 1]));
            let (means, deviations) = (colours(&MEANS), colours(&DEVIATIONS));
            Self {
                kernel,
                bias,
                before,
                layers,
                rotation: rotation.moved(|tensor| root.constant(tensor)),
                norm: Norm::new(&mut root.enter("norm"), sides.width, about.epsilon),
                means,
                deviations,
                sides,
                precision,
            }
        })?)
    }
}

impl Dinov3 {
    /// Patches of a frame, a side.
    #[must_use]
    pub fn grid(&self) -> i64 {
        self.sides.grid
    }

    /// How many numbers describe a patch.
    #[must_use]
    pub fn width(&self) -> i64 {
        self.sides.width
    }

    /// What is to be seen in every patch of frames `[B, 3, H, W]`, bytes or numbers of 0 to 1: `[B, h, w, width]`.
    pub fn look(&self, frames: &Tensor) -> Tensor {
        no_grad(|| {
            let patches = self.precision.convolve(
                &self.prepared(frames),
                &self.kernel,
                Some(&self.bias),
                (self.sides.patch, 0),
                1,
            );
            let patches = widen(&patches).flatten(2, 3).transpose(1, 2);
            let pictures = patches.size().first().copied().unwrap_or(0);
            let before = self.before.expand([pictures, -1, -1], false);
            let count = self.sides.registers + 1;
            let start = Tensor::cat(&[before, patches], 1);
            let layers = self.layers.iter();
            let seen = layers.fold(start, |x, layer| layer.apply(&x, &self.rotation));
            let grid = self.sides.grid;
            self.norm
                .apply(&seen)
                .narrow(1, count, grid * grid)
                .unflatten(1, [grid, grid])
        })
    }

    /// Frames of whole patches, in the range that the network knows.
    fn prepared(&self, frames: &Tensor) -> Tensor {
        let numbers = widen(frames);
        let numbers = match frames.kind() {
            Kind::Uint8 => numbers / 255.0,
            _ => numbers,
        };
        let side = self.sides.grid * self.sides.patch;
        let numbers = match numbers.size()[..] {
            [.., height, width] if (height, width) != (side, side) => {
                numbers.upsample_bilinear2d([side, side], false, None, None)
            }
            _ => numbers,
        };
        (numbers - &self.means) / &self.deviations
    }
}

impl Sides {
    fn new((width, patch): (i64, i64), registers: i64, side: i64) -> Self {
        Self {
            width,
            patch,
            registers,
            grid: whole_patches(side, patch),
        }
    }
}

/// The kernel of patches, its bias, and the tokens before those of patches.
fn embedding(place: &mut Place<'_>, sides: Sides) -> [Tensor; 3] {
    let Sides { width, patch, .. } = sides;
    let class = place.take("cls_token", &[1, 1, width]);
    let registers = place.take("register_tokens", &[1, sides.registers, width]);
    let mut patches = place.enter("patch_embeddings");
    [
        patches.take("weight", &[width, 3, patch, patch]),
        patches.take("bias", &[width]),
        Tensor::cat(&[class, registers], 1),
    ]
}

/// How many layers there are.
fn layers(store: &Store) -> i64 {
    let is_there = |at: &i64| store.size(&format!("layer.{at}.norm1.weight")).is_some();
    (0..).take_while(is_there).count().try_into().unwrap_or(0)
}
