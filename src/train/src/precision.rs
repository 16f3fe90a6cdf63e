//! Products of matrices in full or mixed precision.
//!
//! libtorch's own autocast, as tch offers it, is for CUDA alone and computes in fp16. So the casts of bf16 autocast are
//! here: products (linear layers, attention, convolutions) in bf16, everything else in fp32.

use serde::Deserialize;
use tch::{Kind, Tensor};

/// What products are computed in; weights, sums and losses are fp32 either way.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub enum Precision {
    /// fp32.
    #[default]
    #[serde(rename = "32-true", alias = "32")]
    Full,
    /// bf16.
    #[serde(rename = "bf16-mixed")]
    Bfloat16,
}

impl Precision {
    /// `x` times the transposed weight `[out, in]`, plus the bias: `[.., in]` to `[.., out]`.
    pub fn linear(self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
        match self {
            Self::Full => x.linear(weight, bias),
            Self::Bfloat16 => narrow(x).linear(&narrow(weight), bias.map(narrow)),
        }
    }

    /// The product of the last two dimensions.
    pub fn matmul(self, a: &Tensor, b: &Tensor) -> Tensor {
        match self {
            Self::Full => a.matmul(b),
            Self::Bfloat16 => narrow(a).matmul(&narrow(b)),
        }
    }

    /// Attention of queries `[B, heads, n, width]` to keys and values.
    pub fn attend(self, query: &Tensor, key: &Tensor, value: &Tensor) -> Tensor {
        let all = match self {
            Self::Full => [query, key, value].map(Tensor::shallow_clone),
            Self::Bfloat16 => [query, key, value].map(narrow),
        };
        let [query, key, value] = &all;
        let none = None::<&Tensor>;
        Tensor::scaled_dot_product_attention(query, key, value, none, 0.0, false, None, false)
    }

    /// A convolution of `[B, C, H, W]` with the kernel `[out, C / groups, h, w]`.
    pub fn convolve(
        self,
        x: &Tensor,
        kernel: &Tensor,
        bias: Option<&Tensor>,
        (stride, padding): (i64, i64),
        groups: i64,
    ) -> Tensor {
        let one = [1, 1];
        let (stride, padding) = ([stride; 2], [padding; 2]);
        match self {
            Self::Full => x.conv2d(kernel, bias, stride, padding, one, groups),
            Self::Bfloat16 => narrow(x).conv2d(
                &narrow(kernel),
                bias.map(narrow),
                stride,
                padding,
                one,
                groups,
            ),
        }
    }
}

/// The same numbers in bf16.
fn narrow(x: &Tensor) -> Tensor {
    x.to_kind(Kind::BFloat16)
}

/// The same numbers in fp32.
pub(crate) fn widen(x: &Tensor) -> Tensor {
    x.to_kind(Kind::Float)
}
