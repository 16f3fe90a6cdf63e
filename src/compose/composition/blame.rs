//! The errors of defaults lists, in words.

use std::path::Path;

use super::error::{Error, Kind};
use super::origin;
use crate::compose::defaults::{Placed, Step};
use crate::compose::nearest::nearest;
use crate::compose::node;
use crate::compose::overrides::Override;
use crate::compose::tree::Search;

/// How many names a message lists.
const SHOWN: usize = 30;

fn listed(names: &[impl AsRef<str>]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn near<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    nearest(wanted, names.iter().map(String::as_str))
}

impl Error {
    pub(crate) fn no_primary(name: &str, search: &Search<'_>) -> Self {
        let message = format!("there is no primary config `{name}`");
        let options = search.options("");
        let places = search
            .sources
            .iter()
            .filter(|source| source.scheme == "file");
        let places: Vec<&str> = places.map(|source| source.path.as_str()).collect();
        let places = places.join(", ");
        Self::new(Kind::NotFound, message).hinted(match near(name, &options) {
            Some(near) => format!("did you mean `{near}`? looked in {places}"),
            None => format!("looked in {places}"),
        })
    }

    pub(crate) fn not_found(placed: &Placed, above: &str, search: &Search<'_>) -> Self {
        let message = format!("there is no `{}.yaml`", placed.path());
        let error = Self::new(Kind::NotFound, message);
        let error = error.at(origin::place_of(placed, above, search));
        let group = placed.group();
        let options = search.options(&group);
        if !group.is_empty() && !search.has_group(&group) {
            let message = format!("there is no group `{group}`");
            return error.hinted(match near(&group, &search.groups()) {
                Some(near) => format!("{message}; did you mean `{near}`?"),
                None => message,
            });
        }
        let here = if group.is_empty() {
            "there are".to_owned()
        } else {
            format!("`{group}` offers")
        };
        match near(placed.name().unwrap_or_default(), &options) {
            _ if options.is_empty() => error,
            Some(near) => error.hinted(format!(
                "did you mean `{near}`? {here} {}",
                listed(&options)
            )),
            None => error.hinted(format!("{here} {}", listed(&options))),
        }
    }

    pub(crate) fn undecided(placed: &Placed, key: &str, above: &str, search: &Search<'_>) -> Self {
        let place = origin::place_of(placed, above, search);
        if !placed.is_group() {
            let message = format!("`{}` names no configuration", placed.path());
            return Self::new(Kind::Invalid("ValueError"), message).at(place);
        }
        let options = search.options(&placed.group());
        let example = options.first().map_or("OPTION", String::as_str);
        Self::composition(format!("`{key}` must be chosen"))
            .at(place)
            .hinted(format!(
                "write {key}={example}; there are {}",
                listed(&options)
            ))
    }

    pub(crate) fn two_selves(config: &str, file: Option<&Path>) -> Self {
        let message = format!("`_self_` stands twice in the defaults list of `{config}`");
        Self::composition(message).in_file(file)
    }

    pub(crate) fn circle(above: &[String], path: &str) -> Self {
        let all: Vec<&str> = above.iter().map(String::as_str).chain([path]).collect();
        let circle = all.iter().enumerate().find_map(|(start, config)| {
            let next = all
                .iter()
                .skip(start + 1)
                .position(|other| other == config)?;
            all.get(start..start + next + 2)
        });
        // Without a circle they are merely very deep: the end shows where.
        let shown = circle.unwrap_or(all.get(all.len().saturating_sub(3)..).unwrap_or_default());
        let message = format!("defaults lists go in a circle: {}", shown.join(" → "));
        Self::new(Kind::Invalid("RecursionError"), message)
    }

    pub(crate) fn too_many_lines(limit: usize, above: &[String]) -> Self {
        let top = above.get(1).map_or("", String::as_str);
        let message = format!("the defaults lists below `{top}` have more than {limit} lines");
        Self::new(Kind::Invalid("RecursionError"), message)
    }

    pub(crate) fn appears_twice(key: &str, steps: &[Step]) -> Self {
        let named = steps
            .iter()
            .filter(|step| step.override_key.as_deref() == Some(key));
        let parents: Vec<String> = named
            .filter_map(|step| step.parent.as_ref().map(|parent| format!("`{parent}`")))
            .collect();
        let message = format!("`{key}` is chosen more than once");
        Self::composition(message).hinted(format!(
            "{} name it; one of them may only say `override {key}: …`",
            parents.join(" and ")
        ))
    }

    pub(crate) fn interpolated_list(above: &str, group: &str, name: &str) -> Self {
        let message = format!("`{above}`: an option in the list of `{group}` is `{name}`");
        Self::composition(message).hinted("an interpolation can stand for one option only")
    }

    pub(crate) fn override_too_early(above: &str, last: &str, key: &str) -> Self {
        let message = format!("`{above}`: `override {last}` stands before `{key}`");
        Self::composition(message).hinted("overrides stand at the end of a defaults list")
    }

    pub(crate) fn late_override(above: &str, key: &str) -> Self {
        let message = format!("`{above}`: `override {key}` comes too late");
        Self::composition(message)
            .hinted("an interpolation chooses this configuration, when other choices are made")
    }

    pub(crate) fn old_interpolation(above: &str, text: &str) -> Self {
        let message = format!("`{above}`: `{text}` is a form that Hydra no longer knows");
        Self::composition(message).hinted("name the group: ${group}")
    }

    pub(crate) fn unresolved_line(
        above: &str,
        text: &str,
        fault: &node::Error,
        names: &[&str],
    ) -> Self {
        let kind = match fault.class() {
            node::Class::AssertionError => Kind::Invalid("AssertionError"),
            _ => Kind::Composition,
        };
        let because = fault.message();
        let message = format!("`{above}`: `{text}` cannot be resolved: {because}");
        let error = Self::new(kind, message);
        if names.is_empty() {
            return error;
        }
        error.hinted(format!("known here are {}", listed(names)))
    }

    pub(crate) fn forced_group(one: &Override) -> Self {
        let message = format!("override `{}`: `++` is not for groups", one.text);
        let option = one.text.trim_start_matches('+');
        Self::composition(message).hinted(format!("write {option} or +{option}"))
    }

    pub(crate) fn bad_option(one: &Override) -> Self {
        let message = format!("override `{}`: `{}` is a group", one.text, one.key);
        Self::new(Kind::Invalid("ValueError"), message).hinted(format!(
            "name an option, {0}=OPTION, or take it away: ~{0}",
            one.key
        ))
    }

    pub(crate) fn bad_options(one: &Override) -> Self {
        let message = format!("override `{}`: options are texts", one.text);
        Self::new(Kind::Invalid("TypeError"), message)
    }

    pub(crate) fn no_group(one: &Override) -> Self {
        let message = format!("override `{}` names no group", one.text);
        Self::new(Kind::Invalid("AssertionError"), message)
    }

    pub(crate) fn two_values(key: &str, known: Option<&str>, new: Option<&str>) -> Self {
        let known = known.unwrap_or("null");
        let new = new.unwrap_or("null");
        let message = format!("`{key}` is chosen twice: {new} and {known}");
        Self::composition(message).hinted(format!(
            "to change a choice, a defaults list says `override {key}: {known}`, \
             and a command line {key}={known} without +"
        ))
    }

    pub(crate) fn unused_override(
        key: &str,
        option: &str,
        by: Option<&str>,
        others: &[String],
    ) -> Self {
        let message = match by {
            Some(config) => format!(
                "`{config}`: `override {key}: {option}` overrides nothing in the defaults lists"
            ),
            None => format!("override `{key}={option}`: `{key}` is not in the defaults lists"),
        };
        let others: Vec<String> = others.iter().map(|key| format!("`{key}`")).collect();
        let meant = if others.is_empty() {
            String::new()
        } else {
            format!("did you mean {}? ", others.join(" or "))
        };
        let add = if by.is_some() {
            "only groups that are chosen already can be overridden".to_owned()
        } else {
            format!("+{key}={option} adds it")
        };
        Self::composition(message).hinted(format!("{meant}{add}"))
    }

    pub(crate) fn unused_deletion(
        key: &str,
        option: Option<&str>,
        known: Option<&str>,
        near: Option<&str>,
    ) -> Self {
        let text = option.map_or_else(|| format!("~{key}"), |name| format!("~{key}={name}"));
        let message = format!("override `{text}`: nothing in the defaults lists corresponds to it");
        let error = Self::composition(message);
        match (known, near) {
            (Some(known), _) => error.hinted(format!("`{key}` is `{known}`")),
            (None, Some(near)) => error.hinted(format!("did you mean ~{near}?")),
            (None, None) => error,
        }
    }
}
