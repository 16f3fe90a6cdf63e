//! What goes with a job: the script whose interpreter is the guard, the facts it starts
//! from, and the environment that the job is to have.
//!
//! INVARIANT: what widens or narrows a guard stands in the script, or is bound by a hash
//! in the arguments; the environment says nothing to it.

mod binary;
mod carried;
mod outputs;
mod script;
mod spec;
mod tasks;

pub use binary::provide;
pub(crate) use carried::is_ours;
pub use carried::{KEPT, LOGIN, pack, pack_facts, unpack, unpack_facts};
pub use outputs::{Outputs, is_log};
pub use script::{Interpreter, Unreadable, build, interpreter, read};
pub use spec::{Body, LayerText, Run, Spec, sha256};
pub use tasks::{NoTask, Tasks};
