//! Where the walk stands: which text, found through what, and how its places map to
//! bytes of the outermost line.

use std::ops::Range;
use std::rc::Rc;

use brush_parser::SourceSpan;

use super::Site;
use crate::policy::Stage;

/// A text that is being walked.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) source: String,
    anchor: Anchor,
    /// Byte offset of each character; empty for ASCII.
    offsets: Vec<usize>,
}

/// How a text lies in the outermost line.
#[derive(Clone, Debug)]
pub(crate) enum Anchor {
    /// It stands there letter by letter, from this byte on.
    At(usize),
    /// It was made from what stands there.
    Whole(Range<usize>),
}

impl Text {
    pub(crate) fn new(source: &str, anchor: Anchor) -> Self {
        let offsets = if source.is_ascii() {
            Vec::new()
        } else {
            source.char_indices().map(|(offset, _)| offset).collect()
        };
        Self {
            source: source.to_owned(),
            anchor,
            offsets,
        }
    }

    /// Returns the byte of this text at which a character stands.
    pub(crate) fn byte(&self, character: usize) -> usize {
        if self.offsets.is_empty() {
            character.min(self.source.len())
        } else {
            let end = self.source.len();
            self.offsets.get(character).copied().unwrap_or(end)
        }
    }

    /// Returns bytes of the outermost line for bytes of this text.
    pub(crate) fn outer(&self, bytes: Range<usize>) -> Range<usize> {
        match &self.anchor {
            Anchor::At(base) => base + bytes.start..base + bytes.end.max(bytes.start),
            Anchor::Whole(range) => range.clone(),
        }
    }

    /// Returns bytes of this text for a place the parser names.
    pub(crate) fn inner(&self, place: &SourceSpan) -> Range<usize> {
        self.byte(place.start.index)..self.byte(place.end.index)
    }

    /// Returns where a text would lie that starts at this byte of ours.
    pub(crate) fn anchor_at(&self, byte: usize) -> Anchor {
        match &self.anchor {
            Anchor::At(base) => Anchor::At(base + byte),
            Anchor::Whole(range) => Anchor::Whole(range.clone()),
        }
    }

    /// Returns all of it, in bytes of the outermost line.
    pub(crate) fn all(&self) -> Range<usize> {
        self.outer(0..self.source.len())
    }
}

/// What holds for everything found at this point of the walk.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) text: Rc<Text>,
    pub(crate) stage: Stage,
    pub(crate) site: Site,
    pub(crate) via: Vec<String>,
    /// Inside a loop, `xargs`, `find -exec`: how often is not known.
    pub(crate) repeats: bool,
    /// How many texts and calls deep.
    pub(crate) depth: usize,
}

/// What arrives on standard input, or leaves on standard output.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Feed {
    /// Nothing was connected: the terminal, or whatever was inherited.
    #[default]
    Inherited,
    /// Exactly this.
    Text(String),
    /// The content of a file.
    File(String, String),
    /// Text of which parts are only known when it runs; `${_}` stands for them.
    Shape(String),
    /// Something that is only known when it runs.
    Unknown,
}

impl Feed {
    /// Returns the text, where it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::File(_, text) => Some(text),
            Self::Inherited | Self::Shape(_) | Self::Unknown => None,
        }
    }
}
