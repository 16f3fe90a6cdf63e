//! Data sets with damaged bytes: whatever is in a file, reading it ends with pictures or with an error, and never stops
//! the program. A second each, or `HLRP_FUZZ_SECONDS`; from a new beginning each time, which `HLRP_FUZZ_SEED` repeats.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hlrp_sh::error::code;
use hlrp_train::data::{Decoder, Loader, Order, Spec, Video};
use hlrp_train::random::Generator;

use super::world::{Recipe, World, request};

#[test]
fn damaged_rows_and_metadata_end_in_an_error_or_not_at_all() {
    let world = World::new(&Recipe::default());
    damage_files_of(&world);
}

#[test]
fn damaged_videos_among_good_rows_end_in_an_error_or_not_at_all() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    damage_files_of(&world);
}

#[test]
fn damaged_mp4_files_end_in_an_error_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.mp4");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fixtures");
    let whole: Vec<Vec<u8>> = ["h264-b", "h264-bt709", "h264-cut", "av1"]
        .map(|name| fs::read(fixtures.join(format!("{name}.mp4"))).unwrap())
        .to_vec();
    rounds(|generator| {
        let bytes = &whole[generator.below(whole.len())];
        fs::write(&path, damaged(bytes, generator)).unwrap();
        let Ok(video) = Video::open(&path) else {
            return;
        };
        let places: Vec<usize> = (0..video.len().min(32)).collect();
        let video = Arc::new(video);
        if let Ok(mut decoder) = Decoder::new(video) {
            // Backwards, so that it seeks; and all at once.
            for place in places.iter().rev() {
                let _ = decoder.pictures(&[*place]);
            }
            let _ = decoder.pictures(&places);
        }
    });
}

/// Damages one file of a data set at a time, reads all of it, and repairs it.
fn damage_files_of(world: &World) {
    let mut files = Vec::new();
    list(&world.root(), &mut files);
    rounds(|generator| {
        let path = &files[generator.below(files.len())];
        let whole = fs::read(path).unwrap();
        fs::write(path, damaged(&whole, generator)).unwrap();
        if let Err(fault) = read(world) {
            assert_eq!(fault.code(), code::CONFIG, "{fault}");
        }
        fs::write(path, whole).unwrap();
    });
    read(world).unwrap();
}

fn read(world: &World) -> Result<(), hlrp_train::data::Error> {
    let set = world.open()?;
    set.check()?;
    let spec = Spec {
        batch_size: 4,
        ..Spec::default()
    };
    Loader::new(&set.all(), &request(), &spec, Order::Once, None)?
        .try_for_each(|batch| batch.map(drop))
}

fn list(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => list(&path, files),
            false => files.push(path),
        }
    }
    files.sort();
}

/// Changes some bytes, fills some with extremes, cuts, or repeats.
fn damaged(whole: &[u8], generator: &mut Generator) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=generator.below(6) {
        if bytes.len() < 8 {
            break;
        }
        let at = generator.below(bytes.len() - 4);
        match generator.below(8) {
            0 => bytes.truncate(at),
            1 => bytes[at..at + 4].fill(0xff),
            2 => bytes[at..at + 4].fill(0),
            3 => bytes[at] ^= 1 << generator.below(8),
            4 => {
                let from = generator.below(bytes.len() - 4);
                bytes.copy_within(from..from + 4, at);
            }
            5 => bytes[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes()),
            _ => bytes[at] = generator.bits().to_le_bytes()[0],
        }
    }
    bytes
}

fn rounds(mut one: impl FnMut(&mut Generator)) {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let seconds = number("HLRP_FUZZ_SECONDS").unwrap_or(1);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = number("HLRP_FUZZ_SEED").unwrap_or(now.unwrap().as_nanos() as u64);
    println!("HLRP_FUZZ_SEED={seed}");
    let mut generator = Generator::new(seed, "damage");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) {
        one(&mut generator);
    }
}
