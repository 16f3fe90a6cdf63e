//! One test binary: one link, fast runs.

mod analyse;
