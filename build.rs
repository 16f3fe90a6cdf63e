//! Strips the built-in law of its comments and examples, so that start-up parses
//! a few kilobytes of JSON instead of the page a person reads.
//!
//! INVARIANT: nothing but `rule.examples` is dropped; a test holds both forms together.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const LAW: &str = "policies/hlrp.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={LAW}");
    let mut law: toml::Table = fs::read_to_string(LAW)?.parse()?;
    if let Some(toml::Value::Array(rules)) = law.get_mut("rule") {
        for rule in rules {
            if let toml::Value::Table(rule) = rule {
                rule.remove("examples");
            }
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("law.json"), serde_json::to_string(&law)?)?;
    Ok(())
}
