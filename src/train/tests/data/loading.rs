//! Batches: what they hold, in which order they come, and that a saved position goes on exactly.

use hlrp_train::data::{
    Batch, CameraRequest, Config, Loader, Order, Part, Position, Request, Set, Spec, Split,
};
use serde_json::json;

use super::world::{Recipe, World, open, picture, request};

const SHUFFLED: Order = Order::Shuffled {
    seed: 42,
    epoch: None,
};

#[test]
fn a_batch_holds_pictures_vectors_and_what_is_padding() {
    let world = World::new(&Recipe::default());
    let set = world.open().unwrap();
    let batches = once(&set.all(), &request(), 4);
    assert_eq!(
        batches.iter().map(|batch| batch.size).collect::<Vec<_>>(),
        [4; 5]
    );
    let first = &batches[0];
    let camera = &first.cameras[0];
    assert_eq!((camera.times, camera.height, camera.width), (2, 32, 48));
    // Frame 1 with frame 6, and 2 with what is the episode's last, since it has 7.
    assert_eq!(
        camera.is_padding,
        [false, false, false, false, false, true, false, true]
    );
    let area = 32 * 48;
    for (at, frame) in [
        (0, 0),
        (1, 5),
        (2, 1),
        (3, 6),
        (4, 2),
        (5, 6),
        (6, 3),
        (7, 6),
    ] {
        let mut planes = vec![0; area * 3];
        picture(frame).write_planes(&mut planes);
        assert_eq!(planes[5], picture(frame).pixels()[5 * 3]);
        assert_eq!(
            camera.pixels[at * area * 3..(at + 1) * area * 3],
            planes,
            "{at}"
        );
    }
    assert_eq!(
        first.state.as_ref().unwrap().values[3..6],
        [1.0, 1.0 / 7.0, -1.0]
    );
    let action = batches[1].action.as_ref().unwrap();
    assert_eq!((action.times, action.width), (2, 2));
    assert_eq!(action.values[8..12], [12.0, 0.5, 12.0, 0.5]);
    assert_eq!(action.is_padding[4..6], [false, true]);
    assert_eq!((&*first.task[0], first.index[3]), ("push it", 3));
    let middle = &batches[1];
    assert_eq!(
        (middle.episode[3], middle.frame[3], middle.index[3]),
        (1, 0, 7)
    );
    assert_eq!(&*middle.task[3], "lift it");
}

#[test]
fn without_padding_samples_that_reach_beyond_are_left_out() {
    let world = World::new(&Recipe::default());
    let set = world.open().unwrap();
    let asked = Request {
        pad: false,
        ..request()
    };
    let batches = once(&set.all(), &asked, 64);
    // Episodes of 7, 4 and 9 frames have 2, 0 and 4 from which frame 5 is still within.
    assert_eq!(batches[0].index, [0, 1, 11, 12, 13, 14]);
    assert!(!batches[0].cameras[0].is_padding.contains(&true));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let world = World::new(&Recipe::default());
    let part = world.open().unwrap().all();
    let load = |workers| {
        let spec = Spec {
            batch_size: 3,
            workers,
            ..Spec::default()
        };
        let loader = Loader::new(&part, &request(), &spec, SHUFFLED, None).unwrap();
        loader.take(20).map(Result::unwrap).collect::<Vec<_>>()
    };
    let own = load(0);
    assert_eq!(own, load(1));
    assert_eq!(own, load(4));
}

#[test]
fn every_frame_comes_once_a_pass_and_passes_differ() {
    let world = World::new(&Recipe::default());
    let part = world.open().unwrap().all();
    let spec = Spec {
        batch_size: 20,
        ..Spec::default()
    };
    let loader = Loader::new(&part, &request(), &spec, SHUFFLED, None).unwrap();
    let passes: Vec<Vec<i64>> = loader.take(3).map(|batch| batch.unwrap().index).collect();
    for pass in &passes {
        let mut sorted = pass.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }
    assert_ne!(passes[0], passes[1]);
    assert_ne!(passes[1], passes[2]);
}

#[test]
fn a_saved_position_goes_on_exactly() {
    let world = World::new(&Recipe::default());
    let mut light = world.config();
    light.weight = 0.25;
    let part = open(&[world.config(), light]).unwrap().all();
    let spec = Spec {
        batch_size: 3,
        workers: 2,
        ..Spec::default()
    };
    let start = |at| Loader::new(&part, &request(), &spec, SHUFFLED, at).unwrap();
    let unbroken: Vec<Batch> = start(None).take(40).map(Result::unwrap).collect();
    for stop in [0, 1, 13, 31] {
        let mut first = start(None);
        first.by_ref().take(stop).for_each(drop);
        let saved = serde_json::to_string(first.position()).unwrap();
        let position: Position = serde_json::from_str(&saved).unwrap();
        let samples = stop as u64 * 3;
        assert_eq!(
            (position.epoch, position.index),
            (samples / 40, samples % 40)
        );
        let rest: Vec<Batch> = start(Some(position)).take(9).map(Result::unwrap).collect();
        assert_eq!(rest, unbroken[stop..stop + 9]);
    }
}

#[test]
fn a_position_of_other_data_is_refused() {
    let world = World::new(&Recipe::default());
    let set = world.open().unwrap();
    let spec = Spec::default();
    let position = Loader::new(&set.all(), &request(), &spec, SHUFFLED, None).unwrap();
    let position = position.position().clone();
    let (train, _) = set.split(&Split::Every { nth: 3 }).unwrap();
    let refusal = Loader::new(&train, &request(), &spec, SHUFFLED, Some(position))
        .err()
        .unwrap();
    assert!(refusal.to_string().contains("other data"), "{refusal}");
}

#[test]
fn a_mix_is_drawn_by_its_weights() {
    let world = World::new(&Recipe::default());
    let mut light = world.config();
    light.weight = 0.25;
    light.state_key = None;
    let part = open(&[world.config(), light]).unwrap().all();
    let spec = Spec {
        batch_size: 1000,
        ..Spec::default()
    };
    let asked = Request {
        cameras: Vec::new(),
        ..request()
    };
    let mut loader = Loader::new(&part, &asked, &spec, SHUFFLED, None).unwrap();
    let batch = loader.next().unwrap().unwrap();
    let light = batch.source.iter().filter(|&&source| source == 1).count();
    assert!((150..250).contains(&light), "{light}");
    let state = batch.state.unwrap();
    for (number, &source) in batch.source.iter().enumerate() {
        assert_eq!(state.is_padding[number], source == 1);
    }
}

#[test]
fn splits_are_by_episode_and_follow_from_the_seed() {
    let world = World::new(&Recipe {
        lengths: vec![3; 12],
        ..Recipe::default()
    });
    let set = world.open().unwrap();
    let held = |split: &Split| {
        let (train, held) = set.split(split).unwrap();
        let mut all = [train.episodes()[0].clone(), held.episodes()[0].clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..12).collect::<Vec<_>>());
        held.episodes()[0].clone()
    };
    assert_eq!(held(&Split::Every { nth: 5 }), [4, 9]);
    let share = |seed| held(&Split::Share { share: 0.25, seed });
    assert_eq!(share(1).len(), 3);
    assert_eq!(share(1), share(1));
    assert_ne!(share(1), share(2));
    let mut config = world.config();
    config.val_episode_count = 2;
    let set = open(&[config]).unwrap();
    let (train, held) = set.split(&Split::Configured { seed: 42 }).unwrap();
    assert_eq!(
        (train.episodes()[0].len(), held.episodes()[0].len()),
        (10, 2)
    );
    let refusal = set
        .split(&Split::Share {
            share: 1.0,
            seed: 0,
        })
        .unwrap_err();
    assert!(
        refusal.to_string().contains("no episode is left"),
        "{refusal}"
    );
}

#[test]
fn pictures_kept_are_the_same_pictures() {
    let world = World::new(&Recipe {
        is_video: true,
        ..Recipe::default()
    });
    let part = world.open().unwrap().all();
    let load = |keep_decoded| {
        let spec = Spec {
            batch_size: 7,
            keep_decoded,
            ..Spec::default()
        };
        let asked = Request {
            image_size: Some([16, 16]),
            ..request()
        };
        let loader = Loader::new(&part, &asked, &spec, SHUFFLED, None).unwrap();
        loader.take(9).map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(load(0), load(1 << 20));
    assert_eq!(load(0), load(16 * 16 * 3 * 5));
}

#[test]
fn the_configuration_says_what_is_read() {
    let world = World::new(&Recipe::default());
    let node = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut node = json!({
            "backend": "lerobot_v3",
            "loader": {"batch_size": 4, "num_workers": 1, "prefetch_factor": 2, "pin_memory": true},
            "request": {
                "image_requests": {"primary": {"required": true, "deltas_steps": [0, 5]}},
                "image_size": [16, 24], "image_dtype": "uint8",
                "state_request": null, "action_request": {"deltas_steps": [0]}, "pad_missing_future": true,
            },
            "adapter": {"lerobot_v3": {"seed": 42, "weights_mode": "explicit", "steps_per_epoch": 5000}},
            "filtering": {"enabled": false},
            "dataset": {"lerobot": {"sources": [{
                "repo_id": world.root(), "revision": "main", "weight": 100.0,
                "camera_map": {"primary": "observation.images.front"},
                "state_key": "observation.state", "action_key": "action", "val_episode_count": 1,
            }]}},
        });
        change(&mut node);
        Config::from_node(&node)
    };
    let config = node(&|_| {}).unwrap();
    let set = Set::open(&config).unwrap();
    let (train, held) = set.split(&Split::Configured { seed: config.seed }).unwrap();
    let batches = once(&held, &config.request, config.batch_size);
    assert_eq!(
        (batches[0].cameras[0].height, batches[0].cameras[0].width),
        (16, 24)
    );
    assert!(batches[0].state.is_none() && batches[0].action.is_some());
    assert_eq!(train.episodes()[0].len(), 2);
    let refused = node(&|node| node["filtering"]["enabled"] = json!(true));
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("data.filtering.enabled")
    );
    let refused =
        node(&|node| node["request"]["image_requests"] = json!({"wrist": {"deltas_steps": [0]}}));
    let refused = Loader::new(
        &train,
        &refused.unwrap().request,
        &Spec::default(),
        Order::Once,
        None,
    );
    let refusal = refused.unwrap().next().unwrap().unwrap_err().to_string();
    assert!(
        refusal.contains("no camera in its camera map `wrist`; there is `primary`"),
        "{refusal}"
    );
}

fn once(part: &Part, request: &Request, batch_size: usize) -> Vec<Batch> {
    let spec = Spec {
        batch_size,
        workers: 2,
        ..Spec::default()
    };
    let loader = Loader::new(part, request, &spec, Order::Once, None).unwrap();
    let remaining = loader.remaining().unwrap();
    let batches: Vec<Batch> = loader.map(Result::unwrap).collect();
    assert_eq!(batches.len() as u64, remaining);
    batches
}

#[test]
fn a_camera_may_be_asked_for_at_any_frames() {
    let world = World::new(&Recipe::default());
    let part = world.open().unwrap().all();
    let asked = Request {
        cameras: vec![CameraRequest {
            name: "primary".into(),
            frames: vec![-2, 0, -1],
        }],
        pad: true,
        ..Request::default()
    };
    let batch = &once(&part, &asked, 2)[0];
    assert_eq!(
        batch.cameras[0].is_padding,
        [true, false, true, true, false, false]
    );
}
