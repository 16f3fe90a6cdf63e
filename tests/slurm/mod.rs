//! The program on a real Slurm: munge, slurmctld, slurmdbd, a login node, compute nodes, and an ordinary user.
//!
//! The first test starts the cluster of `tests/cluster` in `$HLRP_CLUSTER` (else `/var/tmp/hlrp-cluster`); `tests/run`
//! stops it. Whoever runs these tests by hand keeps it for the next time, until `tests/cluster/down --remove`.

mod agent;
mod arrays;
mod broker;
mod cluster;
mod context;
mod desk;
mod images;
mod inside;
mod jobs;
mod launchers;
mod native;
mod outage;
mod queue;
mod race;
mod remote;
mod results;
mod submission;
mod terminal;
