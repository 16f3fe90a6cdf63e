//! What a parsed text consists of.

/// A piece of text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Text, already without its escapes.
    Text(String),
    /// Something to look up.
    Interpolation(Interpolation),
}

/// Something to look up.
#[derive(Clone, Debug)]
pub(super) enum Interpolation {
    /// `${a.b[c]}`: the dotted key, in pieces.
    Node(Vec<Piece>),
    /// `${name:argument, …}`.
    Resolver {
        /// The parts of its name, which dots join.
        name: Vec<Piece>,
        /// Its arguments.
        arguments: Vec<Element>,
    },
}

/// An argument, or a value within one.
#[derive(Clone, Debug)]
pub(super) enum Element {
    /// A word that is a value by itself.
    Word(Word),
    /// Several words, joined as text.
    Joined(Vec<Piece>),
    /// Text in quotes.
    Quoted(Vec<Piece>),
    /// An interpolation alone: its value as it is.
    Interpolation(Interpolation),
    /// `[…]`.
    List(Vec<Element>),
    /// `{key: value, …}`.
    Dict(Vec<(Element, Element)>),
}

/// A value that is written without quotes.
#[derive(Clone, Debug)]
pub(super) enum Word {
    Null,
    Bool(bool),
    Int(String),
    Float(String),
    Text(String),
}
