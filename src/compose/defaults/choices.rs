//! What overrides, and `override` lines of defaults lists, say about the options of groups.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::entry::{Choice, Entry, Placed, Target};
use crate::compose::composition::Error;
use crate::compose::nearest::nearest;
use crate::compose::overrides::{Element, Kind, Override};
use crate::compose::tree::Search;

/// The choices of one composition.
#[derive(Debug, Default)]
pub(super) struct Choices {
    overridden: IndexMap<String, Overridden>,
    deleted: IndexMap<String, Deleted>,
    pub(super) appended: Vec<Entry>,
    /// What each choice came to be, in the order of their discovery.
    pub(super) known: IndexMap<String, Option<String>>,
    keys_of_group: IndexMap<String, BTreeSet<String>>,
}

#[derive(Debug)]
struct Overridden {
    option: Choice,
    /// The configuration that says so; nothing for the command line.
    by: Option<String>,
    is_used: bool,
}

#[derive(Debug)]
struct Deleted {
    option: Option<String>,
    is_used: bool,
}

impl Choices {
    /// Sorts overrides into those of groups, kept here, and those of values, returned.
    pub(super) fn sort<'o>(
        overrides: &'o [Override],
        search: &Search<'_>,
    ) -> Result<(Self, Vec<&'o Override>), Error> {
        let mut choices = Self::default();
        let mut values = Vec::new();
        for one in overrides {
            if one.is_sweep() {
                continue;
            }
            let is_mapping = matches!(one.value, Some(Element::Dict(_)));
            if is_mapping || !search.has_group(&one.key) {
                values.push(one);
            } else {
                choices.add(one)?;
            }
        }
        Ok((choices, values))
    }

    fn add(&mut self, one: &Override) -> Result<(), Error> {
        let key = match &one.package {
            Some(package) => format!("{}@{package}", one.key),
            None => one.key.clone(),
        };
        let option = match one.value.clone().map(Element::unquoted) {
            None | Some(Element::Null) => Some(Choice::Nothing),
            Some(Element::Text(name)) => Some(Choice::One(name)),
            Some(Element::List(items)) => Some(Choice::Many(texts(items, one)?)),
            Some(_) => None,
        };
        match (one.kind, option) {
            (Kind::ForceAdd, _) => Err(Error::forced_group(one)),
            (Kind::Delete, Some(Choice::Nothing)) => {
                self.delete(key, None);
                Ok(())
            }
            (Kind::Delete, Some(Choice::One(name))) => {
                self.delete(key, Some(name));
                Ok(())
            }
            (Kind::Delete, _) | (_, None | Some(Choice::Nothing)) => Err(Error::bad_option(one)),
            (Kind::Add, Some(_)) if one.key.is_empty() => Err(Error::no_group(one)),
            (Kind::Add, Some(option)) => {
                let group = one.key.clone();
                let mut entry = Entry::of(Target::Group { group, option }, one.package.clone());
                entry.is_appended = true;
                entry.is_chosen = true;
                self.appended.push(entry);
                Ok(())
            }
            (Kind::Change, Some(option)) => {
                self.overridden.insert(
                    key,
                    Overridden {
                        option,
                        by: None,
                        is_used: false,
                    },
                );
                Ok(())
            }
        }
    }

    fn delete(&mut self, key: String, option: Option<String>) {
        let deleted = Deleted {
            option,
            is_used: false,
        };
        self.deleted.insert(key, deleted);
    }

    /// Notes an `override` line; whoever said so before wins.
    pub(super) fn override_by(&mut self, key: String, entry: &Entry, config: &str) {
        let Target::Group { option, .. } = &entry.target else {
            return;
        };
        self.overridden.entry(key).or_insert_with(|| Overridden {
            option: option.clone(),
            by: Some(config.to_owned()),
            is_used: false,
        });
    }

    /// Gives a line the option that an override chose for it.
    pub(super) fn apply(&mut self, placed: &mut Placed, key: &str) {
        if let Some(overridden) = self.overridden.get_mut(key)
            && let Target::Group { option, .. } = &mut placed.entry.target
        {
            *option = overridden.option.clone();
            overridden.is_used = true;
            placed.entry.is_chosen = overridden.by.is_none();
        }
    }

    /// Claims that a line is taken away, and notes that it was.
    pub(super) fn take_away(&mut self, placed: &Placed, key: &str) -> bool {
        let Some(deleted) = self.deleted.get_mut(key) else {
            return false;
        };
        let is_meant = deleted.option.is_none() || deleted.option.as_deref() == placed.name();
        deleted.is_used |= is_meant;
        is_meant
    }

    /// Notes what was chosen.
    pub(super) fn learn(&mut self, placed: &Placed, key: &str) -> Result<(), Error> {
        let name = placed.name().map(str::to_owned);
        match self.known.get(key) {
            Some(known) if *known != name => {
                return Err(Error::two_values(key, known.as_deref(), name.as_deref()));
            }
            Some(_) => {}
            None => {
                self.known.insert(key.to_owned(), name);
            }
        }
        let keys = self.keys_of_group.entry(placed.group()).or_default();
        keys.insert(key.to_owned());
        Ok(())
    }

    /// Refuses overrides and deletions that nothing in the defaults lists corresponds to.
    pub(super) fn all_used(&self) -> Result<(), Error> {
        for (key, overridden) in &self.overridden {
            if overridden.is_used {
                continue;
            }
            let group = key.split('@').next().unwrap_or_default();
            let others = self.keys_of_group.get(group).into_iter().flatten();
            let mut others: Vec<String> = others.cloned().collect();
            if others.is_empty() {
                let near = nearest(key, self.known.keys().map(String::as_str));
                others.extend(near.map(str::to_owned));
            }
            let option = match &overridden.option {
                Choice::Nothing => "null".to_owned(),
                Choice::One(name) => name.clone(),
                Choice::Many(names) => format!("[{}]", names.join(",")),
            };
            return Err(Error::unused_override(
                key,
                &option,
                overridden.by.as_deref(),
                &others,
            ));
        }
        for (key, deleted) in &self.deleted {
            if !deleted.is_used {
                let known = self.known.get(key).cloned().flatten();
                let near = nearest(key, self.known.keys().map(String::as_str));
                return Err(Error::unused_deletion(
                    key,
                    deleted.option.as_deref(),
                    known.as_deref(),
                    near,
                ));
            }
        }
        Ok(())
    }
}

fn texts(items: Vec<Element>, one: &Override) -> Result<Vec<String>, Error> {
    let texts = items.into_iter().map(|item| match item {
        Element::Text(text) => Ok(text),
        _ => Err(Error::bad_options(one)),
    });
    texts.collect()
}
