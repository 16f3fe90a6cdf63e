//! The broker without a Slurm: its clients here are fakes, shell scripts in a directory
//! that the test made. What the real ones do with it is tested in `tests/slurm`.

mod allocation;
mod conversation;
mod desk;
mod limits;
mod session;
