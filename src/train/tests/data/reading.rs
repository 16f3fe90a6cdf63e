//! What is read: metadata, rows, PNGs, videos, places.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hlrp_train::data::{Caches, Decoder, Picture, Reader, Resize, Set, Shared, Video, View};

use super::world::{CAMERA, Recipe, SIDES, World, config, picture};

#[test]
fn metadata_and_rows_are_those_that_were_written() {
    for two_files in [false, true] {
        let world = World::new(&Recipe {
            two_files,
            ..Recipe::default()
        });
        let set = world.open().unwrap();
        let source = &set.sources()[0];
        assert_eq!(source.meta.tasks, ["push it", "lift it"]);
        let frames: Vec<_> = source
            .meta
            .episodes
            .iter()
            .map(|of| of.frames.clone())
            .collect();
        assert_eq!(frames, [0..7, 7..11, 11..20]);
        assert_eq!(source.rows.task[6..8], [0, 1]);
        assert_eq!(
            source.state().unwrap().row(14),
            Some(&[14.0, 2.0, -14.0][..])
        );
        assert_eq!(source.action().unwrap().row(3), Some(&[6.0, 0.5][..]));
    }
}

#[test]
fn pngs_come_back_bit_for_bit() {
    let world = World::new(&Recipe {
        two_files: true,
        ..Recipe::default()
    });
    let set = world.open().unwrap();
    for frame in [0, 6, 7, 19, 3] {
        assert_eq!(one(&set, frame), picture(frame), "frame {frame}");
    }
}

#[test]
fn pictures_of_a_video_are_those_that_went_in_nearly() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let set = world.open().unwrap();
    for frame in [0, 13, 5, 6, 19, 1] {
        let found = one(&set, frame);
        let near = |other: usize| apart(&found, &picture(other));
        let nearest = (0..20).min_by_key(|&other| near(other)).unwrap();
        assert_eq!(nearest, frame);
        assert!(near(frame) < 12 * 32 * 48 * 3, "{}", near(frame));
    }
}

#[test]
fn videos_decode_as_ffmpeg_decodes_them() {
    for name in ["h264-b", "h264-bt709", "h264-cut", "av1"] {
        let path = fixture(&format!("{name}.mp4"));
        let given = fs::read_to_string(fixture(&format!("{name}.txt"))).unwrap();
        let given: Vec<(f64, &str)> = given
            .lines()
            .map(|line| line.split_once(' ').unwrap())
            .map(|(time, hash)| (time.parse().unwrap(), hash))
            .collect();
        let video = Arc::new(Video::open(&path).unwrap());
        assert_eq!(video.len(), given.len(), "{name}");
        let places = given
            .iter()
            .map(|(time, _)| video.place(*time, 1e-4).unwrap());
        let places: Vec<usize> = places.collect();
        let mut decoder = Decoder::new(Arc::clone(&video)).unwrap();
        // All at once, then one by one in an order that seeks to and fro.
        let all = decoder.pictures(&places).unwrap();
        for (number, picture) in all.iter().enumerate() {
            assert_eq!(hash(picture), given[number].1, "{name}, picture {number}");
        }
        for step in 0..places.len() {
            let number = step * 5 % places.len();
            let picture = decoder.pictures(&places[number..=number]).unwrap();
            assert_eq!(
                hash(&picture[0]),
                given[number].1,
                "{name}, picture {number}"
            );
        }
    }
}

#[test]
fn a_time_between_pictures_is_refused_beyond_the_tolerance() {
    let video = Video::open(&fixture("av1.mp4")).unwrap();
    assert_eq!(video.place(0.30009, 1e-4), video.place(0.3, 1e-4));
    let refusal = video.place(0.35, 1e-4).unwrap_err();
    assert!(refusal.contains("the tolerance 0.0001 s"), "{refusal}");
    assert!(video.place(0.34, 0.05).is_ok());
    assert!(video.place(9.0, 1e-2).is_err());
}

#[test]
fn data_sets_are_found_in_the_caches() {
    let world = World::new(&Recipe::default());
    let lerobot = world.path("lerobot/lab/one");
    let snapshot = world.path("hub/datasets--lab--two/snapshots/0123abcd");
    for place in [&lerobot, &snapshot] {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(world.root(), place).unwrap();
    }
    let refs = world.path("hub/datasets--lab--two/refs");
    fs::create_dir_all(&refs).unwrap();
    fs::write(refs.join("main"), "0123abcd").unwrap();
    let caches = Caches {
        lerobot: world.path("lerobot"),
        hub: world.path("hub"),
    };
    assert_eq!(caches.find("lab/one", "main").unwrap(), lerobot);
    assert_eq!(caches.find("lab/two", "main").unwrap(), snapshot);
    assert_eq!(caches.find("lab/two", "0123abcd").unwrap(), snapshot);
    // LeRobot's copy is of some revision; the hub's is of the one that is asked for.
    let named = world.path("hub/datasets--lab--one/snapshots/v3.0");
    fs::create_dir_all(named.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(world.root(), &named).unwrap();
    assert_eq!(caches.find("lab/one", "v3.0").unwrap(), named);
    assert_eq!(caches.find("lab/one", "main").unwrap(), lerobot);
    let refusal = caches.find("lab/two", "v3.0").unwrap_err().to_string();
    assert!(refusal.contains("`lab/two` (revision `v3.0`)"), "{refusal}");
    assert!(Set::open_in(&[config("lab/one")], &caches).is_ok());
}

#[test]
fn resizing_keeps_what_is_even_and_averages_what_shrinks() {
    let even = Picture::filled(64, 48, [10, 20, 30]);
    let small = Resize::default().to(even, [16, 16]).unwrap();
    assert_eq!(small, Picture::filled(16, 16, [10, 20, 30]));
    let stripes = (0..64 * 64).flat_map(|at| [if at % 2 == 0 { 0 } else { 200 }; 3]);
    let stripes = Picture::new(64, 64, stripes.collect()).unwrap();
    let small = Resize::default().to(stripes, [16, 16]).unwrap();
    // Without antialiasing it would be 0, or 200.
    assert!(small.pixels().iter().all(|&value| value.abs_diff(100) < 8));
}

fn one(set: &Set, frame: usize) -> Picture {
    let source = &set.sources()[0];
    assert_eq!(source.cameras[0].key, CAMERA);
    let mut reader = Reader::new(Arc::new(Shared::new(1 << 20, 0)));
    let view = View {
        number: 0,
        source,
        camera: 0,
    };
    let found = reader.pictures(view, &[frame], None).unwrap();
    assert_eq!([found[0].height(), found[0].width()], SIDES);
    Picture::clone(&found[0])
}

fn apart(a: &Picture, b: &Picture) -> u64 {
    let pairs = a.pixels().iter().zip(b.pixels());
    pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/fixtures")
        .join(name)
}

/// FNV-1a, as `tests/train/make_videos.py` has it.
fn hash(picture: &Picture) -> String {
    let step = |value: u64, byte: &u8| (value ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = picture.pixels().iter().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{hash:016x}")
}
