//! The script that Slurm gets: the guard as its interpreter, the facts, and the original
//! body bit for bit behind a line at which sbatch stops looking for directives.

use std::path::{Path, PathBuf};

use super::spec::{Body, Spec};

/// The hidden entry that a job starts with.
const ENTRY: &str = "__job";
/// What the line with the facts begins with.
const FACTS: &[u8] = b"# hlrp-sh ";
/// No comment: what follows is not read for directives.
const STOP: &[u8] = b": the script as it was submitted\n";
/// The kernel cuts an interpreter line off here (before 5.1).
const LONGEST: usize = 127;

/// What a script's first line names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interpreter {
    /// The program.
    pub program: PathBuf,
    /// Its one argument.
    pub argument: Option<String>,
}

/// Why a script cannot be run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// No facts.
    #[error("the script carries no facts for the guard")]
    NoFacts,
    /// Facts that cannot be read.
    #[error("the facts for the guard cannot be read: {0}")]
    Facts(String),
    /// Another body than was submitted.
    #[error("the script is not the one that was submitted")]
    Changed,
    /// The path of the program is too long for a first line.
    #[error("`{0}` is too long for the first line of a script")]
    TooLong(PathBuf),
}

/// Builds the script that Slurm gets.
///
/// # Errors
/// Where the program's path does not fit into a first line.
pub fn build(program: &Path, spec: &Spec, body: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let too_long = || Unreadable::TooLong(program.to_owned());
    let name = program.to_str().ok_or_else(too_long)?;
    let first = format!("#!{name} {ENTRY}\n");
    if first.len() > LONGEST || name.contains(char::is_whitespace) {
        return Err(too_long());
    }
    let facts = Spec {
        body: Some(Body::of(body)),
        ..spec.clone()
    };
    let facts = facts.line().map_err(Unreadable::Facts)?;
    let mut script = first.into_bytes();
    script.extend_from_slice(FACTS);
    script.extend_from_slice(facts.as_bytes());
    script.push(b'\n');
    script.extend_from_slice(STOP);
    script.extend_from_slice(body);
    Ok(script)
}

/// Takes a script apart into facts and body.
///
/// # Errors
/// Where it is none of ours, or was changed.
pub fn read(script: &[u8]) -> Result<(Spec, &[u8]), Unreadable> {
    let (_, rest) = line(script).ok_or(Unreadable::NoFacts)?;
    let (facts, rest) = line(rest).ok_or(Unreadable::NoFacts)?;
    let facts = facts.strip_prefix(FACTS).ok_or(Unreadable::NoFacts)?;
    let body = rest.strip_prefix(STOP).ok_or(Unreadable::Changed)?;
    let facts = std::str::from_utf8(facts).map_err(|_| Unreadable::NoFacts)?;
    let spec = Spec::parse(facts).map_err(Unreadable::Facts)?;
    if spec.body.as_ref() == Some(&Body::of(body)) {
        Ok((spec, body))
    } else {
        Err(Unreadable::Changed)
    }
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

/// Reads a script's first line as the kernel does.
pub fn interpreter(body: &[u8]) -> Option<Interpreter> {
    let first = body.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(first.strip_prefix(b"#!")?).ok()?;
    let text = text.trim_matches([' ', '\t']);
    let (program, argument) = match text.split_once([' ', '\t']) {
        Some((program, argument)) => (program, Some(argument.trim_start_matches([' ', '\t']))),
        None => (text, None),
    };
    (!program.is_empty()).then(|| Interpreter {
        program: PathBuf::from(program),
        argument: argument.map(str::to_owned),
    })
}
