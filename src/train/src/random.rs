//! The one source of randomness: xoshiro256++, seeded by SplitMix64, drawn on the host.
//!
//! The numbers are few (noise of a batch's codes, new codebook entries, initial weights), and drawn here they are the
//! same on every device, and the whole state is four words.

use std::f64::consts::TAU;

/// A generator of random numbers whose state can be saved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Generator {
    state: [u64; 4],
}

impl Generator {
    /// Creates the stream `name` of `seed`; streams of different names are independent of one another.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let mut mixed = seed;
        for byte in name.bytes() {
            mixed = split_mix(&mut mixed) ^ u64::from(byte);
        }
        let mut next = || split_mix(&mut mixed);
        Self {
            state: [next(), next(), next(), next()],
        }
    }

    /// Returns the state, to be given to [`Generator::restore`].
    #[must_use]
    pub fn state(&self) -> [u64; 4] {
        self.state
    }

    /// Continues where the generator was whose state this is.
    #[must_use]
    pub fn restore(state: [u64; 4]) -> Self {
        Self { state }
    }

    /// Draws 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let drawn = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        drawn
    }

    /// Draws a number of [0, 1).
    #[allow(clippy::cast_precision_loss)] // 53 bits are exact
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Draws a whole number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.bits()) * (bound as u128);
        // The upper half is below `bound`.
        (wide >> 64) as usize
    }

    /// Draws `count` numbers of the normal distribution.
    #[allow(clippy::cast_possible_truncation)] // f32 is what is asked for
    pub fn normal(&mut self, count: usize) -> Vec<f32> {
        let mut drawn = Vec::with_capacity(count + 1);
        while drawn.len() < count {
            // Box and Muller; 1 - u is never 0.
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            let (sine, cosine) = (TAU * self.uniform()).sin_cos();
            drawn.push((radius * cosine) as f32);
            drawn.push((radius * sine) as f32);
        }
        drawn.truncate(count);
        drawn
    }

    /// Draws `count` numbers of [-bound, bound).
    #[allow(clippy::cast_possible_truncation)] // f32 is what is asked for
    pub fn spread(&mut self, count: usize, bound: f64) -> Vec<f32> {
        (0..count)
            .map(|_| ((2.0 * self.uniform() - 1.0) * bound) as f32)
            .collect()
    }

    /// Draws an order of the numbers below `count`.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

/// One step of SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_generator_goes_on_as_the_saved_one() {
        let mut one = Generator::new(42, "noise");
        one.normal(7);
        let mut two = Generator::restore(one.state());
        assert_eq!(one.normal(100), two.normal(100));
        assert_eq!(one.permutation(50), two.permutation(50));
    }

    #[test]
    fn streams_of_other_names_or_seeds_differ() {
        let draw = |seed, name| Generator::new(seed, name).bits();
        assert_ne!(draw(42, "noise"), draw(42, "weights"));
        assert_ne!(draw(42, "noise"), draw(43, "noise"));
        assert_ne!(draw(42, "ab"), draw(42, "ba"));
    }

    #[test]
    fn normal_numbers_have_the_mean_and_spread_of_the_normal_distribution() {
        let drawn = Generator::new(1, "").normal(100_000);
        let mean = drawn.iter().sum::<f32>() / 1e5;
        let square = drawn.iter().map(|x| x * x).sum::<f32>() / 1e5;
        assert!(
            mean.abs() < 0.02 && (square - 1.0).abs() < 0.02,
            "{mean} {square}"
        );
    }

    #[test]
    fn a_permutation_has_every_number_once() {
        let mut order = Generator::new(3, "").permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
