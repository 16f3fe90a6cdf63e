//! What is asked of Slurm, and what is carried out of a session.

mod batch;
mod control;
mod desk;
mod spool;
mod step;
mod totality;
