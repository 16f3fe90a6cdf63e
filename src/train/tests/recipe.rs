//! What keeps the codebook from collapsing: decoders of the change, steps without a codebook, and its start from k-means.

use hlrp_train::lam::{Batch, Config, Model};
use hlrp_train::optim::AdamW;
use hlrp_train::precision::Precision;
use hlrp_train::random::Generator;
use tch::{Device, Kind, Tensor};

use crate::optim::small;
use crate::parity::adamw;

fn cured() -> Config {
    Config {
        residual: true,
        continuous_steps: 4,
        change_weight: 2.0,
        attn_dropout: 0.0,
        ff_dropout: 0.0,
        ..small()
    }
}

fn batch(pairs: i64) -> Batch {
    let count = usize::try_from(pairs * 3 * 2 * 64 * 64).unwrap();
    let frames = Generator::new(5, "frames").spread(count, 0.5);
    Batch {
        frames: Tensor::from_slice(&frames).view([pairs, 3, 2, 64, 64]) + 0.5,
        flow: None,
    }
}

#[test]
fn a_decoder_of_the_change_begins_with_the_first_frame() {
    let model = Model::new(
        &cured(),
        Precision::Full,
        Device::Cpu,
        &mut Generator::new(1, ""),
    )
    .unwrap();
    let batch = batch(2);
    let made = model.reconstruct(&batch.frames, None).unwrap().unwrap();
    let first = batch.frames.select(2, 0);
    assert!((made - first).abs().max().double_value(&[]) < 1e-6);
}

#[test]
fn bytes_and_numbers_are_the_same_frames() {
    let model = Model::new(
        &small(),
        Precision::Full,
        Device::Cpu,
        &mut Generator::new(1, ""),
    )
    .unwrap();
    let bytes = (batch(2).frames * 255.0).round().to_kind(Kind::Uint8);
    let numbers = bytes.to_kind(Kind::Float) / 255.0;
    let differences = |frames| model.differences(frames).unwrap();
    assert!(differences(&bytes).equal(&differences(&numbers)));
}

#[test]
fn steps_without_a_codebook_leave_it_alone_and_its_start_spreads_it() {
    let mut generator = Generator::new(1, "");
    let mut model = Model::new(&cured(), Precision::Full, Device::Cpu, &mut generator).unwrap();
    let mut optimiser = AdamW::new(model.parameters(), &adamw(1e-3));
    let clip = hlrp_train::optim::Clip {
        clip_val: Some(1.0),
        clip_algorithm: hlrp_train::optim::ClipKind::Norm,
    };
    let batch = batch(8);
    let before = model.codebook().detach().copy();
    let mut step = |model: &mut Model, number| {
        let outcome = model.step(&batch, number, &mut generator).unwrap();
        let _ = optimiser.step(&outcome.loss, 1e-3, &clip);
        outcome
    };
    for number in 1..=4 {
        let outcome = step(&mut model, number);
        // Step 3 would replace entries.
        assert!(outcome.replaced.is_none() && outcome.usage.total.double_value(&[]) == 0.0);
    }
    assert!(model.codebook().detach().equal(&before));

    let differences = model.differences(&batch.frames).unwrap();
    model.start_codebook(&differences, 20, &mut Generator::new(2, ""));
    let rows = differences.reshape([-1, 8]);
    let nearest = |codebook: &Tensor| {
        let apart = (rows.unsqueeze(1) - codebook.detach())
            .square()
            .sum_dim_intlist(2, false, Kind::Float);
        apart.amin([1], false).mean(Kind::Float).double_value(&[])
    };
    assert!(nearest(model.codebook()) < 0.5 * nearest(&before));
    let codes = model.codes(&batch.frames).unwrap();
    let (used, _, _) = codes.internal_unique2(false, false, false);
    assert!(used.numel() > 8, "{}", used.numel());

    // From now on with the codebook; entries that lie on a difference make no NaN.
    for number in 5..=9 {
        let outcome = step(&mut model, number);
        assert!(outcome.loss.double_value(&[]).is_finite());
        assert_eq!(outcome.replaced.is_some(), number % 3 == 0);
    }
    assert!(
        !model
            .codebook()
            .detach()
            .isnan()
            .any()
            .int64_value(&[])
            .is_positive()
    );
    assert!(!model.codebook().detach().equal(&before));
}
