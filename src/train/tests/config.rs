//! Configurations that are accepted, and those that are refused with a message that says what to do.

use hlrp_train::lam::Config;
use serde_json::{Value, json};

/// Other values at some paths of the defaults.
type Changes<'a> = &'a [(&'a str, Value)];

/// The defaults of `config/model/lam.yaml`, as composing gives them.
fn defaults() -> Value {
    json!({
        "name": "lam_vit", "image_size": 256, "patch_size": 32, "channels": 3,
        "dim": 1024, "spatial_depth": 8, "temporal_depth": 8, "heads": 16, "dim_head": 64,
        "attn_dropout": 0.0, "ff_dropout": 0.0,
        "codebook_size": 2048, "quant_dim": 32, "code_seq_len": 1,
        "vq_discarding_threshold": 0.02,
        "vq_discarding_threshold_schedule": [[0.05, 1000], [0.01, 5000], [0.005, 50000], [0.0002, 500_000]],
        "codebook_replace_schedule":
            [[10, 100], [100, 1000], [500, 5000], [1000, 10000], [5000, 100_000], [10000, 500_000]],
        "use_dinov3_encoder": false, "dinov3_model_name": "facebook/dinov3-vits16-pretrain-lvd1689m",
        "dinov3_pool_to_grid": 8, "use_pixel_decoder": true,
        "flow": {
            "enabled": true, "model": "raft_large", "teacher_num_flow_updates": 4, "teacher_chunk_size": 64,
            "decoder_depth": 4, "loss_weight": 5.0, "warmup_steps": 50000, "summary_loss_weight": 0.05,
            "summary_static_eps": 1e-6,
        },
        "dino": {"enabled": false, "loss_weight": 1.0, "warmup_steps": 0},
        "use_aux_decoder": false, "latent_ablation": "none",
    })
}

/// The defaults with other values at some paths, such as `/flow/enabled`.
fn with(changes: Changes) -> Config {
    let mut node = defaults();
    for (path, value) in changes {
        let (parent, key) = path.rsplit_once('/').unwrap();
        node.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    serde_json::from_value(node).unwrap()
}

#[test]
fn networks_without_weights_are_refused_with_what_to_give() {
    let table: [(Changes, &[&str]); 2] = [
        (
            &[],
            &[
                "raft_large",
                "model.flow.teacher_weights",
                "model.flow.teacher=dataset",
                "model.flow.enabled=false",
            ],
        ),
        (
            &[
                ("/flow/enabled", json!(false)),
                ("/use_dinov3_encoder", json!(true)),
            ],
            &["dinov3-vits16", "model.dinov3_weights"],
        ),
    ];
    for (changes, parts) in table {
        let said = with(changes).check().unwrap_err().to_string();
        for part in parts {
            assert!(said.contains(part), "{said}");
        }
    }
    with(&[("/flow/teacher_weights", json!("raft.safetensors"))])
        .check()
        .unwrap();
    with(&[("/flow/enabled", json!(false))]).check().unwrap();
    with(&[("/flow/teacher", json!("dataset"))])
        .check()
        .unwrap();
}

#[test]
fn sizes_that_do_not_go_are_refused_by_name() {
    let off = ("/flow/enabled", json!(false));
    let table = [
        ("/patch_size", json!(33)),
        ("/patch_size", json!(0)),
        ("/patch_size", json!(64)),
        ("/code_seq_len", json!(3)),
        ("/code_seq_len", json!(16)),
        ("/codebook_size", json!(0)),
        ("/attn_dropout", json!(1.0)),
        ("/vq_discarding_threshold_schedule", json!([])),
        ("/codebook_replace_schedule", json!([[0, 10]])),
    ];
    for (path, value) in table {
        let said = with(&[off.clone(), (path, value)])
            .check()
            .unwrap_err()
            .to_string();
        let key = path.rsplit('/').next().unwrap();
        assert!(said.contains(&format!("model.{key}")), "{path}: {said}");
    }
    for codes in [1, 4, 16, 64] {
        with(&[
            off.clone(),
            ("/patch_size", json!(16)),
            ("/code_seq_len", json!(codes)),
        ])
        .check()
        .unwrap();
    }
    let none = [off, ("/use_pixel_decoder", json!(false))];
    assert!(
        with(&none)
            .check()
            .unwrap_err()
            .to_string()
            .contains("nothing to explain")
    );
}

#[test]
fn frames_that_a_network_cannot_see_are_refused_by_name() {
    let raft = ("/flow/teacher_weights", json!("raft.safetensors"));
    let dinov3 = [
        ("/flow/enabled", json!(false)),
        ("/use_dinov3_encoder", json!(true)),
        ("/dinov3_weights", json!("dinov3.safetensors")),
    ];
    let (small, odd) = (("/image_size", json!(64)), ("/image_size", json!(136)));
    let patch = |side: i64| ("/patch_size", json!(side));
    let table = [
        (vec![raft.clone(), small, patch(8)], "model.image_size"),
        (
            vec![raft.clone(), ("/image_size", json!(132)), patch(33)],
            "model.",
        ),
        (
            vec![raft.clone(), ("/channels", json!(1))],
            "model.channels",
        ),
        (
            vec![raft.clone(), ("/flow/teacher_num_flow_updates", json!(0))],
            "teacher_num_flow_updates",
        ),
        (
            vec![raft.clone(), ("/flow/teacher_chunk_size", json!(0))],
            "teacher_chunk_size",
        ),
    ];
    for (changes, key) in table {
        let said = with(&changes).check().unwrap_err().to_string();
        assert!(said.contains(key), "{key}: {said}");
    }
    with(&[raft, odd, patch(17)]).check().unwrap();
    let table = [
        (
            ("/dinov3_pool_to_grid", json!(7)),
            Err("model.dinov3_pool_to_grid"),
        ),
        (("/dinov3_pool_to_grid", json!(null)), Ok((16, 16))),
        (("/dinov3_pool_to_grid", json!(16)), Ok((16, 16))),
        (("/dinov3_pool_to_grid", json!(8)), Ok((8, 32))),
        (("/channels", json!(1)), Err("model.channels")),
    ];
    for (change, wanted) in table {
        let config = with(&[&dinov3[..], std::slice::from_ref(&change)].concat());
        match (config.check(), wanted) {
            (Ok(()), Ok(sides)) => assert_eq!((config.grid(), config.patch()), sides),
            (Err(fault), Err(key)) => assert!(fault.to_string().contains(key), "{fault}"),
            (found, _) => panic!("{change:?}: {found:?}"),
        }
    }
}

#[test]
fn unknown_keys_are_refused() {
    let mut node = defaults();
    node["codebok_size"] = json!(4);
    assert!(
        serde_json::from_value::<Config>(node)
            .unwrap_err()
            .to_string()
            .contains("codebok_size")
    );
}

#[test]
fn weights_of_losses_grow_from_nothing() {
    let flow = with(&[]).flow.unwrap();
    for (step, weight) in [
        (0, 0.0),
        (1, 1e-4),
        (25_000, 2.5),
        (50_000, 5.0),
        (90_000, 5.0),
    ] {
        assert!((flow.weight(step) - weight).abs() < 1e-12, "{step}");
    }
}

#[test]
fn replacement_follows_both_schedules_and_never_at_step_0() {
    let config = with(&[]);
    for (step, replaces, share) in [
        (0, false, 0.05),
        (10, true, 0.05),
        (999, false, 0.05),
        (1000, true, 0.01),
        (600_000, false, 0.0002),
    ] {
        assert_eq!(
            (config.replaces(step), config.threshold(step)),
            (replaces, share),
            "{step}"
        );
    }
}
