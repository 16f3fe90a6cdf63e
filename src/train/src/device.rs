//! Where tensors live: the CPU, or a GPU through libtorch's CUDA library, which is loaded only when it is asked for.
//!
//! INVARIANT: [`open`] is called before anything else of libtorch, for what libtorch can do is fixed at its first use.

use std::str::FromStr;

use tch::Cuda;
pub use tch::Device;

use crate::sys;
use crate::threads::Bounds;

/// The library of a `pip install torch==2.11.0` that has the GPU's half of libtorch.
const CUDA_LIBRARY: &str = "libtorch_cuda.so";

/// Why a device cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not a device's name.
    #[error("`{0}` is no device; there are `cpu`, `cuda` and `cuda:N`")]
    Name(String),
    /// The CUDA half of libtorch is missing or does not load.
    #[error(
        "libtorch has no CUDA here: {0}; put the `torch/lib` of a Python with torch 2.11.0 on LD_LIBRARY_PATH, or use \
         `device=cpu`"
    )]
    NoLibrary(String),
    /// The library is there, the GPU is not.
    #[error(
        "no GPU can be used here: libtorch's CUDA library is loaded, and finds no driver or no device"
    )]
    NoGpu,
    /// There are fewer GPUs.
    #[error("`cuda:{asked}` is not there: this machine shows {there} GPUs")]
    NoSuchGpu {
        /// The index asked for.
        asked: usize,
        /// How many there are.
        there: i64,
    },
}

/// A device asked for by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Choice {
    /// `cpu`
    Cpu,
    /// `cuda`, `cuda:0`, ...
    Cuda(usize),
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let index = |text: &str| text.parse().map_err(|_| Error::Name(name.to_owned()));
        match name.split_once(':') {
            None if name == "cpu" => Ok(Self::Cpu),
            None if name == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", text)) => index(text).map(Self::Cuda),
            _ => Err(Error::Name(name.to_owned())),
        }
    }
}

/// Makes a device ready, and sets how many threads compute on the CPU; returns the device and the threads.
///
/// # Errors
///
/// Where the device is not there, saying what is missing.
pub fn open(choice: Choice) -> Result<(Device, usize), Error> {
    let device = match choice {
        Choice::Cpu => Device::Cpu,
        Choice::Cuda(index) => open_cuda(index)?,
    };
    let threads = Bounds::read().threads();
    tch::set_num_threads(i32::try_from(threads).unwrap_or(1));
    Ok((device, threads))
}

/// Sets how many threads compute on the CPU where a run goes on that had so many before (0: it is not known); returns how
/// many they are.
#[must_use]
pub fn resume(before: usize) -> usize {
    let threads = Bounds::read().threads_like(before);
    tch::set_num_threads(i32::try_from(threads).unwrap_or(1));
    threads
}

/// Loads the CUDA library and looks for the GPU.
fn open_cuda(index: usize) -> Result<Device, Error> {
    sys::load_library(CUDA_LIBRARY).map_err(Error::NoLibrary)?;
    if !Cuda::is_available() {
        return Err(Error::NoGpu);
    }
    let there = Cuda::device_count();
    if usize::try_from(there).is_ok_and(|there| index < there) {
        Ok(Device::Cuda(index))
    } else {
        Err(Error::NoSuchGpu {
            asked: index,
            there,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_the_names_of_torch() {
        assert_eq!("cpu".parse::<Choice>().ok(), Some(Choice::Cpu));
        assert_eq!("cuda".parse::<Choice>().ok(), Some(Choice::Cuda(0)));
        assert_eq!("cuda:3".parse::<Choice>().ok(), Some(Choice::Cuda(3)));
        for wrong in ["", "gpu", "cuda:", "cuda:x", "cpu:0"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
    }
}
