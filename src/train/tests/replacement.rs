//! Codebook entries that are hardly used are replaced, and no others.

use hlrp_train::lam::replacement::{Replaced, Usage};
use hlrp_train::random::Generator;
use tch::Tensor;

const WIDTH: i64 = 4;

#[test]
fn entries_below_the_threshold_become_noisy_copies_of_used_ones() {
    // 100 choices of 10 entries: the average is 10, half of it 5.
    let counts = [40_i64, 5, 4, 0, 30, 10, 0, 11, 0, 0];
    let (before, after, replaced, usage) = replace(&counts, 0.5);
    assert_eq!(replaced, Replaced { unused: 5, used: 5 });
    assert_eq!(usage, [100.0, 5.0, 5.0, 5.0]);
    let used = [0, 1, 4, 5, 7];
    for entry in 0..10 {
        let (old, new) = (before.get(entry), after.get(entry));
        if used.contains(&entry) {
            assert!(old.equal(&new), "{entry}");
        } else {
            let near = used
                .iter()
                .map(|&one| distance(&before.get(one), &new))
                .fold(f64::MAX, f64::min);
            assert!(near > 0.0 && near < 0.02 * 6.0, "{entry}: {near}");
        }
    }
}

#[test]
fn one_used_entry_becomes_all_of_them() {
    let (before, after, replaced, _) = replace(&[0, 0, 64, 0, 0, 0, 0, 0], 0.02);
    assert_eq!(replaced, Replaced { unused: 7, used: 1 });
    for entry in 0..8 {
        assert!(distance(&before.get(2), &after.get(entry)) < 0.02 * 6.0);
    }
}

#[test]
fn where_all_or_none_were_used_none_is_replaced() {
    let (before, after, replaced, _) = replace(&[8, 9, 10, 11], 0.5);
    assert_eq!(replaced, Replaced { unused: 0, used: 4 });
    assert!(before.equal(&after));
    let (before, after, replaced, _) = replace(&[0, 0, 0, 0], 0.5);
    assert_eq!(replaced, Replaced { unused: 4, used: 0 });
    assert!(distance(&before, &after) < 1e-9);
}

/// The codebook before and after, what was replaced, and total, threshold, entries below it and at or above it.
fn replace(counts: &[i64], share: f64) -> (Tensor, Tensor, Replaced, [f64; 4]) {
    let mut generator = Generator::new(3, "codebook");
    let rows = counts.len();
    let codebook = Tensor::from_slice(&generator.normal(rows * WIDTH as usize))
        .view([-1, WIDTH])
        .set_requires_grad(true);
    let before = codebook.detach().copy();
    let mut counters = Tensor::from_slice(counts);
    let usage = Usage::of(&counters, share);
    let usage = [
        &usage.total,
        &usage.threshold,
        &usage.below,
        &usage.at_or_above,
    ]
    .map(|one| one.double_value(&[]));
    let replaced = Usage::replace(&codebook, &mut counters, share, &mut generator);
    assert_eq!(counters.sum(tch::Kind::Int64).int64_value(&[]), 0);
    (before, codebook.detach().copy(), replaced, usage)
}

fn distance(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).norm().double_value(&[])
}
