//! The two clocks that file times are compared with.

use std::mem::MaybeUninit;

/// A point in time as file systems stamp it: seconds and nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Stamp {
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
}

/// Returns the wall clock to the nanosecond: no file made before has a later stamp.
pub fn fine() -> Stamp {
    read(libc::CLOCK_REALTIME)
}

/// Returns the clock of the last tick, which local file systems stamp new files with.
pub fn coarse() -> Stamp {
    read(libc::CLOCK_REALTIME_COARSE)
}

fn read(clock: libc::clockid_t) -> Stamp {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: `time` is a live, writable `timespec`; the two clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, time.as_mut_ptr()) };
    // SAFETY: zeroed above, and every bit pattern is a `timespec`.
    let time = unsafe { time.assume_init() };
    Stamp {
        seconds: time.tv_sec,
        nanoseconds: u32::try_from(time.tv_nsec).unwrap_or(0),
    }
}
