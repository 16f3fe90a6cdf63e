//! Fixtures: what the reference computed, and what it was given.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hlrp_train::lam::{Batch, Config, Model};
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use hlrp_train::weights;
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::skip::skip;

/// A directory with `meta.json`, `weights.safetensors`, `fixture.safetensors` and `curve.safetensors`.
pub(crate) struct Fixture {
    pub(crate) place: PathBuf,
    pub(crate) meta: Value,
    pub(crate) tensors: HashMap<String, Tensor>,
}

/// The fixtures there are: those of the repository, or the one `HLRP_LAM_FIXTURE` names.
pub(crate) fn all(test: &str) -> Vec<Fixture> {
    tch::set_num_threads(1);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/train");
    let places: Vec<PathBuf> = match std::env::var_os("HLRP_LAM_FIXTURE") {
        Some(place) => vec![place.into()],
        None => own
            .read_dir()
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("fixture.safetensors").exists())
            .collect(),
    };
    if places.is_empty() {
        skip(
            test,
            "there is no fixture in tests/train, and HLRP_LAM_FIXTURE names none",
        );
    }
    places.iter().map(|place| Fixture::open(place)).collect()
}

impl Fixture {
    fn open(place: &Path) -> Self {
        let meta = std::fs::read(place.join("meta.json")).expect("a fixture has a meta.json");
        Self {
            place: place.to_owned(),
            meta: serde_json::from_slice(&meta).unwrap(),
            tensors: weights::load(&place.join("fixture.safetensors")).unwrap(),
        }
    }

    /// The configuration in our words.
    pub(crate) fn config(&self) -> Config {
        // What a fixture leaves out: how the reference was called where it does not matter.
        let mut node = json!({
            "channels": 3, "attn_dropout": 0.0, "ff_dropout": 0.0, "vq_discarding_threshold": 0.02,
        });
        let others = [
            "use_dino_decoder",
            "dino_config",
            "metrics_num_unique_codes_every_n_steps",
        ];
        for (key, value) in self.meta["config"].as_object().unwrap() {
            if !others.contains(&key.as_str()) {
                node[key] = value.clone();
            }
        }
        if let Some(given) = self.meta["flow"].as_object() {
            let mut flow = json!({
                "model": "raft_large", "teacher": "dataset", "teacher_num_flow_updates": 4, "teacher_chunk_size": 64,
                "summary_static_eps": 1e-6,
            });
            for (key, value) in given {
                flow[key] = value.clone();
            }
            node["flow"] = flow;
        }
        serde_json::from_value(node).unwrap()
    }

    /// The model with the reference's weights.
    pub(crate) fn model(&self, precision: Precision) -> Model {
        let generator = &mut Generator::new(0, "weights");
        let model = Model::new(&self.config(), precision, Device::Cpu, generator).unwrap();
        weights::load_into(&self.place.join("weights.safetensors"), model.parameters()).unwrap();
        model
    }

    pub(crate) fn batch(&self) -> Batch {
        Batch {
            frames: self.tensor("in.video"),
            flow: self.tensors.get("in.gt_flow").map(Tensor::shallow_clone),
        }
    }

    pub(crate) fn tensor(&self, name: &str) -> Tensor {
        self.tensors[name].shallow_clone()
    }

    pub(crate) fn name(&self) -> String {
        self.place.display().to_string()
    }
}

/// The largest difference of two tensors of the same size.
pub(crate) fn apart(ours: &Tensor, theirs: &Tensor) -> f64 {
    assert_eq!(ours.size(), theirs.size());
    if ours.numel() == 0 {
        return 0.0;
    }
    (ours.detach() - theirs).abs().max().double_value(&[])
}
