//! See `tests/fuzz/targets.rs`.
#![no_main]
#![allow(dead_code, reason = "each target uses one of the shared functions")]

#[path = "../../tests/fuzz/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::notification(data));
