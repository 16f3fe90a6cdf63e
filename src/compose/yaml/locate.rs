//! Where a key stands in a text. Looked up again only when an error needs it, so that loading
//! carries no positions.

use libyaml_safer::EventData;

use super::events::{events, position};
use crate::compose::node::{Key, Position};

/// The position of the key at `path`, or of the deepest part of the path that exists.
pub fn locate(text: &str, path: &[Key]) -> Option<Position> {
    let events = events(text).ok()?;
    let mut wanted = path.iter().map(Key::to_string).peekable();
    let mut found = None;
    // The containers around the event: how many of them lie on the path, and the index in lists.
    let mut open: Vec<Level> = Vec::new();
    let mut here = true;
    for event in &events {
        let starts_value = match &event.data {
            EventData::Scalar { value, .. } => {
                if let Some(level) = open.last_mut()
                    && level.expects_key()
                {
                    level.key_seen = true;
                    here = level.on_path && wanted.peek() == Some(value);
                    if here {
                        found = Some(position(event.start_mark));
                        wanted.next();
                    }
                    continue;
                }
                true
            }
            EventData::Alias { .. } => true,
            EventData::SequenceStart { .. } | EventData::MappingStart { .. } => {
                let mapping = matches!(event.data, EventData::MappingStart { .. });
                if let Some(level) = open.last()
                    && let Some(index) = level.index
                {
                    here = level.on_path && wanted.peek() == Some(&index.to_string());
                    if here {
                        found = Some(position(event.start_mark));
                        wanted.next();
                    }
                }
                let index = (!mapping).then_some(0);
                open.push(Level {
                    on_path: here,
                    index,
                    key_seen: false,
                });
                false
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                open.pop();
                true
            }
            _ => false,
        };
        if starts_value && let Some(level) = open.last_mut() {
            if level.on_path
                && let Some(index) = level.index
                && !matches!(event.data, EventData::SequenceEnd | EventData::MappingEnd)
                && wanted.peek() == Some(&index.to_string())
            {
                found = Some(position(event.start_mark));
                wanted.next();
            }
            level.key_seen = false;
            level.index = level.index.map(|index| index + 1);
        }
        if wanted.peek().is_none() {
            break;
        }
    }
    found
}

/// A container around the event.
struct Level {
    on_path: bool,
    /// The index of the next element, in a list.
    index: Option<usize>,
    /// Whether a mapping's key was read and its value is still to come.
    key_seen: bool,
}

impl Level {
    fn expects_key(&self) -> bool {
        self.index.is_none() && !self.key_seen
    }
}
