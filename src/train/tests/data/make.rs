//! Writes a small data set into a directory that must not exist: `make_set DIRECTORY EPISODES FRAMES`. For tests of other
//! packages, which have nothing that writes parquet.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "it stops where something is not as it should be, and uses a part of what the tests do"
)]

mod mp4;
mod world;

use std::path::Path;

use self::world::{Recipe, write};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [place, episodes, frames] = &arguments[..] else {
        panic!("make_set DIRECTORY EPISODES FRAMES");
    };
    let place = Path::new(place);
    assert!(!place.exists(), "{} is there already", place.display());
    let recipe = Recipe {
        lengths: vec![frames.parse().unwrap(); episodes.parse().unwrap()],
        ..Recipe::default()
    };
    write(place, &recipe);
}
