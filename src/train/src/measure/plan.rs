//! What a validation does: how many pairs, and which pictures. The `validation` node of a composed configuration.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The `validation` node is of another shape.
#[derive(Debug, thiserror::Error)]
#[error("`validation` is not as `config/validation/` has it")]
pub struct PlanError(#[source] serde_json::Error);

/// How a model is validated.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// At most so many held-out pairs are measured on.
    pub pairs: usize,
    /// At most so many training pairs fit the probes; 0 for no probes.
    pub probe_pairs: usize,
    /// What pairs and permutations are drawn from.
    pub seed: u64,
    /// Steps between two validations.
    pub interval: u64,
    /// Pairs that go through the model together.
    pub batch_size: usize,
    /// Threads that load them.
    pub workers: usize,
    /// The pictures.
    pub drawings: Vec<Drawing>,
    /// What is switched on and not known here, by name.
    pub unknown: Vec<String>,
}

/// One kind of picture, and when it is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Drawing {
    /// What it shows.
    pub kind: Kind,
    /// At every how manieth validation.
    pub every: u64,
    /// How many pairs or sequences it shows.
    pub samples: usize,
    /// Whether training pairs are shown too.
    pub shows_train: bool,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// First frame, second frame, its reconstruction, and the error.
    Reconstructions,
    /// First frames with the codes of other episodes.
    Transfer,
    /// How often each entry of the codebook is chosen.
    Codebook,
    /// How often the most frequent sequences are chosen.
    Sequences,
    /// Where the state moves to under each of the most frequent sequences.
    Displacement,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Reconstructions,
        Self::Transfer,
        Self::Codebook,
        Self::Sequences,
        Self::Displacement,
    ];

    /// Returns the name of its files and tags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reconstructions => "reconstructions",
            Self::Transfer => "transfer",
            Self::Codebook => "codebook",
            Self::Sequences => "sequences",
            Self::Displacement => "displacement",
        }
    }

    /// The kind that the `type` of a strategy asks for.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "basic" => Self::Reconstructions,
            "latent_transfer" | "permuted_latent_visualization" => Self::Transfer,
            "codebook_histogram" => Self::Codebook,
            "all_sequences_histogram" | "sequence_histogram" => Self::Sequences,
            "code_displacement_scatter" | "state_sequence_scatter" => Self::Displacement,
            _ => return None,
        })
    }
}

impl Default for Plan {
    fn default() -> Self {
        let drawings = Kind::ALL.map(|kind| Drawing {
            kind,
            every: 1,
            samples: samples(kind),
            shows_train: false,
        });
        Self {
            pairs: 512,
            probe_pairs: 2048,
            seed: 0,
            interval: 1000,
            batch_size: 64,
            workers: 0,
            drawings: drawings.to_vec(),
            unknown: Vec::new(),
        }
    }
}

impl Plan {
    /// Reads the `validation` node of a composed configuration; the batches it counts are of `batch_size` pairs.
    ///
    /// # Errors
    ///
    /// Where it is of another shape.
    pub fn from_node(node: &Value, batch_size: usize, seed: u64) -> Result<Self, PlanError> {
        let node: Node = Deserialize::deserialize(node).map_err(PlanError)?;
        let mut plan = Self {
            pairs: node.limit_batches.saturating_mul(batch_size),
            probe_pairs: node.probe_pairs,
            interval: node.check_interval,
            batch_size,
            seed,
            drawings: Vec::new(),
            ..Self::default()
        };
        for (name, strategy) in node.strategies {
            if !strategy.enabled {
                continue;
            }
            let Some(kind) = Kind::of(&strategy.r#type) else {
                plan.unknown.push(name);
                continue;
            };
            let both = strategy.num_fixed_samples.zip(strategy.num_random_samples);
            let asked = strategy
                .num_samples
                .or(strategy.num_top_sequences)
                .or(both.map(|(fixed, random)| fixed + random));
            plan.drawings.push(Drawing {
                kind,
                every: strategy.every_n_validations.max(1),
                samples: asked.unwrap_or(samples(kind)),
                shows_train: strategy.visualize_train,
            });
        }
        // One picture of a kind: several strategies may ask for the same.
        plan.drawings.sort_by_key(|drawing| drawing.kind.name());
        plan.drawings.dedup_by_key(|drawing| drawing.kind);
        Ok(plan)
    }

    /// Returns the pictures to make at a step.
    pub fn drawings_at(&self, step: u64) -> impl Iterator<Item = &Drawing> {
        let number = step / self.interval.max(1);
        let is_due = move |drawing: &&Drawing| number.is_multiple_of(drawing.every.max(1));
        self.drawings.iter().filter(is_due)
    }
}

/// How many samples a kind shows unless it is told.
fn samples(kind: Kind) -> usize {
    match kind {
        Kind::Reconstructions => 8,
        Kind::Transfer => 5,
        Kind::Codebook => 0,
        Kind::Sequences => 50,
        Kind::Displacement => 7,
    }
}

#[derive(Deserialize)]
struct Node {
    check_interval: u64,
    limit_batches: usize,
    #[serde(default = "probe_pairs")]
    probe_pairs: usize,
    #[serde(default)]
    strategies: BTreeMap<String, Strategy>,
}

#[derive(Deserialize)]
struct Strategy {
    r#type: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "one")]
    every_n_validations: u64,
    num_samples: Option<usize>,
    num_fixed_samples: Option<usize>,
    num_random_samples: Option<usize>,
    num_top_sequences: Option<usize>,
    #[serde(default)]
    visualize_train: bool,
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}

fn probe_pairs() -> usize {
    2048
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strategies_become_pictures_and_unknown_ones_are_named() {
        let node = json!({
            "check_interval": 1000, "limit_batches": 50, "num_fixed_samples": 4,
            "strategies": {
                "basic": {"type": "basic", "enabled": true, "every_n_validations": 2,
                    "num_fixed_samples": 4, "num_random_samples": 4, "visualize_train": true},
                "sequence_histogram": {"type": "sequence_histogram", "enabled": true},
                "all": {"type": "all_sequences_histogram"},
                "umap": {"type": "codebook_embedding", "enabled": true},
                "scatter": {"type": "state_sequence_scatter", "enabled": false},
            }
        });
        let plan = Plan::from_node(&node, 64, 3).unwrap();
        assert_eq!((plan.pairs, plan.seed), (3200, 3));
        assert_eq!(plan.unknown, ["umap"]);
        let kinds = |step| -> Vec<Kind> { plan.drawings_at(step).map(|of| of.kind).collect() };
        assert_eq!(kinds(1000), [Kind::Sequences]);
        assert_eq!(kinds(2000), [Kind::Reconstructions, Kind::Sequences]);
        let basic = plan.drawings[0];
        assert!(basic.samples == 8 && basic.shows_train);
    }
}
