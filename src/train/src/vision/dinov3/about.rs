//! What the tensors of a DINOv3 do not say: heads, activation, constants. It stands in the `config.json` that Hugging Face
//! puts beside the weights; without one, the published models are known by their names.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use super::Error;

/// The file beside the weights.
const BESIDE: &str = "config.json";
/// What `model_type` must be.
const KIND: &str = "dinov3_vit";

/// What the tensors do not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct About {
    /// Attention heads.
    pub(super) heads: i64,
    /// The base of the positions' wave lengths.
    pub(super) base: f64,
    /// Below it a deviation counts as none.
    pub(super) epsilon: f64,
    /// Between the layers of a feed-forward.
    pub(super) activation: Activation,
}

/// What is between the layers of a feed-forward.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(super) enum Activation {
    /// GELU.
    #[serde(rename = "gelu")]
    Gelu,
    /// GELU by its approximation.
    #[serde(rename = "gelu_pytorch_tanh", alias = "gelu_new")]
    GeluTanh,
    /// SiLU.
    #[serde(rename = "silu", alias = "swish")]
    Silu,
}

/// A published model: a part of its name, its width and heads, and whether it is gated.
struct Published {
    name: &'static str,
    width: i64,
    heads: i64,
    is_gated: bool,
}

impl About {
    /// Finds it out, for weights of this width that are gated or not.
    ///
    /// # Errors
    ///
    /// Where nothing says it.
    pub(super) fn find(
        weights: &Path,
        name: &str,
        (width, is_gated): (i64, bool),
    ) -> Result<Self, Error> {
        let beside = match weights.is_dir() {
            true => weights.join(BESIDE),
            false => weights.with_file_name(BESIDE),
        };
        let about = match fs::read_to_string(&beside) {
            Ok(text) => Self::read(&text).map_err(|fault| Error::About {
                path: beside,
                fault,
            })?,
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                return Err(Error::About {
                    path: beside,
                    fault: fault.to_string(),
                });
            }
            Err(_) => Self::published(name, (width, is_gated)).ok_or_else(|| Error::Unknown {
                name: name.to_owned(),
                width,
                beside,
            })?,
        };
        let heads = about.heads.checked_mul(4).filter(|&four| four > 0);
        if width < 1 || heads.is_none_or(|four| width % four != 0) {
            return Err(Error::Heads {
                path: weights.to_owned(),
                width,
                heads: about.heads,
            });
        }
        Ok(about)
    }

    fn read(text: &str) -> Result<Self, String> {
        let said: Said = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
        if said.model_type != KIND {
            let found = said.model_type;
            return Err(format!("it is of a `{found}`, and not of a `{KIND}`"));
        }
        Ok(Self {
            heads: said.num_attention_heads,
            base: said.rope_theta,
            epsilon: said.layer_norm_eps,
            activation: said.hidden_act,
        })
    }

    fn published(name: &str, of: (i64, bool)) -> Option<Self> {
        let is_it = |one: &&Published| name.contains(one.name) && (one.width, one.is_gated) == of;
        let found = PUBLISHED.iter().find(is_it)?;
        Some(Self {
            heads: found.heads,
            base: theta(),
            epsilon: epsilon(),
            activation: match found.is_gated {
                true => Activation::Silu,
                false => Activation::Gelu,
            },
        })
    }
}

/// `config.json`; what it leaves out is as transformers has it.
#[derive(Deserialize)]
struct Said {
    model_type: String,
    #[serde(default = "heads")]
    num_attention_heads: i64,
    #[serde(default = "theta")]
    rope_theta: f64,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default = "gelu")]
    hidden_act: Activation,
}

fn heads() -> i64 {
    6
}

fn theta() -> f64 {
    100.0
}

fn epsilon() -> f64 {
    1e-5
}

fn gelu() -> Activation {
    Activation::Gelu
}

#[rustfmt::skip]
const PUBLISHED: [Published; 6] = [
    Published { name: "dinov3-vits16plus-", width: 384, heads: 6, is_gated: true },
    Published { name: "dinov3-vits16-", width: 384, heads: 6, is_gated: false },
    Published { name: "dinov3-vitb16-", width: 768, heads: 12, is_gated: false },
    Published { name: "dinov3-vitl16-", width: 1024, heads: 16, is_gated: false },
    Published { name: "dinov3-vith16plus-", width: 1280, heads: 20, is_gated: true },
    Published { name: "dinov3-vit7b16-", width: 4096, heads: 32, is_gated: true },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_models_are_known_by_name_width_and_gate() {
        let table = [
            (
                "facebook/dinov3-vits16-pretrain-lvd1689m",
                (384, false),
                Some(6),
            ),
            (
                "facebook/dinov3-vits16plus-pretrain-lvd1689m",
                (384, true),
                Some(6),
            ),
            (
                "facebook/dinov3-vits16-pretrain-lvd1689m",
                (384, true),
                None,
            ),
            (
                "facebook/dinov3-vits16-pretrain-lvd1689m",
                (768, false),
                None,
            ),
            (
                "facebook/dinov3-vit7b16-pretrain-sat493m",
                (4096, true),
                Some(32),
            ),
            ("somebody/else", (384, false), None),
        ];
        for (name, of, heads) in table {
            let found = About::published(name, of).map(|about| about.heads);
            assert_eq!(found, heads, "{name} {of:?}");
        }
    }

    #[test]
    fn what_a_file_leaves_out_is_as_transformers_has_it() {
        let about = About::read(r#"{"model_type": "dinov3_vit", "num_attention_heads": 4}"#);
        let about = about.unwrap();
        assert_eq!((about.heads, about.activation), (4, Activation::Gelu));
        assert!((about.base - 100.0).abs() < 1e-9);
        let other = About::read(r#"{"model_type": "dinov3_convnext"}"#);
        assert!(other.unwrap_err().contains("dinov3_convnext"));
    }
}
