//! What this machine has to compute with: GPUs, memory, cores.
//!
//! INVARIANT: asked of the kernel, and of a driver's program of root's; nothing here changes what may be done.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use super::{controller, traces};

/// How long the driver's program may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a machine has.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Equipment {
    /// Its GPUs.
    pub gpus: Vec<Gpu>,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of memory that are free now.
    pub available: u64,
    /// Cores this process may use.
    pub cores: u64,
}

/// A GPU.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Gpu {
    /// Its model.
    pub model: String,
    /// Bytes of its memory, where the driver says so.
    pub memory: Option<u64>,
}

impl Equipment {
    /// Looks what is there.
    pub fn read() -> Self {
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let listed = smi().map(|text| of_smi(&text)).unwrap_or_default();
        Self {
            gpus: match listed.is_empty() {
                false => listed,
                true => of_driver(Path::new("/proc/driver/nvidia/gpus")),
            },
            memory: kilobytes(&memory, "MemTotal:"),
            available: kilobytes(&memory, "MemAvailable:"),
            cores: u64::try_from(cores).unwrap_or(1),
        }
    }
}

/// Asks the driver's own program, where there is a driver.
fn smi() -> Option<String> {
    if !Path::new("/proc/driver/nvidia").exists() {
        return None;
    }
    let program = traces::of_root(Path::new("/usr/bin/nvidia-smi"))?;
    let mut command = Command::new(program);
    command
        .args([
            "--query-gpu=name,memory.total",
            "--format=csv,noheader,nounits",
        ])
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    controller::answer(command, PATIENCE)
}

/// Reads `NVIDIA A100-SXM4-40GB, 40960`, one line a GPU, in MiB.
fn of_smi(text: &str) -> Vec<Gpu> {
    let lines = text.lines().filter_map(|line| line.rsplit_once(','));
    lines
        .map(|(model, memory)| Gpu {
            model: model.trim().to_owned(),
            memory: memory.trim().parse().ok().map(|size: u64| size << 20),
        })
        .collect()
}

/// Reads the files of the driver, one directory a GPU; they say nothing of memory.
fn of_driver(directory: &Path) -> Vec<Gpu> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut gpus: Vec<(String, Gpu)> = entries
        .filter_map(|entry| {
            let text = std::fs::read_to_string(entry.path().join("information")).ok()?;
            let model = text.lines().find_map(|line| line.strip_prefix("Model:"))?;
            let model = model.trim().to_owned();
            let memory = None;
            Some((
                entry.file_name().to_string_lossy().into_owned(),
                Gpu { model, memory },
            ))
        })
        .collect();
    gpus.sort_by(|one, other| one.0.cmp(&other.0));
    gpus.into_iter().map(|(_, gpu)| gpu).collect()
}

fn kilobytes(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let value = value.and_then(|value| value.split_whitespace().next()?.parse::<u64>().ok());
    value.map_or(0, |value| value << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_prints_is_read() {
        let gpus = of_smi("NVIDIA A100-SXM4-40GB, 40960\nNVIDIA GeForce RTX 4090, [N/A]\n");
        assert_eq!(gpus.len(), 2);
        assert_eq!(gpus[0].memory, Some(40 << 30));
        assert_eq!(gpus[1].memory, None);
        assert_eq!(gpus[1].model, "NVIDIA GeForce RTX 4090");
        assert!(of_smi("").is_empty());
        let directory = tempfile::tempdir().unwrap();
        for name in ["0000:01:00.0", "0000:02:00.0"] {
            let place = directory.path().join(name);
            std::fs::create_dir(&place).unwrap();
            std::fs::write(
                place.join("information"),
                "Model: \t\t NVIDIA H100\nIRQ: 3\n",
            )
            .unwrap();
        }
        let gpus = of_driver(directory.path());
        assert_eq!(gpus.len(), 2);
        assert_eq!(gpus[0].model, "NVIDIA H100");
        assert_eq!(kilobytes("MemTotal:  16 kB\n", "MemTotal:"), 16384);
    }
}
