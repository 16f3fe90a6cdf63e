//! Data sets: what is read, in which order, what is said of them, and what is refused.

mod bad;
mod damaged;
mod inspecting;
mod loading;
mod mp4;
pub(crate) mod official;
mod reading;
pub(crate) mod world;
