//! Data that is wrong: each kind is an error with exit status 78 that names the file and the row.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, FixedSizeListBuilder, Float32Builder, Float64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, Float32Array, Int64Array};
use hlrp_train::data::{Error, Loader, Order, Spec};

use super::world::{CAMERA, Recipe, World, open, picture, request, table};

const DATA: &str = "data/chunk-000/file-000.parquet";
const VIDEO: &str = "videos/observation.images.front/chunk-000/file-000.mp4";

#[test]
fn another_version_is_refused_by_name() {
    for (version, said) in [("v2.1", "`v2.1`"), ("v3.1", "`v3.1`"), ("", "``")] {
        let world = World::new(&Recipe {
            version,
            ..Recipe::default()
        });
        refused(
            &world.open().err().unwrap(),
            &["meta/info.json`: version ", said],
        );
    }
}

#[test]
fn missing_files_are_named() {
    for (is_video, name) in [
        (false, "meta/info.json"),
        (false, "meta/tasks.parquet"),
        (false, "meta/episodes/chunk-000/file-000.parquet"),
        (false, DATA),
        (true, VIDEO),
    ] {
        let world = World::new(&Recipe {
            is_video,
            ..Recipe::default()
        });
        fs::remove_file(world.root().join(name)).unwrap();
        let named = name
            .strip_suffix("/chunk-000/file-000.parquet")
            .unwrap_or(name);
        let named = if name == DATA { DATA } else { named };
        refused(&world.open().err().unwrap(), &[named]);
    }
}

#[test]
fn files_cut_short_are_named() {
    let cut = |world: &World, name: &str, part: fn(usize) -> usize| {
        let path = world.root().join(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..part(bytes.len())]).unwrap();
    };
    let world = World::new(&Recipe::default());
    cut(&world, DATA, |length| length / 2);
    refused(&world.open().err().unwrap(), &[DATA]);
    for part in [|_| 0, |_| 20, |length| length / 3, |length| length - 1] {
        let world = World::new(&Recipe {
            is_video: true,
            ..Recipe::default()
        });
        cut(&world, VIDEO, part);
        let set = world.open().unwrap();
        refused(&set.check().err().unwrap(), &[VIDEO, "cut short"]);
        refused(&load(&world), &[VIDEO]);
    }
}

#[test]
fn a_video_whose_pictures_are_garbage_is_an_error() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let path = world.root().join(VIDEO);
    let mut bytes = fs::read(&path).unwrap();
    let start = bytes.windows(4).position(|name| name == b"mdat").unwrap() + 4;
    bytes[start..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    refused(&load(&world), &[VIDEO, "episode 0, frame 0"]);
}

#[test]
fn the_picture_that_cannot_be_decoded_is_named() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let path = world.root().join(VIDEO);
    let mut bytes = fs::read(&path).unwrap();
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let sizes = bytes.windows(4).position(|name| name == b"stsz").unwrap() + 4;
    let last = bytes.len() - word(sizes + 12 + 4 * (word(sizes + 8) - 1));
    // How long the last picture's unit is.
    bytes[last..last + 4].fill(0x7f);
    fs::write(&path, bytes).unwrap();
    refused(&load(&world), &[VIDEO, "episode 2, frame 8: "]);
}

#[test]
fn vectors_of_another_width_are_refused() {
    let world = World::new(&Recipe {
        state_width: 4,
        ..Recipe::default()
    });
    let said = [
        "episode 0, frame 0: `observation.state` has 3 numbers, not 4 (row 0)",
        DATA,
    ];
    refused(&world.open().err().unwrap(), &said);
}

#[test]
fn numbers_that_are_not_finite_are_named_with_episode_and_frame() {
    for value in [f32::NAN, f32::INFINITY] {
        let state: fn(usize) -> f32 = if value.is_nan() {
            |frame| if frame == 12 { f32::NAN } else { 0.0 }
        } else {
            |frame| if frame == 12 { f32::INFINITY } else { 0.0 }
        };
        let world = World::new(&Recipe {
            state,
            two_files: true,
            ..Recipe::default()
        });
        let said = [
            "file-001.parquet`, episode 2, frame 1: `observation.state` is",
            "dimension 0 (row 5)",
        ];
        refused(&world.open().err().unwrap(), &said);
    }
}

#[test]
fn an_empty_episode_is_refused() {
    let world = World::new(&Recipe {
        lengths: vec![3, 0, 2],
        ..Recipe::default()
    });
    refused(
        &world.open().err().unwrap(),
        &["meta/episodes", "episode 1: it is empty"],
    );
}

#[test]
fn a_camera_that_is_not_there_is_refused_with_those_that_are() {
    let world = World::new(&Recipe::default());
    let mut config = world.config();
    config
        .camera_map
        .insert("wrist".into(), "observation.images.wrist".into());
    let said = [
        "no camera `observation.images.wrist`",
        "`observation.images.front`",
    ];
    refused(&open(&[config]).err().unwrap(), &said);
    let mut config = world.config();
    config.state_key = Some("observation.pose".into());
    let said = ["no state `observation.pose`", "`observation.state`"];
    refused(&open(&[config]).err().unwrap(), &said);
}

#[test]
fn pictures_of_another_size_are_refused() {
    for is_video in [false, true] {
        let world = World::new(&Recipe {
            is_video,
            sides: [32, 32],
            ..Recipe::default()
        });
        refused(
            &load(&world),
            &["episode 0, frame 0", "is 32 × 48, its feature says 32 × 32"],
        );
    }
}

#[test]
fn a_png_that_is_none_is_named_with_episode_and_frame() {
    let world = World::new(&Recipe {
        lengths: vec![2, 2],
        ..Recipe::default()
    });
    for (name, spoil) in [
        (
            "cut",
            (|png: &mut Vec<u8>| png.truncate(png.len() / 2)) as fn(&mut Vec<u8>),
        ),
        ("garbage", |png| png.fill(7)),
        ("missing", Vec::clear),
    ] {
        rows(&world, |frame, png| {
            if frame == 3 {
                spoil(png);
            }
        });
        let said = [
            DATA,
            "episode 1, frame 1: `observation.images.front` is no picture",
        ];
        refused(&load(&world), &said);
        println!("{name}");
    }
}

#[test]
fn counts_that_no_memory_holds_are_refused() {
    for width in [10_u64.pow(13), 1 << 63, u64::MAX] {
        let world = World::new(&Recipe {
            state_width: width as usize,
            ..Recipe::default()
        });
        refused(&world.open().err().unwrap(), &["has 3 numbers, not"]);
    }
    // The table of episodes and `info.json` agree on frames that nobody has.
    let count = 1_i64 << 60;
    let world = World::new(&Recipe {
        lengths: vec![3],
        ..Recipe::default()
    });
    let info = world.root().join("meta/info.json");
    let text = fs::read_to_string(&info).unwrap();
    let said = text.replace("\"total_frames\":3", &format!("\"total_frames\":{count}"));
    assert_ne!(said, text);
    fs::write(&info, said).unwrap();
    let whole = |value: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let mut tasks = ListBuilder::new(StringBuilder::new());
    tasks.values().append_value("push it");
    tasks.append(true);
    let path = world
        .root()
        .join("meta/episodes/chunk-000/file-000.parquet");
    fs::remove_file(&path).unwrap();
    table(
        &path,
        vec![
            ("episode_index", whole(0)),
            ("tasks", Arc::new(tasks.finish())),
            ("length", whole(count)),
            ("data/chunk_index", whole(0)),
            ("data/file_index", whole(0)),
            ("dataset_from_index", whole(0)),
            ("dataset_to_index", whole(count)),
        ],
    );
    let said = [DATA, "episode 0, frame 3: row 3 is not there"];
    refused(&world.open().err().unwrap(), &said);
}

#[test]
fn a_png_that_says_to_be_huge_is_refused_before_it_is_decoded() {
    let world = World::new(&Recipe {
        lengths: vec![2, 2],
        ..Recipe::default()
    });
    rows(&world, |frame, png| {
        if frame == 3 {
            png[16..24].copy_from_slice(&[0, 16, 0, 0, 0, 16, 0, 0]);
            let sum = crc32(&png[12..29]);
            png[29..33].copy_from_slice(&sum.to_be_bytes());
        }
    });
    let said = [DATA, "episode 1, frame 1", "is 1048576 × 1048576"];
    refused(&load(&world), &said);
}

/// The check sum of a PNG's chunk.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

#[test]
fn a_video_that_says_another_size_is_refused_before_it_is_decoded() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let path = world.root().join(VIDEO);
    let mut bytes = fs::read(&path).unwrap();
    let entry = bytes.windows(4).position(|name| name == b"avc1").unwrap() + 4;
    bytes[entry + 24..entry + 28].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let said = [VIDEO, "is 65535 × 65535, its feature says 32 × 48"];
    refused(&world.open().unwrap().check().err().unwrap(), &said);
}

#[test]
fn numbers_that_no_f32_holds_are_refused() {
    let world = World::new(&Recipe {
        lengths: vec![2, 2],
        ..Recipe::default()
    });
    let mut states = FixedSizeListBuilder::new(Float64Builder::new(), 3);
    for frame in 0..4 {
        let number = if frame == 2 { 1e300 } else { 0.0 };
        states.values().append_slice(&[0.0, number, 0.0]);
        states.append(true);
    }
    rows_with(&world, |_, _| {}, Arc::new(states.finish()));
    let said = [
        DATA,
        "episode 1, frame 0: `observation.state` is",
        "in dimension 1",
    ];
    refused(&world.open().err().unwrap(), &said);
}

#[test]
fn rows_out_of_place_are_refused() {
    let world = World::new(&Recipe {
        lengths: vec![2, 2],
        ..Recipe::default()
    });
    rows(&world, |_, _| {});
    assert!(world.open().is_ok());
    let other = World::new(&Recipe {
        lengths: vec![1, 3],
        ..Recipe::default()
    });
    fs::copy(world.root().join(DATA), other.root().join(DATA)).unwrap();
    let said = [DATA, "episode 1, frame 0: row 1 is frame 1 of episode 0"];
    refused(&other.open().err().unwrap(), &said);
}

/// Writes the rows of two episodes of two frames anew, with PNGs changed.
fn rows(world: &World, change: impl Fn(usize, &mut Vec<u8>)) {
    let mut states = FixedSizeListBuilder::new(Float32Builder::new(), 3);
    for _ in 0..4 {
        states.values().append_slice(&[0.0; 3]);
        states.append(true);
    }
    rows_with(world, change, Arc::new(states.finish()));
}

/// As `rows`, with these states.
fn rows_with(world: &World, change: impl Fn(usize, &mut Vec<u8>), states: ArrayRef) {
    let mut pictures = BinaryBuilder::new();
    let mut actions = FixedSizeListBuilder::new(Float32Builder::new(), 2);
    for frame in 0..4 {
        let mut png = picture(frame).to_png().unwrap();
        change(frame, &mut png);
        pictures.append_value(png);
        actions.values().append_slice(&[0.0; 2]);
        actions.append(true);
    }
    let whole = |values: [i64; 4]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        (CAMERA, Arc::new(pictures.finish())),
        ("observation.state", states),
        ("action", Arc::new(actions.finish())),
        (
            "timestamp",
            Arc::new(Float32Array::from(vec![0.0, 0.1, 0.0, 0.1])),
        ),
        ("frame_index", whole([0, 1, 0, 1])),
        ("episode_index", whole([0, 0, 1, 1])),
        ("index", whole([0, 1, 2, 3])),
        ("task_index", whole([0; 4])),
    ];
    let path: PathBuf = world.root().join(DATA);
    fs::remove_file(&path).unwrap();
    table(&path, columns);
}

/// Loads until the first error.
fn load(world: &World) -> Error {
    let part = world.open().unwrap().all();
    let spec = Spec {
        batch_size: 1,
        ..Spec::default()
    };
    let loader = Loader::new(&part, &request(), &spec, Order::Once, None).unwrap();
    loader.filter_map(Result::err).next().unwrap()
}

fn refused(error: &Error, said: &[&str]) {
    let message = error.to_string();
    for part in said {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    assert_eq!(error.code(), hlrp_sh::error::code::CONFIG);
}
