//! The tests of `hlrp-train`, one binary.

mod data;
