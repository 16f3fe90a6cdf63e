//! The interactive shell on a real terminal, with bash on an equal one as the oracle.

mod keys;
mod like_bash;
mod ours;
mod screen;
