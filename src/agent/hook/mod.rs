//! One event of an agent's client in, one answer out, in that client's own form: `hlrp-sh hook`.
//!
//! What a tool is about to do is judged by the law that lines are judged by; this is only the
//! translation there and back. It runs nothing and retains nothing.
//!
//! INVARIANT: an event that is not understood is a [`Fault`], never a [`Answer::Pass`].

mod claude;
mod codex;
pub mod config;
mod copilot;
mod cursor;
mod gemini;
mod input;
mod judge;
mod patch;
mod reason;

use std::path::PathBuf;

use crate::error::Error;

pub use input::LIMIT;

/// A program that runs agents and asks before their tools act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Client {
    /// Claude Code.
    Claude,
    /// Codex CLI.
    Codex,
    /// Cursor, editor and command line.
    Cursor,
    /// Gemini CLI.
    Gemini,
    /// GitHub Copilot CLI.
    Copilot,
}

impl Client {
    /// Returns the word for it, which is also the agent's name in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::Gemini => "gemini",
            Self::Copilot => "copilot",
        }
    }

    /// Reads an event, judges it, and returns what the client is told.
    ///
    /// # Errors
    ///
    /// Where the event is not understood, or the session or its record cannot be opened: nothing
    /// may then go ahead.
    pub fn answer(self, bytes: &[u8]) -> Result<Reply, Fault> {
        let object = input::object(bytes)?;
        let event = match self {
            Self::Claude => claude::event(&object),
            Self::Codex => codex::event(&object),
            Self::Cursor => cursor::event(&object),
            Self::Gemini => gemini::event(&object),
            Self::Copilot => copilot::event(&object),
        }?;
        let answer = judge::judge(self, &event)?;
        Ok(match self {
            Self::Claude | Self::Codex => claude::reply(&answer),
            Self::Cursor => cursor::reply(&answer),
            Self::Gemini => gemini::reply(&answer),
            Self::Copilot => copilot::reply(&answer, &event),
        })
    }
}

/// What a tool is about to do, whichever client says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Event {
    /// The tool, as the client calls it.
    tool: String,
    /// The client's own name for its session, empty where it has none.
    session: String,
    /// Where it happens.
    cwd: PathBuf,
    /// What it does, as far as the law cares; nothing where it changes nothing of ours.
    intents: Vec<Intent>,
    /// Whether the client puts a question to a person and waits for the answer.
    asks: bool,
    /// Which of a client's forms of answer it wants.
    form: Form,
}

/// Which of a client's forms of answer is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// Its own.
    Own,
    /// The one of Claude Code, which others understand too.
    Nested,
}

/// One thing that a tool is about to do.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Intent {
    /// Runs a line of shell.
    Line(String),
    /// Runs a program with exactly these arguments.
    Program(Vec<String>),
    /// Puts new content into a file, whether or not it is there; `empty`: none.
    Write { path: String, empty: bool },
    /// Changes part of a file.
    Edit(String),
    /// Deletes a file.
    Delete(String),
    /// Gives a file another name.
    Move { from: String, to: String },
    /// Drops work that only a version control system has.
    Drop(String),
    /// Does something that cannot be worked out.
    Unknown(String),
}

/// What is said to what a tool is about to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// Nothing speaks against it; whatever the client itself would ask, it may ask.
    Pass,
    /// A person must say so.
    Ask(String),
    /// It may not happen.
    Deny(String),
}

/// What the client is told: a line for standard output.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// One JSON object.
    pub out: String,
}

impl Reply {
    fn of(value: &serde_json::Value) -> Self {
        Self {
            out: value.to_string(),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The event is longer than [`LIMIT`].
    #[error("the event is larger than {LIMIT} bytes")]
    TooLarge,
    /// The event is not text.
    #[error("the event is not UTF-8")]
    NotText,
    /// The event is not JSON, or not all of it.
    #[error("the event is not a JSON object: {0}")]
    NotJson(String),
    /// The event says that it is of a version that nobody here knows.
    #[error("the event is of an unknown version: `{0}`")]
    Version(String),
    /// The event is not one that is asked before a tool acts.
    #[error("the event `{0}` is not one of those that this hook answers")]
    UnknownEvent(String),
    /// The event lacks something, or it is of another kind.
    #[error("`{field}` of the event is missing, or is no {kind}")]
    Field {
        /// Which.
        field: &'static str,
        /// What it should be.
        kind: &'static str,
    },
    /// A patch that cannot be read.
    #[error("the patch cannot be read: {0}")]
    Patch(String),
    /// The session cannot be opened.
    #[error(transparent)]
    Session(#[from] Error),
    /// What is not recorded does not happen.
    #[error("the record cannot be written")]
    Record(#[source] std::io::Error),
}
