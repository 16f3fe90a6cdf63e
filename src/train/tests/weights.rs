//! Weights as files: they come back, and what does not fit is named.

use std::collections::HashMap;

use hlrp_train::lam::Model;
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use hlrp_train::weights::{self, Error};
use tch::{Device, Tensor};

use crate::fixture;
use crate::optim::small;

#[test]
fn weights_come_back_bit_for_bit_with_the_references_names() {
    for fixture in fixture::all("train::weights::round_trip") {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("copy.safetensors");
        let model = fixture.model(Precision::Full);
        let about = HashMap::from([("step".to_owned(), "7".to_owned())]);
        weights::save(&file, &model.parameters().named(), about).unwrap();
        let theirs = weights::load(&fixture.place.join("weights.safetensors")).unwrap();
        let ours = weights::load(&file).unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (name, tensor) in &theirs {
            assert!(ours[name].equal(tensor), "{name}");
        }
        for alias in ["encoder_projection", "decoder_context_projection"] {
            assert!(ours[&format!("{alias}.2.weight")].equal(&ours["pixel_projection.2.weight"]));
        }
    }
}

#[test]
fn what_does_not_fit_is_named_and_changes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("other.safetensors");
    let model = Model::new(
        &small(),
        Precision::Full,
        Device::Cpu,
        &mut Generator::new(1, ""),
    )
    .unwrap();
    let before = model.codebook().detach().copy();
    let refuse = |change: &dyn Fn(&mut HashMap<String, Tensor>)| {
        let mut tensors: HashMap<_, _> = model
            .parameters()
            .named()
            .into_iter()
            .map(|(name, tensor)| (name, tensor.detach() * 2.0))
            .collect();
        change(&mut tensors);
        let tensors: Vec<_> = tensors.into_iter().collect();
        weights::save(&file, &tensors, HashMap::new()).unwrap();
        weights::load_into(&file, model.parameters()).unwrap_err()
    };
    let error = refuse(&|tensors| {
        let _ = tensors.remove("vq.codebooks");
        let _ = tensors.insert("vq.extra".to_owned(), Tensor::from(1.0_f32));
        let _ = tensors.insert(
            "vq.project_in.bias".to_owned(),
            Tensor::from_slice(&[1.0_f32]),
        );
    });
    let said = error.to_string();
    for part in [
        "1 missing (vq.codebooks)",
        "1 unexpected (vq.extra)",
        "1 of another size (vq.project_in.bias is [1] and not [8])",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let error = refuse(&|tensors| {
        let name = "encoder_projection.2.bias";
        let other = &tensors[name] + 1.0;
        let _ = tensors.insert(name.to_owned(), other);
    });
    assert!(matches!(error, Error::Alias { .. }), "{error}");
    let error = refuse(&|tensors| {
        let other = tensors["vq.codebooks"].copy();
        let _ = other.get(0).fill_(f64::NAN);
        let _ = tensors.insert("vq.codebooks".to_owned(), other);
    });
    let said = error.to_string();
    let finite = "has numbers that are not finite, in `vq.codebooks`";
    assert!(said.contains(finite), "{said}");
    assert!(model.codebook().detach().equal(&before));
}

#[test]
fn files_that_are_cut_short_or_missing_are_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("short.safetensors");
    assert!(matches!(weights::load(&file), Err(Error::File { .. })));
    let model = Model::new(
        &small(),
        Precision::Full,
        Device::Cpu,
        &mut Generator::new(1, ""),
    )
    .unwrap();
    weights::save(&file, &model.parameters().named(), HashMap::new()).unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let error = weights::load_into(&file, model.parameters()).unwrap_err();
    assert!(matches!(error, Error::Format { .. }), "{error}");
}
