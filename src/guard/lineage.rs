//! When the run of a job first started: a requeued job goes on with what it made before.
//!
//! INVARIANT: a run is one Slurm job, by the number that the kernel's control group tells,
//! in one run directory; the moment stands where no session can write.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::policy::Context;
use crate::sys::clock::Stamp;

/// Below a root, beside the store.
const PLACE: &str = ".hlrp/runs";
/// A moment is two numbers.
const LONGEST: u64 = 64;

/// Returns the run directory of this job and when the job first started in it: now, where it has not before. None where
/// this is no job, or has no run directory.
pub(super) fn first_start(context: &Context, now: Stamp) -> Option<(PathBuf, Stamp)> {
    let directory = context.run_directory.as_ref()?;
    let job = context.job.as_deref()?;
    let mut roots = context.roots.iter();
    let root = roots.find(|root| directory.starts_with(root))?;
    let place = root.join(PLACE);
    let made = DirBuilder::new().mode(0o700).create(&place);
    let is_there = place.symlink_metadata().is_ok_and(|one| one.is_dir());
    if made.is_err() && !is_there {
        return None;
    }
    let file = place.join(name(job, directory));
    let fresh = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o400)
        .open(&file);
    let start = match fresh {
        Ok(mut fresh) => {
            let text = format!("{} {}\n", now.seconds, now.nanoseconds);
            fresh.write_all(text.as_bytes()).ok()?;
            now
        }
        Err(_) => read(&file)?,
    };
    Some((directory.clone(), start))
}

/// Returns the name that tells a job in a directory from every other.
fn name(job: &str, directory: &Path) -> String {
    let hash = Sha256::digest(directory.as_os_str().as_bytes());
    let digits = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
    format!("{job}-{}", digits.collect::<String>())
}

/// Reads a moment; what is no moment is none, and then nothing from before counts as made.
fn read(file: &Path) -> Option<Stamp> {
    let mut text = String::new();
    let file = File::open(file).ok()?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    let (seconds, nanoseconds) = text.trim_end().split_once(' ')?;
    Some(Stamp {
        seconds: seconds.parse().ok()?,
        nanoseconds: nanoseconds.parse().ok()?,
    })
}
