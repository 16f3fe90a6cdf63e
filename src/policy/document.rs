//! A policy file as it is written: the shape that TOML and the stripped built-in
//! form share. Nothing is resolved here; see `build` for that.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::action::{
    CancelScope, Change, Deletable, Node, Presence, Purpose, RemoteEffect, WriteHow,
};
use super::context::{HostClass, Place, Stage};
use super::example::Examples;
use super::limit::Amount;
use super::verdict::Decision;

/// A whole policy file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// The version of the format, 1.
    pub(crate) schema: u32,
    /// Thresholds: area, then name.
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, BTreeMap<String, Amount>>,
    /// Keys of thresholds that lower layers may only tighten.
    #[serde(default)]
    pub(crate) locked: Vec<String>,
    /// Lists that are stricter the longer they are.
    #[serde(default)]
    pub(crate) guarded: BTreeMap<String, Vec<String>>,
    /// Lists that are looser the longer they are.
    #[serde(default)]
    pub(crate) trusted: BTreeMap<String, Vec<String>>,
    /// Entries taken off the trusted lists of the layers above.
    #[serde(default)]
    pub(crate) distrusted: BTreeMap<String, Vec<String>>,
    /// Where the user may write besides home.
    #[serde(default)]
    pub(crate) roots: RootsText,
    /// The rules.
    #[serde(default)]
    pub(crate) rule: Vec<RuleText>,
}

/// The roots that a policy file names.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RootsText {
    /// The DSS directory, where `HLRP_DSS` does not name it.
    pub dss: Option<String>,
    /// Further roots of a workstation.
    #[serde(default)]
    pub further: Vec<String>,
}

/// One rule as written, or the part of one that a lower layer changes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Its id, `area.what`.
    pub id: String,
    /// Which part of the rule this is, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The kinds of action it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Many<Kind>>,
    /// It applies where any of these holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Many<ConditionText>>,
    /// It does not apply where any of these holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<Many<ConditionText>>,
    /// What it decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to do instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// Lower layers may only tighten it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// No action matches it; the program cites it by id (`quota.halt`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<bool>,
    /// Lines and kernel events with the decision they must get.
    #[serde(default, skip_serializing_if = "Examples::is_empty")]
    pub examples: Examples,
}

impl RuleText {
    /// Returns the id, with the part where there is one.
    pub fn full_name(&self) -> String {
        match &self.part {
            Some(part) => format!("{} ({part})", self.id),
            None => self.id.clone(),
        }
    }
}

/// Facts that must all hold. Each key takes one value or a list of alternatives.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "every key is described in docs/policy.md, from the table below"
)]
pub struct ConditionText {
    // The scene.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Many<Stage>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Many<HostClass>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Many<OriginWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Many<GuardWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<RootsWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<bool>,
    // The target, or either end of a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Many<TargetWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Many<Place>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Many<Place>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<Many<Presence>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<bool>,
    // The action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Many<WriteHow>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Many<Deletable>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Many<Node>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Many<Change>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Many<EntriesWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries_above: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Many<Purpose>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Many<CancelScope>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Many<RemoteEffect>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Many<RecipientWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Many<EndpointWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Many<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Many<i32>>,
}

/// Declares an enumeration of words that a policy file may use.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($word:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs, reason = "the words say it")]
        pub enum $name { $($word),+ }
    )+};
}

words! {
    /// The kind of an action, or `any`.
    Kind {
        Any, Exec, Read, Write, Create, Delete, Rename, Truncate, Chmod, Connect, Signal,
        Submit, Cancel, Remote, Train,
    }
    /// Who wants it.
    OriginWord { Person, Script, Agent }
    /// The kernel guard behind the verdict.
    GuardWord { A, B, C, D, None }
    /// Whether anything may be written at all.
    RootsWord { None, Some }
    /// Which end of a rename.
    EndWord { From, To }
    /// What is known of the target.
    TargetWord { Path, Pattern, Dynamic }
    /// How many entries a command touches.
    EntriesWord { Known, Unbounded, Tree }
    /// Who gets a signal.
    RecipientWord { Named, Everything, Matching, Outside }
    /// What a socket is connected to.
    EndpointWord { Unix, Abstract, Inet, Other }
}

/// One value or a list of them.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Many<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Many<T>, E> {
        one(T::deserialize(text.into_deserializer()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Many<T>, E> {
        one(T::deserialize(number.into_deserializer()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Many<T>, E> {
        one(T::deserialize(number.into_deserializer()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        one(T::deserialize(MapAccessDeserializer::new(map)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Many<T>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(values)).map(Many)
    }
}

fn one<T, E>(value: Result<T, E>) -> Result<Many<T>, E> {
    value.map(|value| Many(vec![value]))
}
