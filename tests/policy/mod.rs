//! The law: the loader's answers, the layers, and the kernel's side of every rule.

mod examples;
mod kernel;
mod loader;

use std::path::PathBuf;

use hlrp_sh::policy::{Context, GuardLevel, HostClass, Origin};

/// The world of the built-in examples.
pub(crate) fn context() -> Context {
    Context {
        class: HostClass::Login,
        host: "login1".to_owned(),
        user: "me".to_owned(),
        cwd: PathBuf::from("/home/me/code"),
        home: PathBuf::from("/home/me"),
        roots: vec![PathBuf::from("/home/me"), PathBuf::from("/dss/group/me")],
        scratch: vec![PathBuf::from("/tmp/hlrp-example")],
        own: vec![
            PathBuf::from("/home/me/.hlrp"),
            PathBuf::from("/home/me/.local/state/hlrp-sh"),
        ],
        origin: Origin::Person,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}
